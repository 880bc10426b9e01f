"""Cut points are the shortest decimals, and no training row changes its side."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.learning.rounding import rounded, shortest, shortest_between

numbers = st.floats(allow_nan=False, allow_infinity=False)
sane = st.floats(-1e6, 1e6) | st.integers(-1000, 1000).map(float) | st.integers(-(10**6), 10**6).map(lambda i: i / 100)


def _digits(x: float) -> int:
    """The digits of a number as it is written, without the zeros at its ends."""
    return len("".join(map(str, Decimal(repr(x)).normalize().as_tuple().digits)))


@given(st.lists(numbers | sane, min_size=2, max_size=60, unique=True), st.data())
def test_no_training_row_changes_its_bin_and_cuts_rise(values: list[float], data: st.DataObject) -> None:
    x = np.unique(np.array(values) + 0.0)
    gaps = data.draw(st.lists(st.integers(0, max(0, x.size - 2)), unique=True, max_size=20).map(sorted))
    if x.size < 2:
        return
    with np.errstate(over="ignore"):
        middles = x[:-1] / 2 + x[1:] / 2
    cuts = [float(min(max(middles[i], np.nextafter(x[i], np.inf)), x[i + 1])) for i in gaps]
    result = rounded(cuts, x)
    assert np.searchsorted(result, x, side="right").tolist() == np.searchsorted(cuts, x, side="right").tolist()
    assert all(a < b for a, b in pairwise(result))
    assert all(_digits(new) <= _digits(old) for new, old in zip(result, cuts, strict=True))


@given(sane, sane)
def test_no_shorter_decimal_lies_between(a: float, b: float) -> None:
    low, high = sorted((a + 0.0, b + 0.0))
    if low == high:
        return
    cut = shortest(low, high)
    assert low < cut <= high
    top = Decimal(max(abs(low), abs(high))).adjusted()
    for exponent in range(top + 1, top - 6, -1):  # a rounder unit would have had no member in between
        unit = Decimal(1).scaleb(exponent)
        if Decimal(repr(cut)) % unit == 0:
            break
        first = (Decimal(repr(low)) / unit).to_integral_value(rounding="ROUND_FLOOR") * unit + unit
        assert first > Decimal(high)


@pytest.mark.parametrize(
    ("low", "high", "cut"),
    [
        (3.0, 4.0, 4.0),
        (0.0, 7.0, 1.0),
        (28_931.0, 30_442.0, 30_000.0),
        (-5.0, 3.0, 0.0),
        (-5.0, -3.0, -4.0),
        (0.1, 0.30000000000000004, 0.2),
        (1.0, float(np.nextafter(1.0, 2.0)), float(np.nextafter(1.0, 2.0))),
        (0.3, 0.5, 0.4),
        (-0.01, -1e-50, -0.009),
        (-1e300, 1e300, 0.0),
        (0.0, 5e-324, 5e-324),
    ],
)
def test_examples(low: float, high: float, cut: float) -> None:
    assert repr(shortest(low, high)) == repr(cut)


def test_a_cut_outside_the_values_stays() -> None:
    x = np.array([1.0, 2.0])
    assert shortest_between(x, 0.123) == 0.123
    assert shortest_between(x, 2.345) == 2.345
