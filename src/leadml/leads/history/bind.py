"""A history bound to a schema: which fields it sets back, and which of their values cannot be read."""

from datetime import UTC, datetime

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadml.leads.coercion import DAY
from leadml.leads.columns import Coercer
from leadml.leads.events.index import Rows
from leadml.leads.history.index import FieldChanges, History, by_lead
from leadml.leads.history.reading import Changes
from leadml.leads.reading import values_array
from leadml.leads.schema import Field, Roles, Schema


def bind(changes: Changes, schema: Schema, *, now: float | None = None) -> History:
    """Return the history of those fields of a schema that it is to replay; what is wrong goes to ``changes.found``.

    A value that its field cannot be counts as missing from its change on. ``now`` (seconds since 1970): a later change
    is a fault.
    """
    if now is not None:
        _check_ahead(changes, now)
    fields = {field.name: field for field in schema.fields if field.measure is None}
    wanted = changes.names if changes.told.fields is None else changes.told.fields
    return History(changes.ids, {name: _of(changes, fields[name], schema) for name in wanted if name in fields})


def _check_ahead(changes: Changes, now: float) -> None:
    rows = np.flatnonzero(changes.at > now + DAY)
    if len(rows):
        day = datetime.fromtimestamp(float(changes.at[rows[0]]), UTC).date().isoformat()
        message = f"must not lie ahead of today, got {day}"
        changes.found.add(int(changes.row[rows[0]]), changes.told.changed_at, message, count=len(rows))


def _of(changes: Changes, field: Field, schema: Schema) -> FieldChanges:
    code = changes.names.index(field.name) if field.name in changes.names else -1
    rows = np.flatnonzero(changes.field == code)
    columns = [changes.value[rows]] + ([] if changes.old is None else [changes.old[rows]])
    used, places = np.unique(np.concatenate(columns), return_inverse=True)
    gap = int(np.searchsorted(used, 0))  # 1 where a value is missing
    own = np.split(places.astype(np.intp) - gap, len(columns))
    values = changes.values.take(pa.array(used[gap:]))
    if field.format == "decimal_comma" and pa.types.is_floating(values.type):
        values = values_array([*values.to_pylist(), ""], decimal_comma=True)[:-1]  # numbers as the table writes them
    values = _readable(changes, msgspec.structs.replace(schema, fields=(field,), roles=Roles()), values, rows, own)
    old = own[1] if len(own) > 1 else None
    return by_lead(changes.lead[rows], changes.at[rows], own[0], old, values, n_leads=len(changes.ids))


def _readable(changes: Changes, alone: Schema, values: pa.Array, rows: Rows, own: list[Rows]) -> pa.Array:
    """Return the values (d,) of the one field of a schema with null for what it cannot be, which is noted."""
    name = alone.fields[0].name
    bad = {place: message for place, _, message in Coercer(alone)(pa.table({name: values})).faults}
    if not bad:
        return values
    is_bad = np.zeros(len(values) + 1, dtype=bool)  # the last one for what is missing
    is_bad[list(bad)] = True
    for column, places in zip((changes.told.value, changes.told.old_value), own, strict=False):
        for at in np.flatnonzero(is_bad[places]):
            told = f"of {name!r} {bad[int(places[at])]}"
            changes.found.add(int(changes.row[rows[at]]), column or changes.told.value, told)
    return pc.if_else(pa.array(is_bad[:-1]), None, values)
