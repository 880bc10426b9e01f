import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from leadml.errors import UsageError
from leadml.learning.intervals import bootstrap_weights, compare, evaluate, replicate
from leadml.learning.metrics import METRICS, NEEDS_CAPACITY, Ranked

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def sample(n: int = 300, seed: int = 0) -> tuple[Bools, Floats]:
    rng = np.random.default_rng(seed)
    logit = rng.normal(-1.5, 1.2, n)
    return rng.random(n) < expit(logit), logit


def test_weights_draw_as_many_leads_as_there_are() -> None:
    y_true, _ = sample()
    for weight in bootstrap_weights(y_true, n_replicates=5):
        assert weight.sum() == y_true.size
        assert np.array_equal(weight, weight.astype(int))


def test_weights_draw_whole_groups() -> None:
    y_true, _ = sample()
    groups = np.arange(300) // 3
    for weight in bootstrap_weights(y_true, groups=groups, n_replicates=5):
        assert np.ptp(weight.reshape(-1, 3), axis=1).max() == 0


def test_leads_without_a_group_are_drawn_one_by_one() -> None:
    y_true, _ = sample()
    groups = ["a"] * 100 + [None, float("nan")] * 100
    weight = next(bootstrap_weights(y_true, groups=groups))
    assert np.ptp(weight[:100]) == 0
    assert len(set(weight[100:])) > 2


def test_weights_of_one_class_are_drawn_again() -> None:
    y_true = np.arange(40) == 7
    assert all(weight[7] > 0 for weight in bootstrap_weights(y_true, n_replicates=200))


def test_a_sample_of_one_class_has_no_interval_and_no_metric_of_order() -> None:
    estimates = evaluate(np.zeros(30, dtype=bool), np.linspace(-3, 0, 30), n_replicates=50)
    assert np.isfinite(estimates["log_loss"].value)
    assert np.isnan([estimates["log_loss"].low, estimates["log_loss"].high]).all()
    assert np.isnan([estimates["roc_auc"].value, estimates["roc_auc"].low, estimates["roc_auc"].high]).all()


def test_evaluate_gives_every_metric_within_its_interval() -> None:
    y_true, logit = sample()
    estimates = evaluate(y_true, logit, capacity=25, n_replicates=60)
    assert list(estimates) == list(METRICS)
    for name, estimate in estimates.items():
        assert estimate.value == METRICS[name](Ranked(y_true, logit, capacity=25).tally())
        assert estimate.low <= estimate.value <= estimate.high
        assert estimate.low < estimate.high


def test_evaluate_leaves_capacity_out_where_there_is_none() -> None:
    assert set(evaluate(*sample(), n_replicates=2)) == set(METRICS) - NEEDS_CAPACITY


def test_evaluate_is_deterministic_for_a_random_state() -> None:
    y_true, logit = sample()
    first, again, other = (evaluate(y_true, logit, n_replicates=20, random_state=s) for s in (1, 1, 2))
    assert first == again != other


def test_groups_that_repeat_each_lead_widen_the_interval_as_they_should() -> None:
    y_true, logit = sample()
    groups = np.tile(np.arange(300), 4).astype(str)
    one, grouped, naive = (
        evaluate(*data, groups=g, metrics=["roc_auc"], n_replicates=300)["roc_auc"]
        for data, g in (
            ((y_true, logit), None),
            ((np.tile(y_true, 4), np.tile(logit, 4)), groups),
            ((np.tile(y_true, 4), np.tile(logit, 4)), None),
        )
    )
    assert (grouped.low, grouped.high) == pytest.approx((one.low, one.high))
    assert naive.high - naive.low < 0.7 * (grouped.high - grouped.low)


def test_one_group_has_no_interval() -> None:
    estimate = evaluate(*sample(), groups=["a"] * 300, n_replicates=3)["roc_auc"]
    assert estimate.value > 0.5
    assert np.isnan([estimate.low, estimate.high]).all()


def test_interval_covers_the_truth() -> None:
    """AUC of two unit normals one apart is norm.cdf(1 / sqrt(2)); 95 % intervals of 150 samples of 200."""
    truth = norm.cdf(1 / np.sqrt(2))
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(150):
        y_true = rng.random(200) < 0.3
        estimate = evaluate(
            y_true,
            rng.normal(size=200) + y_true,
            metrics=["roc_auc"],
            n_replicates=200,
            random_state=int(rng.integers(99)),
        )["roc_auc"]
        covered += estimate.low <= truth <= estimate.high
    assert 0.89 <= covered / 150 <= 0.99


def test_compare_is_paired() -> None:
    y_true, logit = sample()
    noise = np.random.default_rng(1).normal(0, 1.5, 300)
    same = compare(y_true, logit, logit, capacity=25, n_replicates=20)
    assert list(same) == list(METRICS)
    assert {(d.value, d.low, d.high, d.lower_bound, d.upper_bound) for d in same.values()} == {(0, 0, 0, 0, 0)}
    difference = compare(y_true, logit, logit + noise, metrics=["roc_auc"], n_replicates=200)["roc_auc"]
    assert 0 < difference.low <= difference.lower_bound < difference.value
    assert difference.value < difference.upper_bound <= difference.high


def test_compare_turns_its_sign_with_its_arguments() -> None:
    y_true, logit = sample()
    other = logit + np.random.default_rng(1).normal(0, 1, 300)
    forth, back = (
        compare(y_true, a, b, metrics=["brier"], n_replicates=50)["brier"] for a, b in ((logit, other), (other, logit))
    )
    assert (forth.value, forth.low, forth.lower_bound) == pytest.approx((-back.value, -back.high, -back.upper_bound))


def test_refuses_wrong_arguments() -> None:
    y_true, logit = sample()
    with pytest.raises(UsageError, match="metrics must be among"):
        evaluate(y_true, logit, metrics=["auc"])
    with pytest.raises(UsageError, match="groups must hold one label per lead"):
        evaluate(y_true, logit, groups=["a", "b"])
    with pytest.raises(UsageError, match="n_replicates must be at least 1"):
        evaluate(y_true, logit, n_replicates=0)
    with pytest.raises(UsageError, match="same leads"):
        replicate([Ranked(y_true, logit), Ranked(~y_true, logit)], ["brier"])


@pytest.mark.parametrize(("n_converted", "known"), [(1, False), (4, False), (5, True), (36, False)])
def test_few_leads_of_one_class_tell_no_interval(n_converted: int, known: bool) -> None:
    y = np.arange(40) < n_converted
    found = evaluate(y, sample(40)[1], metrics=["roc_auc"], n_replicates=50)["roc_auc"]
    assert not np.isnan(found.value)
    assert bool(np.isfinite(found.low)) is known
