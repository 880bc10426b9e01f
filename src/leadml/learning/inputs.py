"""What a scikit-learn user gives, an array or a frame, as fields: numbers, and what text is guessed to be."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from leadml.leads.columns import Coercer
from leadml.leads.declared import Columns
from leadml.leads.parts import Column
from leadml.leads.schema import AXES, KINDS, Axis, Field, Kind, Roles, Schema
from leadml.leads.understanding import understand
from leadml.model.scorer import series_array


def as_table(X: Any, names: list[str]) -> pa.Table:
    """Return a frame or an array (n, p) as an Arrow table with these names."""
    if isinstance(X, pd.DataFrame):
        return pa.Table.from_arrays([series_array(column) for _, column in X.items()], names=names)
    columns = [X[:, j] for j in range(X.shape[1])]
    arrays = [series_array(pd.Series(x, dtype=object)) if x.dtype.kind in "OUS" else pa.array(x) for x in columns]
    return pa.Table.from_arrays(arrays, names=names)


def guess_schema(table: pa.Table, kinds: Mapping[str, Kind] | None, axes: Mapping[str, Axis] | None) -> Schema:
    """Return the schema of a table of fields.

    Numbers are numbers, dictionaries are categories; ``kinds`` tells otherwise. The rest is guessed as ``leadml check``
    guesses it, and left out where it can be no field. Raises ValueError where a column or a kind is not known.
    """
    kinds, axes = dict(kinds or {}), dict(axes or {})
    _check(table, "kinds", kinds, KINDS)
    _check(table, "axes", axes, AXES)
    told = dict(kinds)
    for column in table.schema:
        if column.name not in told and pa.types.is_dictionary(column.type):
            told[column.name] = "category"
    plain = [column.name for column in table.schema if column.name not in told and _is_number(column.type)]
    rest = table.drop_columns(plain)
    guessed = understand(rest, Columns(Roles(), kinds=told, axes={k: v for k, v in axes.items() if k not in plain}))
    fields = {field.name: field for field in guessed.schema.fields}
    fields |= {name: Field(name, "number", axes.get(name, "other")) for name in plain}
    return Schema(tuple(fields[name] for name in table.column_names if name in fields), Roles())


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _check(table: pa.Table, what: str, told: Mapping[str, str], known: tuple[str, ...]) -> None:
    for name, value in told.items():
        if name not in table.column_names:
            raise ValueError(f"{what} must name columns of X, got {name!r}; X has {', '.join(table.column_names[:20])}")
        if value not in known:
            raise ValueError(f"{what}[{name!r}] must be one of {', '.join(known)}, got {value!r}")


def read_parts(table: pa.Table, schema: Schema) -> dict[str, Column]:
    """Return the parts of a table; raises ValueError with the first value that cannot be read."""
    coerced = Coercer(schema)(table)
    if coerced.faults:
        row, column, message = coerced.faults[0]
        more = f" (and {len(coerced.faults) - 1:,} more such values)" if len(coerced.faults) > 1 else ""
        raise ValueError(f"X, row {row}, column {column!r} {message}{more}; mend it, or name its kind in kinds")
    return coerced.parts
