"""Guarded texts: no formula, nothing lost, no cost where there is nothing to guard."""

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.guard import guard, guarded, unguard, unguarded
from leadml.leads.numbers import NUMBER

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
TEXTS = st.one_of(
    st.text(),
    st.text("'=+-@\t\r1.5e \n", max_size=8),
    st.floats(allow_nan=False, allow_infinity=False).map(str),
    st.integers().map("{:+d}".format),
)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 170 1234567", "'+49 170 1234567"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-5", "-5"),
        ("+3.2e4", "+3.2e4"),
        ("-.5E-3", "-.5E-3"),
        ("-5\n", "'-5\n"),
        ("-٣", "'-٣"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("'-5", "''-5"),
        ("'quoted'", "'quoted'"),
        ("it's", "it's"),
        ("", ""),
        ("Müller", "Müller"),
    ],
)
def test_texts_and_their_cells(text: str, cell: str) -> None:
    assert guarded(text) == cell
    assert unguarded(cell) == text
    assert guard(pa.array([text])).to_pylist() == [cell]
    assert unguard(pa.array([cell])).to_pylist() == [text]


@given(TEXTS)
def test_one_text_comes_back_and_is_no_formula(text: str) -> None:
    cell = guarded(text)
    assert unguarded(cell) == text
    assert not cell.startswith(DANGEROUS) or NUMBER.fullmatch(cell)


@given(st.lists(st.none() | TEXTS), st.sampled_from([pa.string(), pa.large_string()]), st.integers(0, 3))
def test_columns_are_guarded_as_texts_are(texts: list[str | None], kind: pa.DataType, first: int) -> None:
    array = pa.array(texts, kind)[first:]
    expected = [None if text is None else guarded(text) for text in texts[first:]]
    cells = guard(array)
    assert cells.type == kind
    assert cells.to_pylist() == expected
    assert unguard(cells).to_pylist() == texts[first:]
    coded = guard(array.dictionary_encode())
    assert coded.to_pylist() == expected
    assert unguard(coded).to_pylist() == texts[first:]


def test_what_needs_no_guard_is_not_copied() -> None:
    safe = pa.array(["web", None, "", "a=b", "x-y", "7"])
    coded = safe.dictionary_encode()
    assert guard(safe) is safe
    assert unguard(safe) is safe
    assert guard(coded) is coded
    numbers = pa.array([-1.5, None])
    assert guard(numbers) is numbers
    nothing = pa.nulls(3)
    assert guard(nothing) is nothing


def test_a_dictionary_is_looked_at_once() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0], pa.int8()), ["=1", "web"])
    cells = guard(column)
    assert cells.dictionary.to_pylist() == ["'=1", "web"]
    assert cells.indices.equals(column.indices)


def test_the_pattern_of_guarded_cells() -> None:
    """What readers elsewhere may rely on: exactly the texts of this form lose one apostrophe."""
    pattern = re.compile(r"^'+[=+\-@\t\r]")
    for text in ("'=", "''@", "'\t", "'a", "a'=", "=", "' ="):
        assert (unguarded(text) != text) == bool(pattern.match(text))
