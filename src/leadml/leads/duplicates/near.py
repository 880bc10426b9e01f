"""Near names: two spellings of one name, looked for only where something else speaks for one person.

Two names are near where all their words but one are equal, in whatever order, and the odd one is

- *spelled otherwise*: at least 5 letters in both, no digits, the same first and last letter, and one letter
  inserted, left out, replaced or swapped with its neighbour (two from 9 letters on). This is the optimal string
  alignment distance, as rapidfuzz counts it. Meier and Meyer, Katharina and Katarina, Schmidt and Schmitt are near.
  First and last letters must be equal because names that differ there are mostly two names: Anna and Hanna, Martin
  and Martina, Christian and Christina. Shorter words are not compared, as Jan and Jon are two people.
- or *one word more*: a middle name or the second half of a double name, but no number and no "junior".

The rest must hold a word of at least 3 letters, so that A. Meier and A. Meyer stay apart.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.duplicates.components import stars
from leadml.leads.duplicates.keys import Hashes, alike, first_of_each, mixed
from leadml.leads.duplicates.names import GENERATIONS, Names
from leadml.leads.texts import Rows

SHORTEST = 5  # letters of a word that may be spelled otherwise
LONG = 9  # letters from which two may differ
MOST_ALIKE = 50  # names that are compared with each other, each with each


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs of rows (m,), (m,) with near names; ``skipped`` names had over ``MOST_ALIKE`` others to compare with."""

    left: Rows
    right: Rows
    skipped: int


def near_names(blocks: Hashes, rows: Rows, names: Names, *, one_more: bool, alone: bool = False) -> Near:
    """Return pairs of rows with near names in one block.

    ``blocks`` (k,) are the keys of blocks, ``rows`` (k,) the rows in them. ``one_more`` allows for a word more;
    ``alone`` compares names of one word too.
    """
    blocks, rows = _candidates(blocks, rows, names.keys)
    entries = _Entries(blocks, rows, names)
    left, right, skipped = entries.spelled_otherwise(alone=alone)
    if one_more:
        longer, shorter = entries.one_more()
        left, right = np.concatenate((left, longer)), np.concatenate((right, shorter))
    return Near(rows[left], rows[right], skipped)


def _candidates(blocks: Hashes, rows: Rows, keys: Hashes) -> tuple[Hashes, Rows]:
    """Keep one row of each name in a block, and only blocks of several names."""
    several, _ = alike(np.where(keys[rows] != 0, blocks, np.uint64(0)))
    blocks, rows = blocks[several], rows[several]
    first = first_of_each(mixed(blocks, keys[rows]))
    blocks, rows = blocks[first], rows[first]
    several, _ = alike(blocks)
    return blocks[several], rows[several]


class _Entries:
    """The words of the names to compare: k entries with w words in all."""

    def __init__(self, blocks: Hashes, rows: Rows, names: Names) -> None:
        self._blocks = blocks
        self._whole = names.keys[rows]
        codes, self._entry = names.words_of(rows)
        self._rest = self._whole[self._entry] - names.hashes[codes]
        used, self._word = np.unique(codes, return_inverse=True)
        self._words = [names.words[code] for code in used]
        self._length = np.array([len(word) for word in self._words], dtype=np.intp)
        self._ends = np.array([ord(word[0]) << 21 | ord(word[-1]) for word in self._words], dtype=np.intp)
        self._plain = np.array([word.isalpha() and word not in GENERATIONS for word in self._words], dtype=bool)

    def _others(self, least: int) -> NDArray[np.intp]:
        """Return how many other words (w,) of at least ``least`` letters stand with each word."""
        enough = (self._length >= least)[self._word]
        return np.bincount(self._entry[enough], minlength=len(self._whole))[self._entry] - enough

    def spelled_otherwise(self, *, alone: bool) -> tuple[Rows, Rows, int]:
        """Return pairs of entries whose odd words are near, and how many were not compared."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        fit = (self._plain & (self._length >= SHORTEST))[self._word] & (alone | (self._others(3) > 0))
        odd = np.flatnonzero(fit)
        entry, word = self._entry[odd], self._word[odd]
        places, codes = alike(mixed(self._blocks[entry], self._rest[odd], self._ends[word]))
        entry, word = entry[places], word[places]
        few = np.bincount(codes)[codes] <= MOST_ALIKE
        left, right = _pairs(codes, np.flatnonzero(few))
        first, second = ([self._words[i] for i in word[side]] for side in (left, right))
        apart = process.cpdist(first, second, scorer=OSA.distance, score_cutoff=2) if first else np.zeros(0)
        longest = np.minimum(self._length[word[left]], self._length[word[right]])
        near = (apart > 0) & (apart <= np.where(longest >= LONG, 2, 1))
        return entry[left[near]], entry[right[near]], len(np.unique(entry[~few]))

    def one_more(self) -> tuple[Rows, Rows]:
        """Return pairs of entries of which the first has one word more."""
        odd = np.flatnonzero(self._plain[self._word] & (self._others(2) >= 2) & (self._others(3) >= 1))
        entry = self._entry[odd]
        n = len(self._whole)
        names = np.concatenate((mixed(self._blocks, self._whole), mixed(self._blocks[entry], self._rest[odd])))
        places, codes = alike(names)
        shorter, longer = stars(codes, places)  # each whole name is there once, and first
        found = shorter < n
        return entry[longer[found] - n], shorter[found]


def _pairs(codes: Rows, places: Rows) -> tuple[Rows, Rows]:
    """Return all pairs of places (m,) with equal codes."""
    places = places[np.argsort(codes[places], kind="stable")]
    held = codes[places]
    left, right = [places[:0]], [places[:0]]
    for step in range(1, MOST_ALIKE):
        same = np.flatnonzero(held[step:] == held[:-step])
        if not same.size:
            break
        left.append(places[same])
        right.append(places[same + step])
    return np.concatenate(left), np.concatenate(right)
