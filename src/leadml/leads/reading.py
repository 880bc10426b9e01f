"""Arrow columns as numbers, moments, ids and distinct values; each value read as ``coercion`` reads it by itself."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.leads.arrays import is_text, python_values, workable
from leadml.leads.coercion import BEYOND, FIRST, CoercionError, Missing, asks_out, identity, number, plain_text, seconds
from leadml.leads.moments import parse_dates
from leadml.leads.numbers import parse_regular
from leadml.leads.placeholders import TOTALS
from leadml.leads.schema import Format

Floats = NDArray[np.float64]


def distinct_values(array: pa.Array) -> tuple[NDArray[np.intp], list[object]]:
    """Return (codes (n,), distinct values): ``distinct[codes[i]]`` is value i; null has the last code."""
    if not pa.types.is_dictionary(array.type):
        array = workable(array).dictionary_encode()
    distinct = python_values(array.dictionary)
    codes = pc.fill_null(array.indices, len(distinct)).to_numpy(zero_copy_only=False).astype(np.intp)
    return codes, [*distinct, None]


def read_ids(array: pa.Array) -> pa.Array:
    """Return ids as text (n,), as they are written; as ``coercion.identity`` reads each value."""
    if is_text(array.type):
        array = array.cast(pa.string())
        return pc.if_else(pc.equal(array, ""), None, array) if pc.any(pc.equal(array, "")).as_py() else array
    codes, distinct = distinct_values(array)
    return pa.array([identity(value) for value in distinct], pa.string()).take(pa.array(codes))


def total_rows(ids: pa.Array) -> list[tuple[int, str]]:
    """Return (row, message) of the ids (n,) that name a total: that row adds up the others and is no lead."""
    if not pc.any(pc.is_in(pc.utf8_lower(pc.utf8_trim(ids, ": ")), pa.array(sorted(TOTALS)))).as_py():
        return []
    texts = ids.to_pylist()
    found = [row for row, text in enumerate(texts) if text and text.strip(": ").casefold() in TOTALS]
    return [
        (row, f"must be the id of a lead, got {texts[row]!r}, which looks like a total; remove the row")
        for row in found
    ]


def read_numbers(
    array: pa.Array,
    missing: Missing,
    name: str,
    faults: list[tuple[int, str, str]],
    form: Format | None = None,
) -> Floats:
    """Return (n,) float64 of an Arrow column, NaN where missing; as ``coercion.number`` reads each value."""
    if pa.types.is_null(array.type):
        return np.full(len(array), np.nan)
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    if pa.types.is_floating(array.type) or pa.types.is_integer(array.type):
        values = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return _settle_numbers(values, missing, name, faults)
    if pa.types.is_decimal(array.type):
        values = array.cast(pa.string()).cast(pa.float64())  # parsed as text it is rounded as Python rounds it
        return _settle_numbers(values.to_numpy(zero_copy_only=False), missing, name, faults)
    if is_text(array.type):
        fast = _fast_numbers(array, missing, form)
        if fast is not None:
            return _settle_numbers(fast, missing, name, faults)
    return _by_value(array, lambda value: number(value, missing, form), name, faults)


def _fast_numbers(array: pa.Array, missing: Missing, form: Format | None) -> Floats | None:
    """Let Arrow parse the texts; None where one of them is neither a number nor a placeholder."""
    values = _parsed(array, missing) if form != "decimal_comma" else None
    if values is None:
        encoded = array.dictionary_encode()
        text = pc.utf8_trim_whitespace(encoded.dictionary)
        placeholders = pa.array(sorted(missing.texts | {""}), text.type)
        text = pc.if_else(pc.is_in(pc.utf8_lower(text), placeholders), None, text)
        values = parse_regular(text, form) if form is not None else _parsed(text, missing)
        if values is None:
            return None
        values = values.take(encoded.indices)
    return values.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _parsed(text: pa.Array, missing: Missing) -> pa.Array | None:
    try:
        values = pc.cast(text, pa.float64())
        for odd in text.filter(pc.is_nan(values)).unique().to_pylist():
            number(odd, missing)  # Arrow takes "nan(1)" for a number
    except (pa.ArrowInvalid, CoercionError):
        return None
    return values


def _settle_numbers(values: Floats, missing: Missing, name: str, faults: list[tuple[int, str, str]]) -> Floats:
    infinite = np.isinf(values)
    if infinite.any():
        faults.extend((int(i), name, f"must be a finite number, got {values[i]}") for i in np.flatnonzero(infinite))
        values = np.where(infinite, np.nan, values)
    if missing.numbers:
        values = np.where(np.isin(values, list(missing.numbers)), np.nan, values)
    return values


def read_dates(
    array: pa.Array,
    missing: Missing,
    name: str,
    faults: list[tuple[int, str, str]],
    form: Format | None = None,
) -> Floats:
    """Return (n,) float64 seconds since 1970 of an Arrow column, NaN where missing."""
    kind = array.type
    if pa.types.is_null(kind):
        return np.full(len(array), np.nan)
    counted = form in ("seconds", "milliseconds") and (pa.types.is_integer(kind) or pa.types.is_floating(kind))
    if is_text(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind) or counted:
        try:
            at = _timestamps(parse_dates(array, form))
        except ValueError:
            pass
        else:
            if not ((at < FIRST) | (at >= BEYOND)).any():
                blank = missing.moments(form)
                return np.where(np.isin(at, list(blank)), np.nan, at) if blank else at
    return _by_value(array, lambda value: seconds(value, missing, form), name, faults)


def _timestamps(array: pa.Array) -> Floats:
    micros = array.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    return micros.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) / 1e6  # type: ignore[no-any-return]


def _by_value(
    array: pa.Array,
    read: Callable[[object], float | None],
    name: str,
    faults: list[tuple[int, str, str]],
) -> Floats:
    codes, distinct = distinct_values(array)
    table = np.full(len(distinct), np.nan)
    bad: dict[int, str] = {}
    for i, value in enumerate(distinct):
        try:
            result = read(value)
        except CoercionError as error:
            bad[i] = str(error)
        else:
            table[i] = np.nan if result is None else result
    if bad:
        rows = np.flatnonzero(np.isin(codes, list(bad)))
        faults.extend((int(row), name, bad[int(codes[row])]) for row in rows)
    return table[codes]


def one_chunk(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column as one array."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        if isinstance(column, pa.ChunkedArray):  # dictionaries that differ stay chunked
            column = pa.concat_arrays(column.unify_dictionaries().chunks)
    return column


def values_array(values: Sequence[object], *, decimal_comma: bool = False) -> pa.Array:
    """Return Python values as an Arrow array; values of mixed types become text that is read the same."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) <= 1 or kinds <= {int, float}:
        try:
            return pa.array(values, from_pandas=True)
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            pass
    texts = [plain_text(value) for value in values]
    if decimal_comma:  # else 1.234 would be read as a thousand
        numbers = [isinstance(value, (float, np.floating)) for value in values]
        texts = [
            text.replace(".", ",") if is_real and text else text for is_real, text in zip(numbers, texts, strict=True)
        ]
    return pa.array(texts, pa.string())


def read_opt_outs(
    array: pa.Array, missing: Missing, name: str, faults: list[tuple[int, str, str]]
) -> NDArray[np.bool_]:
    """Return which leads (n,) are not to be contacted by a column; a value that cannot be read counts as no."""
    asked: NDArray[np.bool_] = np.equal(
        _by_value(array, lambda value: float(asks_out(value, missing)), name, faults), 1.0
    )
    return asked
