"""Whole columns of text and their keys read as each value alone would be."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadml.leads.coercion import Missing
from leadml.leads.duplicates.keys import alike, distinct_per, first_of_each, mixed, numbered, text_keys
from leadml.leads.texts import known_texts

ODD = [
    "n/a",
    " N/A ",
    "keine  Angabe",
    "keine\tangabe",
    "Weiß nicht",
    "weiss NICHT",
    "1.0",
    "1",
    "unknown",
    "-",
    "",
    "  ",
]
TEXTS = st.lists(st.none() | st.sampled_from(ODD) | st.text(st.characters(min_codepoint=32), max_size=12))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_known_texts_of_every_type(kind: pa.DataType) -> None:
    read = known_texts(pa.array([*ODD, " x ", None], kind), Missing(["weiss nicht", "1"]))
    assert read.to_pylist() == [None] * len(ODD) + ["x", None]


@settings(deadline=None)
@given(TEXTS, st.sampled_from([(), ("weiß nicht", "1"), ("x",)]))
def test_known_texts_are_those_of_each_value(texts: list[str | None], placeholders: tuple[str, ...]) -> None:
    missing = Missing(placeholders)
    array = pa.array(texts, pa.string())
    expected = [missing.text(text) for text in texts]
    assert known_texts(array, missing).to_pylist() == expected
    assert known_texts(array.dictionary_encode(), missing).to_pylist() == expected
    assert known_texts(array.slice(1), missing).to_pylist() == expected[1:]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, None, 30]), ["1", None, "30"]),
        (pa.array([1.0, None, 2.5]), ["1", None, "2.5"]),
        (pa.array([1.0, None, float("nan")]), ["1", None, None]),
        (pa.array([float("inf"), 1.0]), ["inf", "1"]),
        (pa.array([1e300, 1.0]), [str(int(1e300)), "1"]),
        (pa.array([True, None]), ["True", None]),
        (pa.array([b"a ", None]), ["a", None]),
        (pa.nulls(2), [None, None]),
        (pa.array([], pa.float64()), []),
    ],
)
def test_known_texts_of_other_columns(array: pa.Array, expected: list[str | None]) -> None:
    assert known_texts(array, Missing()).to_pylist() == expected


@settings(deadline=None)
@given(
    st.lists(st.none() | st.text(max_size=30) | st.sampled_from(["a" * 600, "a" * 601, "a" * 600 + "b", "b" * 4000]))
)
def test_keys_are_equal_where_texts_are(texts: list[str | None]) -> None:
    array = pa.array(["cut off", *texts], pa.string()).slice(1)
    keys, codes = text_keys(array).tolist(), numbered(array).tolist()
    for i, one in enumerate(texts):
        assert (keys[i] == 0) == (one is None)
        assert (codes[i] >= 0) == (one is not None and texts.count(one) > 1)
        for j, other in enumerate(texts):
            assert (keys[i] == keys[j]) == (one == other)
            if codes[i] >= 0:
                assert (codes[i] == codes[j]) == (one == other)


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), max_size=20), st.data())
def test_keys_that_occur_more_than_once(values: list[int], data: st.DataObject) -> None:
    keys = np.where(np.array(values, dtype=np.intp) > 0, mixed(np.array(values, dtype=np.intp)), np.uint64(0))
    places, codes = alike(keys)
    assert places.tolist() == [i for i, value in enumerate(values) if value and values.count(value) > 1]
    assert len(set(codes.tolist())) == len({values[i] for i in places}) == max(codes, default=-1) + 1
    if all(values):
        assert first_of_each(keys).tolist() == [values.index(value) == i for i, value in enumerate(values)]
    groups = data.draw(st.lists(st.integers(0, 2), min_size=len(values), max_size=len(values)))
    counted = distinct_per(np.array(groups, dtype=np.intp), keys, 3).tolist()
    assert counted == [len({v for g, v in zip(groups, values, strict=True) if g == group and v}) for group in range(3)]
