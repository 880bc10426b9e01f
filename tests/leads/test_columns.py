"""A column gives what the scalar reader gives for each of its values, whatever its Arrow type; faults too."""

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadml.leads.coercion import CoercionError, Missing, number, reader, seconds
from leadml.leads.columns import Coercer
from leadml.leads.declared import FORMATS
from leadml.leads.parts import Levels, take
from leadml.leads.reading import distinct_values, read_dates, read_ids, read_numbers
from leadml.leads.schema import KINDS, Field, Format, Kind, Roles, Schema

OWN = ("999", "1900-01-01", "Other?")
CREATED = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
Part = float | str | None

TEXTS = st.text(max_size=5) | st.sampled_from(
    [
        *(
            "1",
            "1.0",
            " 1",
            "999",
            "999.0",
            "9.99e2",
            "-0.0",
            "1e400",
            "inf",
            "nan",
            "-nan",
            "nan(1)",
            "1,5",
            "１",
            "1_0",
        ),
        *("", " ", "\x1f", "\u00a0", "n/a", "NA", "N/A ", "other?", "Keine  Angabe", "web", "WEB", "Straße", "STRASSE"),
        *(
            "yes",
            "No",
            "TRUE",
            "0.0",
            "x",
            "Head of Sales",
            "CEO",
            "Germany",
            "DE",
            "Atlantis",
            "a@gmail.com",
            "a@acme.de",
        ),
        *("1,234", "1.234", "1.234,5", "1,234.5", "-1,5", "12 %", "€ 1.000", "(3,5)", "1 234,5", "12,5e3", "1.5"),
        *(
            "03/04/2026",
            "13.4.26",
            "4/13/2026 9:05 PM",
            "31-12-2025 10:00",
            "1 Mai 2026",
            "1767225600",
            "-5",
            "Mar 3, 2026",
        ),
        *("web;fair", "Web; ;fair ", "a|b", "a,b,", "[a; b]", ";"),
        *(
            "2026-01-31",
            "2026-01-31 09:30",
            "2026-01-31T09:30:00+02:00",
            "1900-01-01",
            "1900-01-01T00:00",
            "31.01.2026",
        ),
        *("0000-01-01", "2026-02-30", "2026-01-31T24:00:00", "nan@", "İ", "ẞ"),
    ]
)
MOMENTS = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)) | st.just(dt.datetime(1900, 1, 1))
WHOLE = st.sampled_from([0, 1, -1, 999, 2**53 + 1]) | st.integers(-(2**62), 2**62)
REAL = st.floats() | st.sampled_from([999.0, 1.0, -0.0, 0.1])


def array_of(values: st.SearchStrategy[object], kind: pa.DataType) -> st.SearchStrategy[pa.Array]:
    return st.lists(values | st.none(), min_size=1, max_size=6).map(lambda some: pa.array(some, kind))


ARRAYS = st.one_of(
    *(array_of(TEXTS, kind) for kind in (pa.string(), pa.large_string(), pa.string_view())),
    array_of(TEXTS, pa.string()).map(lambda array: array.dictionary_encode()),
    array_of(TEXTS.map(lambda text: text.encode()), pa.binary()),
    array_of(WHOLE, pa.int64()),
    array_of(WHOLE, pa.int64()).map(lambda array: array.dictionary_encode()),
    array_of(st.integers(0, 255), pa.uint8()),
    array_of(REAL, pa.float64()),
    array_of(st.floats(width=32), pa.float32()),
    array_of(st.floats(width=16).map(np.float16), pa.float16()),
    array_of(st.booleans(), pa.bool_()),
    array_of(st.decimals(-(10**6), 10**6, places=2, allow_nan=False), pa.decimal128(12, 2)),
    *(array_of(MOMENTS, pa.timestamp(unit, zone)) for unit in ("us", "ns") for zone in (None, "UTC", "Asia/Tokyo")),
    array_of(MOMENTS, pa.timestamp("us")).map(lambda array: array.dictionary_encode()),
    array_of(MOMENTS.map(lambda moment: moment.date()), pa.date32()),
    array_of(MOMENTS.map(lambda moment: moment.date()), pa.date64()),
    array_of(st.times(), pa.time64("us")),
    st.integers(1, 4).map(pa.nulls),
    array_of(st.lists(st.text(max_size=2), max_size=2), pa.list_(pa.string())),
)


