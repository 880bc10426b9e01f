"""What young leads will come to: limits, drift of the rate, and how often the truth is covered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.learning.maturity import Cohort, Ripening, cohort, ripening

Floats = NDArray[np.float64]


def ripened(ages: Floats, delays: Floats, horizon: float = 60.0) -> Ripening | None:
    return ripening(-ages * DAY, (delays - ages) * DAY, as_of=0.0, horizon_days=horizon)


def known(ages: Floats, delays: Floats, horizon: float = 60.0) -> Ripening:
    found = ripened(ages, delays, horizon)
    assert found is not None
    return found


def wilson(n: int, converted: int) -> tuple[float, float]:
    z, share = 1.959964, converted / n
    middle, half = share + z * z / 2 / n, z * np.sqrt(share * (1 - share) / n + z * z / 4 / n / n)
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_where_all_are_mature_it_is_wilsons(counts: tuple[int, int]) -> None:
    n, converted = counts
    ripe = known(np.array([90.0, 90.0, 20.0]), np.array([3.0, 40.0, 9.0]))
    found = cohort(np.full(n, 75.0), np.arange(n) < converted, ripe)
    low, high = wilson(n, converted)
    assert found.ripe == 1.0
    assert found.rate is not None
    assert found.rate.value == pytest.approx(converted / n)
    assert (found.rate.low, found.rate.high) == pytest.approx((low, high), abs=1e-9)


@given(st.lists(st.integers(0, 80).map(float), min_size=1, max_size=40))
def test_without_young_leads_the_shares_are_those_of_the_conversions(delays: list[float]) -> None:
    found = ripened(np.full(len(delays), 200.0), np.array(delays))
    in_time = [one for one in delays if one <= 60]
    if not in_time:
        assert found is None
        return
    assert found is not None
    for day in (0.0, 10.0, 33.0, 59.0, 60.0):
        share = found.within(day)
        assert share.value == pytest.approx(sum(one <= day for one in in_time) / len(in_time))
        assert 0 <= share.low <= share.value <= share.high <= 1
    assert found.quantile(0.5) == np.quantile(in_time, 0.5, method="inverted_cdf")


def test_shares_by_hand() -> None:
    """Delays 2, 5, 9 within ages 100, 6, 100: at 9 two could be seen at all, one of them was later than 5."""
    found = known(np.array([100.0, 6.0, 100.0]), np.array([2.0, 5.0, 9.0]))
    assert found.days.tolist() == [2.0, 5.0, 9.0]
    assert found.shares.tolist() == pytest.approx([0.25, 0.5, 1.0])
    assert found.at(np.array([1.0, 2.0, 60.0])).tolist() == pytest.approx([0.0, 0.25, 1.0])
    assert [found.quantile(share) for share in (0.1, 0.3, 0.9)] == [2.0, 5.0, 9.0]


def test_nothing_is_said_where_nothing_can_be() -> None:
    assert ripened(np.array([10.0, 80.0]), np.array([2.0, np.nan])) is None  # no conversion is as old as the horizon
    ripe = known(np.array([90.0, 90.0]), np.array([5.0, 8.0]))
    assert cohort(np.array([1.0, 2.0]), np.array([False, False]), ripe) == Cohort(2, 0, 0.0, None)
    few = cohort(np.array([6.0, 7.0]), np.array([False, False]), ripe)
    assert few.rate is not None
    assert (few.rate.value, few.rate.low) == (0.0, 0.0)
    assert few.rate.high > 0.9


def test_the_order_of_leads_does_not_matter_and_groups_widen() -> None:
    rng = np.random.default_rng(5)
    ages, delays = rng.uniform(0, 300, 3000), np.where(rng.random(3000) < 0.3, rng.exponential(20, 3000), np.nan)
    order = rng.permutation(3000)
    ripe, again = known(ages, delays), known(ages[order], delays[order])
    assert ripe.shares.tolist() == again.shares.tolist()
    young = np.tile(ages[ages < 40], 2)
    converted = np.tile((delays <= ages)[ages < 40], 2)
    number = np.tile(np.arange(len(young) // 2), 2)
    alone, together = cohort(young, converted, ripe).rate, cohort(young, converted, ripe, groups=number).rate
    assert alone is not None
    assert together is not None
    assert together.value == alone.value
    assert together.high - together.low > 1.2 * (alone.high - alone.low)


def test_it_covers_the_truth_where_the_rate_drifts_and_the_naive_rate_does_not() -> None:
    """300 tables of 3,000 leads; the rate falls from 30 % to 10 %; young is up to 30 days of 60."""
    covered = naive = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        ages = rng.uniform(0, 400, 3000)
        chance = 0.1 + 0.2 * ages / 400
        delays = np.where(rng.random(3000) < chance, 60 * rng.beta(1, 2, 3000), np.nan)
        young, so_far = ages < 30, delays <= ages
        found = cohort(ages[young], so_far[young], known(ages, delays)).rate
        assert found is not None
        truth = float(chance[young].mean())
        covered += found.low <= truth <= found.high
        low, high = wilson(int(young.sum()), int(so_far[young].sum()))
        naive += low <= truth <= high
    assert 0.92 < covered / 300 < 0.98
    assert naive / 300 < 0.3
