"""Pairs of fields: found where two fields count together, taken only with proof, and compiled exactly."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import Calibration
from leadml.learning.candidates import FAMILIES
from leadml.learning.compile import compile_scorecard
from leadml.learning.drift import Refined
from leadml.learning.pairing import pair_up
from leadml.learning.pairs import PAIRS, Paired, purified
from leadml.learning.recency import half_life
from leadml.learning.search import choose, decision, fit, search

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
Floats = NDArray[np.float64]
N = 2400
ROWS = np.arange(N, dtype=np.intp)
SHIPPING = [name for name, family in FAMILIES.items() if family.ships]


def _columns() -> dict[str, Column]:
    rng = np.random.default_rng(0)
    visits = np.where(rng.random(N) < 0.1, np.nan, rng.poisson(3, N))
    return {
        "visits": visits,
        "company_size": np.round(rng.lognormal(3, 1, N)),
        "discount": Levels(rng.choice([-1, 0, 1], N, p=[0.1, 0.5, 0.4]), ("yes", "no")),
        "source": Levels(rng.choice(3, N), ("web", "fair", "list")),
        "luck": rng.normal(0, 1, N),
    }


def _won(logit: Floats) -> NDArray[np.bool_]:
    return np.random.default_rng(1).random(N) < 1 / (1 + np.exp(-logit))


def _planted(make_shots: MakeShots, strength: float) -> tuple[Snapshots, tuple[Part, ...]]:
    """A discount works for small companies only; among large ones it is as bad as it is good among small ones."""
    columns = _columns()
    visits, size, discount = columns["visits"], columns["company_size"], columns["discount"]
    assert isinstance(discount, Levels)
    assert not isinstance(visits, Levels)
    assert not isinstance(size, Levels)
    turned = np.where(size < 20, 1.0, -1.0) * np.where(discount.codes == 0, 1.0, -1.0)
    return make_shots(columns, _won(-1 + 0.3 * np.nan_to_num(visits - 3) + strength * turned))


def _paired(shots: Snapshots, parts: tuple[Part, ...], family: str) -> Refined:
    chosen = choose(search(shots, parts, ROWS, [family], random_state=0, progress=lambda _what, _share: None))
    return pair_up(shots, chosen, ROWS, random_state=0)


@pytest.mark.parametrize("family", ["logistic", "ebm"])
def test_a_planted_pair_is_found_proven_and_named(make_shots: MakeShots, family: str) -> None:
    shots, parts = _planted(make_shots, 1.0)
    refined = _paired(shots, parts, family)
    assert refined.chosen.settings[PAIRS] == 1
    assert "company_size with discount. That is proven to lower the loss" in refined.sentences[0]
    fitted = fit(shots, parts, ROWS, family, refined.chosen.settings, final=False, random_state=0)
    (pair,) = compile_scorecard(fitted, Calibration(1.0, 0.0, 0, ""), shots).pairs
    assert pair.parts == ("company_size", "discount")
    grid = np.array(pair.points)
    no, yes = 0, 1  # the levels stand in the order of the alphabet
    assert grid[0, yes] > 0.4 > -0.4 > grid[0, no], "small"
    assert grid[-2, yes] < -0.4 < 0.4 < grid[-2, no], "large"


@pytest.mark.parametrize("family", ["logistic", "ebm"])
def test_where_fields_only_add_up_none_is_taken(make_shots: MakeShots, family: str) -> None:
    shots, parts = _planted(make_shots, 0.0)
    refined = _paired(shots, parts, family)
    assert refined.sentences == ()
    assert PAIRS not in refined.chosen.settings
    assert len(refined.trials) == 3


def test_with_few_conversions_nothing_is_tried(make_shots: MakeShots) -> None:
    shots, parts = make_shots(_columns(), np.arange(N) % 40 == 0)
    assert _paired(shots, parts, "logistic").trials == ()


@pytest.fixture(scope="module", params=SHIPPING)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_scorecard_is_its_estimator(make_shots: MakeShots, family: str, weighted: bool) -> None:
    shots, parts = _planted(make_shots, 1.0)
    recipe = {**FAMILIES[family].settings[-1], PAIRS: 4, **(half_life(500.0, dated=True) if weighted else {})}
    fitted = fit(shots, parts, ROWS, family, recipe, final=False, random_state=0)
    calibration = Calibration(0.8, -0.3, 100, "")
    card = compile_scorecard(fitted, calibration, shots)
    assert len(card.pairs) == 4

    rng = np.random.default_rng(2)
    edges = {side.part: side.cuts for pair in card.pairs for side in pair.sides if hasattr(side, "cuts")}
    columns: dict[str, Column] = {}
    for part in parts:
        if part.numeric:
            cuts = np.array(edges.get(part.name, (0.0,)))
            pool = [*cuts, *np.nextafter(cuts, np.inf), *np.nextafter(cuts, -np.inf), np.nan, np.inf, -np.inf, 0.0]
            columns[part.name] = rng.choice(pool, 500)
        else:
            columns[part.name] = Levels(rng.integers(-1, 6, 500), ("yes", "no", "web", "list", "fair", "never seen"))
    expected = calibration.apply(decision(fitted.estimator, fitted.design.matrix(columns)))
    np.testing.assert_allclose(card.logit(columns), expected, rtol=0, atol=1e-9)


def test_pairs_have_no_row_or_column_means_and_leave_the_rest_as_it_is(make_shots: MakeShots, family: str) -> None:
    shots, parts = _planted(make_shots, 1.0)
    plain = fit(shots, parts, ROWS, family, FAMILIES[family].settings[0], final=False, random_state=0)
    fitted = fit(shots, parts, ROWS, family, {**FAMILIES[family].settings[0], PAIRS: 2}, final=False, random_state=0)
    calibration = Calibration(1.0, 0.0, 0, "")
    card = compile_scorecard(fitted, calibration, shots)
    assert card.terms == compile_scorecard(plain, calibration, shots).terms
    for pair in card.pairs:
        codes = [side.find(shots.parts[side.part]) for side in pair.sides]
        half = pair.credit(shots.parts)
        for code, side in zip(codes, pair.sides, strict=True):
            sums = np.bincount(code, weights=half, minlength=side.size)
            np.testing.assert_allclose(sums / np.maximum(np.bincount(code, minlength=side.size), 1), 0, atol=1e-9)


def test_a_category_of_many_levels_is_in_no_pair(make_shots: MakeShots) -> None:
    rng = np.random.default_rng(0)
    city = Levels(rng.choice(40, N), tuple(f"city {i}" for i in range(40)))
    shots, parts = make_shots({"city": city, "visits": rng.normal(0, 1, N)}, _won(np.zeros(N)))
    fitted = fit(shots, parts, ROWS, "logistic", {"C": 0.1, PAIRS: 1}, final=False, random_state=0)
    assert isinstance(fitted.estimator, Paired)
    assert fitted.estimator.grids == ()


@settings(max_examples=50)
@given(st.data())
def test_purifying_takes_out_what_adds_up_and_nothing_else(data: st.DataObject) -> None:
    a, b = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    grid, weight = rng.normal(0, 1, (a, b)), rng.integers(0, 4, (a, b)).astype(float)
    pure = purified(grid, weight)
    np.testing.assert_allclose((pure * weight).sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose((pure * weight).sum(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(purified(pure, weight), pure, atol=1e-9)
    added = grid + rng.normal(0, 1, (a, 1)) + rng.normal(0, 1, b)
    there = weight > 0  # where no lead is, nothing says what adds up
    np.testing.assert_allclose(purified(added, weight)[there], pure[there], atol=1e-9)
