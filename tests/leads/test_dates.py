"""Dates in ISO 8601, one by one and by the column; the expected numbers are `date -u -d TEXT +%s`."""

from datetime import UTC, date, datetime, timedelta, timezone

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadml.leads.dates import parse_date
from leadml.leads.moments import DatesError, parse_dates


def seconds(array: pa.Array) -> list[float | None]:
    return [None if micros is None else micros / 1e6 for micros in array.cast(pa.int64()).to_pylist()]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31", 1769817600.0),
        (" 2026-01-31 ", 1769817600.0),
        ("2026-01-31T09:30", 1769851800.0),
        ("2026-01-31 09:30:15", 1769851815.0),
        ("2026-01-31 09", 1769850000.0),
        ("2026-01-31T09:30:15.25Z", 1769851815.25),
        ("2026-01-31T09:30:15,25", 1769851815.25),
        ("2026-01-31 09:30:15.123456789", 1769851815.123456),
        ("2026-01-31T09:30:15+01:00", 1769848215.0),
        ("2026-01-31T09:30:15-0130", 1769857215.0),
        ("2026-01-31T09:30:15+01", 1769848215.0),
        ("1969-12-31T23:59:59.5", -0.5),
        ("0001-01-01T00:00+01:00", -62135600400.0),
        (date(2026, 1, 31), 1769817600.0),
        (datetime(2026, 1, 31, 9, 30), 1769851800.0),
        (datetime(2026, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=1))), 1769848200.0),
        (pd.Timestamp("2026-01-31 09:30:15.123456789"), 1769851815.123456),
        (pd.Timestamp("1969-12-31 23:59:59.9999999"), -1e-6),
    ],
)
def test_one_value(value: object, expected: float) -> None:
    assert parse_date(value) == expected


NO_DATES = ["", "x", "31.02.2026", "1.2.3", "5 marketing 2026", "2026-02-30", "2026-13-01", "20260131", "2026-W05-6"]
NO_DATES += ["2026-031", "2026-01-31T", "2026-01-31T25:00", "2026-01-31 24:00", "2026-01-31T09:30:60", "2026-01-31Z"]
NO_DATES += ["31.01/2026", "13:00 AM", "10000-01-01", "0000-01-01", "2026-01-31T09:30+24:00", "2026-01-31T09:30+01:60"]
NO_DATES += ["²026-01-31"]


@pytest.mark.parametrize("value", [*NO_DATES, 1769817600, 1.5, True, None, b"2026-01-31", pd.NaT])
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"must be a date such as 2026-01-31|NaN"):
        parse_date(value)


def test_a_long_text_is_shown_in_part() -> None:
    with pytest.raises(ValueError, match=r"x{37}\.\.\.'$"):
        parse_date("x" * 99)


def test_failing_rows_are_named() -> None:
    for array in (column := pa.array(["2026-01-31", None, "soon", "later"])), column.dictionary_encode():
        with pytest.raises(DatesError, match=r"row 2: must be a date .*; row 3: ") as caught:
            parse_dates(array)
        assert [row for row, _ in caught.value.rows] == [2, 3]


@pytest.mark.parametrize("kind", [pa.timestamp("s"), pa.timestamp("ns", "Europe/Berlin"), pa.date32(), pa.date64()])
def test_typed_columns(kind: pa.DataType) -> None:
    array = pa.array([date(2026, 1, 31), None], pa.date32()).cast(pa.timestamp("us", "UTC")).cast(kind)
    moments = parse_dates(array)
    assert moments.type == pa.timestamp("us", "UTC")
    assert seconds(moments) == [1769817600.0, None]


def test_nanoseconds_are_cut_downwards_as_for_one_value() -> None:
    assert seconds(parse_dates(pa.array([-1, 1], pa.timestamp("ns")))) == [-1e-6, 0.0]


def test_other_columns() -> None:
    assert seconds(parse_dates(pa.nulls(2))) == [None, None]
    assert seconds(parse_dates(pa.chunked_array([["2026-01-31"], [None]]))) == [1769817600.0, None]
    assert seconds(parse_dates(pa.array(["2026-01-31"], pa.large_string()))) == [1769817600.0]
    unused = pa.DictionaryArray.from_arrays([0, None], ["2026-01-31", "soon"])
    assert seconds(parse_dates(unused)) == [1769817600.0, None]
    with pytest.raises(DatesError, match="row 0: must be a date"):
        parse_dates(pa.array([1769817600]))


MOMENTS = st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=-3, minutes=-30))]))
WRITTEN = st.one_of(
    st.builds(
        lambda moment, sep, spec: moment.isoformat(sep, spec),
        MOMENTS,
        st.sampled_from("T "),
        st.sampled_from(["auto", "hours", "minutes", "seconds", "milliseconds", "microseconds"]),
    ),
    st.dates().map(date.isoformat),
    st.from_regex(
        r"20[0-2]\d-[01]\d-[0-3]\d([T ][0-2]\d(:[0-6]\d(:[0-6]\d([.,]\d{1,9})?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?",
        fullmatch=True,
    ),
    st.sampled_from(NO_DATES),
)


@settings(deadline=None)
@example(["0000-12-31T23:59-01:00"])
@example(["0001-01-01T00:00+01:00", "9999-12-31T23:59-01:00"])
@given(st.lists(st.none() | WRITTEN, max_size=6))
def test_a_column_agrees_with_its_values_exactly(texts: list[str | None]) -> None:
    expected: list[float | None] = []
    wrong: list[tuple[int, str]] = []
    for row, text in enumerate(texts):
        try:
            expected.append(None if text is None else parse_date(text))
        except ValueError as error:
            wrong.append((row, str(error)))
    array = pa.array(texts, pa.string())
    for column in (array, array.dictionary_encode()):
        if wrong:
            with pytest.raises(DatesError) as caught:
                parse_dates(column)
            assert list(caught.value.rows) == wrong
        else:
            assert seconds(parse_dates(column)) == expected
