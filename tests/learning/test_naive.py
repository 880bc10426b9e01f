import numpy as np
import pytest

from leadml.errors import UsageError
from leadml.learning.naive import historical_rate, newest_first


def test_newest_first_puts_leads_without_a_date_last() -> None:
    created_at = np.array(["2026-01-02", "NaT", "2026-03-01", "2026-01-02"], dtype="datetime64[ns]")
    assert newest_first(created_at).tolist() == [0, -1, 1, 0]
    assert newest_first(np.array([5.0, np.nan, 7.0])).tolist() == [0, -1, 1]


def test_newest_first_tells_moments_a_nanosecond_apart() -> None:
    now = np.datetime64("2026-10-01T12:00:00", "ns")
    assert newest_first(now + np.array([1, 0, 2])).tolist() == [1, 0, 2]


def test_historical_rate_is_smoothed_towards_the_base_rate() -> None:
    levels = ["web"] * 6 + ["fair"] * 2 + [None] * 2
    y_train = np.array([True, True, True, False, False, False, True, True, False, False])
    score = historical_rate(levels, y_train, ["web", "fair", None, "list", float("nan")], smoothing=4)
    base = 0.5
    expected = [(3 + 4 * base) / 10, (2 + 4 * base) / 6, (0 + 4 * base) / 6, base, (0 + 4 * base) / 6]
    assert score == pytest.approx(expected)


def test_historical_rate_takes_arrays() -> None:
    levels = np.array(["a", "b", None, np.nan], dtype=object)
    score = historical_rate(levels, np.array([True, False, False, True]), levels)
    assert score[0] > score[2] == score[3] > score[1]


def test_historical_rate_refuses_wrong_rows() -> None:
    with pytest.raises(UsageError, match="one length above 0"):
        historical_rate([], np.zeros(0, dtype=bool), ["web"])
    with pytest.raises(UsageError, match="one length above 0"):
        historical_rate(["web"], np.zeros(2, dtype=bool), ["web"])
    with pytest.raises(UsageError, match="smoothing must be above 0"):
        historical_rate(["web"], np.ones(1, dtype=bool), ["web"], smoothing=0)
