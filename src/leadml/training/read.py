"""Leads as the configuration describes them: read, typed, and free of faults, or refused."""

import csv
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from leadml.config import Config
from leadml.errors import ConfigError, DataError, OutputError
from leadml.leads.coercion import DAY, Missing, level, plain_text
from leadml.leads.declared import Columns
from leadml.leads.events.beside import put_beside
from leadml.leads.events.index import LeadEvents
from leadml.leads.events.reading import read_events
from leadml.leads.guard import guarded
from leadml.leads.history.beside import put_history_beside
from leadml.leads.history.reading import read_history
from leadml.leads.raw import InMemory, Raw
from leadml.leads.reading import distinct_values, one_chunk, read_dates, read_ids, read_numbers
from leadml.leads.schema import Kind, Schema
from leadml.leads.snapshots import Labelled, newest, snapshots
from leadml.leads.sources import RawTable, located, read_table
from leadml.leads.validation import Examined, LeadTable, examine, refusal
from leadml.learning.propensity import weigh
from leadml.model.scorer import series_array

if TYPE_CHECKING:
    import pandas as pd

REJECTED = "reports/leads.rejected.csv"


@dataclass(frozen=True, slots=True)
class Intake:
    """Accepted leads; ``n_rejected`` rows were left out and written to ``rejected``."""

    leads: LeadTable
    n_rejected: int = 0
    rejected: Path | None = None


def read(config: Config, leads: "pd.DataFrame | pa.Table | None", *, now: datetime, skip_faulty: bool) -> Intake:
    """Read and check past leads, from the configuration's path or from a table in memory.

    Raises DataError with every fault. With ``skip_faulty``, rows with a fault are written to
    ``reports/leads.rejected.csv`` and left out; faults of the whole table are refused all the same.
    """
    raw = raw_table(config, leads)
    found = examined(config, raw, now)
    if not found.faults and found.leads is not None:
        return Intake(found.leads)
    if not skip_faulty or found.table_faults or found.leads is None:
        raise refusal(found)
    return _without_faulty(config, raw, found, found.leads)


def examined(config: Config, raw: Raw, now: datetime) -> Examined:
    """Return what a look at every column and row of a raw table found."""
    if config.as_of is not None and config.as_of > now.timestamp() + DAY:  # else no lead would be too young to judge
        raise ConfigError(f"label.as_of must not lie ahead of today, got {config.label.as_of}; leave it out or mend it")
    columns, events = config.columns, None
    if _has_events(config, raw):
        raw, columns, events = _with_events(config, raw)
    found = examine(raw, columns, now=now.timestamp(), horizon_days=config.label.horizon_days)
    if found.leads is not None and events is not None:
        found = replace(found, leads=replace(found.leads, events=events))
    return _with_history(config, found, now)


def _has_events(config: Config, raw: Raw) -> bool:
    """Return whether there are events, and columns that say whose they are; where these lack, that is a fault."""
    names = raw.table.column_names
    wanted = {config.leads.id, config.leads.created_at}
    return config.events is not None and wanted <= set(names) and len(set(names)) == len(names)


def _with_events(config: Config, raw: Raw) -> tuple[Raw, Columns, LeadEvents]:
    told, table = config.events, config.event_table
    assert told is not None
    assert table is not None
    path, placeholders = located(told.path, config.folder), config.leads.placeholders
    events = read_events(path, table, query=told.query, placeholders=placeholders)
    axes = {level(kind): axis for axis, kinds in told.axes.items() for kind in kinds}
    return put_beside(raw, config.columns, events, table, most_kinds=told.kinds, axes=axes)


def _with_history(config: Config, found: Examined, now: datetime) -> Examined:
    told, table = config.history, config.history_table
    if told is None or table is None:
        return found
    path, placeholders = located(told.path, config.folder), config.leads.placeholders
    changes = read_history(path, table, query=told.query, placeholders=placeholders)
    return put_history_beside(found, changes, now=now.timestamp())


def raw_table(config: Config, leads: "pd.DataFrame | pa.Table | None") -> Raw:
    """Return the table of past leads as it is, from the configuration's path or from memory."""
    if leads is None:
        told = config.leads
        path = located(told.path, config.folder)
        return read_table(path, query=told.query, sheet=told.sheet, header_row=told.header_row)
    if isinstance(leads, pa.Table):
        return InMemory(leads)
    columns = [series_array(column) for _, column in leads.items()]  # two may have one name
    return InMemory(pa.Table.from_arrays(columns, names=[str(name) for name in leads.columns]))


def _without_faulty(config: Config, raw: Raw, found: Examined, leads: LeadTable) -> Intake:
    bad = np.unique([row for row, _, _ in found.rows]).astype(np.intp)
    kept = np.setdiff1d(np.arange(raw.table.num_rows), bad)
    path = config.at(REJECTED)
    n_unread = write_rejected(path, raw, found.rows, config.leads.id)
    if not kept.size:
        raise DataError(f"at least one lead must be free of faults, got none; see {path}:", found.faults)
    return Intake(leads.take(kept), len(bad) + n_unread, path)


