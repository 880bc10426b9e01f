"""Numbers and days as a language writes them."""

from collections.abc import Callable

from leadml.leads.schema import Language
from leadml.model.bundle import Interval

SPACE = "\u00a0"  # it does not break
MINUS, DASH = "−", "–"
MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "de": ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
}
_SWAP = str.maketrans(",.", ".,")


class Numbers:
    """Writes numbers in one language; what is not known is a dash."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._to = {"en": "to", "de": "bis"}[language]

    def decimal(self, x: float | None, digits: int = 2, *, signed: bool = False) -> str:
        """Return a number with fixed digits: ``1,234.50`` or ``1.234,50``."""
        if x is None:
            return DASH
        text = f"{abs(x):,.{digits}f}"
        is_zero = not text.strip("0.,")
        sign = "" if is_zero else MINUS if x < 0 else "+" if signed else ""
        return sign + (text.translate(_SWAP) if self.language == "de" else text)

    def count(self, n: float | None) -> str:
        """Return a whole number."""
        return self.decimal(n, 0)

    def percent(self, share: float | None, digits: int = 0, *, signed: bool = False) -> str:
        """Return a share: ``54%`` or ``54 %``."""
        if share is None:
            return DASH
        return self.decimal(100 * share, digits, signed=signed) + ("%" if self.language == "en" else f"{SPACE}%")

    def rate(self, share: float | None) -> str:
        """Return a rate with one digit where it is below 20 %, and as many as it takes to see it below 1 %."""
        if share is None or share >= 0.2:
            return self.percent(share)
        return self.percent(share, 1 if share >= 0.01 or share == 0 else 2)

    def compact(self, x: float) -> str:
        """Return a number with at most four digits that count: ``12,500``, ``0.35``, ``4``, ``1e10``."""
        if abs(x) >= 1e9 or 0 < abs(x) < 1e-4:
            text = f"{x:.2g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-").replace("-", MINUS)
            return text.replace(".", ",") if self.language == "de" else text
        if x == 0 or abs(x) >= 100 or x == round(x):
            return self.decimal(x, 0)
        return self._trimmed(self.decimal(x, 1 if abs(x) >= 10 else 2 if abs(x) >= 0.095 else 4))

    def _trimmed(self, text: str) -> str:
        mark = "," if self.language == "de" else "."
        return text.rstrip("0").rstrip(mark) if mark in text else text

    def span(self, interval: Interval, write: Callable[[float | None], str]) -> str:
        """Return the ends of an interval on one line: ``45% to 62%``; a dash where it is not known."""
        if interval.low is None or interval.high is None:
            return DASH
        return f"{write(interval.low)}{SPACE}{self._to}{SPACE}{write(interval.high)}"

    def day(self, iso: str | None) -> str:
        """Return a day, such as ``2026-09-30`` or a moment of it: ``30 Sep 2026`` or ``30.09.2026``."""
        if iso is None:
            return DASH
        year, month, day = iso[:10].split("-")
        if self.language == "de":
            return f"{day}.{month}.{year}"
        return f"{int(day)}{SPACE}{MONTHS['en'][int(month) - 1]}{SPACE}{year}"

    def month(self, label: str) -> str:
        """Return a month, such as ``2026-09``, or a year."""
        if "-" not in label:
            return label
        year, month = label.split("-")
        return f"{MONTHS[self.language][int(month) - 1]}{SPACE}{year}"
