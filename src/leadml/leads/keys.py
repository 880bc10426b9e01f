"""Keys: whole numbers that are equal where what they stand for is."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Rows = NDArray[np.intp]

_FACTOR, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)  # Knuth's multiplicative hashing, by the golden ratio


def mixed(*parts: NDArray[np.uint64] | NDArray[np.intp] | NDArray[np.int64] | int) -> Hashes:
    """Return one key (n,) of several numbers (n,) each; the order of the parts counts."""
    key: Hashes = np.zeros(1, dtype=np.uint64)
    for part in parts:
        key = (key ^ np.asarray(part).astype(np.uint64)) * _FACTOR
        key = key ^ (key >> _SHIFT)
        key = key + np.uint64(1)
    return key


def numbered(values: pa.Array) -> Rows:
    """Return a number (n,) for each value from 0 on, the same for equal values; -1 for null."""
    indices = values.dictionary_encode().indices
    return pc.fill_null(indices, -1).to_numpy(zero_copy_only=False).astype(np.intp)  # type: ignore[no-any-return]


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