def write_rejected(path: Path, raw: Raw, rows: Sequence[tuple[int, str, str]], id_column: str | None) -> int:
    """Write one line per fault, by line of the file; return how many rows could not even be read."""
    lines = raw.lines_of({row for row, _, _ in rows})
    ids = read_ids(one_chunk(raw.table.column(id_column))) if id_column in raw.table.column_names else None
    entries = [(lines[row], "" if ids is None else ids[row].as_py() or "", column, why) for row, column, why in rows]
    unread = raw.rejected if isinstance(raw, RawTable) else ()
    entries += [(reject.line, "", "", reject.reason) for reject in unread]
    in_order = sorted(entries, key=lambda entry: entry[0])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "lead_id", "column", "reason"])
            writer.writerows([line, *map(guarded, texts)] for line, *texts in in_order)
    except OSError as error:
        raise OutputError(f"{path} must be writable for the rejected rows, got: {error}") from None
    return len(unread)


def labelled(config: Config, leads: LeadTable, now: datetime) -> Labelled:
    """Return the snapshots of the leads as they stand at ``label.as_of``, by default the newest date there is.

    With ``training.propensity_weights`` they are weighted, and those are left out that nobody called.
    """
    as_of = config.as_of
    if as_of is None:
        known = newest(leads)
        as_of = known if math.isnan(known) else min(known, now.timestamp())
    found = snapshots(leads, horizon_days=config.label.horizon_days, as_of=as_of)
    if not config.training.propensity_weights or leads.listed is None:
        return found
    weighted = weigh(found.snapshots, leads.listed)
    return replace(found, snapshots=weighted.shots, notes=(*found.notes, weighted.note), uncalled=weighted.left_out)


def data_digest(leads: LeadTable) -> str:
    """Return the SHA-256 of the leads that a training reads, and of their history where there is one."""
    return digest(leads.table, *(leads.history.tables() if leads.history is not None else ()))


def digest(*tables: pa.Table) -> str:
    """Return the SHA-256 of the columns and values of tables."""
    sha = hashlib.sha256()

    class _Sink:
        closed = False

        def write(self, data: bytes) -> int:
            sha.update(data)
            return len(data)

        def close(self) -> None: ...
        def flush(self) -> None: ...

    for table in tables:
        with pa.ipc.new_stream(pa.PythonFile(_Sink(), mode="w"), table.schema) as writer:
            writer.write_table(table.combine_chunks())
    return sha.hexdigest()


def read_leads(config: Config, *, now: datetime | None = None) -> "pd.DataFrame":
    """Return the leads that the configuration names as a typed frame, one row per lead in file order.

    Numbers are float64, dates UTC timestamps, all else text; a missing value is NaN, NaT or NaN text. Fields that are
    made of events are not among them. Raises
    DataError with every fault of the table.
    """
    import pandas as pd

    leads = read(config, None, now=datetime.now(UTC) if now is None else now, skip_faulty=False).leads
    roles = leads.schema.roles
    dates = {roles.created_at, roles.converted_at, *config.leads.known_at.values()}
    made = {field.name for field in leads.schema.fields if field.measure is not None}
    names = [name for name in leads.table.column_names if name not in made]
    return pd.DataFrame({name: _typed(leads, name, is_date=name in dates) for name in names})


def _typed(leads: LeadTable, name: str, *, is_date: bool) -> Any:
    """Return one column (n,) for pandas."""
    import pandas as pd

    schema, column = leads.schema, one_chunk(leads.table.column(name))
    fields = {field.name: field for field in schema.fields}
    kind: Kind = fields[name].kind if name in fields else "category"
    form = fields[name].format if name in fields else schema.formats.get(name)
    missing = Missing(schema.placeholders, kind=kind)
    if kind == "number" or name == schema.roles.value:
        return read_numbers(column, missing, name, [], form)
    if kind == "date" or is_date:
        micros = pa.array(np.round(read_dates(column, missing, name, [], form) * 1e6), from_pandas=True)
        return micros.cast(pa.int64()).cast(pa.timestamp("us", "UTC")).to_pandas()
    codes, distinct = distinct_values(read_ids(column) if name == schema.roles.id else column)
    texts = [plain_text(value) if _is_said(value, name, schema) else missing.text(value) for value in distinct]
    return pd.Series(texts, dtype="str").take(codes).array


def _is_said(value: object, name: str, schema: Schema) -> bool:
    """Return whether a text counts as it is written, even "-" or "none": an id, or an outcome that a list names."""
    lists = schema.outcomes
    named = {level(text) for text in (*lists.converted, *(lists.lost or ()), *lists.open)}
    text = plain_text(value)
    return name == schema.roles.id or (name == schema.roles.outcome and text is not None and level(text) in named)
