"""``training.propensity_weights``: what nobody called is left out, and what was drawn by lot counts for more."""

from datetime import UTC, datetime
from typing import Any

import made_up
import numpy as np
import pyarrow as pa
import pytest

from leadml.config import Config
from leadml.errors import ConfigError, TrainingRefused
from leadml.leads.sample import make_sample
from leadml.leads.snapshots import Labelled
from leadml.training.read import labelled, read

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LEADS = made_up.LEADS | {"slot": "slot", "propensity": "propensity"}


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Past leads, of which the newer half was ranked: every third on a list, every twelfth drawn by lot."""
    leads = make_sample(1200, events=False).leads
    at = np.arange(len(leads))
    newer = at >= len(leads) // 2
    slot = np.where(newer & (at % 3 == 0), "ranked", "")
    slot = np.where(newer & (at % 12 == 1), "explore", slot)
    chance = np.where(slot == "ranked", "1", np.where(slot == "explore", "0.125", ""))
    return leads.append_column("slot", pa.array(slot)).append_column("propensity", pa.array(chance))


def _labelled(table: pa.Table, leads: dict[str, Any] = LEADS, *, weights: bool = True) -> Labelled:
    training = {"propensity_weights": weights}
    config = Config.of({"leads": leads, "label": {"horizon_days": 90}, "training": training})
    return labelled(config, read(config, table, now=NOW, skip_faulty=False).leads, NOW)


def test_leads_count_by_how_they_came_on_a_list(table: pa.Table) -> None:
    all_of_them, found = _labelled(table, weights=False), _labelled(table)
    shots, slot = found.snapshots, np.array(table["slot"].to_pylist())
    own = slot[shots.rows]
    assert all_of_them.snapshots.weight is None
    assert shots.weight is not None
    assert len(shots) + found.uncalled == len(all_of_them.snapshots)
    assert found.uncalled > 100
    assert set(shots.weight[own == ""]) == {1.0}  # from before there were lists
    assert len({*shots.weight[own == "explore"].round(9)}) == 1
    ratio = shots.weight[own == "explore"].mean() / shots.weight[own == "ranked"].mean()
    assert ratio == pytest.approx(8)
    assert shots.weight[own != ""].mean() == pytest.approx(1)
    assert f"{found.uncalled:,} leads on no list" in found.notes[-1]


def test_too_few_in_effect_are_refused(table: pa.Table) -> None:
    rare = ["0.001" if chance == "0.125" else chance for chance in table["propensity"].to_pylist()]
    few = table.set_column(table.column_names.index("propensity"), "propensity", pa.array(rare))
    some = table["slot"].to_pylist()
    few = few.filter(pa.array([slot != "explore" or i % 60 == 1 for i, slot in enumerate(some)]))
    with pytest.raises(TrainingRefused, match="at least 20% of the leads on lists in effect"):
        _labelled(few)


def test_without_the_columns_it_cannot_be_asked_for() -> None:
    with pytest.raises(ConfigError, match=r"leads\.slot and leads\.propensity must be given"):
        Config.of({"leads": made_up.LEADS, "training": {"propensity_weights": True}})
