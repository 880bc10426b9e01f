"""Events from the file to the score: what the sample planted, several snapshots, one path for all ways to score."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import made_up
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import csv
from threadpoolctl import threadpool_limits

from leadml.config import Config
from leadml.errors import DataError, UsageError
from leadml.leads.coercion import DAY
from leadml.leads.sample.files import write_sample
from leadml.leads.snapshots import Snapshots
from leadml.learning.splits import rolling_folds, time_split
from leadml.model.bundle import load
from leadml.model.scorer import Scorer
from leadml.model.stream import score_file
from leadml.ranking.lists import rank_file
from leadml.training.read import labelled, read
from leadml.training.replay import try_recipe
from leadml.training.train import train

NOW = datetime(2026, 10, 2, tzinfo=UTC)
LATER = datetime(2026, 10, 12, tzinfo=UTC)
LEADS = made_up.LEADS | {"protected": ["age"], "ignore": ["lead_quality"]}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("events")
    write_sample(folder, n_leads=2500, n_new=60)
    return folder


def config(folder: Path, leads: dict[str, Any] | None = None, **events: Any) -> Config:
    told: dict[str, Any] = {"leads": LEADS | (leads or {}), "label": {"horizon_days": 90}}
    told["training"] = {"families": ["logistic"], "replicates": 100}
    return Config.of(told | ({"events": {"path": "events.csv", **events}} if events else {}), folder=folder)


@pytest.fixture(scope="module")
def scorer(folder: Path) -> Scorer:
    run = train(config(folder, snapshots=[0, 30]), now=NOW)
    return Scorer(load(run.bundle))


def shots(config: Config) -> Snapshots:
    return labelled(config, read(config, None, now=NOW, skip_faulty=False).leads, NOW).snapshots


def numbers(found: Snapshots, name: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    column = found.parts[name]
    assert isinstance(column, np.ndarray)
    return column


def test_fields_at_creation_are_the_counts_that_were_planted(folder: Path) -> None:
    leads = read(config(folder, kinds=3), None, now=NOW, skip_faulty=False).leads
    assert leads.schema.events is not None
    assert leads.schema.events.kinds == ("visit", "email_opened")  # no call or meeting is before its lead
    for kind, column in (("visit", "visits"), ("email_opened", "emails_opened")):
        made = leads.table[f"events.{kind}.count"].to_numpy()
        assert np.array_equal(made, np.array(leads.table[column].to_pylist(), dtype=float))
    first = leads.coerced.parts["events.visit.first_days"]
    assert isinstance(first, np.ndarray)
    assert np.array_equal(np.isnan(first), np.array(leads.table["visits"].to_pylist(), dtype=float) == 0)
    assert all(field.axis == "interest" for field in leads.schema.fields if field.measure is not None)


def test_a_model_with_events_is_not_worse_and_finds_what_they_tell(folder: Path) -> None:
    told = try_recipe(config(folder), "logistic", now=NOW)
    without = told.reached(told.scorecard)["log_loss"].value
    more = try_recipe(config(folder, kinds=8), "logistic", now=NOW)
    assert more.reached(more.scorecard)["log_loss"].value < without + 0.01
    blind = {"ignore": ["lead_quality", "visits", "emails_opened", "pricing_page_visits", "first_seen_on"]}
    lost = try_recipe(config(folder, blind), "logistic", now=NOW)
    found = try_recipe(config(folder, blind, kinds=8), "logistic", now=NOW)
    loss = [one.reached(one.scorecard)["log_loss"].value for one in (found, lost)]
    assert loss[0] < loss[1]


def test_several_snapshots_of_a_lead(folder: Path) -> None:
    told = config(folder, snapshots=[0, 30])
    intake = read(told, None, now=NOW, skip_faulty=False).leads
    label = labelled(told, intake, NOW)
    found = label.snapshots
    age = np.round((found.times - intake.created[found.rows]) / DAY, 6)
    assert set(age) == {0, 30}
    assert np.array_equal(numbers(found, "events.age_days"), (found.times - intake.created[found.rows]) / DAY)
    assert np.array_equal(found.ends, found.times + 90 * DAY)
    assert (found.ends <= label.labels.as_of).all()
    assert (np.diff(found.times) >= 0).all()
    won = intake.converted[found.rows]
    assert np.array_equal(found.y, (won <= found.ends) & (intake.status[found.rows] == 1))
    assert not (won[age == 30] <= found.times[age == 30]).any()  # converted leads are not looked at again
    assert any("leads are looked at" in note and "0, 30 days" in note for note in label.notes)
    first = shots(config(folder, kinds=8))
    assert np.array_equal(first.rows, found.rows[age == 0])
    kept = numbers(found, "events.visit.count")[age == 0]
    assert np.array_equal(numbers(first, "events.visit.count"), kept)


def test_a_model_says_how_many_leads_it_learned_from(folder: Path, scorer: Scorer) -> None:
    found = shots(config(folder, snapshots=[0, 30]))
    assert scorer.passport.n_leads == found.n_leads == len(set(found.rows.tolist())) < len(found)
    assert scorer.passport.n_converted == found.n_leads_converted == len(set(found.rows[found.y].tolist()))
    assert found.n_leads_converted < found.n_converted


def test_no_lead_lies_on_both_sides_of_a_split(folder: Path) -> None:
    found = shots(config(folder, snapshots=[0, 7, 30]))
    split = time_split(found)
    for one in (split, *rolling_folds(found, split.train)):
        assert not set(found.rows[one.train]) & set(found.rows[one.test])
        assert (found.ends[one.train] <= one.start).all()


def test_all_ways_to_score_agree(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    new, events = csv.read_csv(folder / "new_leads.csv"), csv.read_csv(folder / "events.csv")
    whole = scorer.score(new, events=events, as_of=LATER)
    by_file = score_file(
        scorer, folder / "new_leads.csv", tmp_path / "o.parquet", as_of=LATER, events=folder / "events.csv"
    )
    assert not by_file.absent
    assert pd.read_parquet(tmp_path / "o.parquet")["logit"].tolist() == whole["logit"].to_pylist()
    ranked = rank_file(scorer, folder / "new_leads.csv", None, as_of=LATER, events=folder / "events.csv").table
    logits = dict(zip(whole["lead_id"].to_pylist(), whole["logit"].to_pylist(), strict=True))
    for lead, logit in zip(ranked["lead_id"].to_pylist(), ranked["logit"].to_pylist(), strict=True):
        assert logits[lead] == logit
    frame, acts = new.to_pandas(), events.to_pandas()
    assert scorer.score(frame, events=acts, as_of=LATER)["logit"].tolist() == whole["logit"].to_pylist()
    for lead in new.to_pylist()[:20]:
        own = [act for act in events.to_pylist() if act["lead_id"] == lead["lead_id"]]
        assert scorer.score_one(lead, events=own, as_of=LATER).logit == logits[lead["lead_id"]]


def test_later_events_change_no_score(folder: Path, scorer: Scorer) -> None:
    new, events = csv.read_csv(folder / "new_leads.csv"), csv.read_csv(folder / "events.csv")
    before = scorer.score(new, events=events, as_of=LATER)
    at = (LATER + timedelta(microseconds=1)).replace(tzinfo=None)
    later = pa.table(
        {
            "lead_id": new["lead_id"],
            "at": pa.array([at] * len(new), pa.timestamp("us")),
            "kind": pa.array(["meeting"] * len(new)),
        }
    )
    both = pa.concat_tables([events, later], promote_options="permissive")
    assert scorer.score(new, events=both, as_of=LATER).equals(before)
    now = scorer.score(new, events=both, as_of=LATER + timedelta(days=1))
    assert now["logit"] != before["logit"]


def test_without_events_a_note_says_so(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    summary = score_file(scorer, folder / "new_leads.csv", tmp_path / "o.csv", as_of=LATER)
    assert any("no events were given" in note for note in summary.notes)
    assert not any(name.startswith("events.") for name in summary.absent)


def test_events_that_cannot_be_scored_with(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    new = csv.read_csv(folder / "new_leads.csv")
    with pytest.raises(DataError, match="lacks columns"):
        scorer.score(new, events=pa.table({"lead_id": ["a"]}), as_of=LATER)
    events = pa.table({"lead_id": ["a", "b"], "at": ["2026-10-01", "soon"], "kind": ["visit", "visit"]})
    with pytest.raises(UsageError, match="must have the column 'lead_id'"):
        scorer.score(new.drop_columns(["lead_id"]), events=events, as_of=LATER)
    summary = score_file(scorer, folder / "new_leads.csv", tmp_path / "o.csv", as_of=LATER, events=events)
    assert any("1 events could not be read and are left out; first: line 2" in note for note in summary.notes)
