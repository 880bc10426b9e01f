"""What the user says of the columns of the leads, and of the table of their changes."""

from collections.abc import Mapping

import msgspec

from leadml.leads.schema import Axis, EventTable, Field, Format, Identity, Kind, Language, Outcomes, Roles, Way

FORMATS: Mapping[Kind, tuple[Format, ...]] = {
    "number": ("decimal_point", "decimal_comma"),
    "date": ("day_first", "month_first", "seconds", "milliseconds"),
    "list": ("semicolons", "commas", "bars"),
}


class Columns(msgspec.Struct, frozen=True):
    """What the user says of the columns; everything else is guessed and noted.

    ``answers`` are fields that are only known by asking. ``made`` are the fields, by name, that were made of ``events``
    and put beside the columns of the leads.
    """

    roles: Roles
    outcomes: Outcomes = Outcomes()
    kinds: Mapping[str, Kind] = {}
    axes: Mapping[str, Axis] = {}
    ways: Mapping[str, Way] = {}
    words: Mapping[str, dict[Language, str]] = {}
    ignore: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    known_at: Mapping[str, str] = {}
    answers: tuple[str, ...] = ()
    formats: Mapping[str, Format] = {}
    identity: Identity | None = None  # None: guessed
    events: EventTable | None = None
    made: Mapping[str, Field] = {}


class HistoryTable(msgspec.Struct, frozen=True):
    """How a history is read: its columns, how they are written, and the ``fields`` that are replayed.

    ``field`` is the column that names the changed field, ``value`` what it became, ``old_value`` what it was before,
    None where the history does not say. ``fields`` None are all those of the model that occur in it.
    """

    lead_id: str = "lead_id"
    field: str = "field"
    value: str = "value"
    changed_at: str = "changed_at"
    old_value: str | None = None
    formats: dict[str, Format] = {}
    fields: tuple[str, ...] | None = None

    @property
    def columns(self) -> list[str]:
        """The columns of the table that are read."""
        named = (self.lead_id, self.field, self.value, self.changed_at, self.old_value)
        return [name for name in named if name is not None]
