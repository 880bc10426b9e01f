"""Keys: whole numbers that are equal where what they stand for is."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.texts import Rows, TextBytes

Hashes = NDArray[np.uint64]

_WORD, _LONG = 8, 512  # bytes
_HEADS = np.array([2 ** (8 * n) - 1 for n in range(_WORD + 1)], dtype=np.uint64)  # the first n bytes of a word
_TURN = np.uint64(0xD1B54A32D192ED03)
_FACTOR, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)  # Knuth's multiplicative hashing, by the golden ratio


def mixed(*parts: NDArray[np.uint64] | NDArray[np.intp] | NDArray[np.int64] | int) -> Hashes:
    """Return one key (n,) of several numbers (n,) each; the order of the parts counts."""
    key: Hashes = np.zeros(1, dtype=np.uint64)
    for part in parts:
        key = _step(key, np.asarray(part).astype(np.uint64))
    return key


def _step(key: Hashes, part: Hashes) -> Hashes:
    key = ((key * _TURN) ^ part) * _FACTOR  # turned, so that the order of key and part counts
    return (key ^ (key >> _SHIFT)) + np.uint64(1)


def text_keys(text: pa.Array) -> Hashes:
    """Return a key (n,) for each text, 0 for null: eight bytes at a time, as ``mixed`` does with numbers.

    This takes half the time of Arrow's dictionary, which must keep every text.
    """
    held = TextBytes.of(text)
    size, start = np.diff(held.offsets), held.offsets[:-1]
    padded = np.concatenate((held.data, np.zeros(_WORD, dtype=np.uint8)))
    words = np.ndarray((len(held.data) + 1,), dtype="<u8", buffer=padded, strides=(1,))  # at every byte
    key = mixed(size)
    rows = np.arange(len(text), dtype=np.intp)
    for at in range(0, int(size.max(initial=0)), _WORD):
        rows = rows[size[rows] > at]
        if at >= _LONG:
            break
        word = words[start[rows] + at] & _HEADS[np.minimum(size[rows] - at, _WORD)]
        key[rows] = _step(key[rows], word)
    for row in rows[size[rows] > _LONG].tolist():  # few
        key[row] = hash(held.data[held.offsets[row] : held.offsets[row + 1]].tobytes()) % 2**64
    key[~text.is_valid().to_numpy(zero_copy_only=False)] = 0
    return key


def numbered(text: pa.Array) -> Rows:
    """Return a number (n,) from 0 on for each text that occurs more than once, the same for equal ones; else -1."""
    places, codes = alike(text_keys(text))
    numbers = np.full(len(text), -1, dtype=np.intp)
    numbers[places] = codes
    return numbers


def repeated(codes: Rows) -> tuple[Rows, Rows]:
    """Return where (m,) values are that occur more than once, and their numbers (m,) from 0 on; -1 is none."""
    counts = np.bincount(codes + 1, minlength=1)
    counts[0] = 0
    often = counts > 1
    places = np.flatnonzero(often[codes + 1])
    return places, (np.cumsum(often) - 1)[codes[places] + 1].astype(np.intp)


def alike(keys: Hashes) -> tuple[Rows, Rows]:
    """Return where (m,) keys are that occur more than once, and numbers (m,) of them from 0 on; 0 is none.

    Most keys occur once. They are sorted out by their leading bits before the others are compared.
    """
    bits = min(24, max(8, 2 + len(keys).bit_length()))
    bucket = (keys >> np.uint64(64 - bits)).astype(np.intp)
    bucket[keys == 0] = 1 << bits
    counts = np.bincount(bucket, minlength=(1 << bits) + 1)
    counts[-1] = 0
    places = np.flatnonzero(counts[bucket] > 1)
    some, codes = repeated(np.unique(keys[places], return_inverse=True)[1])
    return places[some], codes


def first_places(codes: Rows) -> Rows:
    """Return the first place (k,) of each of k numbers; every number from 0 to k - 1 is there."""
    first = np.empty(int(codes.max(initial=-1)) + 1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


def first_of_each(keys: Hashes) -> NDArray[np.bool_]:
    """Return which keys (n,) are not the same as an earlier one."""
    places, codes = alike(keys)
    first = np.ones(len(keys), dtype=bool)
    first[places] = False
    first[places[first_places(codes)]] = True
    return first


def distinct_per(codes: Rows, values: Hashes, n: int) -> NDArray[np.intp]:
    """Return how many different values (m,) go with each of n codes (m,); the value 0 is none."""
    known = values != 0
    codes, values = codes[known], values[known]
    return np.bincount(codes[first_of_each(mixed(codes, values))], minlength=n)
