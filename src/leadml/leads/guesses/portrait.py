"""What can be seen of a column before anything is known of its table: kind, values, and how many are missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.coercion import CoercionError, Missing, level, number, plain_text
from leadml.leads.guesses.vocabulary import spoken
from leadml.leads.kinds import NUMERIC, Guess, guess_kind
from leadml.leads.numbers import written
from leadml.leads.reading import distinct_values, one_chunk
from leadml.leads.schema import Format

SHOWN = 60  # levels that are kept, the most frequent ones
MANY = 2000  # different values from which they are counted as they are written: no categories


@dataclass(frozen=True, slots=True)
class Portrait:
    """A column of n rows.

    ``n_known`` values are not missing; ``levels`` are (text as most often written, count) of the most frequent
    of ``n_levels``; ``values`` (n_levels,) are the distinct numbers, sorted, and ``counts`` how often each occurs,
    both empty where the column is no number. ``blanks`` are (text, count) of texts that stand for missing values.
    """

    name: str
    guess: Guess
    n: int
    n_known: int
    n_levels: int
    levels: tuple[tuple[str, int], ...]
    values: NDArray[np.float64]
    counts: NDArray[np.intp]
    blanks: tuple[tuple[str, int], ...] = ()

    @property
    def words(self) -> str:
        """The name, spoken."""
        return spoken(self.name)

    @property
    def known(self) -> float:
        """The share of known values."""
        return self.n_known / max(self.n, 1)

    @property
    def top_share(self) -> float:
        """The share of rows that have the most frequent value or, if that is missing, none."""
        return max([self.n - self.n_known, *(count for _, count in self.levels[:1])]) / max(self.n, 1)

    @property
    def is_binary(self) -> bool:
        """Whether it says yes or no: a flag, or 0 and 1."""
        return self.guess.kind == "flag" or (0 < self.n_levels <= 2 and {text for text, _ in self.levels} <= NUMERIC)

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value, and none comes twice."""
        return 0 < self.n == self.n_known == self.n_levels


def portrait(name: str, column: pa.Array | pa.ChunkedArray, *, default: Format | None = None) -> Portrait:
    """Look at one column; ``default`` is the decimal mark of the other columns."""
    array = one_chunk(column)
    guess = guess_kind(name, array, default=default)
    codes, distinct = distinct_values(array)
    counts = np.bincount(codes, minlength=len(distinct))
    missing = Missing()
    read = [(missing.text(value), value, int(n)) for value, n in zip(distinct, counts, strict=True) if n]
    held = [(text, n) for text, _, n in read if text is not None]
    levels = _levels(held)
    numbers = _numbers([(text, n) for _, text, n in levels], guess) if guess.kind == "number" else {}
    values = np.array(sorted(numbers), dtype=np.float64)
    return Portrait(
        name,
        guess,
        len(array),
        sum(n for _, n in held),
        len(levels),
        tuple((text, n) for _, text, n in levels[:SHOWN]),
        values,
        np.array([numbers[value] for value in values], dtype=np.intp),
        _blanks([(value, n) for text, value, n in read if text is None]),
    )


def _blanks(read: Sequence[tuple[object, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((text, n) for value, n in read if (text := (plain_text(value) or "").strip()))


def _levels(held: Sequence[tuple[str, int]]) -> list[tuple[str, str, int]]:
    """Return (level, its most frequent spelling, count), the most frequent first."""
    if len(held) > MANY:
        return sorted(((text, text, n) for text, n in held), key=lambda one: -one[2])
    spellings: dict[str, dict[str, int]] = {}
    for text, n in held:
        own = spellings.setdefault(level(text), {})
        own[text] = own.get(text, 0) + n
    found = [(name, max(own, key=lambda text: own[text]), sum(own.values())) for name, own in spellings.items()]
    return sorted(found, key=lambda one: -one[2])


def _numbers(held: Sequence[tuple[str, int]], guess: Guess) -> dict[float, int]:
    """Return how often each number occurs; what is none is left out."""
    numbers: dict[float, int] = {}
    missing = Missing()
    for text, n in held:
        try:
            value = number(text, missing, guess.format)
        except CoercionError:
            continue
        if value is not None:
            numbers[value] = numbers.get(value, 0) + n
    return numbers


def portraits(table: pa.Table) -> list[Portrait]:
    """Look at every column of a table, in order; where others have decimal commas, at doubtful numbers again."""
    found = [portrait(name, table.column(name)) for name in table.column_names]
    if not any(one.guess.format == "decimal_comma" and one.guess.sure for one in found):
        return found
    return [
        portrait(one.name, table.column(one.name), default="decimal_comma")
        if one.guess.kind == "number" and one.guess.format != "decimal_comma"
        else one
        for one in found
    ]


def counted(n: int, one: str, many: str) -> str:
    """Return a count with its words, in the singular where it is one."""
    return f"{n:,} {one if n == 1 else many}"


def number_text(value: float) -> str:
    """Return a number as a table writes it, whole ones without a point."""
    return plain_text(float(value)) or ""


def reading(one: Portrait) -> str:
    """Return how a value is read that could be read in two ways, as a question; empty where that is sure."""
    if one.guess.sure:
        return ""
    for text, _ in one.levels if one.guess.kind == "number" and one.guess.format else ():
        how = written(text)
        if how is not None and how.decimal == "?":
            comma = "," in how.digits
            mark = "comma" if comma else "point"
            decimal = comma == (one.guess.format == "decimal_comma")
            told = f"a decimal {mark}" if decimal else f"a {mark} between thousands"
            read = number(text, Missing(), one.guess.format)
            return f"{text!r} is read as {number_text(read or 0.0)} ({told}); is that right?"
    seen = one.guess.why
    return f"{seen.partition('; ')[2] or seen}; is that right?"
