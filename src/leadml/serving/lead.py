"""Leads as JSON: read, checked against the model's schema, and every fault named by its path.

The types are strict: a number is a JSON number, not a text that looks like one. With ``types = "text"`` a value may be
a text, as CRMs send them, and is read as the cells of a file are.
"""

import json
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from leadml.errors import DataError
from leadml.leads.schema import Field, Format, Kind, Schema
from leadml.serving.columns import ColumnReader
from leadml.serving.problems import Problem, pointer

Lead = dict[str, object]
Fault = dict[str, object]
Rule = tuple[frozenset[Any], str]  # the types of Python that a value may have, and what that is in words
MOST_FAULTS = 1000  # that one answer lists
ID, AS_OF = "lead_id", "as_of"  # understood in every lead, whatever its columns are called
EVENTS = "events"  # what a lead did, for a model that makes fields of it

_NONE = type(None)
_TEXT: frozenset[Any] = frozenset({str, int, float, _NONE})
_ANY: frozenset[Any] = frozenset({str, int, float, bool, _NONE})
_TYPES: Mapping[Kind, Rule] = {
    "number": (frozenset({int, float, _NONE}), "a number"),
    "category": (_ANY, "a text, a number, true or false"),
    "flag": (_ANY, "true or false, or a text such as yes or no"),
    "date": (frozenset({str, _NONE}), "a date as a text, such as 2026-01-31"),
    "job_title": (frozenset({str, _NONE}), "a text"),
    "email": (frozenset({str, _NONE}), "a text"),
    "country": (_TEXT, "a text"),
    "list": (frozenset({str, list, _NONE}), "a list of texts, or one text"),
}
_EVENTS: Rule = (frozenset({list, _NONE}), "a list of events, each an object with at and kind")
_COUNTED: frozenset[Format | None] = frozenset({"seconds", "milliseconds"})
NAMES: Mapping[type, str] = {
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    _NONE: "null",
}
_SPACED = re.compile(rb'"[ \t\r\n]+:')


@dataclass(slots=True)
class LeadReader:
    """Reads the leads of one model.

    ``columns`` are those that it knows: what each may hold, and in words.
    """

    schema: Schema
    types: Literal["strict", "text"] = "strict"
    unknown_fields: Literal["report", "refuse"] = "report"
    max_leads: int = 10_000
    columns: dict[str, Rule] = field(init=False)
    _by_column: ColumnReader = field(init=False)

    def __post_init__(self) -> None:
        roles = self.schema.roles
        dates = (roles.created_at, roles.converted_at, *(one.name for one in self.schema.fields if one.kind == "date"))
        self.columns = known_columns(self.schema)
        if self.types == "text":
            self.columns = {
                name: rule if rule is _EVENTS else (rule[0] | {str, int, float, bool}, rule[1])
                for name, rule in self.columns.items()
            }
        kinds = {name: rule[0] for name, rule in self.columns.items()}
        self._by_column = ColumnReader(kinds, [name for name in dates if name is not None])

    @property
    def takes_events(self) -> bool:
        """Whether a lead may come with what it did."""
        return self.columns.get(EVENTS) is _EVENTS

    def read(self, body: bytes) -> "Leads":
        """Return the leads of a JSON body.

        Raises Problem: 400 where it is no JSON, 422 with every fault where it does not hold leads.
        """
        columns = self._by_column.read(body)
        if columns is not None:
            n = len(next(iter(columns.values())))
            self.check_length(n)
            return Leads(n, columns=columns, body=body)
        data = decode(body)
        single = type(data) is dict
        rows = [data] if single else data
        if type(rows) is not list:
            got = NAMES.get(type(data), "something else")
            raise Problem(422, "invalid-leads", f"the body must be a lead or a list of leads, got {got}")
        self.check_length(len(rows))
        leads = Leads(len(rows), single=single, decoded=rows)
        faults = self.check(leads) or _doubled(body, leads)
        if faults:
            raise refused(faults)
        return leads

    def check_length(self, n: int) -> None:
        """Raise Problem 422 where a list is longer than the server takes."""
        if n > self.max_leads:
            told = f"the list must hold at most {self.max_leads:,} leads, got {n:,}"
            raise Problem(422, "invalid-leads", f"{told}; send several lists, or use /v1/score/stream")

    def check(self, leads: "Leads") -> list[Fault]:
        """Return what is wrong with decoded leads; note the fields that the model does not know."""
        faults: list[Fault] = []
        known = self.columns
        for row, lead in enumerate(leads.rows):
            if type(lead) is not dict:
                faults.append(fault_at(leads.steps(row), f"must be a lead as an object, got {NAMES[type(lead)]}"))
                continue
            for name, value in lead.items():
                rule = known.get(name)
                if rule is None:
                    leads.ignored.setdefault(row, []).append(name)
                elif type(value) not in rule[0]:
                    faults.append(fault_at(leads.steps(row, name), f"must be {rule[1]}, got {NAMES[type(value)]}"))
                elif type(value) is list:
                    faults += _items(value, leads.steps(row, name), dict if rule is _EVENTS else None)
        if self.unknown_fields == "refuse":
            told = "must be a field that the model knows, got another; see /v1/model/schema"
            faults += [fault_at(leads.steps(row, name), told) for row, names in leads.ignored.items() for name in names]
        return faults


