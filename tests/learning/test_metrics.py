from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.special import expit
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

from leadml.errors import UsageError
from leadml.learning.metrics import METRICS, NEEDS_CAPACITY, Ranked, capture, lift

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Sample = tuple[Bools, Floats, Floats]

RANK_METRICS = {name for name in METRICS if name.startswith(("roc", "average", "lift", "capture", "precision"))}


def sample(n: int = 400, *, ties: bool = True, seed: int = 0) -> Sample:
    rng = np.random.default_rng(seed)
    logit = rng.normal(-1, 1.5, n)
    if ties:
        logit = logit.round(1)
    y_true = rng.random(n) < expit(0.8 * logit + 0.3)
    return y_true, logit, rng.gamma(1.0, size=n)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Leads of both classes with many ties, and whole weights."""
    n = draw(st.integers(4, 40))
    logit = draw(arrays(np.float64, n, elements=st.integers(-8, 8).map(lambda k: k / 4)))
    y_true = draw(arrays(np.bool_, n))
    y_true[:2] = True, False
    weight = draw(arrays(np.float64, n, elements=st.integers(0, 3).map(float)))
    return y_true, logit, weight


def compute(
    name: str, y_true: Bools, logit: Floats, weight: Floats | None = None, capacity: float | None = 7.5
) -> float:
    return METRICS[name](Ranked(y_true, logit, capacity=capacity).tally(weight))


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize(
    ("name", "function", "of_probability"),
    [
        ("roc_auc", reference.roc_auc_score, False),
        ("average_precision", reference.average_precision_score, False),
        ("log_loss", reference.log_loss, True),
        ("brier", reference.brier_score_loss, True),
    ],
)
def test_agrees_with_scikit_learn(
    name: str, function: Callable[..., float], of_probability: bool, weighted: bool, ties: bool
) -> None:
    y_true, logit, weights = sample(ties=ties)
    weight = weights if weighted else None
    expected = function(y_true, expit(logit) if of_probability else logit, sample_weight=weight)
    assert compute(name, y_true, logit, weight) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weighted", [True, False])
def test_calibration_slope_is_that_of_an_unpenalised_logistic_regression(weighted: bool) -> None:
    y_true, logit, weights = sample()
    weight = weights if weighted else None
    model = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky")
    model.fit(logit[:, None], y_true, sample_weight=weight)
    assert compute("calibration_slope", y_true, logit, weight) == pytest.approx(model.coef_[0, 0], rel=1e-6)


def test_calibration_intercept_makes_the_mean_probability_right() -> None:
    y_true, logit, weight = sample()
    shift = compute("calibration_intercept", y_true, logit, weight)
    assert np.average(expit(logit + shift), weights=weight) == pytest.approx(np.average(y_true, weights=weight))


def test_calibration_error_agrees_with_quantile_bins() -> None:
    y_true, logit, _ = sample(1000, ties=False)
    rate, probability = calibration_curve(y_true, expit(logit), n_bins=10, strategy="quantile")
    assert compute("calibration_error", y_true, logit) == pytest.approx(np.abs(rate - probability).mean())


def test_calibration_error_of_one_tie_is_the_distance_of_the_means() -> None:
    y_true = np.arange(10) < 3
    assert compute("calibration_error", y_true, np.zeros(10)) == pytest.approx(0.2)


def test_top_of_the_list_counts_a_straddling_tie_with_its_expected_share() -> None:
    y_true = np.array([True, True, False, False, True, False, False, False, False, False])
    logit = np.array([3.0, 2, 2, 2, 2, 1, 1, 0, 0, 0])
    tally = Ranked(y_true, logit, capacity=3).tally()
    # the first lead converted; the other two places go to four tied leads, two of which converted
    assert capture(tally, 0.3) == pytest.approx((1 + 2 * 2 / 4) / 3)
    assert METRICS["capture_at_capacity"](tally) == capture(tally, 0.3)
    assert METRICS["precision_at_capacity"](tally) == pytest.approx(2 / 3)
    assert lift(tally, 0.3) == pytest.approx((2 / 3) / 0.3)
    assert METRICS["lift_at_5pct"](tally) == pytest.approx(1 / 0.3)  # half of the first lead


def test_capacity_may_be_a_fraction_or_more_than_there_are_leads() -> None:
    y_true, logit, _ = sample(50)
    assert compute("precision_at_capacity", y_true, logit, capacity=80) == pytest.approx(y_true.mean())
    assert compute("capture_at_capacity", y_true, logit, capacity=80) == pytest.approx(1)
    last_first = compute("precision_at_capacity", y_true, np.arange(50.0), capacity=1.5)
    assert last_first == pytest.approx((y_true[-1] + y_true[-2] / 2) / 1.5)


@pytest.mark.parametrize("name", sorted(NEEDS_CAPACITY))
def test_capacity_metrics_are_undefined_without_a_capacity(name: str) -> None:
    assert np.isnan(compute(name, *sample()[:2], capacity=None))


@pytest.mark.parametrize("name", METRICS)
class TestEveryMetric:
    @settings(max_examples=30, deadline=None)
    @given(data=samples(), seed=st.integers(0, 2**16))
    def test_ignores_the_order_of_rows(self, name: str, data: Sample, seed: int) -> None:
        y_true, logit, weight = data
        order = np.random.default_rng(seed).permutation(y_true.size)
        np.testing.assert_allclose(
            compute(name, y_true[order], logit[order], weight[order]),
            compute(name, y_true, logit, weight),
            atol=1e-9,
        )

    @settings(max_examples=30, deadline=None)
    @given(data=samples())
    def test_takes_a_whole_weight_as_repetition(self, name: str, data: Sample) -> None:
        y_true, logit, weight = data
        if weight.sum() == 0:
            weight[0] = 1
        repeat = weight.astype(int)
        repeated = compute(
            name,
            np.repeat(y_true, repeat),
            np.repeat(logit, repeat),
            capacity=7.5 * weight.sum() / y_true.size,  # the same share
        )
        np.testing.assert_allclose(compute(name, y_true, logit, weight), repeated, atol=1e-9)

    @settings(max_examples=30, deadline=None)
    @given(data=samples())
    def test_ignores_the_scale_of_weights(self, name: str, data: Sample) -> None:
        y_true, logit, weight = data
        np.testing.assert_allclose(
            compute(name, y_true, logit, 3 * weight), compute(name, y_true, logit, weight), atol=1e-9
        )

    @settings(max_examples=30, deadline=None)
    @given(data=samples())
    def test_depends_on_ranks_only_where_it_should(self, name: str, data: Sample) -> None:
        y_true, logit, weight = data
        if name in RANK_METRICS:
            mapped = compute(name, y_true, np.sinh(logit) * 1e3, weight)
            np.testing.assert_allclose(mapped, compute(name, y_true, logit, weight), atol=1e-12)

    @pytest.mark.parametrize("converted", [True, False])
    def test_is_a_number_or_nan_with_one_class(self, name: str, converted: bool) -> None:
        value = compute(name, np.full(5, converted), np.linspace(-1, 1, 5))
        assert isinstance(value, float)
        if name in {"roc_auc", "calibration_slope", "calibration_intercept"}:
            assert np.isnan(value)

    def test_is_nan_without_weight(self, name: str) -> None:
        assert np.isnan(compute(name, *sample()[:2], np.zeros(400)))

    @pytest.mark.parametrize("scale", [1e-12, 1e3, 1e6, 1e100])
    def test_bears_logits_of_any_size(self, name: str, scale: float) -> None:
        y_true, logit, _ = sample()
        assert np.isfinite(compute(name, y_true, scale * logit))

    def test_bears_a_single_lead(self, name: str) -> None:
        assert isinstance(compute(name, np.array([True]), np.array([0.3])), float)


def test_slope_is_undefined_where_the_classes_are_separable() -> None:
    y_true = np.array([False, False, True, True])
    assert np.isnan(compute("calibration_slope", y_true, np.array([-1.0, 0, 0, 1])))
    assert np.isnan(compute("calibration_slope", y_true, np.array([1.0, 0, 0, -1])))


@pytest.mark.parametrize(
    ("y_true", "logit", "capacity", "message"),
    [
        (np.array([True]), np.zeros(2), None, "one shape"),
        (np.zeros(0, dtype=bool), np.zeros(0), None, "n > 0"),
        (np.array([1]), np.zeros(1), None, "must be bool"),
        (np.array([True]), np.array([np.nan]), None, "finite"),
        (np.array([True]), np.zeros(1), 0, "capacity must be above 0"),
    ],
)
def test_refuses_a_wrong_sample(y_true: Bools, logit: Floats, capacity: float | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Ranked(y_true, logit, capacity=capacity)


@pytest.mark.parametrize("weight", [np.ones(2), -np.ones(400), np.full(400, np.nan)])
def test_refuses_wrong_weights(weight: Floats | None) -> None:
    with pytest.raises(UsageError, match="sample_weight"):
        Ranked(*sample()[:2]).tally(weight)
