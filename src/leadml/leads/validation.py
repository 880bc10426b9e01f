"""From a raw table to typed leads, or all its faults at once."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.errors import DataError, Fault
from leadml.leads.coercion import DAY, Missing, level, shown
from leadml.leads.columns import Coerced, Coercer
from leadml.leads.declared import Columns
from leadml.leads.duplicates import Duplicates, find_duplicates
from leadml.leads.events.index import LeadEvents
from leadml.leads.history.index import LeadHistory
from leadml.leads.labels import CONVERTED, UNLISTED, read_outcomes
from leadml.leads.listed import Listed, read_listed
from leadml.leads.parts import take
from leadml.leads.raw import Raw
from leadml.leads.reading import (
    distinct_values,
    one_chunk,
    read_dates,
    read_ids,
    read_numbers,
    read_opt_outs,
    total_rows,
)
from leadml.leads.schema import Outcomes, Roles, Schema
from leadml.leads.understanding import Understanding, Understood, understand

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LeadTable:
    """Typed leads, n rows in file order.

    ``columns`` says what each column is taken for; ``status`` (n,) is CONVERTED, LOST or OPEN; ``created`` and
    ``converted`` (n,) are seconds since 1970, NaN where unknown; ``known`` maps a column to the seconds (n,) at which
    its value became known; ``duplicates`` are the rows of one person or company; ``table_notes`` say what was
    guessed of the whole table, ``notes`` of its columns too; ``events``, ``history`` and
    ``listed`` are those of each lead, if any.
    """

    table: pa.Table
    schema: Schema
    columns: tuple[Understood, ...]
    coerced: Coerced
    status: NDArray[np.int8]
    created: Floats
    converted: Floats
    known: Mapping[str, Floats]
    duplicates: Duplicates
    table_notes: tuple[str, ...]
    events: LeadEvents | None = None
    history: LeadHistory | None = None
    listed: Listed | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was guessed, and which columns are not used."""
        unused = [f"column {one.name!r} is not used: {one.why}" for one in self.columns if one.use == "not used"]
        unsure = [f"column {one.name!r}: {one.why}" for one in self.columns if not one.sure]
        return (*unused, *unsure, *self.table_notes)

    def take(self, rows: NDArray[np.intp]) -> "LeadTable":
        """Return the same for some rows, as if the others had never been in the table."""
        coerced = self.coerced
        parts = {name: take(column, rows) for name, column in coerced.parts.items()}
        return replace(
            self,
            table=self.table.take(pa.array(rows)),
            coerced=Coerced(len(rows), parts, coerced.created[rows], [], coerced.absent),
            status=self.status[rows],
            created=self.created[rows],
            converted=self.converted[rows],
            known={name: at[rows] for name, at in self.known.items()},
            duplicates=self.duplicates.take(rows),
            events=None if self.events is None else self.events.take(rows),
            history=None if self.history is None else self.history.take(rows),
            listed=None if self.listed is None else self.listed.take(rows),
        )


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
    mend = "" if found.table_faults else ", or leave the faulty rows out"
    n = sum(fault.count for fault in found.faults)
    return DataError(f"the leads must be free of faults to learn from, got {n:,}; mend them{mend}:", found.faults)


def examine(raw: Raw, columns: Columns, *, now: float, horizon_days: int | None = None) -> Examined:
    """Look at every column and row of a table of past leads."""
    check = _Check(notes=list(raw.notes))
    _check_columns(raw.table, columns, check)
    if len(set(raw.table.column_names)) < raw.table.num_columns:
        return Examined(None, tuple(check.table), raw.faults, ())
    if raw.table.num_rows == 0:
        check.table.append(Fault("the table must have at least one lead, got none that can be read"))
        return Examined(None, tuple(check.table), raw.faults, ())
    columns = _present(raw.table, columns)
    found = understand(raw.table, columns)
    check.table += found.faults
    if not found.schema.fields:
        check.table.append(Fault("the table must have a column to learn from, got none; see the notes of leadml check"))
    leads = _type(raw.table, found, columns, check)
    _check_rows(leads, check, now=now, horizon_days=horizon_days)
    rows = tuple(dict.fromkeys(sorted(check.rows)))
    return Examined(leads, tuple(check.table), (*raw.faults, *_summed(rows, raw)), rows)


