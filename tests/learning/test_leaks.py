"""Suspected leaks: what is planted is found, and honest fields are not."""

from collections.abc import Callable

import numpy as np
import pytest

from leadml.leads.declared import Columns
from leadml.leads.parts import Levels
from leadml.leads.sample import Planted, make_sample
from leadml.leads.schema import Outcomes, Part, Roles
from leadml.leads.snapshots import Snapshots, snapshots
from leadml.leads.validation import InMemory, validate
from leadml.learning.leaks import Suspect, suspects

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
ROLES = Roles("lead_id", "created_at", "status", "won_at", "deal_value", "owner", "account_id", "opted_out")
OUTCOMES = Outcomes(("won",), ("lost",), ("new", "working"))


def found(planted: Planted) -> list[Suspect]:
    sample = make_sample(2000, events=False, planted=planted)
    leads = validate(InMemory(sample.leads), Columns(ROLES, OUTCOMES), now=2e9, horizon_days=90)
    return suspects(snapshots(leads, horizon_days=90).snapshots, leads.schema.parts)


def test_the_planted_leak_is_the_only_suspect() -> None:
    (suspect,) = found(Planted())
    assert suspect.field == "lead_quality"
    assert suspect.roc_auc > 0.9
    assert "name it under leads.ignore" in str(suspect)


def test_without_the_leak_nothing_is_suspected() -> None:
    assert found(Planted(leak=False)) == []


@pytest.mark.parametrize("n", [300, 3000])
def test_a_column_of_distinct_values_is_no_leak(make_shots: MakeShots, n: int) -> None:
    rng = np.random.default_rng(0)
    column = Levels(np.arange(n), tuple(map(str, range(n))))
    shots, parts = make_shots({"note": column, "noise": rng.normal(size=n)}, rng.random(n) < 0.2)
    assert suspects(shots, parts) == []


def test_a_number_that_is_there_only_after_the_outcome(make_shots: MakeShots) -> None:
    rng = np.random.default_rng(1)
    y = rng.random(1000) < 0.1
    filled = np.where(y & (rng.random(1000) < 0.95), rng.normal(size=1000), np.nan)
    shots, parts = make_shots({"invoice": filled}, y)
    assert [suspect.field for suspect in suspects(shots, parts)] == ["invoice"]
