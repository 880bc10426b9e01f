"""The three axes of a scored lead: each sum on a scale of its own from 1 to 100, and all three in a sentence.

An axis is *unknown* to a lead where every part that the scorecard has a term of on that axis is missing, or where it
has no such term. Then it has no score, whatever its missing values are worth.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import AXES, Axis, Language
from leadml.model.reasons import MISSING
from leadml.model.summaries import MIDDLING, STRONG, UNKNOWN, WEAK, sentences

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
SCORED: tuple[Axis, ...] = tuple(axis for axis in AXES if axis != "other")
SCORES: tuple[str, ...] = tuple(f"{axis}_score" for axis in SCORED)  # the columns
CLEARLY = 0.3  # log-odds beside the average lead, about a third more or less, from which an axis is worded
_PLACES = tuple(AXES.index(axis) for axis in SCORED)


class Scale:
    """Scores the axes of leads, and words them.

    ``reference`` are the 99 quantiles of the sum of each axis; an axis without has no score. ``terms`` are the places
    in ``AXES`` of the terms, in order; axes without are left out of the sentence. ``words`` are all sentences, by code.
    """

    def __init__(self, reference: Mapping[str, Sequence[float]], terms: Sequence[int], language: Language) -> None:
        self._lists = [list(reference.get(axis, ())) for axis in SCORED]
        self._arrays = [np.asarray(one, dtype=np.float64) for one in self._lists]
        self._terms = [tuple(i for i, axis in enumerate(terms) if axis == place) for place in _PLACES]
        self._used = list(map(bool, self._terms))
        self.words = self.sentences(language)

    def sentences(self, language: Language) -> list[str]:
        """Return all sentences in a language, by code."""
        return sentences(self._used, language)

    def one(self, sums: Sequence[float], keys: Sequence[int]) -> tuple[int | None, int | None, int | None, str]:
        """Return the scores of one lead's sums by axis, and its sentence; ``keys`` are those of its terms."""
        code, found = 0, list[int | None]()
        for terms, reference, total in zip(self._terms, self._lists, sums, strict=False):
            for i in terms:  # mostly the first is known
                if not keys[i] & MISSING:
                    break
            else:
                code = 4 * code + UNKNOWN
                found.append(None)
                continue
            code = 4 * code + (STRONG if total >= CLEARLY else WEAK if total <= -CLEARLY else MIDDLING)
            found.append(bisect_left(reference, total) + 1 if reference else None)
        interest, ability, authority = found
        return interest, ability, authority, self.words[code]

    def scores(self, sums: Floats, known: Mask) -> list[tuple[NDArray[np.int64], Mask]]:
        """Return (scores (n,), where there is none (n,)) of each axis, by sums (4, n) and what is known of them."""
        found = []
        for at, reference in zip(_PLACES, self._arrays, strict=True):
            score = np.searchsorted(reference, sums[at], side="left").astype(np.int64) + 1
            found.append((score, ~known[at] if len(reference) else np.ones(len(score), dtype=bool)))
        return found

    def codes(self, sums: Floats, known: Mask) -> NDArray[np.int8]:
        """Return the code (n,) of each lead's sentence, by sums (4, n) and what is known of them."""
        code = np.zeros(sums.shape[1], dtype=np.int8)
        for at in _PLACES:
            state = MIDDLING + (sums[at] >= CLEARLY) * np.int8(1) - (sums[at] <= -CLEARLY) * np.int8(1)
            code = 4 * code + np.where(known[at], state, np.int8(UNKNOWN)).astype(np.int8)
        return code


def is_known(column: Column) -> Mask:
    """Return which values (n,) of a part are known."""
    return column.codes >= 0 if isinstance(column, Levels) else ~np.isnan(column)
