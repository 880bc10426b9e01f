"""Past leads as the configuration describes them: a typed frame, and no row dropped in silence."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from leadml import Config, read_leads
from leadml.errors import ConfigError, DataError, OutputError, SourceError
from leadml.training.check import check as look
from leadml.training.read import REJECTED, digest, labelled, read

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CONFIG = """
[leads]
path = "leads.csv"
id = "lead_id"
created_at = "created_at"
outcome = "status"
converted = ["won"]
lost = ["-"]
open = ["new"]
converted_at = "won_at"
value = "worth"
placeholders = ["999"]
known_at = { rating = "rated" }
[leads.kinds]
country = "country"
visits = "number"
[label]
horizon_days = 30
"""
HEADER = "lead_id,created_at,status,won_at,worth,visits,country,rating,rated,source\n"
GOOD = """\
na,2026-01-01T10:00:00.123456,won,2026-01-05,100.5,3,NA,hot,2026-01-02,web
L2,2026-01-02,-,,,999,n/a,,,unknown
"""
BAD = """\
L3,soon,new,,,many,DE,,,"a
b"
L4,2026-01-02,new,,,1,DE,,,web
L5,2026-01-02,new
L2,2026-01-02,-,,,1,DE,,,web
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "leadml.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "leads.csv").write_text(HEADER + GOOD, encoding="utf-8")
    return Config.load(tmp_path / "leadml.toml")


def spoil(config: Config, rows: str = BAD) -> None:
    config.at("leads.csv").write_text(HEADER + GOOD + rows, encoding="utf-8")


def rejected(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_frame_is_typed(config: Config) -> None:
    frame = read_leads(config, now=NOW)
    assert frame["visits"].dtype == frame["worth"].dtype == np.float64
    assert [str(frame[name].dtype) for name in ("created_at", "won_at", "rated")] == ["datetime64[us, UTC]"] * 3
    assert all(frame[name].dtype == "str" for name in ("lead_id", "status", "country", "rating", "source"))
    assert frame["created_at"][0] == pd.Timestamp("2026-01-01T10:00:00.123456Z")
    assert frame["won_at"].isna().tolist() == [False, True]
    assert frame["visits"].tolist()[0] == 3
    assert frame.isna().loc[1, ["visits", "worth", "country", "rating", "rated", "source"]].all()


def test_what_is_written_counts_where_it_must(config: Config) -> None:
    frame = read_leads(config, now=NOW)
    assert frame["lead_id"].tolist() == ["na", "L2"]  # an id is no placeholder
    assert frame["country"][0] == "NA"  # Namibia
    assert frame["status"].tolist() == ["won", "-"]  # named in leads.lost


def test_dates_of_any_year(config: Config) -> None:
    spoil(config, "L9,0900-01-01,new,,,1,DE,,,web\n")
    assert read_leads(config, now=NOW)["created_at"][2].year == 900


def test_the_sample_reads_back_as_itself() -> None:
    sample = Config.load(Path(__file__).parents[2] / "leadml.toml")
    frame = read_leads(sample, now=NOW)
    again = read(sample, frame, now=NOW, skip_faulty=False).leads
    first = read(sample, None, now=NOW, skip_faulty=False).leads
    assert again.status.tolist() == first.status.tolist()
    assert again.schema == first.schema
    assert np.allclose(again.created, first.created, rtol=0, atol=1e-5)


def test_faulty_rows_are_refused(config: Config) -> None:
    spoil(config)
    with pytest.raises(DataError) as caught:
        read(config, None, now=NOW, skip_faulty=False)
    message = str(caught.value)
    assert "mend them, or leave the faulty rows out:" in message
    assert [fault.line for fault in caught.value.faults] == [7, 4, 4, 8]
    assert not config.at(REJECTED).exists()
    with pytest.raises(DataError):
        read_leads(config, now=NOW)


def test_faulty_rows_are_left_out_and_written_down(config: Config) -> None:
    spoil(config)
    intake = read(config, None, now=NOW, skip_faulty=True)
    assert intake.leads.table.column("lead_id").to_pylist() == ["na", "L2", "L4"]
    assert intake.n_rejected == 3
    assert intake.rejected == config.at(REJECTED)
    assert len(intake.leads.status) == len(intake.leads.created) == intake.leads.coerced.n_rows == 3
    header, *rows = rejected(config.at(REJECTED))
    assert header == ["line", "lead_id", "column", "reason"]
    assert [row[:3] for row in rows] == [
        ["4", "L3", "created_at"],
        ["4", "L3", "visits"],
        ["7", "", ""],
        ["8", "L2", "lead_id"],
    ]
    assert rows[1][3] == "must be a number, got 'many'"
    assert rows[2][3] == "a row must have 10 cells, got 3"
    assert "must be unique, got 'L2' 2 times" in rows[3][3]


def test_every_row_is_either_kept_or_written_down(config: Config) -> None:
    spoil(config)
    intake = read(config, None, now=NOW, skip_faulty=True)
    assert intake.leads.table.num_rows + intake.n_rejected == 6


def test_kinds_do_not_change_with_the_rows_that_are_left(config: Config) -> None:
    """A column that was guessed a category stays one, where without the faulty rows it would be numbers."""
    rows = "".join(f"M{i},{'soon' if i < 5 else '2026-01-03'},new,,,1,DE,,,{'x' if i < 5 else i}\n" for i in range(60))
    spoil(config, rows + "M60,2026-01-03,new,,,1,DE,,,y\n")
    intake = read(config, None, now=NOW, skip_faulty=True)
    kinds = {field.name: field.kind for field in intake.leads.schema.fields}
    assert kinds.get("source") != "number"
    assert intake.n_rejected == 5


def test_ragged_rows_alone(config: Config) -> None:
    spoil(config, "L5,2026-01-02\n")
    intake = read(config, None, now=NOW, skip_faulty=True)
    assert (intake.n_rejected, intake.leads.table.num_rows) == (1, 2)
    assert [row[0] for row in rejected(config.at(REJECTED))] == ["line", "4"]


def test_faults_of_the_whole_table_cannot_be_skipped(config: Config, tmp_path: Path) -> None:
    (tmp_path / "leadml.toml").write_text(CONFIG + '[leads.axes]\ninterest = ["vists"]\n', encoding="utf-8")
    spoil(config)
    with pytest.raises(DataError, match="did you mean 'visits'") as caught:
        read(Config.load(tmp_path / "leadml.toml"), None, now=NOW, skip_faulty=True)
    assert len(caught.value.faults) > 1
    assert "leave the faulty rows out" not in str(caught.value)


def test_no_good_row_at_all(config: Config) -> None:
    config.at("leads.csv").write_text(HEADER + "L1,soon,new,,,1,DE,,,web\n", encoding="utf-8")
    with pytest.raises(DataError, match="at least one lead must be free of faults, got none"):
        read(config, None, now=NOW, skip_faulty=True)
    assert len(rejected(config.at(REJECTED))) == 2


def test_no_faults_no_file(config: Config) -> None:
    intake = read(config, None, now=NOW, skip_faulty=True)
    assert (intake.n_rejected, intake.rejected) == (0, None)


def test_a_folder_that_cannot_be_written(config: Config) -> None:
    spoil(config)
    config.at("reports").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match="must be writable for the rejected rows"):
        read(config, None, now=NOW, skip_faulty=True)


