"""Leads as JSON: read, checked against the model's schema, and every fault named by its path.

The types are strict: a number is a JSON number, not a text that looks like one. With ``types = "text"`` a value may be
a text, as CRMs send them, and is read as the cells of a file are.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from leadml.leads.schema import Field, Format, Kind, Schema
from leadml.serving.problems import Problem, pointer

Lead = dict[str, object]
Fault = dict[str, object]
Rule = tuple[frozenset[Any], str]  # the types of Python that a value may have, and what that is in words
MOST_FAULTS = 1000  # that one answer lists
ID, AS_OF = "lead_id", "as_of"  # understood in every lead, whatever its columns are called

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
_SPACED = re.compile(rb'"[ \t\r\n]+:')


@dataclass(slots=True)
class LeadReader:
    """Reads the leads of one model. ``columns`` are those that it knows: what each may hold, and in words."""

    schema: Schema
    types: Literal["strict", "text"] = "strict"
    unknown_fields: Literal["report", "refuse"] = "report"
    max_leads: int = 10_000
    columns: dict[str, Rule] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = known_columns(self.schema)
        if self.types == "text":
            self.columns = {
                name: (allowed | {str, int, float, bool}, words) for name, (allowed, words) in self.columns.items()
            }

    def read(self, body: bytes) -> tuple[list[Lead], bool]:
        """Return the leads of a JSON body, and whether it was one lead by itself.

        Raises Problem: 400 where it is no JSON, 422 with every fault where it does not hold leads.
        """
        data = decode(body)
        single = isinstance(data, dict)
        leads = [data] if single else data
        if not isinstance(leads, list):
            got = _NAMES.get(type(data), "something else")
            raise Problem(422, "invalid-leads", f"the body must be a lead or a list of leads, got {got}")
        if len(leads) > self.max_leads:
            told = f"the list must hold at most {self.max_leads:,} leads, got {len(leads):,}"
            raise Problem(422, "invalid-leads", f"{told}; send several lists, or use /v1/score/stream")
        faults = self.faults(leads, single=single) or _doubled(body, leads, single=single)
        if faults:
            raise refused(faults)
        return leads, single

    def faults(self, leads: list[Any], *, single: bool = False) -> list[Fault]:
        """Return what is wrong with decoded leads; columns that are not known are a fault only if they are refused."""
        faults: list[Fault] = []
        known, report = self.columns, self.unknown_fields == "report"
        for row, lead in enumerate(leads):
            if type(lead) is not dict:
                faults.append(_fault((row,), f"must be a lead as an object, got {_NAMES[type(lead)]}"))
                continue
            for name, value in lead.items():
                rule = known.get(name)
                if rule is None:
                    if not report:
                        faults.append(_fault(_steps(row, name, single=single), "must be a field that the model knows"))
                elif type(value) not in rule[0]:
                    told = f"must be {rule[1]}, got {_NAMES[type(value)]}"
                    faults.append(_fault(_steps(row, name, single=single), told))
                elif type(value) is list:
                    faults += _items(value, _steps(row, name, single=single))
        return faults

    def ignored(self, lead: Lead) -> list[str]:
        """Return the fields of a lead that the model does not know, in their order."""
        return [name for name in lead if name not in self.columns]


def decode(body: bytes) -> Any:
    """Return a JSON body as plain data; raises Problem 400."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        told = str(error).replace("JSON is malformed: ", "")
        raise Problem(400, "invalid-json", f"the body must be JSON in UTF-8, got: {told}") from None
    except RecursionError:
        raise Problem(400, "invalid-json", "the body must be JSON, got one that is nested too deeply") from None


def known_columns(schema: Schema) -> dict[str, Rule]:
    """Return what each column of a lead may hold, as types of Python and in words: roles, identity, fields."""
    columns: dict[str, Rule] = {ID: (_TEXT, "a text"), AS_OF: _TYPES["date"]}
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


def _fault(steps: tuple[str | int, ...], detail: str) -> Fault:
    return {"path": pointer(*steps), "detail": detail}


def _steps(row: int, name: str, *, single: bool) -> tuple[str | int, ...]:
    return (name,) if single else (row, name)


def _items(value: list[Any], steps: tuple[str | int, ...]) -> list[Fault]:
    return [
        _fault((*steps, at), f"must be a text, got {_NAMES[type(item)]}")
        for at, item in enumerate(value)
        if type(item) not in _TEXT
    ]


class _Held(dict[str, object]):
    """An object of JSON that knows which names stood in it more than once."""

    doubled: tuple[str, ...] = ()


def _held(pairs: list[tuple[str, object]]) -> _Held:
    held = _Held(pairs)
    if len(held) < len(pairs):
        held.doubled = tuple(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
    return held


def _doubled(body: bytes, leads: list[Lead], *, single: bool) -> list[Fault]:
    """Return the names that stand twice in one lead: which of the two values counts would be anyone's guess.

    Every name in an object is followed by ``":``. Where there are as many of these as names were read, none was lost;
    else the body is read once more, slowly.
    """
    if b'\\"' not in body and body.count(b'":') == sum(map(len, leads)) and not _SPACED.search(body):
        return []
    held = json.loads(body, object_pairs_hook=_held, parse_int=len, parse_float=len)
    return [
        _fault(_steps(row, name, single=single), "must stand once in a lead, got it twice")
        for row, lead in enumerate([held] if single else held)
        for name in lead.doubled
    ]
