"""Reasons: at most three for and one against, none that is tiny, the same for one lead and for a batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.schema import Field, Roles, Schema
from leadml.model.bundle import Bundle
from leadml.model.reasons import (
    AGAINST,
    BITS,
    FOR,
    LEAST,
    PAST_HORIZON,
    UNIT,
    BestKeys,
    Phrasebook,
    Reason,
    choose,
    linear_keys,
    text,
)
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard, StepTerm

points = st.floats(-5, 5) | st.sampled_from([0.0, LEAST, -LEAST, 0.049999, -0.049999, 0.0500004, 1.0, -1.0])


def _book(*values: float) -> Phrasebook:
    """A phrasebook of categories, each with one level of so many points."""
    names = [f"f{i}" for i in range(len(values))]
    terms = tuple(CategoryTerm(name, ("x",), (value,), 0.0, 0.0) for name, value in zip(names, values, strict=True))
    return Phrasebook(Scorecard(0.0, terms), Schema(tuple(Field(n, "category") for n in names), Roles()), "en")


def _chosen(*values: float) -> list[str]:
    book = _book(*values)
    return [book.phrase(key).field for key in choose([int(keys[0]) for keys in book.keys])]


@given(st.lists(points, min_size=1, max_size=9))
def test_three_for_and_one_against(values: list[float]) -> None:
    book = _book(*values)
    keys = choose([int(k[0]) for k in book.keys])
    given_points = {phrase.field: value for phrase, value in zip(map(book.phrase, _first(book)), values, strict=True)}
    chosen = [given_points[book.phrase(key).field] for key in keys]
    ahead, against = [x for x in chosen if x > 0], [x for x in chosen if x < 0]
    assert len(chosen) == len(ahead) + len(against) == len(set(keys))
    assert len(ahead) == min(FOR, sum(round(x, 6) >= LEAST for x in values))
    assert np.round(ahead, 6).tolist() == np.round(sorted(values, reverse=True)[: len(ahead)], 6).tolist()
    assert len(against) <= AGAINST
    if min(values) < -LEAST - 1e-6:
        assert np.round(against, 6).tolist() == [round(min(values), 6)]
    assert all(abs(x) > LEAST - 1e-6 for x in chosen), "tiny contributions are not worded"
    assert chosen[: len(ahead)] == ahead, "for comes first"


def _first(book: Phrasebook) -> list[int]:
    return [int(keys[0]) for keys in book.keys]


@given(st.lists(st.lists(points, min_size=5, max_size=5), min_size=1, max_size=8))
def test_a_batch_chooses_as_one_lead_does(rows: list[list[float]]) -> None:
    low_bits = np.arange(5)
    keys = (np.rint(np.array(rows) * UNIT).astype(np.int64) << BITS) | low_bits
    best = BestKeys(len(rows))
    for column in keys.T:
        best.add(column.copy())
    for row, own in zip(np.array(best.chosen()).T, keys, strict=True):
        assert [int(key) for key in row if key] == choose(own.tolist())


def test_ties_go_to_the_field_that_stands_first() -> None:
    assert _chosen(0.5, 0.5, 0.5, 0.5) == ["f0", "f1", "f2"]
    assert _chosen(0.3, 0.5, 0.5) == ["f1", "f2", "f0"]
    assert _chosen(0.5, 0.5 + 1e-9) == ["f0", "f1"], "a difference that nobody sees"


def test_nothing_to_say() -> None:
    assert _chosen(0.01, -0.01) == []
    assert choose([]) == []
    assert text([]) == ""


def test_a_phrase_knows_its_term_field_and_axis(module_bundle: Bundle) -> None:
    book = Phrasebook(module_bundle.scorecard, module_bundle.schema, "en")
    visits = book.phrase(int(book.keys[0][-2]))
    assert (visits.term, visits.field, visits.axis) == (0, "visits", "interest")
    assert visits.text == "visited the pricing page 4 or more times"
    title = book.phrase(int(book.keys[5][-1]))
    assert (title.field, title.axis, title.text) == ("job_title", "authority", "job title unknown")
    assert book.phrase(book.past_horizon).text == PAST_HORIZON["en"]


@given(st.floats(-1e3, 1e3))
def test_keys_carry_the_contribution_to_six_decimals(value: float) -> None:
    step = Scorecard(0.0, (StepTerm("x", (), (value,), 0.0),))
    book = Phrasebook(step, Schema((Field("x", "number"),), Roles()), "en")
    key = int(book.keys[0][0])
    assert (key >> BITS) / UNIT == pytest.approx(value, abs=5.1e-7)
    assert book.phrase(key).field == "x"


def test_a_line_has_a_key_by_range_and_contribution() -> None:
    line = Scorecard(0.0, (LinearTerm("x", 1.0, 0.0, 9.0, 5.0, missing=-0.25, marks=(3.0,)),))
    book = Phrasebook(line, Schema((Field("x", "number"),), Roles()), "en")
    low_bits = book.keys[0]
    keys = linear_keys(np.array([-2.0, 4.0]), low_bits[:2])
    assert [book.phrase(int(key)).text for key in (*keys, low_bits[2])] == ["x: under 3", "x: 3 or more", "x unknown"]
    assert [int(key) >> BITS for key in (*keys, low_bits[2])] == [-2_000_000, 4_000_000, -250_000]


def test_reasons_as_one_text() -> None:
    reasons = [
        Reason("visits", "interest", 0.8, "visited the pricing page 4 times"),
        Reason("job_title", "authority", -0.2, "job title unknown"),
    ]
    assert text(reasons) == "+ visited the pricing page 4 times; - job title unknown"
