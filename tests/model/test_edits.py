"""Edits of a scorecard: a term switched off, a term that only rises, another base."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from leadml.errors import UsageError
from leadml.leads.parts import Column, Levels
from leadml.model.monotone import pooled
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard, StepTerm

CARD = Scorecard(
    -2.0,
    (
        CategoryTerm("source", ("web", "fair"), (0.1, -0.2), missing=0.0, unseen=0.3),
        StepTerm("visits", (1.0, 2.0, 3.0), (-0.5, 0.4, 0.1, 0.9), missing=-0.3),
        LinearTerm("income", 0.5, 0.0, 4.0, 2.0, missing=0.2),
    ),
)
PARTS: dict[str, Column] = {
    "source": Levels(np.array([0, 1, -1, 0, 1, 0]), ("web", "fair")),
    "visits": np.array([0.0, 1.0, 2.0, 2.0, 2.0, np.nan]),
    "income": np.array([0.0, 1.0, 2.0, 3.0, 4.0, np.nan]),
}


def test_without_a_term() -> None:
    card = CARD.without("visits")
    assert [term.part for term in card.terms] == ["source", "income"]
    gone = CARD.contributions(PARTS)[:, 1]
    assert card.logit(PARTS) == pytest.approx(CARD.logit(PARTS) - gone)
    with pytest.raises(UsageError, match="it has source, visits, income"):
        CARD.without("visit")


def test_a_step_that_rises() -> None:
    term = CARD.monotone("visits", PARTS).term("visits")
    assert isinstance(term, StepTerm)
    one, three = 1, 3  # leads in the two steps that fall
    mean = (one * 0.4 + three * 0.1) / (one + three)
    assert term.points == pytest.approx((-0.5, mean, mean, 0.9))
    assert (term.cuts, term.missing) == ((1.0, 2.0, 3.0), -0.3)


def test_a_step_that_falls() -> None:
    term = CARD.monotone("visits", PARTS, rising=False).term("visits")
    assert isinstance(term, StepTerm)
    assert all(a >= b for a, b in pairwise(term.points))


def test_a_line_keeps_its_direction_or_becomes_flat() -> None:
    assert CARD.monotone("income", PARTS) is CARD
    flat = CARD.monotone("income", PARTS, rising=False).term("income")
    assert isinstance(flat, LinearTerm)
    assert (flat.slope, flat.missing) == (0.0, 0.2)


def test_a_category_has_no_direction() -> None:
    with pytest.raises(UsageError, match="category 'source'"):
        CARD.monotone("source", PARTS)


def test_another_base() -> None:
    assert CARD.shifted(0.5).logit(PARTS) == pytest.approx(CARD.logit(PARTS) + 0.5)


weighted = st.lists(st.tuples(st.floats(-5, 5), st.integers(1, 50)), min_size=1, max_size=30)


@given(weighted)
def test_pooling_is_isotonic_regression(steps: list[tuple[float, int]]) -> None:
    points, weight = np.array([p for p, _ in steps]), np.array([w for _, w in steps], dtype=float)
    found = pooled(points, weight)
    expected = IsotonicRegression().fit_transform(np.arange(len(points)), points, sample_weight=weight)
    assert found == pytest.approx(expected, abs=1e-9)
    assert np.average(found, weights=weight) == pytest.approx(np.average(points, weights=weight), abs=1e-9)


def test_steps_without_leads_are_pooled_too() -> None:
    assert pooled(np.array([1.0, 0.0, 2.0]), np.array([0.0, 4.0, 0.0])) == pytest.approx([0.0, 0.0, 2.0])