def test_a_table_in_memory(config: Config) -> None:
    frame = read_leads(config, now=NOW)
    for table in (frame, frame.astype(object), read(config, None, now=NOW, skip_faulty=False).leads.table):
        leads = read(config, table, now=NOW, skip_faulty=False).leads
        assert leads.status.tolist() == [1, 0]
        assert np.array_equal(leads.coerced.parts["visits"], [3, np.nan], equal_nan=True)  # type: ignore[arg-type]
    frame.loc[1, "lead_id"] = "na"
    with pytest.raises(DataError, match="line 2, column 'lead_id': must be unique"):
        read(config, frame, now=NOW, skip_faulty=False)


def test_frames_that_arrow_refuses(config: Config) -> None:
    frame = read_leads(config, now=NOW)
    mixed = frame.assign(source=pd.Series(["web", 7], dtype=object))
    assert read(config, mixed, now=NOW, skip_faulty=False).leads.table.column("source").to_pylist() == ["web", "7"]
    twice = pd.concat([frame, frame[["source"]]], axis=1)
    with pytest.raises(DataError, match="column 'source': must be the name of one column, got 2"):
        read(config, twice, now=NOW, skip_faulty=False)


def test_as_of_ahead_of_today_is_refused(config: Config, tmp_path: Path) -> None:
    """Else leads whose time is not over would count as not converted."""
    ahead = Config.load(tmp_path / "leadml.toml", overrides=["label.as_of=2027-01-01"])
    with pytest.raises(ConfigError, match=r"label.as_of must not lie ahead of today, got 2027-01-01"):
        read(ahead, None, now=NOW, skip_faulty=True)
    today = Config.load(tmp_path / "leadml.toml", overrides=["label.as_of=2026-11-01"])
    assert read(today, None, now=NOW, skip_faulty=False).leads.table.num_rows == 2


def test_a_look_tells_everything(config: Config) -> None:
    assert not look(config, now=NOW).faults
    spoil(config)
    found = look(config, now=NOW)
    assert found.n_leads == 5
    assert len(found.faults) == 4
    kinds = {one.column.name: one.column.kind for one in found.columns}
    assert kinds["country"] == "country"
    assert found.to_dict()["faults"][0]["line"] == 7


def test_a_file_that_is_not_there(config: Config) -> None:
    config.at("leads.csv").rename(config.at("other.csv"))
    with pytest.raises(SourceError, match="no such file"):
        read_leads(config, now=NOW)


def test_the_newest_event_of_a_lead_counts_for_as_of(config: Config, tmp_path: Path) -> None:
    (tmp_path / "leadml.toml").write_text(CONFIG + '[events]\npath = "events.csv"\n', encoding="utf-8")
    config = Config.load(tmp_path / "leadml.toml")
    events = tmp_path / "events.csv"
    known = "lead_id,at,kind\nna,2026-01-06,visit\nL2,2026-01-08,visit\nother,2026-03-01,visit\n"
    events.write_text(known, encoding="utf-8")
    leads = read(config, None, now=NOW, skip_faulty=False).leads
    assert labelled(config, leads, NOW).labels.as_of == datetime(2026, 1, 8, tzinfo=UTC).timestamp()
    assert "1 of 3 events are of no lead in the table and do not count" in leads.notes
    events.write_text(known + "L2,soon,visit\n,2026-01-01,visit\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"line 5 of .*events.csv, column 'at': must be a date such as .*got 'soon'"):
        read(config, None, now=NOW, skip_faulty=False)
    leads = read(config, None, now=NOW, skip_faulty=True).leads
    assert "2 events could not be read and are left out" in leads.notes


def test_the_digest_is_that_of_the_values() -> None:
    table = pa.table({"a": [1, 2], "b": ["x", None]})
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    assert digest(table) == digest(chunked)
    assert digest(table) != digest(table.rename_columns(["a", "c"]))
    assert digest(table) != digest(table.slice(0, 1))
