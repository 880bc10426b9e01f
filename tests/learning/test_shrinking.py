"""Categories of many levels: shrunk where the folds prove that it helps, and compiled exactly."""

from collections.abc import Callable

import numpy as np
import pytest

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import Calibration
from leadml.learning.candidates import FAMILIES
from leadml.learning.compile import compile_scorecard
from leadml.learning.drift import Refined
from leadml.learning.levels import LEADS, SHRUNK
from leadml.learning.pairs import PAIRS
from leadml.learning.recency import half_life
from leadml.learning.search import decision, fit, try_out
from leadml.learning.shrinking import shrink
from leadml.learning.splits import rolling_folds
from leadml.model.scorecard import CategoryTerm, codes

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
N = 3000
ROWS = np.arange(N, dtype=np.intp)
CITIES = tuple(f"city {i}" for i in range(60))
SHIPPING = [name for name, family in FAMILIES.items() if family.ships]
EVEN = Calibration(1.0, 0.0, 0, "")


def _shots(make_shots: MakeShots, effect: float) -> tuple[Snapshots, tuple[Part, ...]]:
    """Sixty cities, most of them small, of which each is worth a little or nothing; a source of three levels."""
    rng = np.random.default_rng(0)
    share = np.arange(60, 0, -1.0)
    city = rng.choice(60, N, p=share / share.sum())
    source, visits = rng.choice(3, N), rng.normal(0, 1, N)
    logit = -1 + 0.8 * visits + effect * rng.normal(0, 1, 60)[city] + np.array([0.0, 0.5, -0.5])[source]
    columns: dict[str, Column] = {
        "city": Levels(np.where(rng.random(N) < 0.1, -1, city), CITIES),
        "source": Levels(source, ("web", "fair", "list")),
        "visits": visits,
    }
    return make_shots(columns, rng.random(N) < 1 / (1 + np.exp(-logit)))


def _tried(shots: Snapshots, parts: tuple[Part, ...]) -> Refined:
    chosen = try_out(shots, parts, rolling_folds(shots, ROWS), "logistic", {"C": 1.0}, random_state=0)
    return shrink(shots, chosen, ROWS, random_state=0)


def test_levels_that_say_little_are_shrunk_and_named(make_shots: MakeShots) -> None:
    refined = _tried(*_shots(make_shots, 0.0))
    assert refined.chosen.settings[SHRUNK] == 15
    assert refined.sentences[0].startswith("levels of city that few leads have count less: that is proven")
    assert len(refined.trials) == 1, "the same category has 8 levels and 15"


def test_levels_that_say_much_stay(make_shots: MakeShots) -> None:
    refined = _tried(*_shots(make_shots, 2.0))
    assert SHRUNK not in refined.chosen.settings
    assert refined.sentences == ()


def test_without_categories_of_many_levels_nothing_is_tried(make_shots: MakeShots) -> None:
    shots, parts = _shots(make_shots, 0.0)
    assert _tried(shots, parts[1:]).trials == ()


def test_a_level_goes_to_the_mean_by_its_leads(make_shots: MakeShots) -> None:
    shots, parts = _shots(make_shots, 1.0)
    plain, shrunk = (
        compile_scorecard(fit(shots, parts, ROWS, "logistic", s, final=False, random_state=0), EVEN, shots)
        for s in ({"C": 1.0}, {"C": 1.0, SHRUNK: 15})
    )
    before, after = plain.term("city"), shrunk.term("city")
    assert isinstance(before, CategoryTerm)
    assert isinstance(after, CategoryTerm)
    held = np.bincount(codes(before, shots.parts["city"]), minlength=len(before.table))[:-1]
    old, new = np.array(before.table[:-1]), np.array(after.table[:-1])
    mean = np.average(old, weights=held)
    moved = before.missing - after.missing  # both are centred anew
    np.testing.assert_allclose(new + moved, mean + (old - mean) * held / (held + LEADS), atol=1e-9)
    assert plain.term("source") == shrunk.term("source")


@pytest.mark.parametrize("family", SHIPPING)
def test_the_scorecard_is_its_estimator(make_shots: MakeShots, family: str) -> None:
    shots, parts = _shots(make_shots, 1.0)
    recipe = {**FAMILIES[family].settings[-1], SHRUNK: 15, PAIRS: 1, **half_life(800.0, dated=True)}
    fitted = fit(shots, parts, ROWS, family, recipe, final=False, random_state=0)
    calibration = Calibration(0.8, -0.3, 100, "")
    card = compile_scorecard(fitted, calibration, shots)
    rng = np.random.default_rng(2)
    columns: dict[str, Column] = {
        "city": Levels(rng.integers(-1, 61, 300), (*CITIES, "never seen")),
        "source": Levels(rng.integers(-1, 4, 300), ("web", "fair", "list", "new")),
        "visits": np.where(rng.random(300) < 0.1, np.nan, rng.normal(0, 3, 300)),
    }
    expected = calibration.apply(decision(fitted.estimator, fitted.design.matrix(columns)))
    np.testing.assert_allclose(card.logit(columns), expected, rtol=0, atol=1e-9)
