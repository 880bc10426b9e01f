"""Numbers, days and rates as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.schema import Language
from leadml.model.bundle import Interval
from leadml.report.numbers import DASH, Numbers
from leadml.report.rates import Rate


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["1,234.50", "−0.25", "+0.3", "54%", "9.5%", "0.40%", "45%\u00a0to\u00a062%", "30\u00a0Sep\u00a02026"]),
        ("de", ["1.234,50", "−0,25", "+0,3", "54\u00a0%", "9,5\u00a0%", "0,40\u00a0%", None, "30.09.2026"]),
    ],
)
def test_each_language_writes_its_own_way(language: Language, written: list[str | None]) -> None:
    numbers = Numbers(language)
    span = numbers.span(Interval(0.5, 0.45, 0.62), numbers.percent)
    said = [
        numbers.decimal(1234.5),
        numbers.decimal(-0.25),
        numbers.decimal(0.3, 1, signed=True),
        numbers.percent(0.54),
        numbers.rate(0.095),
        numbers.rate(0.004),
        span,
        numbers.day("2026-09-30"),
    ]
    assert all(b is None or a == b for a, b in zip(said, written, strict=True)), said
    assert language == "en" or span == "45\u00a0%\u00a0bis\u00a062\u00a0%"


def test_what_is_not_known_is_a_dash_and_nothing_is_minus_zero() -> None:
    numbers = Numbers("en")
    assert {numbers.decimal(None), numbers.percent(None), numbers.day(None)} == {DASH}
    assert numbers.span(Interval(0.5, None, None), numbers.percent) == DASH
    assert numbers.decimal(-0.0004, 2, signed=True) == "0.00"


@pytest.mark.parametrize(
    ("x", "text"),
    [(12_500, "12,500"), (4.0, "4"), (0.35, "0.35"), (0.5, "0.5"), (0, "0"), (-2.5, "−2.5"), (-2.5e12, "−2.5e12")],
)
def test_compact_numbers_have_no_idle_digits(x: float, text: str) -> None:
    assert Numbers("en").compact(x) == text


def test_months_are_written_out() -> None:
    assert Numbers("de").month("2026-03") == "März\u00a02026"
    assert Numbers("en").month("2026") == "2026"


def test_the_score_interval_of_wilson() -> None:
    # Newcombe, Statistics in Medicine 17, 1998, table I: 81 of 263, 0 of 20 and 1 of 29
    for n, k, low, high in ((263, 81, 0.2553, 0.3662), (20, 0, 0.0, 0.1611), (29, 1, 0.0061, 0.1718)):
        span = Rate(n, k).interval
        assert span.low == pytest.approx(low, abs=5e-5)
        assert span.high == pytest.approx(high, abs=5e-5)
    assert Rate(0, 0).interval == Interval(None, None, None)


@given(n=st.integers(1, 10_000), share=st.floats(0, 1))
def test_an_interval_holds_its_rate_and_stays_within_0_and_1(n: int, share: float) -> None:
    span = Rate(n, round(share * n)).interval
    assert span.low is not None
    assert span.value is not None
    assert span.high is not None
    assert 0 <= span.low <= span.value <= span.high <= 1
