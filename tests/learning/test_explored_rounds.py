"""Round after round: what a model that overlooks a group learns, and what exploration changes (bench/explore.py)."""

import numpy as np
from bench.explore import FIGURES, best, played, world


def test_exploration_finds_a_group_that_ordinary_retraining_leaves() -> None:
    made = world(0, told=True, n_rounds=10)
    ordinary, weighted = (played(made, arm) for arm in ("ordinary", "weighted"))
    called, off, conversions = (FIGURES.index(name) for name in ("called", "group off", "conversions"))
    assert ordinary[0, off] < -1.4  # the past has taught both that the group is not worth a call
    assert ordinary[-3:, off].mean() < -1.8
    assert weighted[-3:, off].mean() > -0.8
    assert weighted[-3:, called].mean() > 1.3 * ordinary[-3:, called].mean()
    far = [best(made)[0] - arm[-3:, called].mean() for arm in (ordinary, weighted)]
    assert far[0] > 0.05 > abs(far[1])
    cost = weighted[:3, conversions].sum() / ordinary[:3, conversions].sum() - 1
    assert -0.12 < cost < 0  # places given away by lot cost conversions


def test_the_same_leads_convert_whoever_is_called() -> None:
    made = world(1, n_past=800, n_new=500, n_rounds=2)
    once, again = (played(made, "explored", capacity=100, seed=3) for _ in range(2))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, played(made, "explored", capacity=100, seed=4))
