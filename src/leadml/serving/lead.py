"""Leads as JSON: read, checked against the model's schema, and every fault named by its path.

The types are strict: a number is a JSON number, not a text that looks like one. With ``types = "text"`` a value may be
a text, as CRMs send them, and is read as the cells of a file are.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.errors import DataError
from leadml.leads.schema import Field, Format, Kind, Schema
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
_NAMES: Mapping[type, str] = {
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    _NONE: "null",
}
_PLAIN = frozenset({str, _NONE})
_COLON, _BACKSLASH = b":\\"
_SPACED = re.compile(rb'"[ \t\r\n]+:')


@dataclass(slots=True)
class LeadReader:
    """Reads the leads of one model.

    ``columns`` are those that it knows: what each may hold, and in words; ``timed`` are those of dates.
    """

    schema: Schema
    types: Literal["strict", "text"] = "strict"
    unknown_fields: Literal["report", "refuse"] = "report"
    max_leads: int = 10_000
    columns: dict[str, Rule] = field(init=False)
    timed: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        roles = self.schema.roles
        dates = (roles.created_at, roles.converted_at, *(one.name for one in self.schema.fields if one.kind == "date"))
        self.timed = tuple(name for name in dates if name is not None)
        self.columns = known_columns(self.schema)
        if self.types == "text":
            self.columns = {
                name: rule if rule is _EVENTS else (rule[0] | {str, int, float, bool}, rule[1])
                for name, rule in self.columns.items()
            }

    @property
    def takes_events(self) -> bool:
        """Whether a lead may come with what it did."""
        return self.columns.get(EVENTS) is _EVENTS

    def read(self, body: bytes) -> "Leads":
        """Return the leads of a JSON body.

        Raises Problem: 400 where it is no JSON, 422 with every fault where it does not hold leads.
        """
        data = decode(body)
        single = type(data) is dict
        rows = [data] if single else data
        if type(rows) is not list:
            got = _NAMES.get(type(data), "something else")
            raise Problem(422, "invalid-leads", f"the body must be a lead or a list of leads, got {got}")
        if len(rows) > self.max_leads:
            told = f"the list must hold at most {self.max_leads:,} leads, got {len(rows):,}"
            raise Problem(422, "invalid-leads", f"{told}; send several lists, or use /v1/score/stream")
        leads = Leads(rows, single)
        faults = self._by_column(body, leads)
        if faults is None:
            faults = self._by_row(leads) or _doubled(body, leads)
        if faults:
            raise refused(faults)
        return leads

    def _by_column(self, body: bytes, leads: "Leads") -> list[Fault] | None:
        """Look at a list column by column, which is fast; None where something calls for a closer look."""
        rows = leads.rows
        if leads.single or not rows or set(map(type, rows)) != {dict}:
            return None
        names = tuple(rows[0])
        if len(rows) > 1 and any(tuple(lead) != names for lead in rows):
            names = tuple(dict.fromkeys(name for lead in rows for name in lead))
            columns: dict[str, Sequence[object]] = {name: [lead.get(name) for lead in rows] for name in names}
        else:
            whole: Iterator[Sequence[object]] = zip(*map(dict.values, rows), strict=True)
            columns = dict(zip(names, whole, strict=True))
        for name, values in columns.items():
            rule = self.columns.get(name)
            if rule is None and self.unknown_fields == "report":
                leads.ignore(name)
            elif rule is None or not set(map(type, values)) <= rule[0] - {list}:
                leads.ignored.clear()
                return None
        leads.columns = columns
        return [] if _all_once(body, rows, columns, self.timed) else _doubled(body, leads)

    def _by_row(self, leads: "Leads") -> list[Fault]:
        """Return what is wrong with decoded leads; note the fields that the model does not know."""
        faults: list[Fault] = []
        known = self.columns
        for row, lead in enumerate(leads.rows):
            if type(lead) is not dict:
                faults.append(_fault((row,), f"must be a lead as an object, got {_NAMES[type(lead)]}"))
                continue
            for name, value in lead.items():
                rule = known.get(name)
                if rule is None:
                    leads.ignored.setdefault(row, []).append(name)
                elif type(value) not in rule[0]:
                    faults.append(_fault(leads.steps(row, name), f"must be {rule[1]}, got {_NAMES[type(value)]}"))
                elif type(value) is list:
                    faults += _items(value, leads.steps(row, name), dict if rule is _EVENTS else None)
        if self.unknown_fields == "refuse":
            told = "must be a field that the model knows, got another; see /v1/model/schema"
            faults += [_fault(leads.steps(row, name), told) for row, names in leads.ignored.items() for name in names]
        return faults


@dataclass(slots=True)
class Leads:
    """The leads of a body. ``single``: one lead, no list; ``ignored``: fields not known to the model, by row.

    ``columns`` are the same leads by column, where a list was looked at so.
    """

    rows: list[Lead]
    single: bool
    ignored: dict[int, list[str]] = field(default_factory=dict)
    columns: Mapping[str, Sequence[object]] | None = None

    def steps(self, row: int, *more: str | int) -> tuple[str | int, ...]:
        """Return the steps that lead to a place in a lead."""
        return more if self.single else (row, *more)

    def ignore(self, name: str) -> None:
        """Note a field that the model does not know, for every lead that has it."""
        for row, lead in enumerate(self.rows):
            if name in lead:
                self.ignored.setdefault(row, []).append(name)

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
    return refused([_fault(leads.steps((one.line or 1) - 1, one.column or ""), one.message) for one in error.faults])


def _fault(steps: tuple[str | int, ...], detail: str) -> Fault:
    return {"path": pointer(*steps), "detail": detail}


def _items(value: list[Any], steps: tuple[str | int, ...], kind: type | None = None) -> list[Fault]:
    allowed, must = (_TEXT, "a text") if kind is None else ({kind}, "an object")
    return [
        _fault((*steps, at), f"must be {must}, got {_NAMES[type(item)]}")
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
        _fault(leads.steps(row, name), "must stand once in a lead, got it twice")
        for row, lead in enumerate([held] if leads.single else held)
        for name in lead.doubled
    ]


def _all_once(body: bytes, rows: list[Lead], columns: Mapping[str, Sequence[Any]], timed: Iterable[str]) -> bool:
    """Return whether no name stands twice, as far as counting colons tells: faster than ``_doubled``.

    There is one for each name in an object, and all others are in texts. So if those that are left, without the ones in
    the columns of dates, are as many as the names that were read, then none was lost.
    """
    data = np.frombuffer(body, dtype=np.uint8)
    if _has_escaped_colon(data):
        return False
    known = sum(_texts(columns.get(name, ())).count(":") for name in timed)
    return int(np.count_nonzero(data == _COLON)) - known == sum(map(len, rows))


def _has_escaped_colon(data: NDArray[np.uint8]) -> bool:
    r"""Return whether ``\u003`` is in a body, as which a colon may be written."""
    at = np.flatnonzero(data[:-4] == _BACKSLASH)
    return bool(np.all([data[at + step] == byte for step, byte in enumerate(b"u003", 1)], axis=0).any())


def _texts(values: Sequence[Any]) -> str:
    """Return the texts among values as one."""
    if set(map(type, values)) <= _PLAIN:
        return "".join(filter(None, values))
    return "".join([value for value in values if type(value) is str])
