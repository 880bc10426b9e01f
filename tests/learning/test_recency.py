"""Recency: weights halve with age, are 1 in the mean, and follow the recipe wherever it is fitted."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import Calibration
from leadml.learning.candidates import FAMILIES
from leadml.learning.compile import compile_scorecard
from leadml.learning.recency import DAYS, ROWS, half_life, plain, recency_weight
from leadml.learning.search import fit

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
N = 800


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture
def turned(make_shots: MakeShots) -> tuple[Snapshots, tuple[Part, ...]]:
    """Leads for which the sign of a number's effect turns in the middle of the time."""
    rng = np.random.default_rng(0)
    visits = rng.normal(0, 1, N)
    effect = np.where(np.arange(N) < N // 2, -1.5, 1.5)
    y = rng.random(N) < 1 / (1 + np.exp(1 - effect * visits))
    columns: dict[str, Column] = {"visits": visits, "source": Levels(rng.choice(2, N), ("web", "fair"))}
    return make_shots(columns, y)


def test_weights_halve_with_age_and_are_one_in_the_mean(make_shots: MakeShots) -> None:
    days = np.array([0.0, 10.0, 20.0, 20.0])
    shots, _ = make_shots({"x": days}, [True, False, True, False], days=days)
    rows = np.arange(4, dtype=np.intp)
    weight = recency_weight(shots, rows, half_life(10.0, dated=True))
    assert weight is not None
    assert weight / weight[-1] == pytest.approx([0.25, 0.5, 1, 1])
    assert weight.mean() == pytest.approx(1)
    assert recency_weight(shots, rows, {"C": 0.1}) is None
    assert recency_weight(shots, rows, half_life(10.0, dated=False)) is None, "rows say nothing where there are dates"


def test_without_dates_age_is_counted_in_rows(make_shots: MakeShots) -> None:
    shots, _ = make_shots({"x": np.arange(4.0)}, [True, False, True, False])
    undated = replace(shots, dated=False, times=np.arange(4.0))
    weight = recency_weight(undated, np.array([0, 1, 3]), {ROWS: 1.0})
    assert weight is not None
    assert weight / weight[-1] == pytest.approx([1 / 8, 1 / 4, 1])
    assert recency_weight(undated, np.array([0, 1, 3]), {DAYS: 1.0}) is None


def test_families_see_no_half_life() -> None:
    assert plain({"C": 0.1, DAYS: 30.0, ROWS: 5.0}) == {"C": 0.1}


@pytest.mark.parametrize("family", list(FAMILIES))
def test_what_is_long_ago_is_forgotten(turned: tuple[Snapshots, tuple[Part, ...]], family: str) -> None:
    shots, parts = turned
    rows = np.arange(N, dtype=np.intp)
    newest = rows[-100:]
    settings = FAMILIES[family].settings[0]
    one, other = (
        fit(shots, parts, rows, family, settings | more, final=False, random_state=0).logit(shots, newest)
        for more in ({}, {DAYS: 60.0})
    )
    assert isinstance(shots.parts["visits"], np.ndarray)
    visits = shots.parts["visits"][newest]
    assert np.corrcoef(visits, other)[0, 1] > 0.7
    assert np.cov(visits, other)[0, 1] > np.cov(visits, one)[0, 1]


@pytest.mark.parametrize("family", [name for name, family in FAMILIES.items() if family.ships])
def test_a_weighted_recipe_compiles_exactly_and_is_centred_by_weight(
    turned: tuple[Snapshots, tuple[Part, ...]], family: str
) -> None:
    shots, parts = turned
    rows = np.arange(N, dtype=np.intp)
    settings = FAMILIES[family].settings[-1] | {DAYS: 100.0}
    fitted = fit(shots, parts, rows, family, settings, final=False, random_state=0)
    assert fitted.sample_weight is not None
    scorecard = compile_scorecard(fitted, Calibration(0.9, 0.1, 100, ""), shots)
    assert scorecard.logit(shots.parts) == pytest.approx(0.9 * fitted.logit(shots, rows) + 0.1, abs=1e-9)
    mean = np.average(scorecard.contributions(shots.parts), axis=0, weights=fitted.sample_weight)
    assert mean == pytest.approx(0, abs=1e-9)


def test_a_weight_of_two_is_two_leads(turned: tuple[Snapshots, tuple[Part, ...]]) -> None:
    shots, parts = turned
    rows = np.arange(N, dtype=np.intp)
    weight = np.where(rows % 3 == 0, 2.0, 1.0)
    once = fit(shots, parts, rows, "logistic", {"C": 0.1}, final=True, random_state=0, sample_weight=weight)
    twice = fit(shots, parts, np.repeat(rows, weight.astype(int)), "logistic", {"C": 0.1}, final=True, random_state=0)
    assert once.logit(shots, rows) == pytest.approx(twice.logit(shots, rows), abs=1e-7)
