"""Power: one field alone that nearly settles the outcome, or that stands far above all others.

Honest lead data gives a ROC AUC of 0.6 to 0.8; a single field above ``SUSPECT`` is evidence of a leak (Kaufman et
al. 2012), not proof: a person must look when it is filled in. Below that, a field is held against the others of its
table: their distance from chance (as d', the difference of normal means of the same ROC AUC) has a median and a
spread that a few leaks among them do not move.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from leadml.leads.parts import Column, Levels
from leadml.learning.design import MIN_LEADS
from leadml.learning.leaks.finding import Leak, finding
from leadml.learning.metrics import Ranked, roc_auc

SUSPECT = 0.9
N_BINS = 20
FAR_AUC, FAR_SPREADS = 0.75, 4.0  # from which power, and how many spreads above the median, it is far beyond
INFORMED, FEW = 0.55, 4  # the others are those that tell something, and at least so many
LEAST_SPREAD = 0.12
MANY, Z = 50, 1.645  # conversions from which a power is taken as it is; of a one-sided 95 % bound


def alone(column: Column, y: NDArray[np.bool_]) -> float:
    """Return the ROC AUC of the conversion rate of a column's (n,) own levels or bins; rare ones count as one."""
    codes = column.codes + 1 if isinstance(column, Levels) else _bins(column)
    rare = np.bincount(codes) < MIN_LEADS
    codes = np.where(rare[codes], 0, codes + 1)
    leads, converted = np.bincount(codes), np.bincount(codes, weights=y)
    rate = converted / np.maximum(leads, 1)
    return roc_auc(Ranked(y, rate[codes]).tally())


def beyond_the_rest(powers: Mapping[str, float], *, n_converted: int, n_others: int) -> Iterator[Leak]:
    """Yield the fields whose power (ROC AUC by field) is suspicious, the strongest first.

    Of few conversions the power is held to its lower bound: the best of many fields looks good by luck alone.
    """
    few = min(n_converted, n_others) < MANY
    for field, value in sorted(powers.items(), key=lambda pair: -pair[1]):
        auc = value - (Z * _error(value, n_converted, n_others) if few else 0.0)
        if auc >= SUSPECT:
            words = "alone tells converted from other leads (ROC AUC {auc})"
            yield finding("suspect", "power", words, value, auc=value)(field)
        elif auc >= FAR_AUC and (middle := _far_above(auc, powers, field)) is not None:
            words = "alone tells converted from other leads (ROC AUC {auc}), far beyond the others (median {auc_rest})"
            yield finding("suspect", "power", words, value, auc=value, auc_rest=middle)(field)


def _error(auc: float, n_converted: int, n_others: int) -> float:
    """Return the standard error of a ROC AUC (Hanley and McNeil, Radiology 143, 1982)."""
    one, other = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = (n_converted - 1) * (one - auc**2) + (n_others - 1) * (other - auc**2)
    return float(np.sqrt((auc * (1 - auc) + spread) / max(n_converted * n_others, 1)))


def _far_above(auc: float, powers: Mapping[str, float], field: str) -> float | None:
    """Return the median power of the other fields where this one is far beyond it."""
    rest = np.array([other for name, other in powers.items() if name != field and other >= INFORMED])
    if len(rest) < FEW:
        return None
    distances = ndtri(np.minimum(rest, 0.9999))
    middle = float(np.median(distances))
    spread = max(1.4826 * float(np.median(np.abs(distances - middle))), LEAST_SPREAD)
    return float(np.median(rest)) if ndtri(auc) - middle >= FAR_SPREADS * spread else None


def _bins(x: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bin (n,) of each number, 0 where it is missing."""
    known = ~np.isnan(x)
    if not known.any():
        return np.zeros(len(x), dtype=np.intp)
    cuts = np.unique(np.quantile(x[known], np.arange(1, N_BINS) / N_BINS))
    return np.where(known, np.searchsorted(cuts, x, side="left") + 1, 0).astype(np.intp)
