"""Leads as the configuration describes them: read, typed, and free of faults, or refused."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from leadml.config import Config
from leadml.errors import Fault, OutputError, SourceError
from leadml.leads.coercion import Missing
from leadml.leads.columns import distinct_values, one_chunk, read_dates, read_numbers
from leadml.leads.schema import Field
from leadml.leads.sources import RawTable, read_table
from leadml.leads.validation import Examined, InMemory, LeadTable, Raw, examine, refusal, validate

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
    raw = _raw(config, leads)
    found = examine(raw, config.columns, now=now.timestamp(), horizon_days=config.label.horizon_days)
    if not found.faults and found.leads is not None:
        return Intake(found.leads)
    if not skip_faulty or found.table_faults or found.leads is None:
        raise refusal(found)
    return _without_faulty(config, raw, found, now)


def _raw(config: Config, leads: "pd.DataFrame | pa.Table | None") -> Raw:
    if leads is None:
        return read_table(config.at(config.leads.path))
    if isinstance(leads, pa.Table):
        return InMemory(leads)
    return InMemory(pa.Table.from_pandas(leads, preserve_index=False))


def _without_faulty(config: Config, raw: Raw, found: Examined, now: datetime) -> Intake:
    bad = sorted({row for row, _, _ in found.rows})
    kept = np.ones(raw.table.num_rows, dtype=bool)
    kept[bad] = False
    path = config.at(REJECTED)
    n_unread = write_rejected(path, raw, found.rows, config.leads.id)
    columns, horizon = config.columns, config.label.horizon_days
    rest = InMemory(raw.table.filter(pa.array(kept)), notes=raw.notes)
    leads = validate(rest, columns, now=now.timestamp(), horizon_days=horizon)
    return Intake(leads, len(bad) + n_unread, path)


def write_rejected(path: Path, raw: Raw, rows: Sequence[tuple[int, str, str]], id_column: str | None) -> int:
    """Write one line per fault, by line of the file; return how many rows could not even be read."""
    lines = raw.lines_of({row for row, _, _ in rows})
    ids = one_chunk(raw.table.column(id_column)) if id_column in raw.table.column_names else None
    entries = [(lines[row], "" if ids is None else ids[row].as_py(), column, why) for row, column, why in rows]
    unread = raw.rejected if isinstance(raw, RawTable) else ()
    entries += [(reject.line, "", "", reject.reason) for reject in unread]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "lead_id", "column", "reason"])
            writer.writerows(sorted(entries, key=lambda entry: entry[0]))
    except OSError as error:
        raise OutputError(f"{path} must be writable for the rejected rows, got: {error}") from None
    return len(unread)


def newest_event(config: Config) -> float:
    """Return the newest date of the events in seconds since 1970, NaN where there are none."""
    if config.events is None:
        return float("nan")
    path, name = config.at(config.events.path), config.events.at
    faults: list[tuple[int, str, str]] = []
    times = read_dates(one_chunk(read_table(path, columns=[name]).table.column(name)), Missing(), name, faults)
    if faults:
        row, column, message = faults[0]
        raise SourceError(f"{path}: row {row + 1}, column {column!r} {message} ({len(faults):,} such values)")
    known = times[~np.isnan(times)]
    return float(known.max()) if known.size else float("nan")


def digest(table: pa.Table) -> str:
    """Return the SHA-256 of a table's columns and values."""
    sha = hashlib.sha256()

    class _Sink:
        closed = False

        def write(self, data: bytes) -> int:
            sha.update(data)
            return len(data)

        def close(self) -> None: ...
        def flush(self) -> None: ...

    with pa.ipc.new_stream(pa.PythonFile(_Sink(), mode="w"), table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return sha.hexdigest()


@dataclass(frozen=True, slots=True)
class Look:
    """What ``leadml check`` reports."""

    n_leads: int
    fields: tuple[Field, ...]
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {
            "n_leads": self.n_leads,
            "fields": [{"name": f.name, "kind": f.kind, "axis": f.axis} for f in self.fields],
            "notes": list(self.notes),
            "faults": [asdict(fault) for fault in self.faults],
        }


def look(config: Config, leads: "pd.DataFrame | pa.Table | None" = None, *, now: datetime) -> Look:
    """Look at past leads as training would, without refusing them."""
    raw = _raw(config, leads)
    found = examine(raw, config.columns, now=now.timestamp(), horizon_days=config.label.horizon_days)
    if found.leads is None:
        return Look(raw.table.num_rows, (), raw.notes, found.faults)
    return Look(raw.table.num_rows, found.leads.schema.fields, found.leads.notes, found.faults)


def read_leads(config: Config, *, now: datetime | None = None) -> "pd.DataFrame":
    """Return the leads that the configuration names as a typed frame, one row per lead in file order.

    Numbers are float64, dates UTC timestamps, all else text; a missing value is NaN, NaT or NaN text. Raises
    DataError with every fault of the table.
    """
    import pandas as pd

    leads = read(config, None, now=datetime.now(UTC) if now is None else now, skip_faulty=False).leads
    kinds = {field.name: field.kind for field in leads.schema.fields}
    roles = leads.schema.roles
    frame: dict[str, Any] = {}
    for name in leads.table.column_names:
        column, missing = one_chunk(leads.table.column(name)), Missing(leads.schema.placeholders)
        if kinds.get(name) == "number" or name == roles.value:
            frame[name] = read_numbers(column, missing, name, [])
        elif kinds.get(name) == "date" or name in (roles.created_at, roles.converted_at):
            frame[name] = pd.to_datetime(read_dates(column, missing, name, []), unit="s", utc=True)
        else:
            codes, distinct = distinct_values(column)
            frame[name] = pd.Series([missing.text(value) for value in distinct], dtype="str").take(codes).array
    return pd.DataFrame(frame)