def value_by_value(field: Field, array: pa.Array) -> tuple[list[tuple[Part, ...]], list[tuple[int, str, str]]]:
    """What the scalar reader makes of each value: the parts, and (row, column, message) of the faults."""
    read, parts, faults = reader(field, OWN), [], []
    for row, value in enumerate(array.to_pylist()):
        try:
            parts.append(read(value, CREATED.timestamp()))
        except CoercionError as error:
            parts.append((None,) * len(field.parts))
            faults.append((row, field.name, str(error)))
    return parts, faults


def same(left: Part, right: Part) -> bool:
    return left == right or (isinstance(left, float) and left == pytest.approx(right, rel=1e-12, nan_ok=True))


def listed(column: object) -> list[Part]:
    if isinstance(column, Levels):
        return [None if code < 0 else column.levels[code] for code in column.codes]
    assert isinstance(column, np.ndarray)
    return [None if math.isnan(value) else float(value) for value in column]


WRITTEN: list[tuple[Kind, Format | None]] = [
    *((kind, None) for kind in KINDS),
    *((kind, form) for kind, forms in FORMATS.items() for form in forms),
]


@pytest.mark.parametrize(("kind", "form"), WRITTEN)
@settings(max_examples=120, deadline=None)
@given(array=ARRAYS)
@example(pa.array(["1900-01-01", "2026-01-31"]))
@example(pa.array(["1.234,50 €", "1.000", "-2,5", None, "n/a"]))
@example(pa.array(["31/12/2025", "1/2/2026 10:30", None]))
@example(pa.array([1767225600, 1767225600123, None]))
@example(pa.array([dt.datetime(1900, 1, 1), None], pa.timestamp("ns")))
@example(pa.DictionaryArray.from_arrays([0, 1, None, 2], ["1", None, "n/a"]))
def test_a_column_is_its_values_one_by_one(kind: Kind, form: Format | None, array: pa.Array) -> None:
    field = Field("x", kind, format=form, levels=("web", "a") if kind == "list" else ())
    schema = Schema((field,), Roles(created_at="at"), placeholders=OWN)
    expected, faults = value_by_value(field, array)

    coerced = Coercer(schema)(pa.table({"x": array, "at": pa.array([CREATED] * len(array))}))

    assert sorted(coerced.faults) == faults
    columns = [listed(coerced.parts[part.name]) for part in field.parts]
    for row, parts in enumerate(expected):
        assert all(same(a, b) for a, b in zip(parts, (column[row] for column in columns), strict=True)), parts


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(array=array_of(TEXTS, pa.string()), cut=st.integers(0, 6))
def test_batches_are_read_like_the_whole(kind: Kind, array: pa.Array, cut: int) -> None:
    coercer = Coercer(Schema((Field("x", kind),), Roles(), placeholders=OWN))
    whole = coercer(pa.table({"x": array}))
    chunks = pa.chunked_array([array.slice(0, cut), array.slice(cut)])
    parts = [coercer(pa.table({"x": chunk})) for chunk in chunks.chunks]
    for name, column in whole.parts.items():
        together = listed(coercer(pa.table({"x": chunks})).parts[name])
        assert together == listed(column) == [v for part in parts for v in listed(part.parts[name])]
    shifted = parts[0].faults + [(row + min(cut, len(array)), *rest) for row, *rest in parts[1].faults]
    assert sorted(shifted) == sorted(whole.faults)


