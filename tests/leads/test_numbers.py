"""Numbers as people write them: read as meant, or refused; a column of them is read as each of its values."""

import pyarrow as pa
import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadml.leads.forms import number_form
from leadml.leads.numbers import parse_number, parse_regular
from leadml.leads.schema import Format


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("1.234,50", 1234.5), ("1,234.50", 1234.5), ("€ 1.234,50", 1234.5), ("1.234,50 €", 1234.5), ("-1,5", -1.5)),
        *(("USD 100", 100), ("100 chf", 100), ("$1,234.5", 1234.5), ("-€5", -5), ("€-5", -5), ("1.000.000", 1e6)),
        *(("45 %", 0.45), ("12,5%", 0.125), ("(12.5)", -12.5), ("1 234,50", 1234.5), ("1'234.50", 1234.5)),
        *(("1\u00a0234\u202f567", 1234567), ("12,34,567", 1234567), ("0,123", 0.123), ("12345,678", 12345.678)),
        *(("−3", -3), ("1,5e-07", 1.5e-07), (",5", 0.5), ("5.", 5), ("1,", 1), ("+7", 7), ("1.5", 1.5), ("2e3", 2000)),
    ],
)
def test_what_leaves_no_doubt_is_read_whatever_the_form(text: str, expected: float) -> None:
    for form in (None, "decimal_point", "decimal_comma"):
        assert parse_number(text, form) == expected, form


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        *(("1,234", "decimal_point", 1234), ("1,234", "decimal_comma", 1.234), ("-1,234 €", "decimal_comma", -1.234)),
        *(("1.234", None, 1.234), ("1.234", "decimal_point", 1.234), ("1.234", "decimal_comma", 1234)),
    ],
)
def test_the_form_settles_one_mark_before_three_digits(text: str, form: Format | None, expected: float) -> None:
    assert parse_number(text, form) == expected


@pytest.mark.parametrize(
    "text",
    ["", "€", "-", "1,2,3", "12,34.5", "1.5.2", "5-", "--5", "1 2", "(5", "(-5)", "€ 5 €", "5 % €", "0x1", "٣", "1_0"],
)
def test_the_rest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a number"):
        parse_number(text)


def test_a_comma_in_doubt_is_refused_without_a_form() -> None:
    with pytest.raises(ValueError, match="not in doubt"):
        parse_number("1,234")


LOCALES = {"de_DE": "decimal_comma", "en_US": "decimal_point", "fr_FR": "decimal_comma", "de_CH": None, "en_IN": None}


@pytest.mark.parametrize("locale", LOCALES)
@settings(deadline=None)
@given(st.lists(st.integers(-(10**12), 10**12).map(lambda cents: cents / 100), min_size=1, max_size=8))
@example([1234.0, 0.5])
def test_what_a_locale_writes_is_read_back(locale: str, values: list[float]) -> None:
    """Babel writes numbers as the locale does; the column is read with the form that was detected in it."""
    texts = [format_decimal(value, locale=locale, format="#,##0.00") for value in values]
    if locale == "en_IN":
        texts = [format_decimal(value, locale=locale, format="#,##,##0.00") for value in values]
    form = number_form([(text, 1) for text in texts])
    assert form.sure
    assert [parse_number(text, form.format) for text in texts] == values


@settings(deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9).map(lambda cents: cents / 100), min_size=1, max_size=6))
def test_money_in_german_is_read_a_column_at_a_time(values: list[float]) -> None:
    texts = [format_currency(value, "EUR", locale="de_DE") for value in values]
    column = parse_regular(pa.array([*texts, None]), "decimal_comma")
    assert column is not None
    assert column.to_pylist() == [*values, None]


def test_a_column_that_is_not_regular_is_left_to_the_reader() -> None:
    assert parse_regular(pa.array(["1,5", "many"]), "decimal_comma") is None
    assert parse_regular(pa.array(["1,5"]), None) is None
