"""Scoring files: order, rejected rows, whole or not at all, bad input."""

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from leadml.errors import DataError, OutputError, SourceError, UsageError
from leadml.model import stream
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer
from leadml.model.stream import score_file

COLUMNS = [
    *("lead_id", "probability", "logit", "score", "grade"),
    *("interest_score", "ability_score", "authority_score", "interest", "ability", "authority", "other", "base"),
    *("summary", "reasons", "model_version", "as_of", "horizon_days"),
]
HEADER = "lead_id,created_at,visits,source,newsletter,income,country,job_title,email,last_call,note\n"
ROWS = (
    "L1,2026-10-01,3,web,yes,50000,DE,Head of Sales,a@gmail.com,2026-09-01,hello\n"
    'L2,2026-10-02,,unheard of,no,,"AT",,b@acme.de,,"two, with ""quotes"""\n'
    "L1,2026-10-03,7,7,,1e5,NA,CEO,,2026-09-30,\n"
)


@pytest.fixture
def scorer(module_bundle: Bundle) -> Scorer:
    return Scorer(module_bundle)


def write(folder: Path, text: str | bytes, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_columns_order_and_sums(scorer: Scorer, tmp_path: Path) -> None:
    leads, out = write(tmp_path, HEADER + ROWS), tmp_path / "scored.csv"

    summary = score_file(scorer, leads, out, keep=["note", "lead_id"])

    rows = read(out)
    assert list(rows[0]) == [*COLUMNS, "note"]  # an id is not shown a second time
    assert [row["lead_id"] for row in rows] == ["L1", "L2", "L1"]
    assert [row["note"] for row in rows] == ["hello", 'two, with "quotes"', ""]
    for row, lead in zip(rows, read(leads), strict=True):
        alone = scorer.score_one(lead)
        assert float(row["logit"]) == alone.logit
        assert float(row["probability"]) == alone.probability
        total = sum(float(row[name]) for name in ("base", "interest", "ability", "authority", "other"))
        assert abs(total - float(row["logit"])) < 1e-9
        signs = [f"{'+' if reason.contribution > 0 else '-'} {reason.text}" for reason in alone.reasons]
        assert row["reasons"] == "; ".join(signs)
        assert (row["grade"], int(row["score"]), row["horizon_days"]) == (alone.grade, alone.score, "90")
    assert (summary.n_scored, summary.n_rejected, summary.rejected_path) == (3, 0, None)
    assert sum(summary.grades.values()) == 3
    assert summary.absent == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leads.csv", "scored.csv"]


def test_a_clash_of_names_gets_a_prefix(scorer: Scorer, tmp_path: Path) -> None:
    rows = [line for line in (HEADER + ROWS).splitlines() if line]
    text = "\n".join([rows[0] + ",grade", *(line + ",own" for line in rows[1:2])]) + "\n"

    score_file(scorer, write(tmp_path, text), tmp_path / "scored.csv", keep=["grade"])

    (row,) = read(tmp_path / "scored.csv")
    assert row["input_grade"] == "own"
    assert row["grade"] in "ABCD"


def test_parquet_has_reasons_as_lists(scorer: Scorer, tmp_path: Path) -> None:
    leads = write(tmp_path, HEADER + ROWS)
    score_file(scorer, leads, tmp_path / "scored.csv")

    score_file(scorer, leads, tmp_path / "scored.parquet", keep=["visits"])

    table = pa_parquet.read_table(tmp_path / "scored.parquet")
    assert table.column_names == [*COLUMNS, "visits"]
    assert [float(row["logit"]) for row in read(tmp_path / "scored.csv")] == table.column("logit").to_pylist()
    assert table.column("visits").to_pylist() == ["3", None, "7"]
    first = table.column("reasons").to_pylist()[0][0]
    assert set(first) == {"field", "axis", "contribution", "text"}
    assert not any(pa.types.is_dictionary(field.type) for field in table.schema)


def test_parquet_in_keeps_its_types(scorer: Scorer, tmp_path: Path) -> None:
    table = pa.table({"lead_id": [1, 2], "visits": [1.0, None], "tags": [["a", "b"], None], "on": [b"x", None]})
    pa_parquet.write_table(table, tmp_path / "leads.parquet")

    score_file(scorer, tmp_path / "leads.parquet", tmp_path / "scored.parquet", keep=["tags", "visits"])
    score_file(scorer, tmp_path / "leads.parquet", tmp_path / "scored.csv", keep=["tags", "visits", "on"])

    assert pa_parquet.read_table(tmp_path / "scored.parquet").column("tags").to_pylist() == [["a", "b"], None]
    first = read(tmp_path / "scored.csv")[0]
    assert (first["lead_id"], first["tags"], first["visits"], first["on"]) == ("1", '["a", "b"]', "1", "x")


def test_without_reasons_the_column_is_empty(scorer: Scorer, tmp_path: Path) -> None:
    leads = write(tmp_path, HEADER + ROWS)
    score_file(scorer, leads, tmp_path / "a.csv", reasons=False)
    score_file(scorer, leads, tmp_path / "a.parquet", reasons=False)
    assert [row["reasons"] for row in read(tmp_path / "a.csv")] == ["", "", ""]
    assert pa_parquet.read_table(tmp_path / "a.parquet").column("reasons").to_pylist() == [[], [], []]


def test_no_row_is_lost(scorer: Scorer, tmp_path: Path) -> None:
    text = HEADER + "".join(
        f"L{i},2026-10-01,{'many' if i % 7 == 3 else i},web,{'perhaps' if i % 11 == 3 else 'yes'},"
        + ("1,,,,,\n" if i % 5 else "1,,,,,too,many\n")
        for i in range(400)
    )
    out = tmp_path / "scored.csv"

    summary = score_file(scorer, write(tmp_path, text), out, as_of=None)

    rejected = read(tmp_path / "scored.rejected.csv")
    lines = [int(row["line"]) for row in rejected]
    bad = [i for i in range(400) if i % 7 == 3 or i % 11 == 3 or i % 5 == 0]
    assert summary.rejected_path == tmp_path / "scored.rejected.csv"
    assert lines == [i + 2 for i in bad]
    assert [row["lead_id"] for row in rejected] == [f"L{i}" for i in bad]
    assert [row["lead_id"] for row in read(out)] == [f"L{i}" for i in range(400) if i not in bad]
    assert summary.n_scored + summary.n_rejected == 400
    both = next(row for row in rejected if row["lead_id"] == "L3")
    assert both["column"] == "newsletter, visits"
    assert "visits: must be a number, got 'many'" in both["reason"]
    assert sum(fault.count for fault in summary.faults if fault.column == "visits") == sum(
        i % 7 == 3 and i % 5 != 0 for i in range(400)
    )

    score_file(scorer, write(tmp_path, HEADER + ROWS), out)
    assert not (tmp_path / "scored.rejected.csv").exists()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_batches_score_like_one(scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    rng = np.random.default_rng(0)
    sources = rng.choice(["web", "7", "other, one", ""], 3000)
    text = HEADER + "".join(
        f'L{i},2026-10-01,{i % 9},"{source}",yes,{i},DE,CEO,a@b.de,2026-09-0{i % 9 + 1},\n'
        for i, source in enumerate(sources)
    )
    leads = write(tmp_path, text)
    whole, parts = tmp_path / f"whole.{suffix}", tmp_path / f"parts.{suffix}"
    score_file(scorer, leads, whole, as_of=None, keep=["source"])
    monkeypatch.setattr(stream, "BLOCK_BYTES", 4096)
    done: list[int] = []
    score_file(scorer, leads, parts, keep=["source"], progress=done.append)
    assert len(done) > 10
    assert done == sorted(done)
    assert done[-1] == 3000
    if suffix == "parquet":
        left, right = pa_parquet.read_table(whole), pa_parquet.read_table(parts)
        assert left.drop_columns("as_of").equals(right.drop_columns("as_of"))
        return
    for one, other in zip(read(whole), read(parts), strict=True):
        assert {**one, "as_of": ""} == {**other, "as_of": ""}


def test_absent_columns_count_as_missing(scorer: Scorer, tmp_path: Path) -> None:
    summary = score_file(scorer, write(tmp_path, "visits,new column\n3,x\n"), tmp_path / "o.csv")
    assert "source" in summary.absent
    assert "lead_id" in summary.absent
    assert "visits" not in summary.absent
    assert float(read(tmp_path / "o.csv")[0]["logit"]) == scorer.score_one({"visits": 3}).logit


def test_all_missing(scorer: Scorer, tmp_path: Path) -> None:
    score_file(scorer, write(tmp_path, HEADER + ",,,,,,,,,,\n"), tmp_path / "o.csv")
    row = read(tmp_path / "o.csv")[0]
    assert row["lead_id"] == ""
    assert float(row["logit"]) == scorer.score_one({}).logit


def test_a_header_only_gives_a_header(scorer: Scorer, tmp_path: Path) -> None:
    leads = write(tmp_path, HEADER)
    assert score_file(scorer, leads, tmp_path / "o.csv", keep=["note"]).n_scored == 0
    assert (tmp_path / "o.csv").read_text() == ",".join([*COLUMNS, "note"]) + "\n"
    score_file(scorer, leads, tmp_path / "o.parquet")
    assert pa_parquet.read_table(tmp_path / "o.parquet").column_names == COLUMNS


def test_every_row_rejected(scorer: Scorer, tmp_path: Path) -> None:
    summary = score_file(scorer, write(tmp_path, "lead_id,visits\nA,x\nB,y\n"), tmp_path / "o.csv")
    assert (summary.n_scored, summary.n_rejected) == (0, 2)
    assert read(tmp_path / "o.csv") == []


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (b"", SourceError, "empty"),
        (b"PK\x03\x04\x00\x00", SourceError, "ZIP"),
        (b"\x00\x01\x02\xff\xfe", SourceError, "must"),
        (b"a,b\n1,2\n", DataError, "none of them"),
        (HEADER.encode() + b'L1,"2026\n' + b"x,y\n" * 9, SourceError, "quote"),
    ],
)
def test_tables_that_cannot_be_scored(
    scorer: Scorer, tmp_path: Path, text: bytes, error: type[Exception], words: str
) -> None:
    out = write(tmp_path, "old", "scored.csv")
    with pytest.raises(error, match=words):
        score_file(scorer, write(tmp_path, text), out)
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leads.csv", "scored.csv"]


