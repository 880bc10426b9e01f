"""The coefficients in docs/sample.md are those of the code."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from leadml.leads.sample import effects, words
from leadml.leads.sample.roles import SENIORITIES

DOCS = Path(__file__).parents[2] / "docs" / "sample.md"


def first(levels: Sequence[Sequence[str]]) -> list[str]:
    return [spellings[0] for spellings in levels]


TABLES: dict[str, tuple[Sequence[str], Iterable[float]]] = {
    "source": ([*first(words.SOURCES), "missing"], effects.SOURCE),
    "pricing_page_visits": (["0", "1", "2", "3 and more"], effects.PRICING),
    "company_size": ([*first(words.COMPANY_SIZES), "missing"], effects.COMPANY_SIZE),
    "industry": ([*first(words.INDUSTRIES), "missing"], effects.INDUSTRY),
    "seniority": ([*SENIORITIES, "missing"], effects.SENIORITY),
    "function": (list(effects.FUNCTION), effects.FUNCTION.values()),
    "country": ([*first(words.COUNTRIES), "missing"], effects.COUNTRY),
    "age": ([f"from {effects.OLD_AGE}, with the proxy"], [effects.OLD_EFFECT]),
}


@pytest.mark.parametrize("field", TABLES)
def test_each_effect_is_told(field: str) -> None:
    text = DOCS.read_text(encoding="utf-8")
    for level, effect in zip(*TABLES[field], strict=True):
        told = f"{effect:+.2f}" if effect else "0.00"
        assert f"| {field} | {level} | {told} |" in text
