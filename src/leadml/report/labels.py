"""Short names of fields, of their parts and of their values, for headings, axes and tables."""

from collections.abc import Mapping

from leadml.leads.countries import country_name
from leadml.leads.schema import Field, Language, Part, Schema
from leadml.leads.titles import FUNCTION_WORDS, SENIORITY_WORDS
from leadml.model.scorecard import CategoryTerm, Scorecard
from leadml.model.wording import MONTHS, WEEKDAYS, WORDS
from leadml.report.numbers import Numbers
from leadml.report.words import Words

E_MAIL_TYPES = ("free", "corporate", "invalid")


class Labels:
    """Names what a model's schema and scorecard hold, in one language."""

    def __init__(self, schema: Schema, scorecard: Scorecard, words: Words, numbers: Numbers) -> None:
        self._words, self._numbers = words, numbers
        self._language: Language = numbers.language
        self._fields: Mapping[str, Field] = {field.name: field for field in schema.fields}
        self._parts: Mapping[str, Part] = {part.name: part for part in schema.parts}
        self._spelled = {
            term.part: dict(zip(term.levels, term.labels, strict=True))
            for term in scorecard.terms
            if isinstance(term, CategoryTerm) and term.labels
        }

    def field(self, name: str) -> str:
        """Return the noun of a field, or its column's name where its words are a phrase."""
        words = self._fields[name].words if name in self._fields else {}
        own = words.get(self._language) or words.get("en") or ""
        return own if own and "{}" not in own else name.replace("_", " ").strip()

    def part(self, name: str) -> str:
        """Return the name of a part: ``job title: seniority``."""
        if name not in self._parts:
            return self.field(name)
        field, rest = self._parts[name].field, self._rest(name)
        if not rest:
            return self.field(field)
        sort, _, item = rest.partition(".")
        return f"{self.field(field)}: {item or self._words.get(f'part_{sort}', sort)}"

    def _rest(self, name: str) -> str:
        return name.removeprefix(self._parts[name].field).removeprefix(".")

    def is_season(self, part: str) -> bool:
        """Return whether a part is the month or weekday of a date, which moves with the season by itself."""
        known = self._parts.get(part)
        return known is not None and self._fields[known.field].kind == "date" and not known.numeric

    def level(self, part: str, level: str) -> str:
        """Return a level of a part as a person writes it."""
        if part not in self._parts:
            return level
        kind = self._fields[self._parts[part].field].kind
        sort = self._rest(part).partition(".")[0]
        language = self._language
        if sort == "seniority":
            return SENIORITY_WORDS[language].get(level, level)
        if sort == "function":
            return FUNCTION_WORDS[language].get(level, level)
        if sort == "month" and level.isdigit():
            return MONTHS[language][int(level) - 1]
        if sort == "weekday" and level.isdigit():
            return WEEKDAYS[language][int(level) - 1]
        if kind == "country":
            return country_name(level, language)
        if (sort == "type" and level in E_MAIL_TYPES) or kind == "flag" or sort == "has":
            return WORDS[language].get(level, level)
        return self._spelled.get(part, {}).get(level, level)

    def band(self, low: float | None, high: float | None) -> str:
        """Return a range of numbers: ``35 to under 44``."""
        words, number = WORDS[self._language], self._numbers.compact
        if low is None:
            return words["any"] if high is None else words["under"].format(b=number(high))
        if high is None:
            return words["or_more"].format(a=number(low))
        return words["between"].format(a=number(low), b=number(high))

    def rule(self, name: str) -> str:
        """Return the name of a simple rule."""
        prefix = "past rate of the "
        if name.startswith(prefix):
            return self._words["rule_past_rate"].format(field=self.field(name.removeprefix(prefix)))
        return self._words["rule_newest_first"] if name == "newest first" else name.replace("_", " ")
