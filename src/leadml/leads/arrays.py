"""Arrow arrays of every type as ones that the coercion can work with."""

import pyarrow as pa

from leadml.leads.coercion import Beyond, plain_text


def is_text(kind: pa.DataType) -> bool:
    """Return whether a column is of text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)


def workable(array: pa.Array) -> pa.Array:
    """Return a column of a type that Arrow has few functions for as one that it has them for."""
    if pa.types.is_string_view(array.type):
        return array.cast(pa.string())
    if pa.types.is_float16(array.type):
        return array.cast(pa.float64())
    if pa.types.is_nested(array.type) or _is_bytes(array.type):
        return pa.array([plain_text(value) for value in python_values(array)], pa.string())
    return array


def python_values(array: pa.Array) -> list[object]:
    """Return an array as Python's values; a moment beyond Python's years is a ``Beyond``, which is text."""
    try:
        return list(array.to_pylist())
    except (ValueError, OverflowError):
        return [_python(value) for value in array]


def _python(value: pa.Scalar) -> object:
    try:
        return value.as_py()
    except (ValueError, OverflowError):
        pass
    try:
        return Beyond(value.cast(pa.string()).as_py())
    except (pa.ArrowException, ValueError):
        return Beyond(f"a value out of range ({value.type})")
