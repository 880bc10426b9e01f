"""A history from the file to the score: a leak that is undone, faults and notes of every command, nothing of later."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import made_up
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv
from threadpoolctl import threadpool_limits
from typer.testing import CliRunner

from leadml.cli.main import app
from leadml.config import Config
from leadml.errors import ConfigError, DataError, TrainingRefused, UsageError
from leadml.leads.declared import HistoryTable
from leadml.leads.history.reading import history_table, read_history
from leadml.leads.sample import write_config
from leadml.leads.sample.files import write_sample
from leadml.leads.snapshots import snapshots
from leadml.model.batch import score_parts
from leadml.model.bundle import load
from leadml.model.past import open_past
from leadml.model.scorer import Scorer
from leadml.model.stream import score_file
from leadml.ranking.lists import rank_file
from leadml.training.check import check
from leadml.training.read import data_digest, labelled, read
from leadml.training.train import train

NOW = datetime(2026, 10, 2, tzinfo=UTC)
LATER = datetime(2026, 10, 12, tzinfo=UTC)
LEADS = made_up.LEADS | {"protected": ["age"]}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, with the history of what reps judge: "Select", until they know the outcome."""
    folder = tmp_path_factory.mktemp("history")
    write_sample(folder, n_leads=1800, n_new=60)
    leads = pd.read_csv(folder / "leads.csv")
    judged_at = pd.to_datetime(leads["created_at"]) + pd.Timedelta(days=20)
    at = pd.to_datetime(leads["won_at"]).fillna(judged_at)
    at = at.where(at < pd.Timestamp("2026-10-02"), pd.Timestamp("2026-10-01T12:00"))
    columns = {"lead_id": leads["lead_id"], "field": "lead_quality", "old": "Select", "value": leads["lead_quality"]}
    pd.DataFrame(columns | {"changed_at": at.dt.strftime("%Y-%m-%dT%H:%M:%S")}).to_csv(
        folder / "history.csv", index=False
    )
    return folder


def config(folder: Path, **history: Any) -> Config:
    told: dict[str, Any] = {"leads": LEADS, "label": {"horizon_days": 90}}
    told["training"] = {"families": ["logistic"], "replicates": 100}
    return Config.of(told | ({"history": {"path": "history.csv", **history}} if history else {}), folder=folder)


@pytest.fixture(scope="module")
def scorer(folder: Path) -> Scorer:
    return Scorer(load(train(config(folder, old_value="old"), now=NOW).bundle))


def test_a_leak_is_undone_by_its_history(folder: Path, scorer: Scorer) -> None:
    with pytest.raises(TrainingRefused, match="'lead_quality' is filled in for"):
        train(config(folder), now=NOW)
    assert "lead_quality" not in {field.name for field in scorer.fields}
    found = check(config(folder, old_value="old"), now=NOW)
    assert not [leak for leak in found.leaks if leak.field == "lead_quality"]
    assert found.refusal is None
    notes = "\n".join(found.notes)
    assert "changes in the history set back 'lead_quality'" in notes
    assert "'lead_quality' is filled in with the conversion or after it" in notes


def test_another_history_is_other_data(folder: Path) -> None:
    leads = read(config(folder, old_value="old"), None, now=NOW, skip_faulty=False).leads
    blind = read(config(folder, value="value"), None, now=NOW, skip_faulty=False).leads
    assert data_digest(leads) != data_digest(blind)
    assert data_digest(blind) != data_digest(read(config(folder), None, now=NOW, skip_faulty=False).leads)


