"""The bucketed search is numpy's searchsorted, for any cuts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.model.bins import Bins

numbers = st.floats(allow_nan=False, allow_infinity=False)
sane = st.floats(-1e6, 1e6) | st.integers(-50, 50).map(float)


def cut_lists(values: st.SearchStrategy[float]) -> st.SearchStrategy[list[float]]:
    return st.lists(values, max_size=80, unique=True).map(lambda cuts: sorted({c + 0.0 for c in cuts}))


def check(cuts: list[float], others: list[float]) -> None:
    held = np.array(cuts)
    with np.errstate(over="ignore"):
        near = np.concatenate((held, np.nextafter(held, -np.inf), np.nextafter(held, np.inf)))
    special = [np.inf, -np.inf, 0.0, -0.0, 5e-324, -5e-324, 1e300, -1e300]
    x = np.concatenate((near, special, others))
    expected = np.searchsorted(held, x, side="right")

    assert Bins(cuts).find(x).tolist() == expected.tolist()

    with_missing = np.concatenate((x, [np.nan]))
    assert Bins(cuts).find(with_missing).tolist() == [*expected.tolist(), len(cuts) + 1]


@given(cut_lists(numbers), st.lists(numbers))
def test_any_cuts(cuts: list[float], others: list[float]) -> None:
    check(cuts, others)


@given(cut_lists(sane), st.lists(sane))
def test_ordinary_cuts(cuts: list[float], others: list[float]) -> None:
    check(cuts, others)


@pytest.mark.parametrize(
    "cuts",
    [
        [],
        [0.5],
        np.arange(2000) / 7,
        np.geomspace(1e-8, 1e8, 300),
        np.cumsum(np.full(200, 5e-324)),
        np.linspace(1, 1 + 1e-13, 100),
        [*np.nextafter(1.0, [0, 2]), 1e9, 2e9],
        [-1.7e308, -1.0, 0.0, 1.0, 1.7e308],
    ],
    ids=lambda cuts: f"{len(cuts)} cuts",
)
def test_extreme_cuts(cuts: list[float]) -> None:
    check(sorted(set(map(float, cuts))), np.random.default_rng(0).normal(0, 100, 500).tolist())
