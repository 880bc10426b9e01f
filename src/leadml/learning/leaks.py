"""Fields that know too much: one field alone that nearly settles the outcome was filled in after it.

Honest lead data gives a ROC AUC of 0.6 to 0.8; a single field above ``SUSPECT`` is evidence of a leak (Kaufman et
al., "Leakage in Data Mining", ACM TKDD 6, 2012), not proof: a person must look when it is filled in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels, take
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.design import MIN_LEADS
from leadml.learning.metrics import Ranked, roc_auc

SUSPECT = 0.9
N_BINS = 20
MOST = 200_000  # leads looked at, spread over all: so many show any field that nearly settles the outcome


@dataclass(frozen=True, slots=True)
class Suspect:
    """A field whose values alone rank the past leads with this ROC AUC."""

    field: str
    roc_auc: float

    def __str__(self) -> str:
        """Return the suspicion in words, with the mend."""
        return (
            f"field {self.field!r} alone tells converted from lost leads (ROC AUC {self.roc_auc:.2f}): it may have "
            "been filled in after the outcome; if so, name it under leads.ignore"
        )


def suspects(shots: Snapshots, parts: Sequence[Part]) -> list[Suspect]:
    """Return the fields that may be leaks, the most suspicious first."""
    found: dict[str, float] = {}
    rows = np.arange(0, len(shots), max(1, len(shots) // MOST))
    for part in parts:
        auc = alone(take(shots.parts[part.name], rows), shots.y[rows])
        if auc >= SUSPECT:
            found[part.field] = max(auc, found.get(part.field, 0.0))
    return [Suspect(field, auc) for field, auc in sorted(found.items(), key=lambda pair: -pair[1])]


def alone(column: Column, y: NDArray[np.bool_]) -> float:
    """Return the ROC AUC of the conversion rate of a column's (n,) own levels or bins; rare ones count as one."""
    codes = column.codes + 1 if isinstance(column, Levels) else _bins(column)
    rare = np.bincount(codes) < MIN_LEADS
    codes = np.where(rare[codes], 0, codes + 1)
    leads, converted = np.bincount(codes), np.bincount(codes, weights=y)
    rate = converted / np.maximum(leads, 1)
    return roc_auc(Ranked(y, rate[codes]).tally())


def _bins(x: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bin (n,) of each number, 0 where it is missing."""
    known = ~np.isnan(x)
    if not known.any():
        return np.zeros(len(x), dtype=np.intp)
    cuts = np.unique(np.quantile(x[known], np.arange(1, N_BINS) / N_BINS))
    return np.where(known, np.searchsorted(cuts, x, side="left") + 1, 0).astype(np.intp)