def test_several_snapshots_are_set_back_each_to_its_own_day(folder: Path) -> None:
    told = config(folder, old_value="old")
    told = Config.of(
        {"leads": LEADS, "label": {"horizon_days": 90}, "history": {"path": "history.csv", "old_value": "old"}}
        | {"events": {"path": "events.csv", "snapshots": [0, 30]}},
        folder=folder,
    )
    leads = read(told, None, now=NOW, skip_faulty=False).leads
    shots = labelled(told, leads, NOW).snapshots
    age = shots.times - leads.created[shots.rows]
    quality = shots.parts["lead_quality"].codes >= 0  # type: ignore[union-attr]
    lost = leads.status[shots.rows] == 0
    assert quality[lost & (age > 0)].mean() > 0.8  # judged after 20 days
    assert quality[lost & (age == 0)].mean() == 0


def test_part_of_the_leads_keeps_its_history(folder: Path) -> None:
    told = config(folder, old_value="old")
    leads = read(told, None, now=NOW, skip_faulty=False).leads
    whole = labelled(told, leads, NOW)
    again = snapshots(leads.take(whole.snapshots.rows), horizon_days=90, as_of=whole.labels.as_of).snapshots
    for name, column in whole.snapshots.parts.items():
        other = again.parts[name]
        if hasattr(column, "codes"):
            assert column.codes.tolist() == other.codes.tolist()  # type: ignore[union-attr]
        else:
            assert column.tobytes() == other.tobytes()  # type: ignore[union-attr]


def test_faults_of_the_history_are_told_with_those_of_the_leads(folder: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, n_leads=300, n_new=5)
    rows = "L0000001,visits,many,2026-01-01\nL0000002,visits,3,soon\nL0000003,visits,3,2027-01-01\n"
    (tmp_path / "history.csv").write_text("lead_id,field,value,changed_at\n" + rows, encoding="utf-8")
    leads = (tmp_path / "leads.csv").read_text(encoding="utf-8")
    (tmp_path / "leads.csv").write_text(leads.replace("2024", "soon", 1), encoding="utf-8")
    told = config(tmp_path, fields=["visits"])
    with pytest.raises(DataError) as caught:
        read(told, None, now=NOW, skip_faulty=False)
    places = [(str(fault.line), fault.column) for fault in caught.value.faults]
    history = str(tmp_path / "history.csv")
    assert places == [
        ("2", "created_at"),
        (f"2 of {history}", "value"),
        (f"3 of {history}", "changed_at"),
        (f"4 of {history}", "changed_at"),
    ]
    intake = read(told, None, now=NOW, skip_faulty=True)
    assert intake.n_rejected == 1
    assert intake.leads.history is not None
    assert len(intake.leads.history.codes) == 299
    with pytest.raises(DataError, match=r"must be a field of the leads, as history\.fields names it"):
        read(config(tmp_path, fields=["status"]), None, now=NOW, skip_faulty=True)


def test_a_history_needs_to_know_whose_it_is(folder: Path) -> None:
    told = {"leads": {name: value for name, value in LEADS.items() if name != "id"}}
    with pytest.raises(ConfigError, match=r"leads.id must be given with \[history\]"):
        Config.of(told | {"history": {"path": "history.csv"}}, folder=folder)


def changed(folder: Path, name: str, at: datetime) -> Path:
    """Write a history of the new leads, in which visits were 0 long ago and have changed to 40 at a moment."""
    new = pd.read_csv(folder / "new_leads.csv")
    rows = [(lead, "visits", value, day) for lead in new["lead_id"] for value, day in ((0, "2026-01-01"), (40, at))]
    frame = pd.DataFrame(rows, columns=["lead_id", "field", "value", "changed_at"])
    frame["changed_at"] = frame["changed_at"].map(str)
    frame.to_csv(folder / name, index=False)
    return folder / name