@dataclass(slots=True)
class Leads:
    """The n leads of a body. ``single``: one lead, no list; ``ignored``: fields not known to the model, by row.

    ``within`` is where in its object a lead stands, if it is not the object itself; ``before`` is where in the body the
    list stands, if that is not the body. Leads come by column, and the rows
    are made of the body where they are asked for, or by row as they were decoded.
    """

    n: int
    single: bool = False
    ignored: dict[int, list[str]] = field(default_factory=dict)
    columns: Mapping[str, Sequence[object]] | None = None
    body: bytes = b""
    decoded: list[Lead] | None = None
    within: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @property
    def rows(self) -> list[Lead]:
        """The leads as objects."""
        if self.decoded is None:
            self.decoded = decode(self.body)
        return self.decoded

    def steps(self, row: int, *more: str | int) -> tuple[str | int, ...]:
        """Return the steps that lead to a place in a lead."""
        return (*self.within, *more) if self.single else (*self.before, row, *self.within, *more)

    def by_column(self, names: Iterable[str]) -> Mapping[str, Sequence[object]]:
        """Return these columns of all leads."""
        if self.columns is not None:
            return self.columns
        return {name: [lead.get(name) for lead in self.rows] for name in names}


def decode(body: bytes) -> Any:
    """Return a JSON body as plain data; raises Problem 400."""
    try:
        return msgspec.json.decode(body)
    except UnicodeDecodeError:
        raise Problem(400, "invalid-json", "the body must be JSON in UTF-8, got another encoding") from None
    except msgspec.DecodeError as error:
        if body.startswith(BOM_UTF8):
            told = "the body must be JSON in UTF-8 without a byte order mark, got one; leave its first three bytes out"
            raise Problem(400, "invalid-json", told) from None
        told = str(error).removeprefix("JSON is malformed: ").partition(" - at `")[0]
        raise Problem(400, "invalid-json", f"the body must be JSON in UTF-8, got: {told}") from None
    except RecursionError:
        raise Problem(400, "invalid-json", "the body must be JSON, got one that is nested too deeply") from None


def known_columns(schema: Schema) -> dict[str, Rule]:
    """Return what each column of a lead may hold, as types of Python and in words: roles, identity, fields."""
    columns: dict[str, Rule] = {ID: (_TEXT, "a text"), AS_OF: _TYPES["date"]}
    if schema.events is not None:
        columns[EVENTS] = _EVENTS
    for role, name in schema.roles.named():
        columns[name] = _of_role(role, schema.formats.get(name))
    for name in schema.identity.columns():
        columns.setdefault(name, (_TEXT, "a text"))
    for one in schema.fields:
        columns[one.name] = _of_field(one)
    return columns


def _of_role(role: str, form: Format | None) -> Rule:
    if role in ("created_at", "converted_at"):
        return _date(form)
    return {"value": _TYPES["number"], "outcome": _TYPES["category"], "do_not_contact": _TYPES["flag"]}.get(
        role, (_TEXT, "a text")
    )


def _of_field(one: Field) -> Rule:
    return _date(one.format) if one.kind == "date" else _TYPES[one.kind]


def _date(form: Format | None) -> Rule:
    if form in _COUNTED:
        return frozenset({str, int, float, _NONE}), f"a date, or a number of {form} since 1970"
    return _TYPES["date"]


def refused(faults: list[Fault]) -> Problem:
    """Return the answer that lists what is wrong with the leads of a request."""
    n = len(faults)
    told = "1 value" if n == 1 else f"{n:,} values"
    more = f"; the first {MOST_FAULTS:,} are listed" if n > MOST_FAULTS else ""
    return Problem(422, "invalid-leads", f"mend {told} and send again{more}", errors=faults[:MOST_FAULTS])


def unreadable(leads: Leads, error: DataError) -> Problem:
    """Return the answer to leads with values that cannot be read; a fault's line is the place of its lead, from 1."""
    return refused([fault_at(leads.steps((one.line or 1) - 1, one.column or ""), one.message) for one in error.faults])


def fault_at(steps: tuple[str | int, ...], detail: str) -> Fault:
    """Return what is wrong at a place."""
    return {"path": pointer(*steps), "detail": detail}


def _items(value: list[Any], steps: tuple[str | int, ...], kind: type | None = None) -> list[Fault]:
    allowed, must = (_TEXT, "a text") if kind is None else ({kind}, "an object")
    return [
        fault_at((*steps, at), f"must be {must}, got {NAMES[type(item)]}")
        for at, item in enumerate(value)
        if type(item) not in allowed
    ]


class _Held(dict[str, object]):
    """An object of JSON that knows which names stood in it more than once."""

    doubled: tuple[str, ...] = ()


def _held(pairs: list[tuple[str, object]]) -> _Held:
    held = _Held(pairs)
    if len(held) < len(pairs):
        held.doubled = tuple(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
    return held


def _doubled(body: bytes, leads: Leads) -> list[Fault]:
    """Return the names that stand twice in one lead: which of the two values counts would be anyone's guess.

    Every name in an object is followed by ``":``. Where there are as many of these as names were read, none was lost;
    else the body is read once more, slowly.
    """
    if b'\\"' not in body and body.count(b'":') == sum(map(len, leads.rows)) and not _SPACED.search(body):
        return []
    held = json.loads(body, object_pairs_hook=_held, parse_int=len, parse_float=len)
    return [
        fault_at(leads.steps(row, name), "must stand once in a lead, got it twice")
        for row, lead in enumerate([held] if leads.single else held)
        for name in lead.doubled
    ]
