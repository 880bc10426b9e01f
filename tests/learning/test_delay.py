"""The delay curve: against a plain slow one, its limits, its plateau, and what groups do to it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.learning.delay import DelayCurve, Share, delay_curve

Floats = NDArray[np.float64]
AS_OF = 1000 * DAY


def leads(ages: list[float], delays: list[float | None]) -> tuple[Floats, Floats]:
    created = AS_OF - np.array(ages, dtype=float) * DAY
    delay = np.array([np.nan if one is None else one for one in delays])
    return created, created + delay * DAY


def curve(created: Floats, converted: Floats, groups: NDArray[np.intp] | None = None) -> DelayCurve:
    found = delay_curve(created, converted, as_of=AS_OF, groups=groups)
    assert found is not None
    return found


def slow(ages: list[float], delays: list[float | None], day: float) -> tuple[float, float]:
    """Return the share and Greenwood's sum by the formula, one day after the other."""
    left, variance = 1.0, 0.0
    ends = [(age, False) if one is None or one > age else (one, True) for age, one in zip(ages, delays, strict=True)]
    for at in sorted({end for end, seen in ends if seen and end <= day}):
        risk = sum(end >= at for end, _ in ends)
        d = sum(seen and end == at for end, seen in ends)
        left *= 1 - d / risk
        variance += d / (risk * max(risk - d, 0.5))
    return 1 - left, variance


WHOLE = st.integers(0, 30).map(float)  # whole days, so that there are ties
LEADS = st.lists(st.tuples(WHOLE, st.none() | WHOLE), min_size=1, max_size=40)


@given(LEADS, st.randoms(use_true_random=False))
def test_it_is_the_plain_one_in_any_order(rows: list[tuple[float, float | None]], random: object) -> None:
    ages, delays = [age for age, _ in rows], [delay for _, delay in rows]
    found = delay_curve(*leads(ages, delays), as_of=AS_OF)
    if not any(delay is not None and delay <= age for age, delay in rows):
        assert found is None
        return
    assert found is not None
    for i, day in enumerate(found.days):
        share, variance = slow(ages, delays, float(day))
        assert found.shares[i] == pytest.approx(share)
        assert found.variances[i] == pytest.approx(variance)
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = curve(*leads([age for age, _ in shuffled], [delay for _, delay in shuffled]))
    assert again.shares.tolist() == found.shares.tolist()
    assert again.variances.tolist() == found.variances.tolist()
    assert again.plateau() == found.plateau()


@given(st.lists(st.none() | WHOLE, min_size=1, max_size=60).filter(lambda some: any(one is not None for one in some)))
def test_without_censoring_it_is_the_share_of_leads(delays: list[float | None]) -> None:
    found = curve(*leads([500.0] * len(delays), delays))
    for day in (0.0, 3.0, 12.5, 30.0):
        expected = sum(one is not None and one <= day for one in delays) / len(delays)
        assert found.at(day).value == pytest.approx(expected)


@given(LEADS)
def test_intervals_hold_their_share_and_lie_between_0_and_1(rows: list[tuple[float, float | None]]) -> None:
    found = delay_curve(*leads([age for age, _ in rows], [delay for _, delay in rows]), as_of=AS_OF)
    for day in range(0, 31, 3) if found is not None else ():
        assert found is not None
        one = found.at(day)
        assert 0 <= one.low <= one.value <= one.high <= 1


def test_figures_by_hand() -> None:
    """Six leads; one is lost from view after 2 days, so the second conversion is one of four that are left."""
    found = curve(*leads([10, 10, 10, 10, 10, 2], [1.0, 3.0, None, None, None, None]))
    assert found.shares.tolist() == pytest.approx([1 / 6, 1 - 5 / 6 * 3 / 4])
    assert found.variances.tolist() == pytest.approx([1 / 30, 1 / 30 + 1 / 12])
    assert found.at(0.5) == Share(0.0, 0.0, 1 - 0.025 ** (1 / 6))
    hazard = -np.log(5 / 8)
    spread = np.exp(1.959964 * np.sqrt(1 / 30 + 1 / 12) / hazard)
    assert found.at(10).low == pytest.approx(1 - np.exp(-hazard / spread))
    assert found.at(10).high == pytest.approx(1 - np.exp(-hazard * spread))


def test_leads_without_a_date_and_later_ones_are_left_out() -> None:
    created, converted = leads([10, 20, 30], [5.0, None, 2.0])
    expected = curve(created, converted)
    created, converted = np.append(created, [np.nan, AS_OF + DAY]), np.append(converted, [AS_OF, AS_OF + 2 * DAY])
    found = curve(created, converted)
    assert found.n == expected.n == 3
    assert found.shares.tolist() == expected.shares.tolist()
    later = curve(*leads([10, 20], [5.0, 30.0]))  # the second converts after as_of
    assert later.n_converted == 1
    assert curve(*leads([10, 20], [-0.5, None])).days.tolist() == [0.0]


def test_it_tells_a_plateau_from_a_curve_that_still_rises() -> None:
    rng = np.random.default_rng(3)
    ages = rng.uniform(0, 400, 5000)
    never = rng.random(5000) < 0.8
    quick, slowly = rng.exponential(20, 5000), rng.exponential(600, 5000)
    reached = curve(*leads(ages.tolist(), np.where(never, np.nan, quick).tolist())).plateau()
    assert reached.reached
    assert reached.share.low < 0.2 < reached.share.high
    rising = curve(*leads(ages.tolist(), np.where(never, np.nan, slowly).tolist())).plateau()
    assert not rising.reached
    assert rising.share.high < 0.2
    assert 370 < rising.days < 400  # there a twentieth of the leads are still watched


def test_copies_in_groups_are_not_counted_twice() -> None:
    rng = np.random.default_rng(4)
    ages, delay = rng.uniform(0, 300, 2000), np.where(rng.random(2000) < 0.3, rng.exponential(30, 2000), np.nan)
    created, converted = leads(ages.tolist(), delay.tolist())
    once = curve(created, converted)
    twice, number = (np.concatenate((created, created)), np.concatenate((converted, converted))), np.arange(2000)
    found = curve(*twice, groups=np.concatenate((number, number)))
    for day in (20.0, 60.0, 200.0):
        assert found.at(day).value == pytest.approx(once.at(day).value)
        assert found.at(day).low == pytest.approx(once.at(day).low, rel=0.01)
    alone = curve(*twice, groups=np.arange(4000))
    assert alone.at(60.0) == curve(*twice).at(60.0)