def _present(table: pa.Table, columns: Columns) -> Columns:
    """Leave out what the table lacks, which is a fault already, so that the rest can be looked at."""
    there = set(table.column_names)
    roles: dict[str, Any] = {role: name for role, name in columns.roles.named() if name in there}
    roles["do_not_contact"] = tuple(name for name in columns.roles.opt_outs if name in there) or None
    known_at = {name: at for name, at in columns.known_at.items() if at in there}
    return msgspec.structs.replace(columns, roles=Roles(**roles), known_at=known_at)


def _check_columns(table: pa.Table, columns: Columns, check: _Check) -> None:
    """Every column that is named must be there, and no two may have one name."""
    names = table.column_names
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        message = f"must be the name of one column, got {names.count(name)}; rename all but one"
        check.table.append(Fault(message, column=name))
    keys: dict[str, list[str]] = {}
    for role, name in columns.roles.named():
        keys.setdefault(name, []).append(f"leads.{role}")
    for key in ("ignore", "allow", "protected", "answers", "kinds", "axes", "words", "formats"):
        for name in getattr(columns, key):
            keys.setdefault(name, []).append(f"leads.{key}")
    for name, way in columns.ways.items():
        keys.setdefault(name, []).append(f"leads.{way}")
    for name in (name for pair in columns.known_at.items() for name in pair):
        keys.setdefault(name, []).append("leads.known_at")
    for name in columns.identity.columns() if columns.identity is not None else ():
        keys.setdefault(name, []).append("[duplicates]")
    for name, named in keys.items():
        if name is not None and name not in names:
            message = f"must be in the table, as {' and '.join(dict.fromkeys(named))} names it; {_nearest(name, names)}"
            check.table.append(Fault(message, column=name))


def _nearest(name: str, names: Sequence[str]) -> str:
    folded = {other.casefold().strip(): other for other in names}
    near = difflib.get_close_matches(name.casefold().strip(), folded, n=1)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    more = f" and {len(names) - 20:,} more" if len(names) > 20 else ""
    return f"the table has {', '.join(names[:20])}{more}"


def _type(table: pa.Table, found: Understanding, columns: Columns, check: _Check) -> LeadTable:
    schema, missing = found.schema, Missing(columns.placeholders)
    coerced = Coercer(schema)(table)
    check.rows += coerced.faults
    check.notes += [
        f"column {name!r}: {n:,} dates lie after the lead came in, so they were not known then and count as missing"
        for name, n in coerced.late.items()
    ]
    nothing = np.full(table.num_rows, np.nan)

    def dates(name: str | None) -> Floats:
        if name is None:
            return nothing
        return read_dates(one_chunk(table.column(name)), missing, name, check.rows, found.format(name))

    roles = schema.roles
    if roles.value is not None:
        value = one_chunk(table.column(roles.value))
        read_numbers(value, missing, roles.value, check.rows, found.format(roles.value))
    for name in roles.opt_outs:
        read_opt_outs(one_chunk(table.column(name)), missing, name, check.rows)
    known = {name: dates(at) for name, at in columns.known_at.items()}
    status = np.full(table.num_rows, -1, dtype=np.int8)
    if roles.outcome is not None:
        array = one_chunk(table.column(roles.outcome))
        status, unnamed = read_outcomes(array, schema.outcomes, missing)
        _note_outcomes(roles.outcome, array, status, unnamed, check)
        _note_absent(status, unnamed, schema.outcomes, check)
    converted = dates(roles.converted_at)
    odd = int((~np.isnan(converted) & (status != CONVERTED)).sum())
    if odd and roles.outcome is not None:
        check.notes.append(
            f"{odd:,} leads have a {roles.converted_at} but no converted {roles.outcome}, which is what counts"
        )
    same = find_duplicates(table, schema.identity, placeholders=columns.placeholders)
    listed = read_listed(table, roles, missing, check.rows, found.format(roles.propensity or ""))
    moments, notes = (coerced.created, converted, known), tuple(check.notes)
    return LeadTable(table, schema, found.columns, coerced, status, *moments, same, notes, listed=listed)


