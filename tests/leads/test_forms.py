"""How columns are written: the whole column settles what one value leaves in doubt."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.coercion import Missing
from leadml.leads.dates import parse_date
from leadml.leads.forms import Counted, date_form, epoch_form, guess_list, list_form, number_form
from leadml.leads.schema import Format


def counted(*texts: str) -> Counted:
    return [(text, 1) for text in texts]


@pytest.mark.parametrize(
    ("texts", "form", "sure"),
    [
        *((("1", "2.5"), None, True), (("1", "2,5"), "decimal_comma", True), (("1.234,5",), "decimal_comma", True)),
        *((("1,234.5",), "decimal_point", True), (("1,234", "1,5"), "decimal_comma", True)),
        *((("1,234", "2,345"), "decimal_point", False), (("1,234", "1.5"), "decimal_point", True)),
        *((("1.234",), None, True), (("1.234", "1.234.567"), "decimal_comma", True), (("1,5", "1.25"), None, True)),
        *((("1,5", "1.25", "1.234"), None, False), (("5 €", "7 USD"), None, False), (("5 %",), None, True)),
    ],
)
def test_decimal_marks(texts: tuple[str, ...], form: Format | None, sure: bool) -> None:
    found = number_form(counted(*texts))
    assert (found.format, found.sure) == (form, sure)


def test_other_columns_settle_what_this_one_does_not() -> None:
    assert number_form(counted("1.234", "5.000"), default="decimal_comma").format == "decimal_comma"
    assert number_form(counted("1,234"), default="decimal_comma").format == "decimal_comma"
    assert number_form(counted("1.234", "1.5"), default="decimal_comma").format is None
    assert number_form(counted("12"), default="decimal_comma").format is None


def test_units_are_told() -> None:
    assert "45 % as 0.45" in number_form(counted("3 %", "4 %")).why
    assert number_form([("5 €", 3), ("7 USD", 1)]).why == "numbers; in € (3), USD (1), not converted"


@pytest.mark.parametrize(
    ("texts", "form", "sure"),
    [
        *((("2026-01-31",), None, True), (("31.01.2026",), "day_first", True), (("01.02.2026",), "day_first", True)),
        *((("03/04/2025", "31/04/2025"), "day_first", True), (("03/04/2025", "04/31/2025"), "month_first", True)),
        *((("03/04/2025",), "month_first", False), (("31/01/2025", "01/31/2025"), None, False)),
    ],
)
def test_orders_of_day_and_month(texts: tuple[str, ...], form: Format | None, sure: bool) -> None:
    found = date_form(counted(*texts), today=date(2026, 11, 1))
    assert (found.format, found.sure) == (form, sure)


def test_the_order_with_fewer_dates_ahead_of_today_is_taken() -> None:
    assert date_form(counted("02/12/2026", "01/11/2026"), today=date(2026, 3, 1)).format == "month_first"
    assert date_form(counted("12/02/2026", "11/01/2026"), today=date(2026, 3, 1)).format == "day_first"


@given(st.lists(st.integers(0, 3000), min_size=40, max_size=60, unique=True), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_a_column_of_dates_is_read_in_its_own_order(days: list[int], shape: str) -> None:
    dates = [date(2018, 1, 1) + timedelta(days=n) for n in days]
    texts = [one.strftime(shape) for one in dates]
    if all(one.day <= 12 for one in dates):
        return
    form = date_form(counted(*texts))
    assert form.sure
    assert [parse_date(text, form.format) for text in texts] == [parse_date(one) for one in dates]


def test_epochs_are_told_by_their_size() -> None:
    seconds, milliseconds = epoch_form(counted("1767225600", "1700000000")), epoch_form(counted("1767225600000"))
    assert seconds is not None
    assert milliseconds is not None
    assert (seconds.format, milliseconds.format) == ("seconds", "milliseconds")
    assert epoch_form(counted("12", "1767225600")) is None
    assert epoch_form(counted("2026-01-31")) is None
    assert epoch_form([]) is None


LISTS = ["Pricing;API", "API; Support", "Support", "Pricing; Support;API", "API;Pricing", "pricing;support", "Security"]


def test_items_that_come_back_are_a_list() -> None:
    found = guess_list([(text, 10) for text in LISTS], Missing())
    assert found is None  # too few distinct cells for four items
    more = [*LISTS, "Security;API", "Security;Pricing", "Security;Support"]
    found = guess_list([(text, 10) for text in more], Missing())
    assert found is not None
    assert found[0].format == "semicolons"
    assert found[1] == ("api", "pricing", "security", "support")


def test_names_with_commas_are_no_list() -> None:
    names = ["Banking, Finance, Insurance", "Hotels, Tourism", "Arts, Media", "Retail, Wholesale", "Health"]
    assert guess_list([(name, 50) for name in names], Missing()) is None


def test_numbers_with_commas_are_no_list() -> None:
    sums = [f"{i % 5},{i % 4} Mio. €" for i in range(20)] + [f"€ {i},5" for i in range(20)]
    assert guess_list([(text, 10) for text in sums], Missing()) is None


def test_a_told_list_takes_its_most_frequent_separator() -> None:
    form, levels = list_form([("a|b", 10), ("b|c|d,e", 10), ("n/a", 5)], Missing())
    assert form.format == "bars"
    assert levels == ("a", "b", "c", "d,e")
    assert list_form([("a,b", 3)], Missing(), "commas")[1] == ()  # too few leads for a part of their own
