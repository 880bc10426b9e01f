"""How a column writes its values: which decimal mark, which order of day and month, which separator of a list.

Each function looks at (text, how often) pairs and returns the format that the column needs, in words what was seen,
and whether that is sure. One value is often in doubt (``1,234``, ``03/04/2025``); the column seldom is.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from leadml.leads.coercion import SEPARATORS, Missing, items
from leadml.leads.dates import SHAPES
from leadml.leads.numbers import DOUBTFUL, NUMBER, written
from leadml.leads.schema import Format

Counted = Sequence[tuple[str, int]]
EPOCHS: dict[Format, tuple[float, float]] = {"seconds": (6e8, 4.2e9), "milliseconds": (6e11, 4.2e12)}  # 1989 to 2103
LISTS = 0.05  # share of cells that must hold several items
NUMBERS = 0.1  # share of a list's items that may begin with a digit
_DIGIT = re.compile(r"[+\-−€$£]?\s*\d")
MOST_ITEMS, LEAST_LEADS = 20, 10  # items of a list that get a part of their own, and the leads each must have


class Form(NamedTuple):
    """The format that a column needs, None for none; what was seen, in words; whether that is sure."""

    format: Format | None
    why: str
    sure: bool = True


def number_form(texts: Iterable[tuple[str, int]], *, default: Format | None = None) -> Form:
    """Return how a column writes its numbers; ``default`` decides where nothing in the column does."""
    seen: dict[str, tuple[str, int]] = {}
    for text, n in texts:
        for trait in _traits(text):
            example, count = seen.get(trait, (text, 0))
            seen[trait] = (example, count + n)
    units = {trait.removeprefix("unit "): n for trait, (_, n) in seen.items() if trait.startswith("unit ")}
    form = _decimal_mark(seen, default)
    return Form(form.format, form.why + _units(units), form.sure and len(units) < 2)


def _traits(text: str) -> list[str]:
    if NUMBER.fullmatch(text) and not DOUBTFUL.fullmatch(text.lstrip("+-")):
        return ["decimal ."] if "." in text else []
    how = written(text)
    if how is None:
        return []
    traits = [f"unit {how.unit}"] if how.unit else []
    if how.decimal == "?":
        traits.append("doubtful ," if "," in how.digits else "doubtful .")
    elif how.decimal:
        traits.append(f"decimal {how.decimal}")
    if how.grouped:
        traits.append(f"grouped {how.grouped}" if how.grouped in ".," else "grouped")
    return traits


def _decimal_mark(seen: dict[str, tuple[str, int]], default: Format | None) -> Form:
    def example(*traits: str) -> str:
        return repr(max((seen[trait] for trait in traits if trait in seen), key=lambda pair: pair[1])[0])

    comma = bool({"decimal ,", "grouped ."} & seen.keys())
    point = bool({"decimal .", "grouped ,"} & seen.keys())
    doubtful = bool({"doubtful ,", "doubtful ."} & seen.keys())
    if comma and point:
        two = f"{example('decimal ,', 'grouped .')} and {example('decimal .', 'grouped ,')}"
        return Form(None, f"numbers in two forms, {two}", sure=not doubtful)
    if comma:
        return Form("decimal_comma", f"numbers with a decimal comma, such as {example('decimal ,', 'grouped .')}")
    if "grouped ," in seen:
        return Form("decimal_point", f"numbers with commas between thousands, such as {example('grouped ,')}")
    if "doubtful ," in seen:
        form: Format = "decimal_point" if point or default is None else default
        told = "having a decimal comma" if form == "decimal_comma" else "thousands"
        return Form(form, f"numbers; {example('doubtful ,')} is read as {told}", sure=point)
    if "doubtful ." in seen and default == "decimal_comma" and not point:
        told = "is read as thousands, as other columns have decimal commas"
        return Form("decimal_comma", f"numbers; {example('doubtful .')} {told}", sure=False)
    return Form(None, "numbers")


def _units(units: dict[str, int]) -> str:
    if not units:
        return ""
    if set(units) == {"%"}:
        return "; percentages are read as shares, 45 % as 0.45"
    told = ", ".join(f"{unit} ({n:,})" for unit, n in sorted(units.items(), key=lambda pair: -pair[1]))
    return f"; in {told}" + (", not converted" if len(units) > 1 else "")


def date_form(texts: Counted, *, today: date | None = None) -> Form:
    """Return how a column writes its dates; of two possible orders that with fewer dates ahead of ``today``."""
    found = [match for text, _ in texts if (match := SHAPES[0].fullmatch(text.strip()))]
    if not found:
        return Form(None, "dates")
    shown = repr(found[0][0])
    pairs = [(int(match["a"]), int(match["b"])) for match in found]
    day, month = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    if day and month:
        return Form(None, f"dates in two orders, such as {shown}: mend them, or say one in [leads.formats]", sure=False)
    if day or all(match["mark"] == "." for match in found):
        return Form("day_first", f"dates with the day first, such as {shown}")
    if month:
        return Form("month_first", f"dates with the month first, such as {shown}")
    ahead = {order: _ahead(found, order, today or datetime.now(UTC).date()) for order in ("month_first", "day_first")}
    form: Format = "month_first" if ahead["month_first"] <= ahead["day_first"] else "day_first"
    return Form(form, f"dates; {shown} is read with the {form.partition('_')[0]} first", sure=False)


def _ahead(found: list[re.Match[str]], order: str, today: date) -> int:
    n = 0
    for match in found:
        a, b, year = int(match["a"]), int(match["b"]), int(match["year"][-2:]) + 2000
        day, month = (a, b) if order == "day_first" else (b, a)
        n += (year, month, day) > (today.year, today.month, today.day)
    return n


def epoch_form(texts: Counted) -> Form | None:
    """Return whether a column counts seconds or milliseconds since 1970, by their size; None if neither."""
    values = [float(text) for text, _ in texts if NUMBER.fullmatch(text)]
    if not values or len(values) < len(texts):
        return None
    for form, (low, high) in EPOCHS.items():
        if low <= min(values) and max(values) < high:
            return Form(form, f"dates as {form} since 1970")
    return None


def guess_list(texts: Counted, missing: Missing) -> tuple[Form, tuple[str, ...]] | None:
    """Return how a column writes lists in its cells and its frequent items, None where it holds no lists.

    A column holds lists where at least 5 % of its cells have several items, and its items are at most half as many
    as its distinct cells: items come back in other company, while "Banking, Finance" is one name. At most a tenth of
    its items begin with a digit: "2,5 Mio. €" is a number.
    """
    total = sum(n for _, n in texts)
    for name, mark in SEPARATORS.items():
        several = [n for text, n in texts if mark in text]
        if len(several) >= 4 and sum(several) >= LISTS * total:
            counts = _items(texts, missing, name)
            numbers = sum(bool(_DIGIT.match(item)) for item in counts)
            if 0 < len(counts) <= len(texts) / 2 and max(map(len, counts)) <= 40 and numbers <= NUMBERS * len(counts):
                return list_form(texts, missing, name)
    return None


def list_form(texts: Counted, missing: Missing, told: Format | None = None) -> tuple[Form, tuple[str, ...]]:
    """Return how a column of lists is written, and the items that get a part of their own.

    Where nothing is ``told``, it is the separator that occurs in most cells.
    """
    cells = {name: sum(n for text, n in texts if mark in text) for name, mark in SEPARATORS.items()}
    form = max(cells, key=lambda name: cells[name]) if told is None else told
    counts = _items(texts, missing, form)
    often = sorted((item for item in counts if counts[item] >= LEAST_LEADS), key=lambda item: (-counts[item], item))
    example = next((text for text, _ in texts if SEPARATORS[form] in text), "")
    why = f"lists of {len(counts):,} items between {form}" + (f", such as {example[:60]!r}" if example else "")
    return Form(form, why), tuple(sorted(often[:MOST_ITEMS]))


def _items(texts: Counted, missing: Missing, form: Format) -> dict[str, int]:
    counts: dict[str, int] = {}
    for text, n in texts:
        for item in items(text, missing, form):
            counts[item] = counts.get(item, 0) + n
    return counts
