"""The references of the axes: quantiles over the newest leads of which the axis is known."""

from collections.abc import Callable

import numpy as np
import pytest

from leadml.leads.parts import Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning import axes
from leadml.learning.axes import axis_reference
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard, StepTerm

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
N = 300
PARTS = (
    Part("visits", "visits", numeric=True, axis="interest"),
    Part("source", "source", numeric=False, axis="interest"),
    Part("income", "income", numeric=True, axis="ability"),
    Part("title", "title", numeric=False, axis="authority"),
    Part("unused", "unused", numeric=True, axis="authority"),
)
CARD = Scorecard(
    -1.0,
    (  # in another order than the parts: leads are scored in that of the parts
        CategoryTerm("source", ("web", "fair"), (0.1, -0.2), missing=0.3, unseen=0.0),
        StepTerm("visits", (2.0,), (-0.7, 0.7), missing=-0.1),
        LinearTerm("income", 0.01, 0.0, 100.0, 50.0, missing=-9.0),
        CategoryTerm("title", ("head",), (0.5,), missing=-9.0, unseen=-0.3),
    ),
)


@pytest.fixture
def shots(make_shots: MakeShots) -> Snapshots:
    rng = np.random.default_rng(1)
    columns = {
        "visits": np.where(rng.random(N) < 0.2, np.nan, rng.integers(0, 5, N).astype(float)),
        "source": Levels(rng.integers(-1, 2, N), ("web", "fair")),
        "income": np.where(np.arange(N) < 200, np.nan, np.arange(N) - 200.0),
        "title": Levels(np.full(N, -1), ("head",)),
        "unused": np.ones(N),
    }
    return make_shots(columns, rng.random(N) < 0.3)[0]


def test_only_leads_of_which_the_axis_is_known_count(shots: Snapshots) -> None:
    found = axis_reference(CARD, PARTS, shots)
    assert set(found) == {"interest", "ability"}, "of no lead the title is known, and nothing reads what is unused"
    expected = np.quantile(0.01 * (np.arange(100) - 50.0), np.arange(1, 100) / 100)
    assert found["ability"] == pytest.approx(expected.tolist())
    assert all(len(one) == 99 and list(one) == sorted(one) for one in found.values())


def test_only_the_newest_leads_count(shots: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(axes, "REFERENCE_LEADS", 50)
    expected = np.quantile(0.01 * (np.arange(50, 100) - 50.0), np.arange(1, 100) / 100)
    assert axis_reference(CARD, PARTS, shots)["ability"] == pytest.approx(expected.tolist())


def test_a_sum_that_many_leads_have_stands_in_the_reference_to_the_last_bit(shots: Snapshots) -> None:
    visits, source = CARD.terms[1], CARD.terms[0]
    assert isinstance(visits, StepTerm)
    assert isinstance(source, CategoryTerm)
    sums = {0.0 + a + b for a in visits.table for b in source.table}
    assert set(axis_reference(CARD, PARTS, shots)["interest"]) & sums, "in the order of the parts"
