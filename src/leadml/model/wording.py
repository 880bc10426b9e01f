"""Words for the values of a term, in English and German: "visits: 4 to 6", "source is web".

A range that is worded may span several bins, where their points differ by less than ``SAME`` log-odds; a range
that is scored never changes for its wording.
"""

import re
from collections.abc import Sequence

from leadml.leads.countries import country_name
from leadml.leads.schema import Field, Language, Part
from leadml.leads.titles import FUNCTION_WORDS, SENIORITY_WORDS
from leadml.model.scorecard import CategoryTerm, LinearTerm, StepTerm, Term

SAME = 0.05
PLURAL = re.compile(r"\((\w+)\)")
MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
}
WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "de": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
}
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "unknown": "{noun} unknown",
        "unseen": "{noun} not seen before",
        "is": "{noun} is {value}",
        "number": "{noun}: {value}",
        "none": "none",
        "exactly": "exactly {a}",
        "to": "{a} to {b}",
        "at_most": "{b} or fewer",
        "or_more": "{a} or more",
        "under": "under {b}",
        "between": "{a} to under {b}",
        "any": "any",
        "days": "{noun} {value} days before the lead came in",
        "month": "{noun} in {value}",
        "weekday": "{noun} on a {value}",
        "seniority": "{noun}: {value}",
        "function": "works in {value}",
        "free": "free e-mail address",
        "corporate": "company e-mail address",
        "invalid": "e-mail address not valid",
        "yes": "yes",
        "no": "no",
        "has": "{noun} includes {value}",
        "has_not": "{noun} without {value}",
        "count": "{noun}: {value} named",
    },
    "de": {
        "unknown": "{noun} unbekannt",
        "unseen": "{noun} bisher nicht vorgekommen",
        "is": "{noun} ist {value}",
        "number": "{noun}: {value}",
        "none": "keine",
        "exactly": "genau {a}",
        "to": "{a} bis {b}",
        "at_most": "höchstens {b}",
        "or_more": "{a} oder mehr",
        "under": "unter {b}",
        "between": "{a} bis unter {b}",
        "any": "beliebig",
        "days": "{noun} {value} Tage vor dem Eingang",
        "month": "{noun} im {value}",
        "weekday": "{noun} an einem {value}",
        "seniority": "{noun}: {value}",
        "function": "arbeitet im Bereich {value}",
        "free": "private E-Mail-Adresse",
        "corporate": "E-Mail-Adresse der Firma",
        "invalid": "E-Mail-Adresse ungültig",
        "yes": "ja",
        "no": "nein",
        "has": "{noun} mit {value}",
        "has_not": "{noun} ohne {value}",
        "count": "{noun}: {value} genannt",
    },
}


def phrases(term: Term, field: Field, part: Part, language: Language) -> tuple[list[str], list[int]]:
    """Return (texts, index of the text of each code) of a term.

    The codes are those of the term's table; for a linear term, the ranges between its marks, then missing.
    """
    speaker = _Speaker(field, part, language)
    if isinstance(term, CategoryTerm):
        texts = [speaker.level(name, label) for name, label in zip(term.levels, _labels(term), strict=True)]
        texts += [speaker.say("unseen"), speaker.unknown()]
        return texts, list(range(len(texts)))
    bounds, owner = _ranges(term)
    counts = term.whole and _never_negative(term)
    texts = [speaker.range(a, b, whole=term.whole, counts=counts) for a, b in bounds]
    texts.append(speaker.unknown())
    return texts, [*owner, len(texts) - 1]


def noun(field: Field, language: Language) -> str:
    """Return what a field is called: its words where they are a noun, else the name of its column."""
    own = field.words.get(language) or field.words.get("en") or ""
    return own if own and "{}" not in own else field.name.replace("_", " ").replace("-", " ").strip()


def _never_negative(term: StepTerm | LinearTerm) -> bool:
    """Whether nothing shows that the training values went below 0, as counts do not."""
    if isinstance(term, LinearTerm):
        return term.low >= 0 and all(mark > 0 for mark in term.marks)
    return all(cut > 0 for cut in term.cuts)


def _labels(term: CategoryTerm) -> Sequence[str]:
    return term.labels or term.levels


