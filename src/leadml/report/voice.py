"""How a page speaks: its words, its numbers and its names, in one language."""

from dataclasses import dataclass

from leadml.leads.schema import Language
from leadml.model.bundle import Bundle, Interval
from leadml.report.labels import Labels
from leadml.report.numbers import Numbers
from leadml.report.words import WORDS, Words


@dataclass(frozen=True, slots=True)
class Voice:
    """Words, numbers and labels of one language."""

    language: Language
    words: Words
    numbers: Numbers
    labels: Labels

    @classmethod
    def of(cls, bundle: Bundle, language: Language) -> "Voice":
        """Return the voice for a model's page."""
        words, numbers = WORDS[language], Numbers(language)
        return cls(language, words, numbers, Labels(bundle.schema, bundle.scorecard, words, numbers))

    def say(self, key: str, /, **values: object) -> str:
        """Return the words of a key with its blanks filled in."""
        return self.words[key].format(**values)

    def known(self, key: str, default: str) -> str:
        """Return the words of a key; of one that has none, such as a new metric's, the default."""
        return self.words.get(key, default)

    def rate(self, interval: Interval) -> str:
        """Return a rate with its interval, both with as many digits as the rate asks for."""
        value = interval.value
        digits = 0 if value is None or value >= 0.2 else 1
        return self.within(
            self.numbers.percent(value, digits), self.numbers.span(interval, lambda x: self.numbers.percent(x, digits))
        )

    def percent_span(self, interval: Interval) -> str:
        """Return the ends of an interval of shares."""
        return self.numbers.span(interval, self.numbers.percent)

    def rate_span(self, interval: Interval) -> str:
        """Return the ends of an interval of rates."""
        return self.numbers.span(interval, lambda x: self.numbers.percent(x, 1))

    def decimal_span(self, interval: Interval, digits: int = 3, *, signed: bool = False) -> str:
        """Return the ends of an interval of numbers."""
        return self.numbers.span(interval, lambda x: self.numbers.decimal(x, digits, signed=signed))

    def within(self, value: str, span: str) -> str:
        """Return a value with its interval in brackets."""
        return value if span == "–" else f"{value} ({span})"


def cut(text: str, most: int) -> str:
    """Shorten a text to fit a picture; the whole one is in the table beside it."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
