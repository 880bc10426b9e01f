"""Fields set back to a moment: what the history says of it goes in the place of what the table says."""

from collections.abc import Mapping

import msgspec
import numpy as np
import pyarrow as pa

from leadml.leads.columns import Coercer
from leadml.leads.events.index import Floats, Rows
from leadml.leads.history.index import UNTOUCHED, LeadHistory
from leadml.leads.parts import Column, Levels
from leadml.leads.reading import one_chunk
from leadml.leads.schema import Schema


def replayed(
    parts: Mapping[str, Column],
    table: pa.Table | pa.RecordBatch,
    history: LeadHistory,
    moments: Floats,
    *,
    schema: Schema,
) -> dict[str, Column]:
    """Return the parts of n leads as they were at a moment (n,) of each, in seconds since 1970.

    ``parts`` are those of the leads as they stand, any of the schema's; ``table`` (n rows) has when they came in, for
    the age of dates. Values are read as those of a table of leads. The levels of a field that is set back are
    numbered in the order of their leads, so that nothing tells of levels that came later.
    """
    result = dict(parts)
    for field in schema.fields:
        changes = history.history.fields.get(field.name)
        wanted = [part.name for part in field.parts if part.name in parts]
        if changes is None or not wanted:
            continue
        places = changes.known(history.codes, moments)
        rows = np.flatnonzero(places != UNTOUCHED)
        values = changes.values.take(pa.array(places[rows], mask=places[rows] < 0))
        alone = msgspec.structs.replace(schema, fields=(field,))
        read = Coercer(alone, parts=wanted)(pa.table({field.name: values, **_created(table, rows, schema)})).parts
        result |= {name: _put(parts[name], rows, read[name]) for name in wanted}
    return result


def _created(table: pa.Table | pa.RecordBatch, rows: Rows, schema: Schema) -> dict[str, pa.Array]:
    """Return the column that says when leads came in, for some rows, if there is one."""
    name = schema.roles.created_at
    if name is None or name not in table.schema.names:
        return {}
    return {name: one_chunk(table.column(name)).take(pa.array(rows))}


def _put(column: Column, rows: Rows, read: Column) -> Column:
    """Return a column (n,) with other values in some rows."""
    if isinstance(read, Levels):
        assert isinstance(column, Levels)
        return _put_levels(column, rows, read)
    assert not isinstance(column, Levels)
    result = column.copy()
    result[rows] = read
    return result


def _put_levels(column: Levels, rows: Rows, read: Levels) -> Levels:
    levels = {level: place for place, level in enumerate(column.levels)}
    for level in read.levels:
        levels.setdefault(level, len(levels))
    codes = column.codes.copy()
    codes[rows] = np.array([*(levels[level] for level in read.levels), -1], dtype=np.intp)[read.codes]
    return _in_order(codes, tuple(levels))


def _in_order(codes: Rows, levels: tuple[str, ...]) -> Levels:
    """Return a column whose levels stand in the order in which they occur, without those that do not."""
    used, first = np.unique(codes, return_index=True)
    known = used >= 0
    order = used[known][np.argsort(first[known], kind="stable")]
    place = np.full(len(levels) + 1, -1, dtype=np.intp)
    place[order] = np.arange(len(order))
    return Levels(place[codes], tuple(levels[code] for code in order))
