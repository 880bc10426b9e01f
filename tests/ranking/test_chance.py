"""The lot: who is drawn, how likely, and where they stand."""

import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import UsageError
from leadml.ranking.chance import AGES, crossed, newness, slots, sources
from leadml.ranking.plan import Plan

ORDER = np.arange(200)[::-1].copy()


@given(
    n=st.integers(0, 60),
    capacity=st.none() | st.integers(1, 70),
    share=st.sampled_from([0.0, 0.01, 0.1, 0.5, 0.99]),
    seed=st.integers(0, 99),
    n_strata=st.integers(1, 5),
)
def test_a_list_is_the_best_and_some_of_the_others(
    n: int, capacity: int | None, share: float, seed: int, n_strata: int
) -> None:
    order = np.random.default_rng(seed).permutation(n)
    strata = np.arange(n) % n_strata
    made = slots(order, capacity=capacity, share=share, seed=(seed,), strata=strata[order])

    assert len(made.rows) == (n if capacity is None else min(n, capacity)) == len(set(made.rows.tolist()))
    best = made.rows[~made.explored]
    assert best.tolist() == order[: len(best)].tolist(), "the best, in their order"
    n_drawn = int(made.explored.sum())
    if share and capacity is not None and 1 < capacity < n:
        assert 1 <= n_drawn < capacity
        assert abs(n_drawn - share * capacity) <= 1
        assert np.allclose(made.propensity[made.explored], n_drawn / (n - capacity + n_drawn))
        drawn, below = (Counter(strata[rows].tolist()) for rows in (made.rows[made.explored], order[len(best) :]))
        assert all(abs(drawn[one] - below[one] * n_drawn / below.total()) < 2 for one in below)
    else:
        assert n_drawn == 0
    assert (made.propensity[~made.explored] == 1).all()
    again = slots(order, capacity=capacity, share=share, seed=(seed,), strata=strata[order])
    assert again.rows.tolist() == made.rows.tolist()


def test_the_propensity_is_how_often_a_lead_is_drawn() -> None:
    """Known truth: 5 of 20 places for 185 leads, so 0.027 each; places of the list are as good as each other."""
    draws, on_list, places = 4_000, np.zeros(200), np.zeros(20)
    for seed in range(draws):
        made = slots(ORDER, capacity=20, share=0.25, seed=(seed,), strata=ORDER % 7)
        on_list[made.rows] += 1
        places += made.explored
    share = on_list[ORDER] / draws
    assert (share[:15] == 1).all()
    expected = 5 / 185
    error = math.sqrt(expected * (1 - expected) / draws)
    assert made.propensity[made.explored] == pytest.approx(expected)
    assert np.abs(share[15:] - expected).max() < 4.5 * error
    assert np.abs(places / draws - 0.25).max() < 4.5 * math.sqrt(0.25 * 0.75 / draws)


def test_lists_of_one_seed_have_draws_of_their_own() -> None:
    plan = Plan(20, explore=0.5, seed=1)
    day = datetime(2026, 11, 1, tzinfo=UTC)
    ann, bob = (plan.slots(ORDER, as_of=day, name=name).rows.tolist() for name in ("Ann", "Bob"))
    assert ann != bob
    assert ann == plan.slots(ORDER, as_of=day, name="Ann").rows.tolist()


def test_without_a_seed_each_day_has_its_draw() -> None:
    plan, morning = Plan(20, explore=0.5), datetime(2026, 11, 1, 8, tzinfo=UTC)
    today, evening, tomorrow = (
        plan.slots(ORDER, as_of=at).rows.tolist()
        for at in (morning, morning + timedelta(hours=9), morning + timedelta(days=1))
    )
    assert today == evening != tomorrow


def test_strata() -> None:
    created = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, math.nan])
    assert newness(created).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, AGES]
    assert newness(created[9:]).tolist() == [AGES]
    assert sources(np.array([0, 1, 0, 2]), ["web", None, "fair"]).tolist() == [2, 0, 2, 1]
    assert crossed([np.array([0, 1, 1]), np.array([2, 0, 2])]).tolist() == [2, 3, 5]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"explore": 1.0}, "0 <= explore < 1, got 1.0"),
        ({"explore": -0.1}, "0 <= explore < 1"),
        ({"explore": math.nan}, "0 <= explore < 1"),
        ({"contact_cost": -1.0}, "contact_cost must be a number of at least 0"),
        ({"contact_cost": math.inf}, "contact_cost"),
        ({"capacity": 0}, "capacity must be at least 1"),
        ({"capacity": 5, "days": 0}, "days must be at least 1"),
        ({"days": 2}, "days must come with a capacity"),
    ],
)
def test_a_plan_that_cannot_be(asked: dict[str, float], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Plan(**asked)  # type: ignore[arg-type]