def _note_outcomes(
    name: str, array: pa.Array, status: NDArray[np.int8], unnamed: Mapping[str, int], check: _Check
) -> None:
    listed = ", ".join(
        f"{shown(value)} ({n:,})" for value, n in sorted(unnamed.items(), key=lambda pair: -pair[1])[:10]
    )
    bad = np.flatnonzero(status == UNLISTED)
    if bad.size:
        codes, distinct = distinct_values(array)
        message = "must be one of the listed outcomes"
        check.rows += [(int(row), name, f"{message}, got {shown(distinct[codes[row]])}") for row in bad]
        check.notes.append(f"outcomes that no list names: {listed}; add them to converted, lost or open")
    elif unnamed:
        check.notes.append(f"no lost outcomes are named, so every other value counts as lost: {listed}")


def _note_absent(status: NDArray[np.int8], unnamed: Mapping[str, int], outcomes: Outcomes, check: _Check) -> None:
    """Say so where nothing has converted: most often leads.converted is written differently from the table."""
    if outcomes.converted and not np.any(status == CONVERTED):
        near = difflib.get_close_matches(level(outcomes.converted[0]), [level(value) for value in unnamed], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        check.notes.append(f"no lead has an outcome of leads.converted ({', '.join(outcomes.converted)}){hint}")


def _check_rows(leads: LeadTable, check: _Check, *, now: float, horizon_days: int | None) -> None:
    roles = leads.schema.roles
    _check_ids(leads.table, roles.id, check)
    if roles.created_at is not None:
        _flag_rows(np.isnan(leads.created), roles.created_at, "must be a date, got nothing", check)
        _flag_rows(leads.created > now + DAY, roles.created_at, _ahead(leads.created), check)
    if roles.converted_at is not None:
        converted = leads.converted
        # a date without a time is midnight, before the lead of that day came in
        backwards = converted < np.floor(leads.created / DAY) * DAY
        _flag_rows(backwards, roles.converted_at, _before(leads, roles.created_at), check)
        _flag_rows(converted > now + DAY, roles.converted_at, _ahead(converted), check)
        if horizon_days is not None:
            undated = (leads.status == CONVERTED) & np.isnan(converted)
            _flag_rows(undated, roles.converted_at, "must be given for a converted lead, got nothing", check)


def _ahead(at: Floats) -> Callable[[int], str]:
    return lambda row: f"must not lie ahead of today, got {_day(at[row])}"


def _before(leads: LeadTable, created_at: str | None) -> Callable[[int], str]:
    return lambda row: (
        f"must not lie before {created_at}, got {_day(leads.converted[row])} for {_day(leads.created[row])}"
    )


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _flag_rows(bad: NDArray[np.bool_], column: str, message: str | Callable[[int], str], check: _Check) -> None:
    flagged = {row for row, name, _ in check.rows if name == column}
    rows = [int(row) for row in np.flatnonzero(bad) if int(row) not in flagged]
    check.rows += [(row, column, message if isinstance(message, str) else message(row)) for row in rows]


def _check_ids(table: pa.Table, name: str | None, check: _Check) -> None:
    if name is None:
        return
    ids = read_ids(one_chunk(table.column(name)))
    check.rows += [(row, name, message) for row, message in total_rows(ids)]
    blank = pc.fill_null(pc.equal(pc.binary_length(pc.utf8_trim_whitespace(ids)), 0), True)
    if not pc.any(blank).as_py() and pc.count_distinct(ids).as_py() == len(ids):
        return
    check.rows += [(int(row), name, "must be given, got nothing") for row in np.flatnonzero(blank)]
    codes, distinct = distinct_values(ids)
    counts = np.bincount(codes, minlength=len(distinct))
    again = np.ones(len(codes), dtype=bool)
    again[np.unique(codes, return_index=True)[1]] = False
    for row in np.flatnonzero(again & ~blank.to_numpy(zero_copy_only=False)):
        code = codes[row]
        check.rows.append((int(row), name, f"must be unique, got {shown(distinct[code])} {counts[code]:,} times"))


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
