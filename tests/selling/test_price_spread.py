"""How sure a price is: each reason for a common shift by known truth, and the draws by the binomial."""

from typing import NamedTuple

import numpy as np
import pytest

from leadml.errors import UsageError
from leadml.model.scorecard import CategoryTerm, LinearTerm, StepTerm, expit
from leadml.selling.pricedraws import draw, grouped, middle, shifts
from leadml.selling.pricelook import counted, coverage, distances, lacks, lost, named
from leadml.selling.pricespread import (
    Calibration,
    Spread,
    age,
    ageing,
    between,
    calibration,
    composition,
    trend,
)

REFERENCE = tuple(np.linspace(-4.0, 0.0, 99))
SURE = Spread(Calibration(-2.0, 0.0, 0.0, 0.0), 0.0, 0.0, 0.0)


class Known(NamedTuple):
    part: str
    importance: float
    leads: tuple[int, ...]
    converted: tuple[int, ...]
    points: tuple[float, ...]
    expected: tuple[float, ...] = ()


COLOUR = CategoryTerm("colour", ("red", "blue"), (0.5, -0.5), 0.0, 0.0, ("Red", "Blue"))
PAST = Known("colour", 0.5, (900, 90, 0, 10), (90, 9, 0, 1), (0.5, -0.5, 0.0, 0.0))


def test_calibration_is_as_sure_as_it_varies() -> None:
    """Known truth: tests drawn from right chances. The misfit varies by the variance that is stated."""
    rng = np.random.default_rng(2)
    logits = np.concatenate(([-4.0], (np.array(REFERENCE[1:]) + REFERENCE[:-1]) / 2, [0.0]))
    n = np.full(100, 5)
    found = [
        calibration(list(zip(n, rng.binomial(n, expit(logits)), strict=True)), REFERENCE) for _ in range(400)
    ]  # fmt: skip
    assert np.var([one.misfit for one in found]) == pytest.approx(found[0].intercept, rel=0.25)
    assert np.mean([one.misfit for one in found]) == pytest.approx(0.0, abs=0.03)
    p = expit(logits)
    many = calibration([(1000, int(1000 * one)) for one in p], REFERENCE)
    told = (p * (1 - p)).sum() / p.sum()
    assert many.intercept == pytest.approx(1 / (100 * told), rel=0.01), "it ships with what the newest 100 tell"
    with pytest.raises(UsageError, match="must hold leads"):
        calibration([(0, 0)] * 100, REFERENCE)


def test_periods_vary_beyond_chance_or_not() -> None:
    rng = np.random.default_rng(3)
    calm = [[(400, int(k)) for k in rng.binomial(400, 0.1, 12)] for _ in range(300)]
    moved = [
        [(400, int(k)) for k in rng.binomial(400, expit(-2.2 + 0.3 * rng.standard_normal(12)))] for _ in range(300)
    ]
    assert np.mean([between(periods) for periods in calm]) < 0.02
    assert np.mean([between(periods) for periods in moved]) == pytest.approx(0.09, rel=0.2)
    assert between([(400, 40)] * 2) == 0.0, "two periods say nothing"


def test_the_trend_and_the_age() -> None:
    falling = [(10_000, int(10_000 * expit(np.array(-2.0 - 0.05 * k)))) for k in range(20)]
    assert trend(falling) == pytest.approx(-0.05, abs=0.001)
    assert trend(falling[:2]) == 0.0
    assert age([(100, 50), (100, 60), (100, 40)], since_last=2.0) == pytest.approx(2.6)
    assert age([(100, 500)], since_last=1.0) == 1.0
    known = Calibration(-2.0, 0.01, 0.01, 0.3)
    assert ageing(known, falling, 10.0) == pytest.approx(0.25, rel=0.05)
    assert ageing(known, [], 0.0) == pytest.approx(0.3**2 - 0.01), "what the test was off by, beyond chance"


