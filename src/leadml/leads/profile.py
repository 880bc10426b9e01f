"""What stands in each column of past leads: how much is missing, what the values are, and what looks odd.

Personal data is never shown but masked; of an e-mail address or a job title only what is derived from it is told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from leadml.leads.coercion import ADDRESS, Missing
from leadml.leads.labels import CONVERTED, LOST, OPEN
from leadml.leads.parts import Column, Floats, Levels, there
from leadml.leads.reading import distinct_values, one_chunk
from leadml.leads.schema import Axis, Field
from leadml.leads.snapshots import day
from leadml.leads.understanding import Understood
from leadml.leads.validation import LeadTable

SAMPLE = 5_000  # rows looked at where every value of a text column would be too many
CONSTANT = 0.995  # share of one value from which a field tells next to nothing
FAR = 20.0  # widths of the middle 98 % beyond which a number lies far outside
SIMILAR, MOST_LEVELS = 88.0, 200  # rapidfuzz's ratio of two spellings of one level; levels compared
_SHOWN = 4
FEW = 20  # distinct values up to which a column that is kept out holds levels, not names
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: what it is taken for, and what stands in it.

    ``missing`` is the share of leads without a value; ``levels`` the number of distinct ones, None where that was
    not counted; ``examples`` says what the values are, with personal data masked; ``oddities`` what a person should
    look at.
    """

    column: Understood
    axis: Axis | None
    missing: float
    levels: int | None
    examples: str
    oddities: tuple[str, ...]


def profile(leads: LeadTable) -> tuple[ColumnProfile, ...]:
    """Return the profile of every column of a table, in its order."""
    fields = {field.name: field for field in leads.schema.fields}
    return tuple(
        _of_field(leads, column, fields[column.name]) if column.name in fields else _of_other(leads, column)
        for column in leads.columns
    )


def _of_field(leads: LeadTable, column: Understood, field: Field) -> ColumnProfile:
    parts = [leads.coerced.parts[part.name] for part in field.parts]
    known = there(parts[0]) if field.kind != "date" else np.logical_or.reduce([there(part) for part in parts])
    missing = 1 - float(known.mean())
    if field.kind == "date":
        return ColumnProfile(column, field.axis, missing, None, _ages(parts[0]), tuple(_odd(leads, known)))
    if isinstance(parts[0], Levels):
        shares = _shares(parts[0])
        odd = (*_odd(leads, known), *_odd_levels(shares, spelled=field.kind == "category"))
        return ColumnProfile(column, field.axis, missing, len(shares), _told(shares), odd)
    if field.kind == "list":
        told = ", ".join(field.levels[:_SHOWN]) + (", ..." if len(field.levels) > _SHOWN else "")
        return ColumnProfile(column, field.axis, missing, len(field.levels), told, tuple(_odd(leads, known)))
    values = parts[0][known]
    odd = (*_odd(leads, known), *_odd_numbers(values))
    return ColumnProfile(column, field.axis, missing, len(np.unique(values)), _range(values), odd)


def _shares(column: Levels) -> list[tuple[str, float]]:
    """Return (level, share of the known values), the most frequent first."""
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels))
    order = np.argsort(-counts, kind="stable")
    total = max(int(counts.sum()), 1)
    return [(column.levels[i], counts[i] / total) for i in order if counts[i]]


def _told(shares: list[tuple[str, float]]) -> str:
    told = [f"{ADDRESS.sub('***@', level)[:30]} {share:.0%}" for level, share in shares[:_SHOWN]]
    return ", ".join(told) + (", ..." if len(shares) > _SHOWN else "")


def _range(values: Floats) -> str:
    if not values.size:
        return ""
    low, first, half, last, high = (_number(x) for x in np.quantile(values, [0, 0.25, 0.5, 0.75, 1]))
    return low if low == high else f"{low} to {high}; the middle half {first} to {last}, median {half}"


def _number(x: float) -> str:
    """Return a number as a person reads it: no power of ten, no more digits than count."""
    return f"{x:,.0f}" if 1000 <= abs(x) < 1e15 else f"{x:,.4g}"


def _ages(age: Column) -> str:
    if isinstance(age, Levels) or not there(age).any():
        return ""
    low, half, high = np.quantile(age[there(age)], [0, 0.5, 1])
    return f"{low:,.0f} to {high:,.0f} days before the lead came in, median {half:,.0f}"


def _odd(leads: LeadTable, known: NDArray[np.bool_]) -> Iterator[str]:
    """Yield whether a column began or ceased to be filled in, over the leads in order of time."""
    if len(known) < 300:
        return
    order = np.argsort(leads.created, kind="stable") if leads.schema.roles.created_at is not None else slice(None)
    third = len(known) // 3
    old, new = float(known[order][:third].mean()), float(known[order][-third:].mean())
    if abs(new - old) > 0.4:
        yield f"is known for {old:.0%} of the oldest third of leads, but {new:.0%} of the newest"


