"""The test of a model can be played again: it comes out as the passport says, and edits have their price."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from pyarrow.csv import write_csv
from sklearn.metrics import log_loss, roc_auc_score

from leadml.config import Config
from leadml.errors import UsageError
from leadml.leads.sample import make_sample
from leadml.model.bundle import Bundle, load
from leadml.model.scorecard import expit
from leadml.training.replay import Replay, replay, try_recipe
from leadml.training.train import train

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Trained:
    config: Config
    table: pa.Table
    folder: Path
    bundle: Bundle
    again: Replay


@pytest.fixture(scope="module")
def trained(_migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("replay")
    (folder / "mlflow.db").write_bytes(_migrated.read_bytes())
    columns = {"id": "lead_id", "created_at": "created_at", "converted_at": "won_at", "group": "account_id"}
    outcome = {"outcome": "status", "converted": ["won"], "ignore": ["lead_quality", "age"]}
    told = {
        "leads": {"path": "leads.csv", **columns, **outcome},
        "label": {"horizon_days": 90},
        "training": {"families": ["logistic"], "replicates": 100},
    }
    config, table = Config.of(told, folder=folder), make_sample(2500, events=False).leads
    run = train(config, table, now=NOW)
    return Trained(config, table, run.bundle, load(run.bundle), replay(config, run.bundle, table, now=NOW))


def test_it_reaches_what_the_passport_says(trained: Trained) -> None:
    test, again = trained.bundle.passport.test, trained.again
    assert (len(again.test), int(again.test.y.sum())) == (test.n, test.n_converted)
    for name, estimate in again.reached(again.scorecard).items():
        assert estimate.value == pytest.approx(test.metrics[name].value, abs=1e-9)


def test_it_is_the_model_before_its_refit(trained: Trained) -> None:
    shipped = {term.part for term in trained.bundle.scorecard.terms}
    assert {term.part for term in trained.again.scorecard.terms} == shipped
    assert trained.again.scorecard.base != trained.bundle.scorecard.base


def test_the_price_of_an_edit(trained: Trained) -> None:
    again = trained.again
    edited = again.levelled(again.scorecard.without("pricing_page_visits"))
    cost, y = again.cost(edited), again.test.y
    before, after = (expit(one.logit(again.test.parts)) for one in (again.scorecard, edited))
    assert cost["log_loss"].value == pytest.approx(log_loss(y, after) - log_loss(y, before))
    assert cost["roc_auc"].value == pytest.approx(roc_auc_score(y, after) - roc_auc_score(y, before))
    assert cost["roc_auc"].low <= cost["roc_auc"].value <= cost["roc_auc"].high


def test_an_edit_leaves_the_expected_conversions(trained: Trained) -> None:
    again = trained.again
    edited = again.scorecard.without("source").shifted(0.7)
    expected, found = (expit(one.logit(again.older.parts)).sum() for one in (again.scorecard, again.levelled(edited)))
    assert found == pytest.approx(expected)
    assert np.diff([edited.base, again.levelled(edited).base])[0] < 0


def test_a_recipe_can_be_tried_without_a_training(trained: Trained, tmp_path: Path) -> None:
    write_csv(trained.table, tmp_path / "leads.csv")
    told = {name: getattr(trained.config, name) for name in ("leads", "label", "training")}
    config = Config.of(msgspec.to_builtins(told), folder=tmp_path)
    recipe = trained.bundle.passport.recipe
    tried = try_recipe(config, recipe.family, now=NOW, **recipe.settings)
    again = trained.again
    assert np.array_equal(tried.test.y, again.test.y)
    assert tried.reached(tried.scorecard)["roc_auc"].value == pytest.approx(
        again.reached(again.scorecard)["roc_auc"].value,
        abs=0.03,  # it may read more fields
    )
    assert tried.axes["visits"] == "other"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leads.csv"]


def test_a_yardstick_is_no_recipe(trained: Trained) -> None:
    with pytest.raises(UsageError, match="one of prior, logistic, ebm, blend, got 'trees'"):
        try_recipe(trained.config, "trees", now=NOW)


def test_other_leads_are_refused(trained: Trained) -> None:
    with pytest.raises(UsageError, match="must be those that model 1 learned from"):
        replay(trained.config, trained.folder, trained.table.slice(0, 2400), now=NOW)
