"""Texts of lead fields in CSV files: a spreadsheet must not take them for formulas.

A cell that starts with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets an apostrophe in front, unless it
is a plain number. A cell that looks like a guarded one gets one more, so that taking one away always gives the text
back: ``unguard(guard(texts)) == texts``. Only CSV needs this; a workbook and Parquet say themselves what is text.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.leads.numbers import NUMBER

_STARTS, _QUOTE = "=+-@\t\r", "'"
_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = f"^(?i:{NUMBER.pattern})$"  # Arrow's regular expressions take \d for ASCII digits


def guarded(text: str) -> str:
    """Return a text as a CSV cell that no spreadsheet takes for a formula; ``unguarded`` gives it back."""
    return _QUOTE + text if _DANGEROUS.match(text) and not NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return the text that ``guarded`` was given."""
    return text[1:] if _GUARDED.match(text) else text


def guard(array: pa.Array) -> pa.Array:
    """Return texts (n,) as ``guarded`` does, null for null; arrays of other types as they are.

    Of a dictionary only its values are looked at. Without a dangerous text the array itself comes back.
    """
    if pa.types.is_dictionary(array.type):
        return _in_dictionary(array, guard(array.dictionary))
    if not _may_start(array, _STARTS + _QUOTE):
        return array
    risky = pc.and_not(
        pc.match_substring_regex(array, "^" + _DANGEROUS.pattern), pc.match_substring_regex(array, _NUMBER)
    )
    return pc.if_else(risky, pc.binary_join_element_wise(_of(array, _QUOTE), array, _of(array, "")), array)


def unguard(array: pa.Array) -> pa.Array:
    """Return the texts (n,) that ``guard`` was given; arrays of other types as they are."""
    if pa.types.is_dictionary(array.type):
        return _in_dictionary(array, unguard(array.dictionary))
    if not _may_start(array, _QUOTE):
        return array
    risky = pc.match_substring_regex(array, "^" + _GUARDED.pattern)
    return pc.if_else(risky, pc.utf8_slice_codeunits(array, 1), array)


def _may_start(array: pa.Array, starts: str) -> bool:
    """Whether any text may start with one of these: a look at the first bytes, which is cheap."""
    kind = array.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)) or not len(array):
        return False
    _, ends, data = array.buffers()
    if data is None or not data.size:
        return False
    width: type[np.signedinteger] = np.int64 if pa.types.is_large_string(kind) else np.int32
    at = np.frombuffer(ends, width)[array.offset : array.offset + len(array)]
    held: NDArray[np.uint8] = np.frombuffer(data, np.uint8)
    risky = np.zeros(256, dtype=bool)
    risky[list(starts.encode())] = True
    # an empty text shows the first byte of the next one, or the last byte of all: seldom, and looked at again
    return bool(risky[held.take(at, mode="clip")].any())


def _of(array: pa.Array, text: str) -> pa.Scalar:
    return pa.scalar(text, array.type)


def _in_dictionary(array: pa.DictionaryArray, values: pa.Array) -> pa.Array:
    if values is array.dictionary:
        return array
    return pa.DictionaryArray.from_arrays(array.indices, values)
