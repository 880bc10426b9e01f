"""The schema of a lead table: which columns are fields, of what kind, on which axis, and what the others are for.

A *field* is an input column that is scored. A field has one or more *parts*: the numbers or categories that
the terms of a scorecard read. A number is its own only part; a job title has a seniority and a function.
To add a kind: an entry in ``PARTS`` here, and its readers in ``coercion.py``.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal, get_args

import msgspec

Kind = Literal["number", "category", "flag", "date", "job_title", "email", "country", "list"]
Axis = Literal["interest", "ability", "authority", "other"]
Way = Literal["rising", "falling"]
Language = Literal["en", "de"]
# how a column writes what cannot be read without knowing: 1,234 or 03/04/2025 or 1767225600, or the items of a list
Format = Literal[
    "decimal_point",
    "decimal_comma",
    "day_first",
    "month_first",
    "seconds",
    "milliseconds",
    "semicolons",
    "commas",
    "bars",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
AXES: tuple[Axis, ...] = get_args(Axis)
WAYS: tuple[Way, ...] = get_args(Way)
LANGUAGES: tuple[Language, ...] = get_args(Language)

# kind -> the suffix of each part's name, and whether the part is a number (else a category)
PARTS: Mapping[Kind, tuple[tuple[str, bool], ...]] = {
    "number": (("", True),),
    "category": (("", False),),
    "flag": (("", False),),
    "date": ((".age_days", True), (".month", False), (".weekday", False)),
    "job_title": ((".seniority", False), (".function", False)),
    "email": ((".type", False),),
    "country": (("", False),),
    "list": ((".count", True),),  # and one for each of the field's levels
}


What = Literal["count", "sum", "last", "first", "kinds", "trend", "pace", "age"]


class Measure(msgspec.Struct, frozen=True):
    """What a field tells of a lead's events as known at a moment: those of one ``kind``, or of all.

    With ``days`` those of the last so many, else all up to the moment; see ``leads.events`` for each ``what``.
    """

    what: What
    kind: str | None = None
    days: int | None = None


class EventTable(msgspec.Struct, frozen=True):
    """How events are read and what was made of them in training, so that scoring makes the same.

    The first four are columns of the table, ``formats`` how they are written; ``kinds`` those that are told apart,
    most frequent first; ``windows`` and ``snapshots`` are days: back from the moment of looking, and after a lead came
    in.
    """

    lead_id: str = "lead_id"
    at: str = "at"
    kind: str = "kind"
    value: str | None = None
    formats: dict[str, Format] = {}
    kinds: tuple[str, ...] = ()
    windows: tuple[int, ...] = (7, 30, 90)
    snapshots: tuple[int, ...] = (0,)


class Part(msgspec.Struct, frozen=True):
    """What one term reads: a number or a category taken from a field; ``way``: the term may only rise, or fall."""

    name: str
    field: str
    numeric: bool
    axis: Axis
    way: Way | None = None


class Field(msgspec.Struct, frozen=True):
    """An input column that is scored.

    ``format`` is how its values are written, None where that needs no telling. ``levels`` are the items of a list
    that have a part of their own.

    ``words`` words the field for a person, by language: a noun ("income"), or a phrase with ``{}`` for the
    value ("visited the pricing page {} time(s)"). Without words the column's name is used. ``unknown`` words a missing
    value. ``measure``: the field is no column of the leads, but made of their events. ``way``: the chance of converting
    may only rise with a number, or only fall.
    """

    name: str
    kind: Kind
    axis: Axis = "other"
    words: dict[Language, str] = {}
    format: Format | None = None
    levels: tuple[str, ...] = ()
    unknown: dict[Language, str] = {}
    measure: Measure | None = None
    way: Way | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The numbers and categories that terms may read."""
        suffixes = (*PARTS[self.kind], *((f".has.{level}", False) for level in self.levels))
        return tuple(Part(self.name + suffix, self.name, numeric, self.axis, self.way) for suffix, numeric in suffixes)


class Roles(msgspec.Struct, frozen=True):
    """The columns that are not fields: who a lead is, when it came, how it ended. None where there is none.

    Several columns may say that a lead is not to be contacted. ``slot`` and ``propensity`` say how it came on a list.
    """

    id: str | None = None
    created_at: str | None = None
    outcome: str | None = None
    converted_at: str | None = None
    value: str | None = None
    owner: str | None = None
    group: str | None = None
    do_not_contact: str | tuple[str, ...] | None = None
    slot: str | None = None
    propensity: str | None = None

    @property
    def opt_outs(self) -> tuple[str, ...]:
        """The columns that say who is not to be contacted."""
        told = self.do_not_contact
        return (told,) if isinstance(told, str) else told or ()

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return (role, column) of every column that has a role."""
        single = ((role, name) for role, name in msgspec.structs.asdict(self).items() if role != "do_not_contact")
        return (
            *((role, name) for role, name in single if name is not None),
            *(("do_not_contact", name) for name in self.opt_outs),
        )

    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns that have a role."""
        return tuple(name for _, name in self.named())


class Outcomes(msgspec.Struct, frozen=True):
    """The values of the outcome column. ``lost`` None: every value that is neither of the others is lost."""

    converted: tuple[str, ...] = ()
    lost: tuple[str, ...] | None = None
    open: tuple[str, ...] = ()


class Identity(msgspec.Struct, frozen=True):
    """The columns that tell who a lead is, by which duplicates are found; ``near``: spellings may differ a little."""

    email: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    near: bool = True

    def columns(self) -> tuple[str, ...]:
        """Return the names of all these columns."""
        return (*self.email, *self.phone, *self.name, *self.company)


_SOURCES = ("source", "lead_source", "leadsource", "channel", "quelle", "leadquelle", "herkunft", "kanal")


class Schema(msgspec.Struct, frozen=True, dict=True):
    """Everything that is needed to read a lead: kept in the bundle, so that scoring needs no configuration.

    ``formats`` are those of columns that are no fields; ``identity`` tells who a lead is; ``events`` how fields with a
    ``measure`` are made, None where there are none. ``answers`` are the fields that are only known by asking.
    """

    fields: tuple[Field, ...]
    roles: Roles
    outcomes: Outcomes = Outcomes()
    placeholders: tuple[str, ...] = ()
    formats: dict[str, Format] = {}
    identity: Identity = Identity()
    events: EventTable | None = None
    answers: tuple[str, ...] = ()

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts of all fields, in order."""
        return tuple(part for field in self.fields for part in field.parts)

    @property
    def source(self) -> str | None:
        """The category field that says where a lead came from, by its name; None where there is none."""
        names = {field.name.casefold().replace(" ", "_"): field for field in self.fields}
        found = next((names[name] for name in _SOURCES if name in names), None)
        return found.name if found is not None and found.kind == "category" else None