@pytest.mark.parametrize(("column", "one"), [(read_numbers, number), (read_dates, seconds)])
def test_white_space_is_the_same_in_both_ways(
    column: Callable[..., np.ndarray[tuple[int], np.dtype[np.float64]]], one: Callable[..., float | None]
) -> None:
    """Every kind of space before a value, in a column by itself: Arrow and Python must trim alike."""
    value = "7" if column is read_numbers else "2026-01-31"
    for letter in (chr(code) for code in range(0x3001) if chr(code).isspace()):
        text, faults = letter + value, list[tuple[int, str, str]]()
        got = column(pa.array([text]), Missing(), "x", faults)
        assert not faults
        assert got[0] == one(text, Missing())


def test_an_absent_column_is_missing_and_named() -> None:
    schema = Schema((Field("a", "number"), Field("b", "category"), Field("c", "date")), Roles())
    coerced = Coercer(schema)(pa.table({"a": [1, 2]}))
    assert coerced.absent == ("b", "c")
    assert listed(coerced.parts["b"]) == listed(coerced.parts["c.month"]) == [None, None]
    assert coerced.n_rows == 2


def test_every_fault_has_its_own_row() -> None:
    schema = Schema((Field("a", "number"), Field("b", "flag")), Roles(created_at="at"))
    table = pa.table({"a": ["x", "1", "x"], "b": ["yes", "perhaps", None], "at": ["2026-01-01", "soon", None]})
    found = {(row, column) for row, column, _ in Coercer(schema)(table).faults}
    assert found == {(0, "a"), (2, "a"), (1, "b"), (1, "at")}


def test_the_outcome_of_one_row_does_not_depend_on_its_neighbours() -> None:
    """A single bad value sends a column the slow way; the others read the same there."""
    good = ["1", " 2 ", "1e3", "999", "n/a", "NaN", None]
    quick = read_numbers(pa.array(good), Missing(OWN), "x", [])
    slow = read_numbers(pa.array([*good, "bad"]), Missing(OWN), "x", [])
    assert np.array_equal(quick, slow[:-1], equal_nan=True)


@given(array_of(TEXTS, pa.string()))
def test_ids_are_one_form(array: pa.Array) -> None:
    assert read_ids(array).to_pylist() == read_ids(array.dictionary_encode()).to_pylist()
    assert read_ids(pa.array([7, None])).to_pylist() == read_ids(pa.array([7.0, math.nan])).to_pylist() == ["7", None]
    assert read_ids(pa.array([Decimal(7)])).to_pylist() == ["7"]


def test_distinct_values_restore_the_column() -> None:
    for array in (pa.array(["a", None, "a", "b"]), pa.array([True, None]), pa.nulls(2), pa.array([], pa.string())):
        codes, distinct = distinct_values(array)
        assert [distinct[code] for code in codes] == array.to_pylist()


def test_rows_can_be_taken() -> None:
    rows = np.array([2, 0], dtype=np.intp)
    assert listed(take(Levels(np.array([0, -1, 1], dtype=np.intp), ("a", "b")), rows)) == ["b", "a"]
    assert listed(take(np.array([1.0, 2.0, 3.0]), rows)) == [3.0, 1.0]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (300_000_000_000, pa.timestamp("s")),
        (9_000_000_000_000_000, pa.timestamp("s", "UTC")),
        (-100_000_000_000_000_000, pa.timestamp("us")),
        (3_000_000, pa.date32()),
    ],
    ids=str,
)
def test_moments_beyond_pythons_years_are_faults_of_their_rows(value: int, kind: pa.DataType) -> None:
    array = pa.array([0, value, None], pa.int32() if kind == pa.date32() else pa.int64()).cast(kind)
    faults: list[tuple[int, str, str]] = []
    np.testing.assert_equal(read_dates(array, Missing(), "day", faults), [0.0, np.nan, np.nan])
    ((row, column, message),) = faults
    assert (row, column) == (1, "day")
    assert message.startswith("must be a date between the years 1 and 9999, got ")
    assert message.endswith("; mend it")
    assert len(distinct_values(array)[1]) == 3
