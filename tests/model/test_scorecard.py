"""The scorecard as plain data: sums, calibration, centring, and JSON that reads back bit for bit."""

import json
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.parts import Column, Levels
from leadml.model.scorecard import (
    CategoryTerm,
    LinearTerm,
    Scorecard,
    StepTerm,
    Term,
    contributions,
    expit,
    from_json,
    to_json,
)

points = st.floats(-20, 20)
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def scorecards(draw: st.DrawFn, numbers: st.SearchStrategy[float] = points) -> Scorecard:
    names = draw(st.lists(st.text(max_size=8), max_size=5, unique=True))
    cuts = draw(st.lists(numbers, max_size=6, unique_by=lambda x: x + 0.0).map(sorted))
    steps = draw(st.lists(numbers, min_size=len(cuts) + 1, max_size=len(cuts) + 1))
    low, high = sorted(draw(st.tuples(numbers, numbers)))
    terms: list[Term] = [
        CategoryTerm("source", tuple(names), tuple(draw(numbers) for _ in names), draw(numbers), draw(numbers)),
        StepTerm("visits", tuple(cuts), tuple(steps), draw(numbers), whole=draw(st.booleans())),
        LinearTerm("income", draw(numbers), low, high, draw(numbers), draw(numbers), tuple(cuts)),
    ]
    return Scorecard(draw(numbers), tuple(draw(st.permutations(terms))))


def _bits(value: Any) -> Any:
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [_bits(item) for item in value]
    return {name: _bits(item) for name, item in value.items()} if isinstance(value, dict) else value


@given(scorecards(finite))
def test_json_reads_back_bit_for_bit(scorecard: Scorecard) -> None:
    again = from_json(to_json(scorecard))
    assert _bits(msgspec.to_builtins(again)) == _bits(msgspec.to_builtins(scorecard))


PARTS: dict[str, Column] = {
    "source": Levels(np.array([-1, 0, 1, 1, 0, -1]), ("a", "zzz")),
    "visits": np.array([np.nan, -1e300, 0.0, 1.5, 20.0, np.inf]),
    "income": np.array([np.nan, -1e300, 0.0, 1.5, 1e300, -np.inf]),
}


@given(scorecards())
def test_contributions_add_up_in_order(scorecard: Scorecard) -> None:
    logit = np.full(6, scorecard.base)
    for i in range(len(scorecard.terms)):
        logit = logit + scorecard.contributions(PARTS)[:, i]
    assert scorecard.logit(PARTS).tolist() == logit.tolist()


@given(scorecards(), st.floats(0.3, 3), st.floats(-5, 5))
def test_calibration_is_the_affine_map_of_the_logit(scorecard: Scorecard, slope: float, intercept: float) -> None:
    calibrated = scorecard.calibrated(slope, intercept).logit(PARTS)
    np.testing.assert_allclose(calibrated, slope * scorecard.logit(PARTS) + intercept, rtol=1e-9, atol=1e-9)


@given(scorecards())
def test_centring_moves_means_into_the_base_and_no_logit(scorecard: Scorecard) -> None:
    centred = scorecard.centred(PARTS)
    np.testing.assert_allclose(centred.logit(PARTS), scorecard.logit(PARTS), rtol=1e-9, atol=1e-9)
    scale = 1 + np.abs(scorecard.contributions(PARTS)).max()
    for term in centred.terms:
        assert abs(contributions(term, PARTS[term.part]).mean()) <= 1e-9 * scale
    assert centred.base == pytest.approx(scorecard.logit(PARTS).mean(), abs=1e-9 * scale)


def test_edges_of_each_kind_of_term() -> None:
    step = StepTerm("visits", (1.0, 4.0), (-1.0, 0.0, 1.0), missing=0.5)
    assert contributions(step, np.array([0.99, 1.0, 3.99, 4.0, np.inf, -np.inf, np.nan])).tolist() == [
        *(-1.0, 0.0, 0.0, 1.0, 1.0, -1.0, 0.5)
    ]
    line = LinearTerm("income", 2.0, 0.0, 10.0, 5.0, missing=0.5)
    assert contributions(line, np.array([-3.0, 0.0, 7.0, 99.0, np.inf, np.nan])).tolist() == [
        *(-10.0, -10.0, 4.0, 10.0, 10.0, 0.5)
    ]
    level = CategoryTerm("source", ("a", "b"), (1.0, 2.0), missing=3.0, unseen=4.0)
    assert contributions(level, Levels(np.array([0, 1, 2, -1]), ("b", "new", "a"))).tolist() == [2.0, 4.0, 1.0, 3.0]


def test_a_column_of_the_wrong_sort_is_refused() -> None:
    levels, numbers = Levels(np.array([0]), ("a",)), np.array([1.0])
    for term, column in (
        (CategoryTerm("x", (), (), 0.0, 0.0), numbers),
        (StepTerm("x", (), (0.0,), 0.0), levels),
        (LinearTerm("x", 1.0, 0.0, 1.0, 0.0, 0.0), levels),
    ):
        with pytest.raises(TypeError, match="part 'x' must be"):
            contributions(term, column)


@given(st.floats(allow_nan=False))
def test_expit_is_exact_at_both_ends(logit: float) -> None:
    p = float(expit(np.array([logit]))[0])
    assert 0 <= p <= 1
    assert p + float(expit(np.array([-logit]))[0]) == pytest.approx(1)
    if abs(logit) < 30:
        assert p == pytest.approx(1 / (1 + math.exp(-logit)), rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "step", "cuts": [1.0], "points": [0.0]}, "one more number of points than cuts"),
        ({"kind": "step", "cuts": [2.0, 1.0], "points": [0.0, 0.0, 0.0]}, "must rise"),
        ({"kind": "step", "cuts": [1.0, 1.0], "points": [0.0, 0.0, 0.0]}, "must rise"),
        ({"kind": "category", "levels": ["a"], "points": [], "unseen": 0.0}, "one number of points per level"),
        ({"kind": "category", "levels": ["a", "a"], "points": [1.0, 2.0], "unseen": 0.0}, "one number of points per"),
        ({"kind": "category", "levels": ["a"], "points": [1.0], "unseen": 0.0, "labels": ["A", "B"]}, "one label per"),
        ({"kind": "linear", "slope": 1.0, "low": 2.0, "high": 1.0, "center": 0.0}, "low end is not above"),
        ({"kind": "linear", "slope": 1.0, "low": 0.0, "high": 1.0, "center": 0.0, "marks": [2.0, 1.0]}, "must rise"),
        ({"kind": "pair", "points": []}, "Invalid value 'pair'"),
        ({"kind": "step", "cuts": [], "points": [0.0], "color": "red"}, "unknown field `color`"),
        ({"kind": "step", "cuts": [], "points": [None]}, "Expected `float`"),
        ({"kind": "step", "cuts": []}, "missing required field `points`"),
    ],
)
def test_json_that_is_no_scorecard_is_refused(changes: dict[str, Any], words: str) -> None:
    data = json.dumps({"base": 0.0, "terms": [{"part": "x", "missing": 0.0, **changes}]}).encode()
    with pytest.raises(ValueError, match=words):  # msgspec's errors are ValueErrors
        from_json(data)
