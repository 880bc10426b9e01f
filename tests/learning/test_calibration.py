from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from leadml.errors import UsageError
from leadml.learning.calibration import Calibration, fit_calibration, fit_intercept, fit_slope

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def planted(n: int, slope: float, intercept: float, *, seed: int = 0, mean: float = -1.0) -> tuple[Bools, Floats]:
    """Raw logits whose calibrated logit is slope * raw + intercept."""
    rng = np.random.default_rng(seed)
    raw = (rng.normal(mean, 1.0, n) - intercept) / slope
    return rng.random(n) < expit(slope * raw + intercept), raw


def ones(y_true: Bools) -> tuple[Floats, Floats]:
    return y_true.astype(float), np.ones(y_true.size)


@settings(max_examples=20, deadline=None)
@given(slope=st.floats(0.5, 2.5), intercept=st.floats(-2, 2), seed=st.integers(0, 1000))
def test_recovers_a_planted_slope_and_intercept(slope: float, intercept: float, seed: int) -> None:
    y_true, raw = planted(20_000, slope, intercept, seed=seed)
    fitted_slope, fitted_intercept = fit_slope(raw, *ones(y_true))
    assert fitted_slope == pytest.approx(slope, rel=0.12)
    assert fitted_slope * raw.mean() + fitted_intercept == pytest.approx(slope * raw.mean() + intercept, abs=0.12)
    calibration = fit_calibration(y_true, raw, time=np.arange(20_000))
    assert calibration.slope == fitted_slope
    assert calibration.n_conversions == y_true.sum()


@settings(max_examples=50, deadline=None)
@given(slope=st.floats(0.05, 20), seed=st.integers(0, 1000), n=st.integers(30, 600))
def test_is_monotone_within_bounds_and_right_on_average_over_the_newest(slope: float, seed: int, n: int) -> None:
    y_true, raw = planted(n, slope, 0.5, seed=seed)
    calibration = fit_calibration(y_true, raw, time=np.arange(n))
    assert 0.3 <= calibration.slope <= 3
    n_conversions = y_true.sum()
    if n_conversions >= 20:
        first = np.flatnonzero(y_true)[-100] if n_conversions >= 100 else 0
        calibrated = calibration.apply(raw)
        assert expit(calibrated[first:]).mean() == pytest.approx(y_true[first:].mean(), abs=1e-9)


@pytest.mark.parametrize(("planted_slope", "held"), [(0.1, 0.3), (9.0, 3.0)])
def test_a_slope_out_of_bounds_is_held_and_the_intercept_fitted_to_it(planted_slope: float, held: float) -> None:
    y_true, raw = planted(5000, planted_slope, 0.0)
    calibration = fit_calibration(y_true, raw, time=np.zeros(5000))
    assert calibration.slope == held
    assert calibration.intercept == pytest.approx(fit_intercept(held * raw, *ones(y_true)))
    assert f"held at its bound {held:g}" in calibration.how


@pytest.mark.parametrize(
    ("n_conversions", "how"),
    [
        (19, "not calibrated: 19 conversions, 20 are needed"),
        (20, "intercept fitted on 20 conversions"),
        (99, "intercept fitted on 99 conversions"),
        (100, "slope fitted on 100 conversions, intercept on the newest 100"),
        (150, "slope fitted on 150 conversions, intercept on the newest 100"),
    ],
)
def test_fits_what_the_number_of_conversions_bears(n_conversions: int, how: str) -> None:
    rng = np.random.default_rng(3)
    y_true = rng.permutation(np.arange(1000) < n_conversions)
    calibration = fit_calibration(y_true, rng.normal(size=1000) + 0.5 * y_true, time=np.arange(1000))
    assert calibration.how == how
    assert (calibration.slope == 1) == (n_conversions < 100)
    assert (calibration.intercept == 0) == (n_conversions < 20)


