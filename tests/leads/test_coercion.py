"""How one value is read: missing values, levels, numbers, flags, dates; and that no address is ever shown."""

import datetime as dt
import time
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.coercion import CoercionError, Missing, asks_out, identity, level, number, reader, seconds, shown
from leadml.leads.placeholders import PLACEHOLDERS
from leadml.leads.schema import KINDS, Field, Kind

NOTHING = [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, "", "  ", "\t", "N/A", " unknown ", "Keine  Angabe"]


def read(kind: Kind, value: object, *placeholders: str) -> tuple[float | str | None, ...]:
    return reader(Field("x", kind), placeholders)(value, 0.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", NOTHING, ids=repr)
def test_there_is_one_missing_value(kind: Kind, value: object) -> None:
    parts = Field("x", kind).parts
    assert read(kind, value) == (None,) * len(parts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", sorted(PLACEHOLDERS - {"na"}))
def test_every_placeholder_is_missing_in_every_spelling(kind: Kind, value: str) -> None:
    nothing = (None,) * len(Field("x", kind).parts)
    assert read(kind, value) == read(kind, f" {value.upper()} ") == nothing


def test_na_is_namibia_in_a_column_of_countries_only() -> None:
    assert read("country", "NA") == ("NA",)
    assert read("country", "n/a") == (None,)
    assert read("category", "NA") == (None,)


def test_one_level_in_all_spellings() -> None:
    assert {read("category", value) for value in ("1", 1, 1.0, "1.0", " 1 ", np.int64(1), np.float32(1), b"1")} == {
        ("1",)
    }
    assert {read("category", value) for value in (True, "TRUE", "True", " true", np.True_)} == {("true",)}
    assert {read("category", value) for value in ("Web  shop", " web shop", "WEB SHOP")} == {("web shop",)}
    assert level("01") == "01"  # a code, not the number 1
    assert read("category", np.float32(0.1)) == read("category", float(np.float32(0.1)))


@pytest.mark.parametrize("value", ["inf", "-INF", "Infinity", "1e400", float("inf"), -float("inf"), 10**400])
def test_infinite_numbers_are_refused(value: object) -> None:
    with pytest.raises(CoercionError, match=r"must be a finite number, got -?inf"):
        read("number", value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(("1.5", 1.5), (" 1e3 ", 1000.0), (".5", 0.5), ("+2", 2.0), (True, 1.0), ("false", 0.0), ("NaN", None)),
        *((Decimal("2.50"), 2.5), (np.int8(3), 3.0), (np.float32(0.1), float(np.float32(0.1))), (b"7", 7.0)),
    ],
)
def test_numbers(value: object, expected: float | None) -> None:
    assert read("number", value) == (expected,)


@pytest.mark.parametrize(
    "value", ["1_0", "0x10", "１", "1 00", "abc", "12 %%", "1,2,3", "5-", "€", "nan(1)", dt.date(2026, 1, 1)]
)
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(CoercionError, match="must be a number, got"):
        read("number", value)


def test_a_number_in_doubt_is_refused_with_the_mend() -> None:
    with pytest.raises(CoercionError, match=r"not in doubt .* got '1,234'; say decimal_point or decimal_comma"):
        read("number", "1,234")


@pytest.mark.parametrize("value", ["999", 999, 999.0, "999.0", "9.99e2"])
def test_a_placeholder_that_is_a_number_counts_as_one(value: object) -> None:
    assert read("number", value, "999") == (None,)
    assert read("number", "9990", "999") == (9990.0,)


def test_a_placeholder_counts_in_every_form_that_is_one_level() -> None:
    for value in ("999", 999, 999.0, "999.0", " 999"):
        assert read("category", value, "999") == (None,)
    assert read("category", "Nicht  Bekannt?", "nicht bekannt?") == (None,)
    assert read("category", "other") == ("other",)


@pytest.mark.parametrize(
    "value", ["1900-01-01", "1900-01-01T00:00:00Z", dt.date(1900, 1, 1), pd.Timestamp("1900-01-01")]
)
def test_a_placeholder_that_is_a_date_counts_as_one(value: object) -> None:
    assert read("date", value, "1900-01-01") == (None, None, None)
    assert read("date", "1900-01-02", "1900-01-01") != (None, None, None)
    assert read("date", value, "1900-01-01T00:00:00Z") == (None, None, None)


def test_flags() -> None:
    assert {read("flag", value) for value in ("yes", "Ja", "TRUE", True, 1, 1.0, "1.0", "x")} == {("yes",)}
    assert {read("flag", value) for value in ("no", "Nein", "False", False, 0, 0.0, "0", "off")} == {("no",)}
    with pytest.raises(CoercionError, match="must be yes or no, got 'perhaps'"):
        read("flag", "perhaps")


def test_dates_have_an_age_a_month_and_a_weekday() -> None:
    created = seconds("2026-02-10", Missing())
    assert created is not None
    assert reader(Field("x", "date"))("2026-01-31T12:00", created) == (9.5, "1", "6")
    assert reader(Field("x", "date"))("2026-01-31", float("nan")) == (None, "1", "6")
    with pytest.raises(CoercionError, match="must be a date such as 2026-01-31, got 20260131"):
        read("date", 20260131)
    with pytest.raises(CoercionError, match=r"of a known form, got '03/04/2026'; say day_first or month_first"):
        read("date", "03/04/2026")


@pytest.mark.parametrize(
    "address", ["anna.schmidt@acme.de", "a.very.long.name.indeed.of.somebody.at.work@acme.example"]
)
@pytest.mark.parametrize("kind", ["number", "flag", "date"])
def test_no_message_shows_an_address(kind: Kind, address: str) -> None:
    for value in (address, f"Anna <{address}>", f"mail to {address}, please"):
        with pytest.raises(CoercionError) as caught:
            read(kind, value)
        assert not any(part in str(caught.value) for part in (address, address.partition("@")[0], address[:20]))


@given(st.emails())
def test_an_address_gives_only_its_type(address: str) -> None:
    (kind,) = read("email", address)
    assert kind in ("free", "corporate", "invalid")


def test_values_are_shown_briefly() -> None:
    assert len(shown("x" * 99)) == 40
    assert shown("mail a@b.de") == "'mail ***@b.de'"


def test_ids_are_kept_as_they_are_written() -> None:
    written = [identity(value) for value in ("L 1", "na", "007", 7, 7.0)]
    assert written == ["L 1", "na", "007", "7", "7"]
    assert [identity(value) for value in (None, "", float("nan"), pd.NA, pd.NaT)] == [None] * 5


def test_endless_digits_are_refused_at_once() -> None:
    started = time.perf_counter()
    for text in ("1" * 50_000 + "x", "a" * 50_000):
        with pytest.raises(CoercionError, match="must be a number"):
            number(text, Missing())
    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize("value", ["yes", "STOP", "Opt-Out", "Do Not Allow", " gesperrt ", True, 1, "x"])
def test_who_asks_out(value: object) -> None:
    assert asks_out(value, Missing())


@pytest.mark.parametrize("value", ["no", None, "", "n/a", False, 0, "Allow"])
def test_who_does_not(value: object) -> None:
    assert not asks_out(value, Missing())


def test_what_says_neither_is_refused() -> None:
    with pytest.raises(CoercionError, match="must be yes or no, got 'CA'"):
        asks_out("CA", Missing())
