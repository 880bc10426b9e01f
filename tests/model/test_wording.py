"""The words of a range hold every value of its bins and none outside; in English and German."""

import re
from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.schema import Field, Kind, Language, Part
from leadml.model.scorecard import CategoryTerm, LinearTerm, StepTerm, Term
from leadml.model.wording import MONTHS, SAME, WEEKDAYS, WORDS, phrases

LANGUAGES: list[Language] = ["en", "de"]
Number = r"(-?[\d.,]+(?:e[+-]\d+)?)"


def _say(term: Term, kind: Kind = "number", language: Language = "en", words: str | None = None) -> list[str]:
    field = Field(term.part.split(".")[0], kind, words={} if words is None else {language: words})
    part = next((p for p in field.parts if p.name == term.part), Part(term.part, field.name, True, "other"))
    texts, owner = phrases(term, field, part, language)
    return [texts[i] for i in owner]


def _step(*cuts: float, points: list[float] | None = None, whole: bool = False, part: str = "visits") -> StepTerm:
    return StepTerm(part, cuts, tuple(points or [float(i) for i in range(len(cuts) + 1)]), -9.0, whole)


def _value(text: str, language: Language) -> float:
    swapped = text.translate(str.maketrans(",.", ".,")) if language == "de" else text
    return float(swapped.replace(",", ""))


def _parsed(text: str, language: Language) -> tuple[float, float, bool]:
    """Read a range's words back: (low, high, whether high belongs to it)."""
    said = text.removeprefix("visits: ")
    words = WORDS[language]
    fixed = {words["none"]: (-inf, 0.0, True), words["any"]: (-inf, inf, True)}
    if said in fixed:
        return fixed[said]
    for key in ("between", "or_more", "at_most", "under", "exactly", "to"):
        pattern = (
            re.escape(words[key])
            .replace(r"\{a\}", f"(?P<a>{Number[1:-1]})")
            .replace(r"\{b\}", f"(?P<b>{Number[1:-1]})")
        )
        match = re.fullmatch(pattern, said)
        if match:
            found = {name: _value(number, language) for name, number in match.groupdict().items()}
            low = found.get("a", -inf)
            return low, found.get("b", low if key == "exactly" else inf), key in ("to", "exactly", "at_most", "or_more")
    raise AssertionError(said)


def _holds(span: tuple[float, float, bool], x: float) -> bool:
    low, high, included = span
    return low <= x and (x <= high if included else x < high)


@given(
    cuts=st.lists(st.integers(-30, 10**7), min_size=0, max_size=8, unique=True).map(sorted),
    points=st.lists(st.sampled_from([0.0, 0.02, 0.04, 0.3, 1.0]), min_size=9, max_size=9),
    language=st.sampled_from(LANGUAGES),
)
def test_whole_numbers(cuts: list[int], points: list[float], language: Language) -> None:
    term = _step(*map(float, cuts), points=points[: len(cuts) + 1], whole=True)
    texts = _say(term, language=language)
    values = sorted({x for cut in cuts for x in (cut - 1, cut, cut + 1)} | {0, 1, 7})
    if all(cut > 0 for cut in cuts):
        values = [x for x in values if x >= 0]  # counts: nothing is below none
    _check(term, texts, [float(x) for x in values], language)


@given(
    cuts=st.lists(st.floats(-1e9, 1e9) | st.floats(allow_nan=False, allow_infinity=False), max_size=8),
    points=st.lists(st.sampled_from([0.0, 0.02, 0.3, 1.0]), min_size=9, max_size=9),
    language=st.sampled_from(LANGUAGES),
)
def test_continuous_numbers(cuts: list[float], points: list[float], language: Language) -> None:
    rising = sorted({cut + 0.0 for cut in cuts})
    term = _step(*rising, points=points[: len(rising) + 1])
    with np.errstate(over="ignore"):
        near = [*rising, *np.nextafter(rising, inf).tolist(), *np.nextafter(rising, -inf).tolist(), 0.0, 1e300]
    _check(term, _say(term, language=language), near, language)


