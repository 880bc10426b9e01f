"""Numbers as people write them: 1.234,50 or 1,234.50, with currency signs, as percentages, in brackets.

A mark that stands once before three digits is the only doubt: ``1,234`` may be a thousand or a little more than one.
The column's format decides it; without a format a point is a decimal point, and a comma is refused. All else says
itself what it is: of two marks the last is the decimal one, a repeated one groups thousands.
"""

import re
from typing import TYPE_CHECKING, NamedTuple

from leadml.leads.schema import Format

if TYPE_CHECKING:
    import pyarrow as pa

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_CODES = "EUR|USD|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|TRY|SGD|HKD"
_MONEY = rf"(?:[€$£¥₹₺]|(?:US|CA|AU?|NZ)\$|Fr\.|kr\.?|zł|{_CODES})"
_SHAPE = re.compile(
    rf"(?P<open>\()?(?P<sign>[+\-−])?(?:(?P<before>{_MONEY})\s*)?(?P<inner>[+\-−])?(?P<digits>[0-9.,'’\s]*[0-9][.,]?)"
    rf"(?P<power>e[+-]?[0-9]+)?\s*(?P<unit>%|{_MONEY})?(?P<close>\))?",
    re.IGNORECASE,
)
_SPACED = re.compile(r"[0-9]{1,3}(?:['’\s][0-9]{3})+(?:[.,][0-9]*)?")  # a space of any width
DOUBTFUL = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_GROUPS = {  # 1.234.567; 1,234,567, and 12,34,567 as India writes it
    ".": re.compile(r"\d{1,3}(?:\.\d{3})+", re.ASCII),
    ",": re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}", re.ASCII),
}


class Written(NamedTuple):
    """How one text writes a number.

    ``decimal`` is the decimal mark, "" where there is none, "?" where the one mark may also group thousands (then
    ``digits`` holds it still); ``grouped`` is the mark between thousands. ``unit`` is a currency or "%".
    """

    digits: str
    decimal: str
    grouped: str
    negative: bool
    unit: str

    def value(self, decimal: str = ".") -> float:
        """Return the number; ``decimal`` is the decimal mark where that is in doubt."""
        digits = self.digits
        if self.decimal == "?":
            mark = "," if "," in digits else "."
            digits = digits.replace(mark, "." if mark == decimal else "")
        number = float(digits) / (100 if self.unit == "%" else 1)
        return -number if self.negative else number


def written(text: str) -> Written | None:
    """Return how a text (stripped) writes a number, or None where it is none."""
    found = _SHAPE.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]) or (found["before"] and found["unit"]):
        return None
    signs = [sign for sign in (found["sign"], found["inner"]) if sign]
    if len(signs) > 1 or (signs and found["open"]):
        return None
    marks = _marks(found["digits"].rstrip())
    if marks is None:
        return None
    digits, decimal, grouped = marks
    negative = bool(found["open"]) or (bool(signs) and signs[0] != "+")
    unit = (found["before"] or found["unit"] or "").upper()
    return Written(digits + (found["power"] or ""), decimal, grouped, negative, unit)


def _marks(text: str) -> tuple[str, str, str] | None:
    """Return (digits with a point or a doubtful mark, decimal mark, thousands mark)."""
    spaced = ""
    if not text.replace(".", "").replace(",", "").isdigit():
        if not _SPACED.fullmatch(text):
            return None
        spaced = next(char for char in text if not char.isdigit())
        text = re.sub(r"['’\s]", "", text)
    points, commas = text.count("."), text.count(",")
    if not points and not commas:
        return text, "", spaced
    if points and commas:
        decimal = max(".", ",", key=text.rfind)
        whole, _, rest = text.rpartition(decimal)
        other = "," if decimal == "." else "."
        groups = _GROUPS[other].fullmatch(whole)
        return (f"{whole.replace(other, '')}.{rest}", decimal, other) if groups and not spaced else None
    mark = "." if points else ","
    if points + commas > 1:
        return (text.replace(mark, ""), "", mark) if _GROUPS[mark].fullmatch(text) and not spaced else None
    if not spaced and DOUBTFUL.fullmatch(text):
        return text, "?", ""
    return text.replace(",", "."), mark, spaced


def parse_number(text: str, form: Format | None = None) -> float:
    """Return the number that a text (stripped) writes; percentages are shares, ``45 %`` is 0.45.

    Raises ValueError, saying what is wrong.
    """
    if NUMBER.fullmatch(text) and (form != "decimal_comma" or not DOUBTFUL.fullmatch(text.lstrip("+-"))):
        return float(text)
    how = written(text)
    if how is None:
        raise ValueError("must be a number")
    if how.decimal == "?" and form is None and "," in how.digits:
        raise ValueError("must be a number that is not in doubt (the comma may be decimal or group thousands)")
    return how.value("," if form == "decimal_comma" else ".")


_REGULAR = {  # form -> (texts that are numbers by themselves, the mark between thousands)
    "decimal_comma": (r"^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$", "."),
    "decimal_point": (r"^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$", ","),
}


def parse_regular(texts: "pa.Array", form: Format | None) -> "pa.Array | None":
    """Return a column of texts as float64 where each is written wholly in one form, else None.

    Reads as ``parse_number`` does, some twenty times faster.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if form not in _REGULAR:
        return None
    shape, grouping = _REGULAR[form]
    texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, "[€$£\\s\\x{a0}\\x{202f}]+$|^[€$£\\s]+", ""))
    if not pc.all(pc.match_substring_regex(texts, shape)).as_py():
        return None
    texts = pc.replace_substring(texts, grouping, "")
    return pc.cast(pc.replace_substring(texts, ",", "."), pa.float64())