def test_leads_are_scored_as_they_were(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    told, new = HistoryTable(), folder / "new_leads.csv"
    early, late = (changed(folder, name, LATER + timedelta(seconds=s)) for name, s in (("a.csv", 0), ("b.csv", 1)))
    before = pd.read_csv(new)
    before["visits"] = 0
    before.to_csv(tmp_path / "before.csv", index=False)

    def scored(leads: Path, history: Path | None = None) -> pd.DataFrame:
        changes = None if history is None else read_history(history, told)
        summary = score_file(scorer, leads, tmp_path / "o.parquet", as_of=LATER, history=changes)
        assert history is None or "set back by the history: 'visits'" in summary.notes
        return pd.read_parquet(tmp_path / "o.parquet").drop(columns="reasons")

    pd.testing.assert_frame_equal(scored(new, late), scored(tmp_path / "before.csv"))
    first = late.read_text(encoding="utf-8").splitlines()
    late.write_text("\n".join([row for row in first if ",40," not in row]), encoding="utf-8")  # nothing of what comes
    pd.testing.assert_frame_equal(scored(new, late), scored(tmp_path / "before.csv"))
    assert not scored(new, early)["logit"].equals(scored(new, late)["logit"])
    ranked = rank_file(scorer, new, None, as_of=LATER, history=read_history(early, told)).table
    logits = dict(zip(*(scored(new, early)[name] for name in ("lead_id", "logit")), strict=True))
    assert all(
        logits[lead.as_py()] == logit.as_py() for lead, logit in zip(ranked["lead_id"], ranked["logit"], strict=True)
    )


FIELDS = ("visits", "job_title", "source", "first_seen_on")
LATE = st.tuples(
    st.integers(0, 59),
    st.sampled_from(FIELDS),
    st.sampled_from(["40", "7", "CEO", "web", "2026-09-01", None]),
    st.integers(1, 10**12),
)


@settings(max_examples=30)
@given(st.lists(LATE, max_size=20), st.lists(LATE, max_size=20))
def test_later_changes_change_no_score(
    folder: Path, scorer: Scorer, early: list[tuple[Any, ...]], late: list[tuple[Any, ...]]
) -> None:
    new = csv.read_csv(folder / "new_leads.csv")
    ids, at = new["lead_id"].to_pylist(), round(LATER.timestamp() * 1e6)

    def logits(rows: list[tuple[Any, ...]]) -> bytes:
        told = [(ids[lead], name, value, moment) for lead, name, value, moment in rows]
        kinds = (pa.string(), pa.string(), pa.string(), pa.timestamp("us", "UTC"))
        columns = [pa.array([row[i] for row in told], kind) for i, kind in enumerate(kinds)]
        table = pa.Table.from_arrays(columns, names=["lead_id", "field", "value", "changed_at"])
        past = open_past(scorer, history_table(table, HistoryTable(fields=FIELDS)), as_of=LATER)
        return score_parts(scorer, past(scorer.coercer()(new), new), reasons=False).logit.tobytes()

    known = [(*row[:3], at - row[3] % (30 * 86_400 * 10**6)) for row in early]
    assert logits(known) == logits([*known, *((*row[:3], at + row[3]) for row in late)])


def test_the_commands(folder: Path, scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    early = changed(folder, "c.csv", LATER)
    text = write_config(tmp_path).read_text(encoding="utf-8")
    (tmp_path / "leadml.toml").write_text(text + f'[history]\npath = "{early}"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    model = ["--model", str(folder / "models" / "versions" / scorer.passport.model_version), "--json"]

    def run(*words: str) -> dict[str, Any]:
        done = CliRunner().invoke(app, [*words, *model])
        assert done.exit_code == 0, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    new = str(folder / "new_leads.csv")
    told = "set back by the history: 'visits'"
    assert told in run("score", new, "--out", "o.csv", "--as-of", "2026-10-12")["notes"]
    assert told not in run("score", new, "--out", "o.csv")["notes"]
    assert told in run("rank", new, "--out", "o.csv", "--as-of", "2026-10-12", "--history", str(early))["notes"]
    assert told not in run("rank", new, "--out", "o.csv")["notes"]
    refused = CliRunner().invoke(app, ["rank", new, "--history", str(early), *model])
    assert isinstance(refused.exception, UsageError)