def _check(term: StepTerm, texts: list[str], values: list[float], language: Language) -> None:
    for x in values:
        own = int(np.searchsorted(term.cuts, x, side="right"))
        for code, text in enumerate(texts[:-1]):
            assert _holds(_parsed(text, language), x) == (text == texts[own]), (x, code, text)
    for text in set(texts[:-1]):  # bins of one range differ by little from its first
        bins = [i for i, other in enumerate(texts[:-1]) if other == text]
        assert bins == list(range(bins[0], bins[-1] + 1))
        assert all(abs(term.points[i] - term.points[bins[0]]) < SAME for i in bins)


@pytest.mark.parametrize(
    ("cuts", "en", "de"),
    [
        ((1.0, 4.0, 7.0), ["none", "1 to 3", "4 to 6", "7 or more"], ["keine", "1 bis 3", "4 bis 6", "7 oder mehr"]),
        ((3.0, 4.0), ["2 or fewer", "exactly 3", "4 or more"], ["höchstens 2", "genau 3", "4 oder mehr"]),
        ((0.0, 1.0), ["-1 or fewer", "exactly 0", "1 or more"], ["höchstens -1", "genau 0", "1 oder mehr"]),
        ((-2.0, 1.0), ["-3 or fewer", "-2 to 0", "1 or more"], ["höchstens -3", "-2 bis 0", "1 oder mehr"]),
        ((1500.0,), ["1,499 or fewer", "1,500 or more"], ["höchstens 1.499", "1.500 oder mehr"]),
        ((), ["any"], ["beliebig"]),
    ],
)
def test_words_for_whole_numbers(cuts: tuple[float, ...], en: list[str], de: list[str]) -> None:
    assert _say(_step(*cuts, whole=True)) == [*(f"visits: {words}" for words in en), "visits unknown"]
    assert _say(_step(*cuts, whole=True), language="de") == [*(f"visits: {words}" for words in de), "visits unbekannt"]


@pytest.mark.parametrize(
    ("cuts", "en", "de"),
    [
        (
            (30_000.0, 1_234_567.5),
            ["under 30,000", "30,000 to under 1,234,567.5", "1,234,567.5 or more"],
            ["unter 30.000", "30.000 bis unter 1.234.567,5", "1.234.567,5 oder mehr"],
        ),
        ((0.30000000000000004,), ["under 0.30000000000000004", "0.30000000000000004 or more"], None),
        (
            (-0.5, 0.0),
            ["under -0.5", "-0.5 to under 0", "0 or more"],
            ["unter -0,5", "-0,5 bis unter 0", "0 oder mehr"],
        ),
    ],
)
def test_words_for_continuous_numbers(cuts: tuple[float, ...], en: list[str], de: list[str] | None) -> None:
    assert _say(_step(*cuts))[:-1] == [f"visits: {words}" for words in en]
    if de is not None:
        assert _say(_step(*cuts), language="de")[:-1] == [f"visits: {words}" for words in de]


def test_templates_and_their_brackets() -> None:
    visited = "visited the page {} time(s)"
    assert _say(_step(1.0, 2.0, 5.0, whole=True), words=visited) == [
        "visited the page 0 times",
        "visited the page 1 time",
        "visited the page 2 to 4 times",
        "visited the page 5 or more times",
        "visits unknown",
    ]
    besucht = "hat die Website {} mal besucht"
    assert _say(_step(3.0, whole=True), language="de", words=besucht)[0] == "hat die Website höchstens 2 mal besucht"
    came = CategoryTerm("source", ("fair (berlin)",), (1.0,), 0.0, 0.0, labels=("Fair (Berlin)",))
    assert _say(came, "category", words="came from {}")[0] == "came from Fair (Berlin)", "brackets of a value stay"


def test_nouns() -> None:
    assert _say(_step(2.0, part="page_visits"), words="pages seen") == [
        "pages seen: under 2",
        "pages seen: 2 or more",
        "pages seen unknown",
    ]
    assert _say(_step(2.0, part="page_visits"))[0] == "page visits: under 2"