def test_the_intercept_follows_the_newest_rows_whatever_their_order() -> None:
    y_old, old = planted(3000, 1.0, -2.0, seed=1)
    y_new, new = planted(3000, 1.0, 1.0, seed=2)
    y_true, raw = np.concatenate([y_old, y_new]), np.concatenate([old, new])
    time = np.datetime64("2026-01-01") + np.arange(6000)
    order = np.random.default_rng(0).permutation(6000)
    calibration = fit_calibration(y_true[order], raw[order], time=time[order])
    newest = time >= time[y_true][-100]
    assert expit(calibration.apply(raw[newest])).mean() == pytest.approx(y_true[newest].mean())


def test_rows_of_one_moment_are_not_torn_apart() -> None:
    y_true, raw = planted(2000, 1.0, 0.0)
    calibration = fit_calibration(y_true, raw, time=np.repeat([0, 1], 1000))
    assert f"newest {y_true[1000:].sum()}" in calibration.how


def test_newest_conversions_without_a_lost_lead_widen_to_all_rows() -> None:
    y_true, raw = planted(2000, 1.0, 0.0)
    calibration = fit_calibration(y_true, raw, time=y_true.astype(int))
    assert expit(calibration.apply(raw)).mean() == pytest.approx(y_true.mean())


def test_separable_equal_and_one_class_logits_have_a_fallback() -> None:
    y_true = np.arange(400) >= 200
    time = np.arange(400)[::-1] % 7
    ahead = fit_calibration(y_true, np.arange(400.0), time=time)
    behind = fit_calibration(y_true, -np.arange(400.0), time=time)
    equal = fit_calibration(y_true, np.zeros(400), time=time)
    assert (ahead.slope, behind.slope, equal.slope) == (3.0, 0.3, 1.0)
    assert "all logits are equal" in equal.how
    assert np.isfinite([ahead.intercept, behind.intercept, equal.intercept]).all()
    assert fit_calibration(y_true | True, np.zeros(400), time=time) == Calibration(
        1.0, 0.0, 400, "not calibrated: no lead was lost"
    )
    assert fit_calibration(y_true & False, np.zeros(400), time=time).slope == 1
    assert fit_calibration(np.zeros(0, dtype=bool), np.zeros(0), time=np.zeros(0)).slope == 1


def test_slope_is_infinite_where_separable_and_nan_where_nothing_varies() -> None:
    y_true = np.array([False, False, True, True])
    assert fit_slope(np.array([0.0, 1, 1, 2]), *ones(y_true))[0] == np.inf
    assert fit_slope(np.array([2.0, 1, 1, 0]), *ones(y_true))[0] == -np.inf
    assert np.isnan(fit_slope(np.zeros(4), *ones(y_true))).all()
    assert np.isnan(fit_slope(np.arange(4.0), *ones(y_true | True))).all()
    assert np.isnan(fit_intercept(np.arange(4.0), *ones(y_true & False)))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(5, 60),
    scale=st.sampled_from([1e-9, 1e-3, 1.0, 1e3, 1e9, 1e100]),
    outlier=st.sampled_from([1.0, 1e3, 1e6, 1e9]),
)
def test_both_fits_meet_their_equations_at_any_scale(seed: int, n: int, scale: float, outlier: float) -> None:
    rng = np.random.default_rng(seed)
    logit = rng.normal(size=n)
    logit[0] *= outlier
    y_true = rng.random(n) < expit(logit)
    slope, intercept = fit_slope(scale * logit, *ones(y_true))
    if np.isfinite(slope):
        residual = y_true - expit(slope * (scale * logit) + intercept)
        assert residual.sum() == pytest.approx(0, abs=1e-3)
        assert residual @ logit / np.abs(logit).max() == pytest.approx(0, abs=1e-4)
    if 0 < y_true.sum() < n and scale <= 1e3:
        shift = fit_intercept(scale * logit, *ones(y_true))
        assert expit(scale * logit + shift).mean() == pytest.approx(y_true.mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("logit", "time", "message"),
    [
        (np.zeros(2), np.zeros(3), "one shape"),
        (np.array([0.0, np.inf, 0.0]), np.zeros(3), "finite"),
        (np.zeros(3), np.array(["2026-01-01", "NaT", "2026-01-02"], dtype="datetime64[D]"), "missing times"),
    ],
)
def test_refuses_wrong_rows(logit: Floats, time: NDArray[Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        fit_calibration(np.array([True, False, True]), logit, time=time)
