"""The curves are those of the metrics: gains, grades, reliability."""

import numpy as np
import pytest

from leadml.learning.intervals import evaluate
from leadml.learning.metrics import Ranked, log_loss
from leadml.report.curves import SHARES, Called, by_grade, reliability

RNG = np.random.default_rng(5)
N = 400
LOGIT = RNG.normal(-1.5, 1.0, N).round(2)  # rounded, so that some are tied
Y = RNG.random(N) < 1 / (1 + np.exp(-LOGIT))
GROUPS = RNG.integers(0, 120, N)
RULES = {"newest first": np.arange(N, dtype=float)}


def _called(groups: np.ndarray | None = GROUPS, capacity: float | None = 37) -> Called:
    return Called(Y, LOGIT, RULES, groups=groups, capacity=capacity, n_replicates=60, random_state=3)


def test_gains_rise_from_nothing_to_everything() -> None:
    gains = _called().gains()
    model = [one.value for one in gains.model]
    assert (gains.shares[0], gains.shares[-1]) == (0.0, 1.0)
    assert (model[0], model[-1]) == (0.0, 1.0)
    assert (np.diff(np.array(model, dtype=float)) >= 0).all()
    for found in gains.rules.values():
        assert (np.diff(found) >= 0).all()
        assert found[-1] == 1.0
    for one in gains.model:
        assert one.low is not None
        assert one.high is not None
        assert one.low <= (one.value or 0.0) <= one.high


def test_a_capture_read_off_the_curve_is_the_metric_with_its_interval() -> None:
    called = _called()
    metrics = evaluate(Y, LOGIT, groups=GROUPS, capacity=37, n_replicates=60, random_state=3)
    model = called.gains().model
    for percent in (5, 10, 20):
        expected = metrics[f"capture_at_{percent}pct"]
        one = model[SHARES.index(percent / 100)]
        assert (one.value, one.low, one.high) == pytest.approx((expected.value, expected.low, expected.high))
    (own,) = [depth for depth in called.depths() if depth.is_capacity]
    assert own.calls == pytest.approx(37)
    assert own.capture.value == pytest.approx(metrics["capture_at_capacity"].value)
    expected = metrics["precision_at_capacity"]
    assert (own.precision.value, own.precision.low) == pytest.approx((expected.value, expected.low))


def test_depths_stand_in_order_and_without_capacity_there_is_none_of_it() -> None:
    shares = [depth.share for depth in _called().depths()]
    assert shares == sorted(shares)
    assert not any(depth.is_capacity for depth in _called(capacity=None).depths())


def test_one_group_has_no_intervals() -> None:
    gains = _called(groups=np.zeros(N, dtype=int)).gains()
    assert all(one.low is None and one.high is None for one in gains.model)


def test_grades_hold_every_lead_and_better_ones_convert_more() -> None:
    reference = np.quantile(LOGIT, np.arange(1, 100) / 100).tolist()
    grades = by_grade(Y, LOGIT, 1 / (1 + np.exp(-LOGIT)), reference, {"A": 90, "B": 70, "C": 40})
    assert [one.grade for one in grades] == ["A", "B", "C", "D"]
    assert sum(one.rate.n for one in grades) == N
    assert sum(one.rate.converted for one in grades) == Y.sum()
    scores = 1 + np.searchsorted(reference, LOGIT, side="left")
    assert grades[0].rate.n == (scores >= 90).sum()
    expected = [one.expected or 0.0 for one in grades]
    assert expected == sorted(expected, reverse=True)


def test_a_grade_without_leads_is_told() -> None:
    grades = by_grade(Y, LOGIT, LOGIT, [99.0] * 99, {"A": 90, "B": 70, "C": 40})
    assert (grades[0].rate.n, grades[0].expected, grades[3].rate.n) == (0, None, N)


def test_reliability_bins_hold_every_lead_and_equal_probabilities_stay_together() -> None:
    facts = reliability(Y, np.repeat(LOGIT[:8], N // 8))
    assert sum(rate.n for _, rate in facts.bins) == N == sum(facts.counts)
    assert len(facts.bins) <= 8
    expected = [x for x, _ in facts.bins]
    assert expected == sorted(expected)


def test_the_monotone_fit_rises_and_fits_no_worse_than_the_probabilities() -> None:
    facts = reliability(Y, LOGIT)
    x, y = np.array(facts.isotonic).T
    assert (np.diff(x) >= 0).all()
    assert (np.diff(y) >= 0).all()
    fitted = np.clip(np.interp(1 / (1 + np.exp(-LOGIT)), x, y), 1e-6, 1 - 1e-6)
    loss = float(np.where(Y, -np.log(fitted), -np.log1p(-fitted)).mean())
    assert loss < log_loss(Ranked(Y, LOGIT).tally())
    assert facts.expected == pytest.approx(float((1 / (1 + np.exp(-LOGIT))).mean()))
    assert facts.top >= x.max()