def test_a_line_is_worded_between_its_marks() -> None:
    line = LinearTerm("visits", 0.1, 0.0, 9.0, 3.0, -0.5, marks=(1.0, 2.0, 6.0), whole=True)
    assert _say(line) == [
        *("visits: none", "visits: exactly 1", "visits: 2 to 5", "visits: 6 or more", "visits unknown")
    ]
    below = LinearTerm("visits", 0.1, -4.0, 9.0, 3.0, -0.5, marks=(1.0,), whole=True)
    assert _say(below)[0] == "visits: 0 or fewer", "some were below none"


def test_categories() -> None:
    source = CategoryTerm("source", ("web", "7"), (1.0, 0.0), 0.0, 0.0, labels=("Web", "7"))
    assert _say(source, "category") == ["source is Web", "source is 7", "source not seen before", "source unknown"]
    assert _say(source, "category", "de")[0] == "source ist Web"
    bare = CategoryTerm("source", ("web",), (1.0,), 0.0, 0.0)
    assert _say(bare, "category")[0] == "source is web"
    braces = CategoryTerm("source", ("{noun}",), (1.0,), 0.0, 0.0)
    assert _say(braces, "category")[0] == "source is {noun}"


def test_flags_countries_and_addresses() -> None:
    flag = CategoryTerm("newsletter", ("no", "yes"), (0.0, 1.0), 0.0, 0.0)
    assert _say(flag, "flag")[:2] == ["newsletter: no", "newsletter: yes"]
    assert _say(flag, "flag", "de")[:2] == ["newsletter: nein", "newsletter: ja"]
    country = CategoryTerm("country", ("DE", "atlantis"), (0.0, 1.0), 0.0, 0.0)
    assert _say(country, "country")[:2] == ["country is Germany", "country is atlantis"]
    assert _say(country, "country", "de", words="Land")[0] == "Land ist Deutschland"
    mail = CategoryTerm("email.type", ("corporate", "free"), (0.0, 1.0), 0.0, 0.0)
    assert _say(mail, "email")[:2] == ["company e-mail address", "free e-mail address"]
    assert _say(mail, "email", "de")[1] == "private E-Mail-Adresse"


def test_months_and_weekdays_and_ages() -> None:
    month = CategoryTerm("first_seen.month", tuple(map(str, range(1, 13))), (0.0,) * 12, 0.0, 0.0)
    assert _say(month, "date")[2] == "first seen in March"
    assert [text.split()[-1] for text in _say(month, "date", "de")[:12]] == MONTHS["de"]
    weekday = CategoryTerm("first_seen.weekday", tuple(map(str, range(1, 8))), (0.0,) * 7, 0.0, 0.0)
    assert _say(weekday, "date")[0] == "first seen on a Monday"
    assert [text.split()[-1] for text in _say(weekday, "date", "de")[:7]] == WEEKDAYS["de"]
    age = _step(30.0, part="first_seen.age_days")
    assert _say(age, "date") == [
        "first seen under 30 days before the lead came in",
        "first seen 30 or more days before the lead came in",
        "first seen unknown",
    ]


def test_job_titles() -> None:
    seniority = CategoryTerm("job_title.seniority", ("head", "staff"), (1.0, 0.0), 0.0, 0.0)
    assert _say(seniority, "job_title")[0] == "job title: head of department"
    assert _say(seniority, "job_title", "de", words="Position")[0] == "Position: Abteilungs- oder Bereichsleitung"
    function = CategoryTerm("job_title.function", ("it",), (1.0,), 0.0, 0.0)
    assert _say(function, "job_title") == ["works in IT", "job title not seen before", "job title unknown"]


def test_both_languages_have_the_same_words_to_fill() -> None:
    assert WORDS["en"].keys() == WORDS["de"].keys()
    for key, text in WORDS["en"].items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", WORDS["de"][key])), key
    assert all(a != b for a, b in pairwise(MONTHS["de"]))
