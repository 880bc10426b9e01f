"""What explored leads say: a rate with an honest interval, exact chances, and groups that are only named with proof."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import logit as to_logit
from scipy.stats import binom

from leadml.leads.listed import Listed
from leadml.leads.parts import Levels
from leadml.leads.sample import make_sample, new_leads
from leadml.learning.explored import explored_leads, hajek, missed, needed
from leadml.learning.metrics import Ranked, roc_auc
from leadml.learning.propensity import effective
from leadml.ranking.chance import slots

Floats = NDArray[np.float64]


def test_nothing_converted_still_has_an_upper_end() -> None:
    rate = hajek(np.zeros(100, dtype=bool), np.full(100, 20.0))
    assert (rate.value, rate.low) == (0.0, 0.0)
    assert rate.high == pytest.approx(1 - 0.025 ** (1 / 100))


@given(st.lists(st.booleans(), min_size=2, max_size=60), st.integers(0, 10_000))
def test_the_interval_holds_the_rate_and_more_leads_tell_more(won: list[bool], seed: int) -> None:
    y, weight = np.array(won), np.random.default_rng(seed).uniform(1, 50, len(won))
    rate = hajek(y, weight)
    again = hajek(np.tile(y, 4), np.tile(weight, 4))
    assert 0 <= rate.low <= rate.value <= rate.high <= 1
    assert 1 - 1e-9 <= effective(weight) <= len(won) + 1e-9
    assert again.value == pytest.approx(rate.value)
    assert again.high - again.low <= rate.high - rate.low + 1e-9


def _drawn(truth: Floats, score: Floats, *, capacity: int, share: float, seed: int) -> Listed:
    """Rank leads by a score and draw some of the list by lot, as ``leadml rank --explore`` does."""
    made = slots(np.argsort(-score, kind="stable"), capacity=capacity, share=share, seed=[seed])
    propensity, drawn = np.full(len(truth), np.nan), np.zeros(len(truth), dtype=bool)
    propensity[made.rows], drawn[made.rows] = made.propensity, made.explored
    return Listed(drawn, propensity)


def test_the_interval_covers_the_true_rate_below_the_cut() -> None:
    sample = make_sample(300, seed=3, events=False)
    fresh = new_leads(sample, 3000, seed=4, events=False)
    truth = fresh.truth.column("probability_if_called").to_numpy()
    inside, n_seeds = 0, 400
    for seed in range(n_seeds):
        rng = np.random.default_rng(seed)
        score = to_logit(truth) + rng.normal(size=len(truth))
        y = rng.random(len(truth)) < truth
        days = np.array_split(rng.permutation(len(truth)), 10)  # ten lists, each with a cut and a chance of its own
        drawn, propensity, below = np.zeros(len(truth), bool), np.full(len(truth), np.nan), []
        for day, rows in enumerate(days):
            one = _drawn(truth[rows], score[rows], capacity=40 + 8 * day, share=0.4, seed=seed * 10 + day)
            drawn[rows], propensity[rows] = one.explored, one.propensity
            below.append(rows[np.argsort(-score[rows], kind="stable")][40 + 8 * day - one.explored.sum() :])
        rate = hajek(y[drawn], 1 / propensity[drawn])
        inside += rate.low <= truth[np.concatenate(below)].mean() <= rate.high
    assert inside >= 0.93 * n_seeds  # a 95 % interval, or wider


def _groups(n: int, seed: int) -> tuple[Floats, dict[str, Levels]]:
    rng = np.random.default_rng(seed)
    names = tuple("abcdefgh")
    columns = {f"field {i}": Levels(rng.integers(0, 8, n).astype(np.intp), names) for i in range(5)}
    return rng.uniform(0.005, 0.05, n), columns


def test_a_model_that_is_right_is_seldom_said_to_miss_something() -> None:
    named = 0
    for seed in range(200):
        said, columns = _groups(400, seed)
        y = np.random.default_rng(seed + 1000).random(400) < said
        found, n_groups = missed(y, said, columns)
        assert n_groups == 40
        named += bool(found)
    assert named <= 0.05 * 200 + 3 * np.sqrt(200 * 0.05 * 0.95)


def test_a_group_that_converts_more_than_was_said_is_named_and_no_other() -> None:
    said, columns = _groups(600, 5)
    group = columns["field 2"].codes == 3
    y = np.random.default_rng(6).random(600) < np.where(group, 0.2, said)
    found, _ = missed(y, said, columns)
    assert [(one.part, one.level) for one in found] == [("field 2", "d")]
    assert (found[0].n, found[0].converted) == (group.sum(), y[group].sum())
    assert found[0].expected == pytest.approx(said[group].sum())
    assert found[0].chance < 0.05


def test_a_band_and_missing_values_are_groups_too() -> None:
    rng = np.random.default_rng(8)
    said, income = np.full(500, 0.02), rng.normal(size=500)
    y = rng.random(500) < np.where(income > np.quantile(income, 0.75), 0.2, 0.02)
    found, _ = missed(y, said, {"income": income})
    assert [one.level for one in found] == [None]
    assert found[0].band is not None
    assert found[0].band[1] is None
    gone = np.where(income > np.quantile(income, 0.75), np.nan, 1.0)
    found, _ = missed(y, said, {"income": gone})
    assert [(one.level, one.band) for one in found] == [(None, None)]


def test_weights_undo_the_choice_of_whom_to_call() -> None:
    rng = np.random.default_rng(9)
    n = 40_000
    score = rng.normal(size=n) - 3
    y = rng.random(n) < 1 / (1 + np.exp(-score))
    listed = _drawn(score, score, capacity=6000, share=0.4, seed=1)
    found = explored_leads(y, score, listed, {}, n_replicates=100)
    assert found is not None
    truth = roc_auc(Ranked(y, score).tally())
    weighted, plain = found.weighted["roc_auc"], found.plain["roc_auc"]
    assert weighted.low <= truth <= weighted.high
    assert not plain.low <= truth <= plain.high
    assert found.n_listed == 6000
    assert 1000 < found.n_effective < 6000
    assert found.rate.low <= found.said <= found.rate.high  # the model is right, so nothing is missed
    assert not found.missed


def test_without_explored_leads_there_is_nothing_to_say() -> None:
    y = np.array([True, False, False])
    assert explored_leads(y, np.zeros(3), Listed(np.zeros(3, bool), np.array([1.0, 1.0, np.nan])), {}) is None


@pytest.mark.parametrize("y", [np.zeros(40, dtype=bool), np.ones(40, dtype=bool)])
def test_one_outcome_alone_has_a_rate_but_no_ranking(y: NDArray[np.bool_]) -> None:
    found = explored_leads(y, np.full(40, -3.0), Listed(np.ones(40, bool), np.full(40, 0.1)), {"x": np.arange(40.0)})
    assert found is not None
    assert np.isnan(found.weighted["roc_auc"].value)
    assert found.rate.low <= y.mean() <= found.rate.high


def test_so_many_outcomes_are_needed_that_twice_the_rate_is_seen_four_times_in_five() -> None:
    n = needed(0.02)
    least = next(k for k in range(n) if binom.sf(k - 1, n, 0.02) <= 0.05)
    assert binom.sf(least - 1, n, 0.04) == pytest.approx(0.8, abs=0.06)
