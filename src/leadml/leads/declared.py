"""What the user says of the columns of a table."""

from collections.abc import Mapping

import msgspec

from leadml.leads.schema import Axis, EventTable, Field, Format, Identity, Kind, Language, Outcomes, Roles

FORMATS: Mapping[Kind, tuple[Format, ...]] = {
    "number": ("decimal_point", "decimal_comma"),
    "date": ("day_first", "month_first", "seconds", "milliseconds"),
    "list": ("semicolons", "commas", "bars"),
}


class Columns(msgspec.Struct, frozen=True):
    """What the user says of the columns; everything else is guessed and noted.

    ``made`` are the fields, by name, that were made of ``events`` and put beside the columns of the leads.
    """

    roles: Roles
    outcomes: Outcomes = Outcomes()
    kinds: Mapping[str, Kind] = {}
    axes: Mapping[str, Axis] = {}
    words: Mapping[str, dict[Language, str]] = {}
    ignore: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    known_at: Mapping[str, str] = {}
    formats: Mapping[str, Format] = {}
    identity: Identity | None = None  # None: guessed
    events: EventTable | None = None
    made: Mapping[str, Field] = {}
