"""A criterion of leads, such as ``budget > 50000`` or ``job_title.seniority = top``: which leads meet it.

It speaks of fields as the model reads them, or of their parts. A lead of which the value is not known does not meet it,
whatever is asked.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadml.errors import UsageError
from leadml.leads.coercion import CoercionError, reader
from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Field, Part, Schema

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_SHOWN = 20
_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
_OPERATOR = re.compile("|".join(OPERATORS))


class Criterion(NamedTuple):
    """A condition on a part: ``text`` is how it was written, ``value`` a number or the text of a level."""

    text: str
    part: Part
    operator: str
    value: float | str

    def met(self, column: Column) -> NDArray[np.bool_]:
        """Return which leads (n,) meet it, by the column of its part."""
        compare = OPERATORS[self.operator]
        if isinstance(column, Levels):
            level = np.array([bool(compare(level, self.value)) for level in (*column.levels, "")], dtype=np.bool_)
            return level[column.codes] & (column.codes >= 0)
        return np.asarray(compare(column, self.value), dtype=np.bool_) & ~np.isnan(column)


def parse(text: str, schema: Schema, levels: Mapping[str, Collection[str]]) -> Criterion:
    """Return the criterion that a text means; ``levels`` are those known of parts that are categories.

    Raises UsageError where it is none: with the fields, or the levels, that there are.
    """
    parts = {part.name: part for part in schema.parts}
    split = list(_splits(text))
    found = next(((parts[name], sign, value) for name, sign, value in split if name in parts), None)
    if found is None:
        raise UsageError(_unknown(text, split[0][0] if split else "", parts))
    part, sign, value = found
    if not value:
        raise UsageError(f"where must name a value, got {text!r}; write it like {part.name} {sign} 10")
    if part.numeric:
        return Criterion(text, part, sign, _number(text, value, _field(schema, part)))
    if sign not in ("=", "!="):
        raise UsageError(f"where must compare {part.name!r} by = or !=, got {text!r}; it is no number")
    return Criterion(text, part, sign, _level(value, part, _field(schema, part), levels.get(part.name, ())))


def doubtful(field: Field, value: str, what: str) -> None:
    """Refuse a number that a person types as 10.000, where its field has points for decimals; raises UsageError.

    In a file that is read as ten, as the other values of the column say. Alone it is more likely meant as ten thousand.
    """
    if field.kind == "number" and field.format != "decimal_comma" and _GROUPED.fullmatch(value):
        plain = value.replace(".", "")
        told = f"got {value!r} for {field.name!r}; write {plain} or {value}0"
        raise UsageError(f"{what} must have a number that cannot be meant in two ways, {told}")


def _splits(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield every way to read a text as name, operator and value: names may hold such signs."""
    for match in _OPERATOR.finditer(text):
        yield text[: match.start()].strip(), match[0], text[match.end() :].strip().strip("\"'")


def _unknown(text: str, name: str, parts: Collection[str]) -> str:
    if not name:
        signs = ", ".join(sorted(OPERATORS))
        return f"where must be a field, one of {signs}, and a value, got {text!r}; write it like 'budget > 50000'"
    near = [part for part in parts if part.startswith(f"{name}.")] or get_close_matches(name, parts, 1, 0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    told = sorted(part for part in parts if not part.startswith("events."))
    return f"where must name a field that the model reads ({', '.join(told)}), got {name!r}{hint}"


def _field(schema: Schema, part: Part) -> Field:
    return next(field for field in schema.fields if field.name == part.field)


def _number(text: str, value: str, field: Field) -> float:
    doubtful(field, value, "where")
    try:
        read = reader(field, ())(value, float("nan"))[0] if field.kind == "number" else float(value)
    except (CoercionError, ValueError):
        read = None
    if not isinstance(read, (int, float)):
        if re.search(r"\s(or|and)\s", value):
            raise UsageError(f"where must be one condition, got {text!r}; give several, of which a lead must meet all")
        raise UsageError(f"where must compare {field.name!r} with a number, got {text!r}; write it like 50000")
    return float(read)


def _level(value: str, part: Part, field: Field, levels: Collection[str]) -> str:
    """Return the level that a person means: as it is called, or as it would be written in a lead."""
    folded = {level.casefold(): level for level in levels}
    if value.casefold() in folded:
        return folded[value.casefold()]
    if len(field.parts) == 1:
        try:
            read = reader(field, ())(value, float("nan"))[0]
        except CoercionError:
            read = None
        if read in levels:
            return str(read)
    known = sorted(levels)
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    near = get_close_matches(value, known, 1, 0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    shown = ", ".join(known[:_SHOWN]) + more
    raise UsageError(f"where must name a value of {part.name!r} that occurs ({shown}), got {value!r}{hint}")
