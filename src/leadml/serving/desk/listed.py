"""What is told of a list, and its table: written once, opened by any worker.

``list.arrow`` holds one row per lead, best first, with the columns of ``CANON``, then those of the file, each under
``IN`` and its name, and what the model made of the lead's events, under ``MADE``. It is mapped into memory, so that a
view reads only the columns that it needs. ``people.arrow`` says who all leads of the file are, for prices.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from leadml.leads.schema import Axis, Format, Kind, Language
from leadml.model.axes import SCORES

if TYPE_CHECKING:
    import pyarrow as pa

TABLE, TOLD, PHRASES, PEOPLE = "list.arrow", "list.json", "phrases.json", "people.arrow"
IN, MADE = "in.", "made."
NUMBERS = (
    "score",
    "probability",
    "logit",
    "interest",
    "ability",
    "authority",
    "other",
    "base",
    "expected_value",
    "propensity",
)
CANON = (
    *("rank", "slot", "owner", "lead_id", "grade", *SCORES, *NUMBERS),
    *("summary", "reasons", "duplicates", "title", "company", "search"),
)
Told = dict[Language, str]


class Sample(msgspec.Struct, frozen=True):
    """A value as it is written in the file, and as it is read, in words; None where it counts as missing."""

    written: str
    read: Told | None = None


class ColumnUse(msgspec.Struct, frozen=True, kw_only=True):
    """How one column of the file was understood.

    ``use`` is a role, such as ``id``; ``field``; ``person`` where it tells who a lead is; or ``unused``. ``missing``
    is the share of empty cells among the first rows.
    """

    name: str
    use: str
    kind: Kind | None = None
    axis: Axis | None = None
    format: Format | None = None
    samples: tuple[Sample, ...] = ()
    missing: float = 0.0


class Absent(msgspec.Struct, frozen=True):
    """A column that the model wants and the file lacks; ``near`` is one of the file with nearly that name."""

    name: str
    label: Told = {}
    near: str | None = None


class Wrong(msgspec.Struct, frozen=True):
    """A sort of fault: what is wrong, in which column, how often."""

    message: str
    column: str | None
    count: int


class Unread(msgspec.Struct, frozen=True):
    """A row that could not be read: its line in the file, and why."""

    line: str
    lead_id: str
    column: str
    reason: str


class Left(msgspec.Struct, frozen=True):
    """How many leads of the file are not in the list, and why."""

    not_open: int = 0
    do_not_contact: int = 0
    duplicates: int = 0
    merged: int = 0


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """All that is told of a list but its leads.

    ``is_ready``: the file was a list already, and is shown as it is. ``n_file`` leads are in the file, ``n`` in the
    list. ``letters`` are the grades, the best first; ``owners`` (name or None, leads). ``has`` names those columns of
    ``CANON`` that hold anything; ``carried`` are the columns of the file. ``lacks_events``: the model makes fields of
    events, but had none; ``scores_axes``: axes have scores, and one without is unknown.
    ``capacity`` is what the list was cut to, None where it was not; ``n_explored`` of its leads were drawn by lot.
    """

    name: str
    is_ready: bool
    n: int
    n_file: int
    model_version: str | None
    as_of: str | None
    horizon_days: int | None
    language: Language
    grades: dict[str, int]
    owners: tuple[tuple[str | None, int], ...]
    has: tuple[str, ...]
    carried: tuple[str, ...]
    lacks_events: bool = False
    scores_axes: bool = False
    capacity: int | None = None
    n_explored: int = 0
    left: Left = Left()
    n_past_horizon: int = 0
    n_rejected: int = 0
    rejected: tuple[Unread, ...] = ()
    faults: tuple[Wrong, ...] = ()
    notes: tuple[str, ...] = ()
    absent: tuple[Absent, ...] = ()
    columns: tuple[ColumnUse, ...] = ()

    @property
    def letters(self) -> tuple[str, ...]:
        """The grades, the best first."""
        return tuple(self.grades)


def write_list(folder: Path, table: "pa.Table", told: Listed, phrases: Mapping[Language, list[str]]) -> None:
    """Write a list into the folder of its upload; raises OSError where there is no room."""
    _write(folder / TABLE, table.combine_chunks())
    (folder / PHRASES).write_bytes(msgspec.json.encode(phrases))
    (folder / TOLD).write_bytes(msgspec.json.encode(told))


def write_people(folder: Path, people: "pa.Table") -> None:
    """Write who all leads of a file are, also those that are not in its list; raises OSError where there is no room."""
    _write(folder / PEOPLE, people)


def open_people(folder: Path) -> "pa.Table | None":
    """Return who all leads of a file are; None where that was not kept, as of a list that was made before."""
    import pyarrow as pa

    path = folder / PEOPLE
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all() if path.exists() else None


def _write(path: Path, table: "pa.Table") -> None:
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def read_told(folder: Path) -> Listed:
    """Return what is told of a list."""
    return msgspec.json.decode((folder / TOLD).read_bytes(), type=Listed)


def open_table(folder: Path) -> "pa.Table":
    """Return the table of a list, mapped into memory; a list of before there were some columns has them empty."""
    import pyarrow as pa

    table = pa.ipc.open_file(pa.memory_map(str(folder / TABLE))).read_all()
    for name in CANON:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, column_type(name)))
    return table


def column_type(name: str) -> "pa.DataType":
    """Return the type of a column of ``CANON`` that holds nothing."""
    import pyarrow as pa

    return pa.int64() if name in SCORES else pa.float64() if name in NUMBERS else pa.string()


def read_phrases(folder: Path) -> dict[Language, list[str]]:
    """Return the words of all reasons of a list by language, in the same order; nothing where they are not known."""
    return msgspec.json.decode((folder / PHRASES).read_bytes(), type=dict[Language, list[str]])
