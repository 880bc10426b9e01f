"""From a raw table to typed leads, or all its faults at once."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.errors import DataError, Fault
from leadml.leads.coercion import DAY, Missing
from leadml.leads.columns import Coerced, Coercer, distinct_values, one_chunk, read_dates
from leadml.leads.kinds import guess_kind
from leadml.leads.labels import CONVERTED, UNLISTED, read_outcomes
from leadml.leads.schema import Axis, Field, Kind, Language, Outcomes, Roles, Schema

Floats = NDArray[np.float64]


class Raw(Protocol):
    """A table as it was read: see ``leads.sources.RawTable``."""

    @property
    def table(self) -> pa.Table: ...  # noqa: D102
    @property
    def faults(self) -> tuple[Fault, ...]: ...  # noqa: D102
    @property
    def notes(self) -> tuple[str, ...]: ...  # noqa: D102
    def lines_of(self, rows: Collection[int]) -> Mapping[int, int]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class InMemory:
    """A table that never was a file: a row's line is its number."""

    table: pa.Table
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the number of each row, from 1."""
        return {row: row + 1 for row in rows}


class Columns(msgspec.Struct, frozen=True):
    """What the user says of the columns; everything else is guessed and noted."""

    roles: Roles
    outcomes: Outcomes = Outcomes()
    kinds: Mapping[str, Kind] = {}
    axes: Mapping[str, Axis] = {}
    words: Mapping[str, dict[Language, str]] = {}
    ignore: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    known_at: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class LeadTable:
    """Typed leads, n rows in file order.

    ``status`` (n,) is CONVERTED, LOST or OPEN; ``created`` and ``converted`` (n,) are seconds since 1970, NaN
    where unknown; ``known`` maps a column to the seconds (n,) at which its value became known; ``notes`` is
    what was guessed.
    """

    table: pa.Table
    schema: Schema
    coerced: Coerced
    status: NDArray[np.int8]
    created: Floats
    converted: Floats
    known: Mapping[str, Floats]
    notes: tuple[str, ...]


@dataclass
class _Check:
    """Faults found so far: of the whole table, and by row."""

    table: list[Fault] = field(default_factory=list)
    rows: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a look at a table found.

    ``leads`` is None where the columns are too wrong to look at the rows. ``table_faults`` concern the whole
    table; ``rows`` are (row, column, message) of the faults that lie in single rows, and ``row_faults`` the same
    summed up for a person, with those of rows that could not even be read.
    """

    leads: LeadTable | None
    table_faults: tuple[Fault, ...]
    row_faults: tuple[Fault, ...]
    rows: tuple[tuple[int, str, str], ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults."""
        return self.table_faults + self.row_faults


def validate(raw: Raw, columns: Columns, *, now: float, horizon_days: int | None = None) -> LeadTable:
    """Type a table of past leads; raises DataError with every fault of it.

    ``now`` (seconds since 1970): a date after it is a fault.
    """
    found = examine(raw, columns, now=now, horizon_days=horizon_days)
    if found.faults or found.leads is None:
        raise refusal(found)
    return found.leads


def refusal(found: Examined) -> DataError:
    """Return the error that names every fault."""
    return DataError(f"the leads must be free of faults to learn from, got {_count(found.faults)}:", found.faults)


def examine(raw: Raw, columns: Columns, *, now: float, horizon_days: int | None = None) -> Examined:
    """Look at every column and row of a table of past leads."""
    check = _Check(notes=list(raw.notes))
    _check_columns(raw.table, columns, check)
    if _lacks_roles(raw.table, columns):
        return Examined(None, tuple(check.table), raw.faults, ())
    if raw.table.num_rows == 0:
        check.table.append(Fault("the table must have at least one lead, got a header only"))
        return Examined(None, tuple(check.table), raw.faults, ())
    schema = build_schema(raw.table, columns, check.notes)
    leads = _type(raw.table, schema, columns, check)
    _check_rows(leads, check, now=now, horizon_days=horizon_days)
    return Examined(leads, tuple(check.table), (*raw.faults, *_summed(check.rows, raw)), tuple(check.rows))


def _lacks_roles(table: pa.Table, columns: Columns) -> bool:
    return any(name not in table.column_names for name in columns.roles.columns())


def _check_columns(table: pa.Table, columns: Columns, check: _Check) -> None:
    """Every column that is named must be there."""
    named: list[tuple[str, str]] = [(name, "leads") for name in columns.roles.columns()]
    named += [(name, "leads.ignore") for name in columns.ignore]
    named += [(name, "leads.protected") for name in columns.protected]
    named += [(name, "leads.kinds") for name in columns.kinds]
    named += [(name, "leads.axes") for name in columns.axes]
    named += [(name, "leads.words") for name in columns.words]
    named += [(name, "leads.known_at") for pair in columns.known_at.items() for name in pair]
    for name, section in named:
        if name not in table.column_names:
            near = difflib.get_close_matches(name, table.column_names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; the table has {', '.join(table.column_names)}"
            check.table.append(Fault(f"must be in the table, as [{section}] names it{hint}", column=name))


def build_schema(table: pa.Table, columns: Columns, notes: list[str]) -> Schema:
    """Choose the fields of a table, and note every column that is left out, and why."""
    roles = columns.roles.columns()
    kept_out = {*roles, *columns.ignore, *columns.protected, *columns.known_at.values()}
    fields = []
    for name in table.column_names:
        if name in kept_out:
            continue
        kind = columns.kinds.get(name)
        if kind is None:
            guess = guess_kind(name, one_chunk(table.column(name)), columns.placeholders)
            kind = guess.kind
            if kind is None:
                notes.append(f"column {name!r} is not used: {guess.why}")
                continue
        axis = columns.axes.get(name, "authority" if kind == "job_title" else "other")
        fields.append(Field(name, kind, axis, columns.words.get(name, {})))
    return Schema(tuple(fields), columns.roles, columns.outcomes, columns.placeholders)


def _type(table: pa.Table, schema: Schema, columns: Columns, check: _Check) -> LeadTable:
    missing = Missing(columns.placeholders)
    coerced = Coercer(schema)(table)
    check.rows += coerced.faults
    nothing = np.full(table.num_rows, np.nan)

    def dates(name: str | None) -> Floats:
        return nothing if name is None else read_dates(one_chunk(table.column(name)), missing, name, check.rows)

    roles = schema.roles
    known = {name: dates(at) for name, at in columns.known_at.items()}
    status = np.full(table.num_rows, -1, dtype=np.int8)
    if roles.outcome is not None:
        array = one_chunk(table.column(roles.outcome))
        status, unnamed = read_outcomes(array, schema.outcomes, missing)
        _note_outcomes(roles.outcome, array, status, unnamed, check)
    notes = tuple(check.notes)
    return LeadTable(table, schema, coerced, status, coerced.created, dates(roles.converted_at), known, notes)


def _note_outcomes(
    name: str, array: pa.Array, status: NDArray[np.int8], unnamed: Mapping[str, int], check: _Check
) -> None:
    listed = ", ".join(f"{value!r} ({n:,})" for value, n in sorted(unnamed.items(), key=lambda pair: -pair[1])[:10])
    bad = np.flatnonzero(status == UNLISTED)
    if bad.size:
        codes, distinct = distinct_values(array)
        message = "must be one of the listed outcomes"
        check.rows += [(int(row), name, f"{message}, got {distinct[codes[row]]!r}") for row in bad]
        check.notes.append(f"outcomes that no list names: {listed}; add them to converted, lost or open")
    elif unnamed:
        check.notes.append(f"no lost outcomes are named, so every other value counts as lost: {listed}")


def _check_rows(leads: LeadTable, check: _Check, *, now: float, horizon_days: int | None) -> None:
    roles = leads.schema.roles
    _check_ids(leads.table, roles.id, check)
    if roles.created_at is not None:
        _flag_rows(np.isnan(leads.created), roles.created_at, "must be a date, got nothing", check)
        _flag_rows(leads.created > now + DAY, roles.created_at, "must not lie ahead of today", check)
    if roles.converted_at is not None:
        backwards = leads.converted < leads.created
        _flag_rows(backwards, roles.converted_at, f"must not lie before {roles.created_at}", check)
        _flag_rows(leads.converted > now + DAY, roles.converted_at, "must not lie ahead of today", check)
        if horizon_days is not None:
            undated = (leads.status == CONVERTED) & np.isnan(leads.converted)
            _flag_rows(undated, roles.converted_at, "must be given for a converted lead, got nothing", check)


def _flag_rows(bad: NDArray[np.bool_], column: str, message: str, check: _Check) -> None:
    flagged = {(row, column) for row, column, _ in check.rows}
    check.rows += [(int(row), column, message) for row in np.flatnonzero(bad) if (int(row), column) not in flagged]


def _check_ids(table: pa.Table, name: str | None, check: _Check) -> None:
    if name is None:
        return
    codes, distinct = distinct_values(one_chunk(table.column(name)))
    counts = np.bincount(codes, minlength=len(distinct))
    nothing = np.flatnonzero(codes == len(distinct) - 1)
    check.rows += [(int(row), name, "must be given, got nothing") for row in nothing]
    for code in np.flatnonzero(counts[:-1] > 1):
        rows = np.flatnonzero(codes == code)
        message = f"must be unique, got {distinct[code]!r} {rows.size} times"
        check.rows += [(int(row), name, message) for row in rows[1:]]


def _summed(rows: Sequence[tuple[int, str, str]], raw: Raw) -> list[Fault]:
    """Return one fault per column and sort of message, at its first place, with how often it occurs."""
    first: dict[tuple[str, str], tuple[int, str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for row, column, message in sorted(rows):
        key = (column, message.split(", got ")[0])
        first.setdefault(key, (row, message))
        counts[key] = counts.get(key, 0) + 1
    lines = raw.lines_of([row for row, _ in first.values()])
    return [
        Fault(message, lines[row], key[0], counts[key])
        for key, (row, message) in sorted(first.items(), key=lambda item: item[1][0])
    ]


def _count(faults: Sequence[Fault]) -> str:
    n = sum(fault.count for fault in faults)
    return "one" if n == 1 else f"{n:,}"