def test_a_list_of_a_rare_kind_is_less_sure() -> None:
    same = composition([PAST], [np.array([900, 90, 0, 10])])
    common, rare = (composition([PAST], [np.array(count)]) for count in ([100, 0, 0, 0], [0, 100, 0, 0]))
    never = composition([PAST], [np.array([0, 0, 100, 0])])
    assert same == 0.0
    assert 0 < common < rare < never
    assert composition([PAST], [np.array([0, 0, 0, 0])]) == 0.0
    spread = np.array([0.5, -0.5, 0.0, 0.0])
    assert never == pytest.approx(np.average(spread**2, weights=PAST.leads) - 0.405**2, rel=0.3), "as levels differ"


def test_what_a_scorecard_holds_back_counts() -> None:
    """Of 90 blue leads 9 converted, but the scorecard says 18: a list of these is off by the log of it."""
    shy = PAST._replace(expected=(81.0, 18.0, 0.0, 1.0))
    red, blue = np.array([100, 0, 0, 0]), np.array([0, 100, 0, 0])
    assert composition([shy], [np.array(PAST.leads)]) == pytest.approx(0.0, abs=1e-9)
    off = np.log(10 / 19) - np.log(82 / 73)
    more = composition([shy], [blue]) - composition([PAST], [blue])
    assert np.sqrt(more) == pytest.approx(-0.91 * off, rel=0.2)
    assert composition([shy], [red]) < composition([shy], [blue])


def test_coverage_and_distance() -> None:
    like, without = np.array([90, 9, 0, 1]), np.array([0, 0, 0, 100])
    assert coverage(lacks([COLOUR], [PAST], [like])) == pytest.approx(1.0)
    (lack,) = lacks([COLOUR], [PAST], [without])
    assert (coverage([lack]), lost(lack)) == (0.0, 1.0)
    (far,) = distances([COLOUR], [PAST], [without])
    assert far.distance == pytest.approx(0.99)
    assert (far.what, far.before, far.now) == ("unknown", 0.01, 1.0)
    assert coverage(()) == 1.0


def test_codes_in_words() -> None:
    steps = StepTerm("budget", (1000.0, 5000.0), (0.0, 0.1, 0.2), 0.0)
    line = LinearTerm("visits", 0.1, 0.0, 9.0, 2.0, 0.0, (3.0,))
    assert [named(steps, code) for code in range(4)] == [
        "below 1,000",
        "1,000 to below 5,000",
        "5,000 or more",
        "unknown",
    ]
    assert counted(steps, np.array([1.0, 1000.0, 9e9, np.nan])).tolist() == [1, 1, 1, 1]
    assert counted(line, np.array([1.0, 3.0, np.nan])).tolist() == [1, 1, 1]
    assert named(StepTerm("x", (), (0.0,), 0.0), 0) == "any number"
    assert [named(COLOUR, code) for code in range(4)] == ["Red", "Blue", "not seen before", "unknown"]


def test_draws_of_sure_chances_are_binomial() -> None:
    rng = np.random.default_rng(1)
    logit = np.linspace(-4, 1, 5_000)
    drawn = draw(logit, SURE, shifts(SURE, rng), rng, listed=True)
    p = expit(logit)
    assert np.ptp(drawn.expected) == pytest.approx(0.0, abs=1e-6)
    assert drawn.expected[0] == pytest.approx(p.sum())
    assert drawn.happened.mean() == pytest.approx(p.sum(), rel=0.01)
    assert drawn.happened.var() == pytest.approx((p * (1 - p)).sum(), rel=0.1)
    assert grouped(logit)[1].sum() == 5_000
    assert grouped(np.array([-1.0]))[0] == pytest.approx([-1.0])
    assert middle(draw(np.empty(0), SURE, shifts(SURE, rng), rng, listed=True).happened) == (0.0, 0.0, 0.0, 0.0)


def test_a_shift_in_common_is_wider_than_luck() -> None:
    rng = np.random.default_rng(1)
    unsure = SURE._replace(composition=0.09)
    logit = np.full(2_000, -2.0)
    lucky, common = (draw(logit, one, shifts(one, rng), rng, listed=True).happened for one in (SURE, unsure))
    apart = draw(logit, unsure, shifts(unsure, rng), rng, listed=False).happened
    assert common.std() > 3 * lucky.std()
    assert apart.std() == pytest.approx(lucky.std(), rel=0.1), "the backlog does not share the list's own shift"
    assert unsure.at(-2.0) == pytest.approx(0.3)