def _ranges(term: StepTerm | LinearTerm) -> tuple[list[tuple[float | None, float | None]], list[int]]:
    """Return the worded ranges (low, high) and, for each bin, its range."""
    cuts = term.marks if isinstance(term, LinearTerm) else term.cuts
    ends: list[float | None] = [None]
    owner, first = [0], 0
    for i, cut in enumerate(cuts, start=1):
        if isinstance(term, LinearTerm) or abs(term.points[i] - term.points[first]) >= SAME:
            ends.append(cut)
            first = i
        owner.append(len(ends) - 1)
    return list(zip(ends, [*ends[1:], None], strict=True)), owner


class _Speaker:
    """Words one part of one field."""

    def __init__(self, field: Field, part: Part, language: Language) -> None:
        self._words = WORDS[language]
        self._language = language
        self._kind, _, self._item = (part.name.removeprefix(field.name).removeprefix(".") or field.kind).partition(".")
        own = field.words.get(language) or field.words.get("en") or ""
        self._unknown = field.unknown.get(language) or field.unknown.get("en")
        self._template = own if "{}" in own else ""
        self._noun = noun(field, language)

    def say(self, key: str, value: str = "", **values: str) -> str:
        return self._words[key].format(noun=self._noun, value=value, **values)

    def unknown(self) -> str:
        """Return the words for a missing value."""
        return self._unknown or self.say("unknown")

    def _fill(self, value: str) -> str:
        """Put a value into the template; what stands in brackets, as in ``time(s)``, is for more than one."""
        return PLURAL.sub("" if value == "1" else r"\1", self._template).replace("{}", value)

    def level(self, name: str, label: str) -> str:
        if self._kind == "has":
            if name == "yes" and self._template:
                return self._fill(self._item)
            return self.say("has" if name == "yes" else "has_not", self._item)
        if self._template:
            return self._fill(self._level_word(name, label))
        if self._kind == "type":
            return self._words.get(name, name)
        key = self._kind if self._kind in ("seniority", "function", "month", "weekday") else "is"
        return self.say("number" if self._kind == "flag" else key, self._level_word(name, label))

    def _level_word(self, name: str, label: str) -> str:
        language = self._language
        if self._kind == "seniority":
            return SENIORITY_WORDS[language].get(name, name)
        if self._kind == "function":
            return FUNCTION_WORDS[language].get(name, name)
        if self._kind == "month":
            return MONTHS[language][int(name) - 1]
        if self._kind == "weekday":
            return WEEKDAYS[language][int(name) - 1]
        if self._kind == "country":
            return country_name(name, language)
        return self._words.get(name, label) if self._kind == "flag" else label

    def range(self, low: float | None, high: float | None, *, whole: bool, counts: bool) -> str:
        value = self._whole(low, high, counts=counts) if whole else self._real(low, high)
        if self._template and self._kind != "count":
            return self._fill(value)
        return self.say({"age_days": "days", "count": "count"}.get(self._kind, "number"), value)

    def _whole(self, low: float | None, high: float | None, *, counts: bool) -> str:
        """Word a range of whole numbers: its first and last member; the least count is 0."""
        first = None if low is None else _ceiling(low)
        last = None if high is None else _ceiling(high) - 1
        if first is None:
            if last is None:
                return self._words["any"]
            return self._none() if last == 0 and counts else self.say("at_most", b=self._number(last))
        if last is None:
            return self.say("or_more", a=self._number(first))
        if first == last:
            return self._number(first) if self._template else self.say("exactly", a=self._number(first))
        return self.say("to", a=self._number(first), b=self._number(last))

    def _none(self) -> str:
        return "0" if self._template else self._words["none"]

    def _real(self, low: float | None, high: float | None) -> str:
        if low is None:
            return self._words["any"] if high is None else self.say("under", b=self._number(high))
        if high is None:
            return self.say("or_more", a=self._number(low))
        return self.say("between", a=self._number(low), b=self._number(high))

    def _number(self, x: float) -> str:
        """Return a number as a person of the language writes it, with every digit that a cut point has."""
        text = f"{x:,}".removesuffix(".0")
        return text.translate(str.maketrans(",.", ".,")) if self._language == "de" else text


def _ceiling(x: float) -> float:
    return float(-(-x // 1)) + 0.0  # never -0.0
