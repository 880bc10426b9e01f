"""A list that leadml wrote, with outcomes added, is trained on as it is, and its explored leads are told of."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import made_up
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from threadpoolctl import threadpool_limits

from leadml.config import Config
from leadml.leads.sample import make_sample
from leadml.model.bundle import load
from leadml.model.scorer import Scorer
from leadml.ranking.lists import rank_file
from leadml.ranking.plan import Plan
from leadml.report.evidence import from_json
from leadml.training.train import train

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LISTED = made_up.LEADS | {"slot": "slot", "propensity": "propensity"}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


def _config(folder: Path, leads: dict[str, object]) -> Config:
    quick = {"families": ["prior"], "replicates": 100}
    return Config.of({"leads": leads, "label": {"horizon_days": 90}, "training": quick}, folder=folder)


def test_a_list_with_outcomes_is_trained_on_as_it_is(migrated_db: Path) -> None:
    folder, past = migrated_db.parent, make_sample(2000, events=False).leads
    first = train(_config(folder, made_up.LEADS | {"ignore": ["lead_quality"]}), past, now=NOW)
    assert first.explored is None
    pa_csv.write_csv(past.drop_columns(["status", "won_at"]), folder / "new.csv")
    plan = Plan(capacity=1200, explore=0.3)
    rank_file(Scorer(load(first.bundle)), folder / "new.csv", folder / "list.csv", plan=plan, as_of=NOW)
    listed = pa_csv.read_csv(folder / "list.csv")
    outcomes = listed.select(["lead_id"]).join(past.select(["lead_id", "status", "won_at"]), "lead_id")
    place = {one: at for at, one in enumerate(outcomes.column("lead_id").to_pylist())}
    rows = pa.array([place[one] for one in listed.column("lead_id").to_pylist()])
    for name in ("status", "won_at"):
        listed = listed.append_column(name, outcomes.column(name).take(rows))
    pa_csv.write_csv(listed, folder / "leads.csv")
    run = train(_config(folder, LISTED | {"ignore": ["lead_quality"]}), now=NOW)
    bundle = load(run.bundle)
    assert not {"score", "logit", "grade", "rank", "slot", "propensity"} & {one.name for one in bundle.schema.fields}
    facts = from_json(bundle.evidence or b"")
    assert facts is not None
    assert facts.explored is not None
    assert facts.explored.n_listed > facts.explored.rate.n > 100
    said = run.to_dict()["explored"]
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert said["sentence"].startswith("Among leads the model would have skipped, ")
    assert np.isclose(said["below"]["value"], said["n_converted"] / said["n"])  # one list: all have one propensity
