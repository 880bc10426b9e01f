"""Each column that has no role: a field of some kind and axis, protected, ignored, or not used; and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from leadml.leads.coercion import level, plain_text, shown
from leadml.leads.guesses.contents import axis_of_values
from leadml.leads.guesses.crm_entry import Crm
from leadml.leads.guesses.portrait import Portrait, counted, number_text, reading
from leadml.leads.guesses.traps import credit, private, protected
from leadml.leads.guesses.vocabulary import CALENDAR, CODES, axis_of, spoken
from leadml.leads.schema import Kind
from leadml.training.draft import FieldNote, Note
from leadml.training.evidence import Evidence, suspicion

FREE = 0.5  # share of different values from which a text is a name or a note, even in a small table
FEW_CODES = 40
FEW_TEXTS = 5
CONSTANT = 0.995
ODD_SHARE, ODD_TIMES = 0.01, 3.0  # how often an odd number must occur, and how far outside the rest it must lie


@dataclass
class Sorted:
    """The columns without a role, sorted; ``calendar`` are fields that only tell the month or the weekday."""

    fields: list[FieldNote] = field(default_factory=list)
    protected: list[Note] = field(default_factory=list)
    ignore: list[Note] = field(default_factory=list)
    unused: list[Note] = field(default_factory=list)
    calendar: list[str] = field(default_factory=list)


def sort_columns(
    columns: Sequence[Portrait],
    found: Mapping[str, Evidence],
    crm: Crm | None,
    *,
    taken: Collection[str],
    dated: bool,
) -> Sorted:
    """Sort all columns that are not ``taken`` for a role; ``found`` is what past leads say of each."""
    result = Sorted()
    for one in columns:
        if one.name not in taken:
            _sort(one, found, crm, result, dated=dated)
    return result


def _sort(one: Portrait, found: Mapping[str, Evidence], crm: Crm | None, result: Sorted, *, dated: bool) -> None:
    if trait := protected(one.name):
        result.protected.append(Note(one.name, trait))
    elif one.guess.kind is None:
        result.unused.append(Note(one.name, one.guess.why.partition(";")[0]))
    elif words := credit(one.name):
        result.ignore.append(Note(one.name, f"creditworthiness ({words}) is no sign of interest"))
    elif private(one.name):
        result.ignore.append(Note(one.name, "personal data is never a field"))
    elif (doubt := suspicion(one, found, crm)) is not None and doubt.out:
        note = Note(one.name, doubt.why) if doubt.sure else Note(one.name, "", doubt.why)
        result.ignore.append(note)
    elif one.guess.kind == "category" and one.n_levels >= 10 and one.n_levels > FREE * one.n_known:
        result.ignore.append(Note(one.name, f"{one.n_levels:,} texts for {one.n_known:,} leads: a name or a note"))
    else:
        result.fields.append(_field(one, crm, doubt.why if doubt else ""))
        if not dated and _is_calendar(one):
            result.calendar.append(one.name)


def _field(one: Portrait, crm: Crm | None, look: str) -> FieldNote:
    kind: Kind = one.guess.kind or "category"
    why = _why(one)
    form = one.guess.format
    if crm is not None and crm.is_title(one.name) and kind == "category":
        kind, why = "job_title", f"job titles in {crm.name}"
    if _is_code(one):
        kind, form = "category", None
        why, look = f"{one.n_levels} small whole numbers", look or "numbers that name something, or an amount?"
    elif not one.guess.sure:
        look = look or reading(one)
    if one.top_share >= CONSTANT:
        rest = one.n - round(one.top_share * one.n)
        same = "have none" if one.known < 0.5 else "say the same"
        why += f"; all {f'but {rest:,} ' if rest else ''}{same}, so it tells next to nothing"
    axis, speaks = axis_of(one.name) or axis_of_values(one) or ("other", "")
    if kind == "job_title":
        axis, speaks = "authority", "who may decide"
    elif kind == "email":
        axis, speaks = "other", ""  # an address says whose it is, not what its owner may decide
    return FieldNote(Note(one.name, why, look), kind, axis, speaks, form)


def _why(one: Portrait) -> str:
    if one.guess.kind == "number" and len(one.values):
        return f"{number_text(one.values[0])} to {number_text(one.values[-1])}"
    if one.guess.kind == "category" and one.n_levels <= 3:
        return ", ".join(shown(text).strip("'") for text, _ in one.levels)
    return one.guess.why if one.guess.kind == "list" else one.guess.why.partition(";")[0]


def _is_code(one: Portrait) -> bool:
    """Whether small whole numbers only name something: few, and so called."""
    if one.guess.kind != "number" or not 3 <= len(one.values) <= FEW_CODES or one.is_binary:
        return False
    whole = bool(np.all(one.values == np.floor(one.values))) and one.values[0] >= 0 and one.values[-1] < 1000
    return whole and CODES.search(one.words) is not None


def _is_calendar(one: Portrait) -> bool:
    return one.n_levels > 2 and all(spoken(text).rstrip(".") in CALENDAR for text, _ in one.levels)


def odd_numbers(columns: Sequence[Portrait], *, taken: Collection[str] = ()) -> list[Note]:
    """Return frequent numbers that lie far outside the rest of their column, such as 999 for never."""
    fields = [one for one in columns if one.name not in taken and len(one.values) >= 3]
    result: dict[str, Note] = {}
    for one in fields:
        for i in (0, -1):
            if (value := _odd(one, i)) is not None:
                n = int(one.counts[i])
                also = [
                    f"{other.name} ({count:,})"
                    for other in fields
                    if (count := _count(other, value)) and other is not one
                ]
                look = f"does it mean missing? In {one.name}, {n:,} of {one.n:,}, far from the rest ({_rest(one, i)})"
                look += f"; it then counts as missing in {', '.join(also)}, too" if also else ""
                result.setdefault(number_text(value), Note(number_text(value), "", look))
    return list(result.values())


def odd_texts(
    columns: Sequence[Portrait], table: pa.Table, rows: Iterable[tuple[int, str, str]], *, fields: Collection[str]
) -> tuple[list[Note], set[str]]:
    """Return the few texts that cannot be read in columns of numbers and dates, and the columns that they mend.

    ``rows`` are (row, column, message) of the cells that cannot be read. A column with many such texts is left alone,
    and so is a text that is frequent in another column.
    """
    texts: dict[str, dict[str, int]] = {}
    for row, name, _ in rows:
        if name in fields:
            text = (plain_text(table.column(name)[row].as_py()) or "").strip()
            texts.setdefault(name, {})[text] = texts.get(name, {}).get(text, 0) + 1
    frequent = {
        level(text) for one in columns for text, n in one.levels if n >= ODD_SHARE * one.n and one.name not in texts
    }
    notes: dict[str, Note] = {}
    mended = set()
    for name, found in texts.items():
        if len(found) <= FEW_TEXTS and not frequent & set(map(level, found)):
            mended.add(name)
            for text, n in found.items():
                notes[text] = Note(
                    text, "", f"does it mean missing? It cannot be read in {name!r} ({counted(n, 'cell', 'cells')})"
                )
    return list(notes.values()), mended


def _odd(one: Portrait, end: int) -> float | None:
    value, rest = float(one.values[end]), np.delete(one.values, end)
    digits = number_text(abs(value))
    if one.counts[end] < ODD_SHARE * one.n or value != np.floor(value):
        return None
    if end == 0:  # the only negative number among counts
        return value if value < 0 <= rest[0] and (digits == "1" or set(digits) == {"9"}) else None
    far = value - rest[-1] >= ODD_TIMES * max(float(rest[-1] - rest[0]), 1.0)
    return value if far and len(digits) > 1 and set(digits) == {"9"} else None


def _count(one: Portrait, value: float) -> int:
    at = int(np.searchsorted(one.values, value))
    return int(one.counts[at]) if at < len(one.values) and one.values[at] == value else 0


def _rest(one: Portrait, end: int) -> str:
    rest = np.delete(one.values, end)
    return f"{number_text(rest[0])} to {number_text(rest[-1])}"


def texts_for_missing(columns: Sequence[Portrait]) -> str:
    """Return the texts that stand for missing values with how often they occur, in words."""
    counts: dict[str, int] = {}
    for one in columns:
        for text, n in one.blanks:
            counts[text] = counts.get(text, 0) + n
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return ", ".join(f'"{text}" ({n:,})' for text, n in ordered[:8])
