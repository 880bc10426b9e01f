"""Values of cells of several types as Arrow columns of one type, and as the texts that a CSV would hold."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa

from leadml.leads.arrays import is_text, python_values
from leadml.leads.coercion import plain_text

MOMENT = pa.timestamp("us")
INSTANT = pa.timestamp("us", "UTC")
_DAY = timedelta(days=1)


def value_type(kinds: Collection[type], *, whole: pa.DataType) -> pa.DataType:
    """Return the one type of a column whose values have these Python types; text where they have several.

    ``whole`` is the type of whole numbers. A column without values is text.
    """
    kinds = set(kinds) - {type(None)}
    if kinds and kinds <= {int}:
        return whole
    if kinds and kinds <= {int, float, Decimal}:
        return pa.float64()
    if kinds == {bool}:
        return pa.bool_()
    if kinds and kinds <= {date, datetime}:
        return MOMENT
    return pa.float64() if kinds == {timedelta} else pa.string()


def column(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    """Return Python values as an Arrow column of a type; durations as numbers are days.

    Raises ValueError, TypeError, OverflowError or ArrowException where a value does not fit.
    """
    if pa.types.is_string(kind):
        return pa.array([cell_text(value) for value in values], kind)
    if pa.types.is_timestamp(kind):
        values = [_moment(value) for value in values]
    elif pa.types.is_floating(kind):
        values = [_number(value) for value in values]
    return pa.array(values, kind)


def _moment(value: object) -> object:
    return datetime(value.year, value.month, value.day) if type(value) is date else value


def _number(value: object) -> object:
    if isinstance(value, timedelta):
        return value / _DAY
    return float(value) if isinstance(value, (int, Decimal)) else value


def cell_text(value: object) -> str | None:
    """Return a value as a CSV holds it: whole numbers without a point, dates as ISO; nothing is None."""
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            midnight = value.time() == time() and value.tzinfo is None
            return value.date().isoformat() if midnight else value.isoformat()
        case date() | time():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case timedelta():
            return plain_text(value / _DAY)
        case dict() | list() | tuple():
            return json.dumps(value, default=cell_text, ensure_ascii=False)
    return plain_text(value)


def as_text(array: pa.Array) -> pa.Array:
    """Return a column of any type as text (n,)."""
    if pa.types.is_dictionary(array.type):
        return as_text(array.dictionary).take(array.indices)
    if is_text(array.type) or pa.types.is_null(array.type):
        return array.cast(pa.string())
    if pa.types.is_nested(array.type):
        return pa.array([cell_text(value) for value in python_values(array)], pa.string())
    encoded = array.dictionary_encode()
    texts = pa.array([cell_text(value) for value in python_values(encoded.dictionary)], pa.string())
    return texts.take(encoded.indices)


def common_type(kinds: Iterable[pa.DataType]) -> pa.DataType:
    """Return the type that columns of these types have together: text where they disagree."""
    own = [kind.value_type if pa.types.is_dictionary(kind) else kind for kind in kinds]
    own = list(dict.fromkeys(kind for kind in own if not pa.types.is_null(kind)))
    if not own or all(is_text(kind) for kind in own):
        return pa.string()
    if len(own) == 1:
        return own[0]
    try:
        schemas = [pa.schema([("column", kind)]) for kind in own]
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except pa.ArrowException:
        pass
    moments = all(pa.types.is_timestamp(kind) or pa.types.is_date(kind) for kind in own)
    return INSTANT if moments else pa.string()  # naive times are UTC


def cast(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return a column as another type; raises ArrowInvalid where a value does not fit."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if array.type == kind:
        return array
    if is_text(kind):
        return as_text(array).cast(kind)
    if pa.types.is_date(array.type) and pa.types.is_timestamp(kind):
        return array.cast(MOMENT).cast(kind)
    return array.cast(kind)


def encoded(array: pa.Array, *, wanted: bool) -> pa.Array:
    """Return a column of text as a dictionary if that is wanted."""
    if wanted and is_text(array.type):
        return array.cast(pa.string()).dictionary_encode()
    return array
