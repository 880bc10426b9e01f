"""Whole columns through the one coercion: Arrow in, parts as numpy arrays out, every fault with its row."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadml.leads.arrays import is_text, python_values, workable
from leadml.leads.coercion import (
    DAY,
    SEPARATORS,
    CoercionError,
    Missing,
    PartValue,
    Reader,
    joined,
    plain_text,
    reader,
)
from leadml.leads.emails import FREE_BRANDS, FREE_DOMAINS
from leadml.leads.parts import Column, Floats, Levels, date_levels, floats_of, levels_of
from leadml.leads.reading import distinct_values, one_chunk, read_dates, read_numbers
from leadml.leads.schema import Field, Schema


@dataclass(slots=True)
class Coerced:
    """A table after coercion.

    ``parts``: part name -> (n,) float64 with NaN for missing, or Levels. ``faults``: (row, column, message)
    of every value that could not be read; such a value counts as missing in ``parts``. ``absent``: columns
    of fields that the table does not have. ``late``: date fields with values after the lead came in, and how many;
    such a value counts as missing.
    """

    n_rows: int
    parts: dict[str, Column] = field(default_factory=dict)
    created: Floats = field(default_factory=lambda: np.empty(0))
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    absent: tuple[str, ...] = ()
    late: dict[str, int] = field(default_factory=dict)


class Coercer:
    """Coerces tables of one schema; remembers the distinct texts it has read.

    ``parts`` names those that are wanted, by default all. A Coercer may be used for many batches of one stream; it
    is not safe for several threads.
    """

    def __init__(self, schema: Schema, parts: Collection[str] | None = None) -> None:
        self.schema = schema
        self._wanted = {part.name for part in schema.parts} if parts is None else set(parts)
        self._texts = {
            f.name: _Texts(reader(f, schema.placeholders), [part.numeric for part in f.parts])
            for f in schema.fields
            if f.kind not in ("number", "date")
        }

    def __call__(self, table: pa.Table | pa.RecordBatch) -> Coerced:
        """Return the parts of every field of a table of n rows."""
        names = set(table.schema.names)
        result = Coerced(table.num_rows)
        result.absent = tuple(f.name for f in self.schema.fields if f.name not in names)
        result.created = self._created(table, result)
        for f in self.schema.fields:
            array = _array(one_chunk(table.column(f.name)), f) if f.name in names else pa.nulls(table.num_rows)
            for part, column in zip(f.parts, self._field(f, array, result), strict=False):
                if part.name in self._wanted:
                    result.parts[part.name] = column
        return result

    def _created(self, table: pa.Table | pa.RecordBatch, result: Coerced) -> Floats:
        name = self.schema.roles.created_at
        if name is None or name not in table.schema.names:
            return np.full(table.num_rows, np.nan)
        array, missing = workable(one_chunk(table.column(name))), Missing(self.schema.placeholders)
        return read_dates(array, missing, name, result.faults, self.schema.formats.get(name))

    def _field(self, f: Field, array: pa.Array, result: Coerced) -> list[Column]:
        missing = Missing(self.schema.placeholders, kind=f.kind)
        if f.kind == "number":
            return [read_numbers(array, missing, f.name, result.faults, f.format)]
        if f.kind == "date":
            at = read_dates(array, missing, f.name, result.faults, f.format)
            late = at > result.created
            if late.any():  # not known when the lead came in
                result.late[f.name] = int(late.sum())
                at = np.where(late, np.nan, at)
            named = any(part.name in self._wanted for part in f.parts if not part.numeric)
            return [(result.created - at) / DAY, *(date_levels(at) if named else ())]
        if f.kind == "email" and is_text(array.type) and not any("@" in text for text in missing.texts):
            return self._emails(array, f.name, result.faults)
        return self._texts[f.name].columns(array, f.name, result.faults)

    def _emails(self, array: pa.Array, name: str, faults: list[tuple[int, str, str]]) -> list[Column]:
        """Settle the plain company addresses by pattern; a column of people has too many to look at one by one."""
        plain = pc.and_(pc.match_substring_regex(array, _PLAIN), pc.less(pc.binary_length(array), 250))
        company = pc.fill_null(pc.and_not(plain, pc.match_substring_regex(array, _MAYBE_FREE)), False)
        rest = np.flatnonzero(~company.to_numpy(zero_copy_only=False))
        (others,) = self._texts[name].columns(_without_local_part(array.take(pa.array(rest))), name, faults)
        assert isinstance(others, Levels)
        levels = ("corporate", *(level for level in others.levels if level != "corporate"))
        codes = np.zeros(len(array), dtype=np.intp)
        codes[rest] = np.array([*(levels.index(level) for level in others.levels), -1], dtype=np.intp)[others.codes]
        return [Levels(codes, levels)]


def _array(array: pa.Array, f: Field) -> pa.Array:
    if f.kind == "list" and pa.types.is_nested(array.type):
        mark = SEPARATORS[f.format or "semicolons"]
        return pa.array([plain_text(joined(value, mark)) for value in python_values(array)], pa.string())
    return workable(array)


class _Texts:
    """Applies a reader to the distinct values of a column, once each."""

    LIMIT = 200_000  # distinct values remembered; a column of free text must not fill the memory

    def __init__(self, read: Reader, numeric: Sequence[bool]) -> None:
        self._read = read
        self._numeric = numeric  # by part
        self._known: dict[object, tuple[PartValue, ...] | str] = {}

    def columns(self, array: pa.Array, name: str, faults: list[tuple[int, str, str]]) -> list[Column]:
        codes, distinct = distinct_values(array)
        read = [self._value(value) for value in distinct]
        bad = {i: message for i, message in enumerate(read) if isinstance(message, str)}
        if bad:
            rows = np.flatnonzero(np.isin(codes, list(bad)))
            faults.extend((int(row), name, bad[int(codes[row])]) for row in rows)
        nothing = (None,) * len(self._numeric)
        values = [nothing if isinstance(value, str) else value for value in read]
        makers = [floats_of if numeric else levels_of for numeric in self._numeric]
        return [make(codes, [value[i] for value in values]) for i, make in enumerate(makers)]

    def _value(self, value: object) -> tuple[PartValue, ...] | str:
        key = value if isinstance(value, str) else (type(value), value)  # 1, 1.0 and True are equal keys
        known = self._known.get(key)
        if known is None:
            try:
                known = self._read(value, np.nan)
            except CoercionError as error:
                known = str(error)
            if len(self._known) < self.LIMIT:
                self._known[key] = known
        return known


# an address that is no plain one, or whose domain begins like a free service's, goes to the reader
_PLAIN = r"^[!-?A-~]+@(?:[a-zA-Z0-9][a-zA-Z0-9-]*\.)+[a-zA-Z]+$"
_MAYBE_FREE = r"(?i)@(?:" + "|".join(sorted({*(d.partition(".")[0] for d in FREE_DOMAINS), *FREE_BRANDS})) + r")\."


def _without_local_part(array: pa.Array) -> pa.Array:
    """Keep only the domain of plain addresses, so that many people have few distinct values."""
    return pc.replace_substring_regex(array, r"^[!-?A-~]+@", "x@")