def _odd_levels(shares: list[tuple[str, float]], *, spelled: bool) -> Iterator[str]:
    if shares and shares[0][1] >= CONSTANT:
        yield f"is nearly always {shares[0][0]!r}, so it tells next to nothing"
    levels = [level for level, _ in shares[:MOST_LEVELS]] if spelled else []
    alike = _alike(levels)
    if alike:
        told = ", ".join(f"{a!r} and {b!r}" for a, b in alike[:3])
        yield f"may spell one level in several ways: {told}" + (", ..." if len(alike) > 3 else "")


def _alike(levels: list[str]) -> list[tuple[str, str]]:
    """Return pairs of levels that differ by a slip: nearly the same letters, and the same digits."""
    words = [level for level in levels if len(level) >= 5]
    scores = process.cdist(words, words, scorer=fuzz.ratio, score_cutoff=SIMILAR)
    pairs = zip(*np.nonzero(np.triu(scores, 1)), strict=True)
    return [(words[i], words[j]) for i, j in pairs if _DIGIT.findall(words[i]) == _DIGIT.findall(words[j])]


def _odd_numbers(values: Floats) -> Iterator[str]:
    if values.size < 20:
        return
    often, n = _most_frequent(values)
    if n >= CONSTANT * values.size:
        yield f"is nearly always {_number(often)}, so it tells next to nothing"
    low, high = np.quantile(values, [0.01, 0.99])
    reach = FAR * max(high - low, abs(high), 1e-9)
    far = values[(values > high + reach) | (values < low - reach)]
    if far.size:
        yield f"{far.size:,} values lie far outside the rest, such as {_number(float(far[np.argmax(np.abs(far))]))}"
    elif 0.01 * values.size <= n < CONSTANT * values.size and _apart(values, often):
        told = f"{_number(often)} stands {n / values.size:.0%} of the time, far from the rest"
        yield f"{told}: if it means missing, name it in placeholders"


def _most_frequent(values: Floats) -> tuple[float, int]:
    distinct, counts = np.unique(values, return_counts=True)
    at = int(np.argmax(counts))
    return float(distinct[at]), int(counts[at])


def _apart(values: Floats, value: float) -> bool:
    """Return whether a value lies at one end, at a distance of more than ten times the spread of all others."""
    rest = values[values != value]
    if not rest.size or rest.min() < value < rest.max():
        return False
    low, high = float(rest.min()), float(rest.max())
    return (value - high if value > high else low - value) > 10 * max(high - low, 1.0)


_OUTCOMES = {CONVERTED: "converted", LOST: "lost", OPEN: "open"}


def _of_other(leads: LeadTable, column: Understood) -> ColumnProfile:
    """Return the profile of a column that is no field."""
    array, missing = one_chunk(leads.table.column(column.name)), Missing(leads.schema.placeholders)
    if column.role == "outcome":
        counts = [(word, int((leads.status == status).sum())) for status, word in _OUTCOMES.items()]
        told = ", ".join(f"{n:,} {word}" for word, n in counts if n)
        return ColumnProfile(column, None, _share_missing(array, missing), None, told, ())
    at = {"created_at": leads.created, "converted_at": leads.converted}.get(column.role or "")
    if at is not None:
        return ColumnProfile(column, None, float(np.isnan(at).mean()), None, _span(at), ())
    return ColumnProfile(column, None, _share_missing(array, missing), None, _masked(leads, array, missing, column), ())


def _span(at: Floats) -> str:
    known = at[~np.isnan(at)]
    return f"{day(float(known.min()))} to {day(float(known.max()))}" if known.size else ""


def _share_missing(array: pa.Array, missing: Missing) -> float:
    """Return the share of missing values; placeholders are counted in a sample."""
    codes, distinct = distinct_values(_sample(array))
    blank = np.array([missing.text(value) is None for value in distinct])
    return float(blank[codes].mean()) if len(codes) else 0.0


def _sample(array: pa.Array) -> pa.Array:
    step = max(1, len(array) // SAMPLE)
    return array.take(pa.array(np.arange(0, len(array), step)))


def _masked(leads: LeadTable, array: pa.Array, missing: Missing, column: Understood) -> str:
    """Return some values; of what may be personal only the first letter, of what is protected nothing."""
    if column.use == "protected":
        return "not shown"
    codes, distinct = distinct_values(_sample(array))
    counts = np.bincount(codes, minlength=len(distinct))
    texts = [missing.text(distinct[i]) for i in np.argsort(-counts, kind="stable") if counts[i]]
    known = [text for text in texts if text is not None]
    is_coded = len(known) <= FEW or all(_DIGIT.search(text) for text in known)
    kept = column.role in ("id", "group", "do_not_contact") or column.use == "ignored"
    plain = column.kind == "number" or (kept and is_coded and column.name not in leads.schema.identity.columns())
    return ", ".join(text[:30] if plain and "@" not in text else mask(text) for text in known[:2])


def mask(text: str) -> str:
    """Return a text of which only the first letter, and the domain of an address, can be read."""
    name, at, domain = text.partition("@")
    return f"{name[:1]}***" + (f"@{domain[:30]}" if at else "")