def test_outputs_that_cannot_be_written(scorer: Scorer, tmp_path: Path) -> None:
    leads = write(tmp_path, HEADER + ROWS)
    with pytest.raises(OutputError, match="can be written"):
        score_file(scorer, leads, tmp_path / "nowhere" / "o.csv")
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(OutputError, match="folder"):
        score_file(scorer, leads, tmp_path / "dir.csv")
    with pytest.raises(UsageError, match=r"must end in \.csv, \.xlsx or \.parquet"):
        score_file(scorer, leads, tmp_path / "o.xls")
    with pytest.raises(OutputError, match="another file"):
        score_file(scorer, leads, leads)
    source = write(tmp_path, HEADER + ROWS, "o.rejected.csv")
    with pytest.raises(OutputError, match="another file"):
        score_file(scorer, source, tmp_path / "o.csv")
    with pytest.raises(SourceError, match="note"):
        score_file(scorer, leads, tmp_path / "o.csv", keep=["notes"])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_ctrl_c_leaves_nothing(scorer: Scorer, tmp_path: Path, suffix: str) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    leads = write(tmp_path, HEADER + ROWS)
    with pytest.raises(KeyboardInterrupt):
        score_file(scorer, leads, tmp_path / f"o.{suffix}", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["leads.csv"]


def test_a_full_disk_is_an_output_error(scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("leadml.model.output.CsvOutput.write", full)
    with pytest.raises(OutputError, match="No space left"):
        score_file(scorer, write(tmp_path, HEADER + ROWS), tmp_path / "o.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["leads.csv"]
