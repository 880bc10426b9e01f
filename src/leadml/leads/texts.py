"""Whole text columns: stripped, with null where a value is missing, without a look at each value in Python."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.leads.arrays import is_text, workable
from leadml.leads.coercion import Missing
from leadml.leads.reading import distinct_values

Rows = NDArray[np.intp]
_SPACE, _DOT, _ZERO = 32, 46, 48
_EXACT = 2.0**53  # whole floats below it are written as they are


@dataclass(frozen=True, slots=True)
class TextBytes:
    """The UTF-8 bytes of a column of n texts: text i is ``data[offsets[i]:offsets[i + 1]]``."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, text: pa.Array) -> "TextBytes":
        """Return the bytes of a text array; nothing is copied but the offsets."""
        kind = np.int64 if pa.types.is_large_string(text.type) else np.int32
        _, offsets, data = text.buffers()
        if not len(text) or data is None:
            return cls(np.empty(0, dtype=np.uint8), np.zeros(len(text) + 1, dtype=np.int64))
        places = np.frombuffer(offsets, dtype=kind)[text.offset : text.offset + len(text) + 1].astype(np.int64)
        held = np.frombuffer(data, dtype=np.uint8)[places[0] : places[-1]]
        return cls(held, places - places[0])

    def where(self, byte: int) -> Rows:
        """Return the places of a byte in ``data``."""
        return np.flatnonzero(self.data == byte)

    def rows(self, places: Rows) -> Rows:
        """Return the texts that hold these places, each once."""
        held = np.zeros(len(self.offsets), dtype=bool)
        held[np.searchsorted(self.offsets, places, side="right") - 1] = True
        return np.flatnonzero(held)

    def at(self, places: Rows) -> NDArray[np.uint8]:
        """Return the bytes at these places, 0 beyond the end."""
        if not len(self.data):
            return np.zeros(len(places), dtype=np.uint8)
        return np.where(places < len(self.data), self.data[np.minimum(places, len(self.data) - 1)], np.uint8(0))


def known_texts(array: pa.Array, missing: Missing) -> pa.Array:
    """Return a column as stripped text (n,), null where it is missing; as ``Missing.text`` reads each value."""
    if pa.types.is_dictionary(array.type):
        return known_texts(workable(array.dictionary), missing).take(array.indices)
    array = _as_text(workable(array))
    if not is_text(array.type):
        codes, distinct = distinct_values(array)
        return pa.array([missing.text(value) for value in distinct], pa.string()).take(pa.array(codes))
    text = pc.utf8_trim_whitespace(array.cast(pa.string()))
    placeholders = pa.array(["", *missing.texts])
    text = pc.if_else(pc.is_in(pc.utf8_lower(text), placeholders), None, text)
    odd = _odd_rows(text, max(map(len, missing.texts)))
    if odd.size:
        mask = np.zeros(len(text), dtype=bool)
        mask[odd] = True
        read = [missing.text(value) for value in text.take(pa.array(odd)).to_pylist()]
        text = pc.replace_with_mask(text, pa.array(mask), pa.array(read, pa.string()))
    return text


def _as_text(array: pa.Array) -> pa.Array:
    """Return whole numbers as text, without a look at each; anything else as it is."""
    kind = array.type
    if pa.types.is_floating(kind):
        values = array.to_numpy(zero_copy_only=False)
        there = values[~np.isnan(values)]
        if not (np.abs(there) < _EXACT).all() or not (there == np.floor(there)).all():
            return array
        array = pa.array(np.nan_to_num(values).astype(np.int64), mask=np.isnan(values))
    return array.cast(pa.string()) if pa.types.is_integer(array.type) else array


def _odd_rows(text: pa.Array, longest: int) -> Rows:
    """Return the short texts whose folded form is not simply their lower case: spaces, ``1.0``, other letters."""
    held = TextBytes.of(text)
    control, high = np.flatnonzero(held.data < _SPACE), np.flatnonzero(held.data >= 128)
    spaces, dots = held.where(_SPACE), held.where(_DOT)
    double = spaces[held.at(spaces + 1) == _SPACE]
    decimals = dots[held.at(dots + 1) == _ZERO]
    rows = held.rows(np.concatenate((control, high, double, decimals)))
    lengths = held.offsets[rows + 1] - held.offsets[rows]
    return rows[lengths <= 4 * longest]  # nothing longer folds to a placeholder
