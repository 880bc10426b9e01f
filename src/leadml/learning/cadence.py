"""When a model is trained again: never, or at the beginning of each quarter, month or week.

Every cadence begins with one training at the same first cut, so all score the same leads. Where a table has no
dates, the leads after the first cut are dealt into as many even steps as a year has quarters, months or weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.errors import TrainingRefused, UsageError
from leadml.leads.coercion import DAY
from leadml.leads.snapshots import Snapshots
from leadml.learning.splits import MIN_TEST_CONVERSIONS, MIN_TRAIN_CONVERSIONS, rolling_folds, split_at

Floats = NDArray[np.float64]
NEVER = "never"
CADENCES = (NEVER, "quarterly", "monthly", "weekly")  # from rare to frequent
STEPS = {NEVER: 1, "quarterly": 4, "monthly": 12, "weekly": 52}  # of the leads, where there are no dates
MONTHS = {"quarterly": 3, "monthly": 1}
MONDAY = 4  # days from 1970-01-01, a Thursday, to the first Monday
FIRST_SHARE = 0.25  # of the leads, before the first cut: what the recipe is chosen on
MOST_PERIODS = 36  # months that a table of figures shows; beyond them, quarters


@dataclass(frozen=True, slots=True)
class Cadence:
    """The moments at which a model is trained anew: seconds since 1970, or row numbers without dates."""

    name: str
    cuts: tuple[float, ...]


def known_cadences(names: Sequence[str]) -> tuple[str, ...]:
    """Return some cadences from rare to frequent, never among them. Raises UsageError for one that is not known."""
    unknown = [name for name in names if name not in CADENCES]
    if unknown:
        raise UsageError(f"a cadence must be one of {', '.join(CADENCES)}, got {unknown[0]!r}; choose one of them")
    return tuple(name for name in CADENCES if name in (NEVER, *names))


def first_cut(shots: Snapshots) -> float:
    """Return the moment of the first training: the first at which there is enough to choose a recipe on.

    That is the beginning of a month (a twentieth of the rows, without dates) at which ``FIRST_SHARE`` of the leads have
    come in and those with final labels fill the rolling folds. Raises TrainingRefused where none leaves enough leads
    to score.
    """
    earliest = shots.times[min(int(FIRST_SHARE * len(shots)), len(shots) - 1)] if len(shots) else 0.0
    for cut in _candidates(shots):
        if cut < earliest:
            continue
        left = int(shots.y[shots.times >= cut].sum())
        if left < MIN_TEST_CONVERSIONS:
            break
        if _enough(shots, cut):
            return cut
    raise TrainingRefused(
        "the history must be long enough to learn from a first part of it and to score the rest, got "
        f"{shots.n_converted:,} conversions among {len(shots):,} leads whose outcome is final; collect leads over a "
        "longer time, or shorten label.horizon_days"
    )


def _candidates(shots: Snapshots) -> list[float]:
    if not len(shots):
        return []
    if shots.dated:
        return _months(float(shots.times[0]), float(shots.times[-1]), 1)
    return [float(at) for at in np.unique(np.linspace(0, len(shots), 21).astype(int)[:-1])]


def _enough(shots: Snapshots, cut: float) -> bool:
    train = split_at(shots, cut).train
    if int(shots.y[train].sum()) < MIN_TRAIN_CONVERSIONS:
        return False
    try:
        rolling_folds(shots, train)
    except TrainingRefused:
        return False
    return True


def cadence(shots: Snapshots, first: float, name: str) -> Cadence:
    """Return the cuts of a cadence, from the first cut to the last lead."""
    last = float(shots.times[-1])
    if not shots.dated:
        step = max(1.0, (last + 1 - first) / STEPS[name])
        later = [float(np.floor(first + i * step)) for i in range(1, STEPS[name])]
    elif name == NEVER:
        later = []
    elif name in MONTHS:
        later = _months(first, last, MONTHS[name])
    else:
        week = 7 * DAY
        start = np.ceil((first - MONDAY * DAY) / week) * week + MONDAY * DAY
        later = [float(at) for at in np.arange(start, last, week)]
    return Cadence(name, (first, *sorted({cut for cut in later if first < cut <= last})))


def _months(start: float, end: float, every: int) -> list[float]:
    """Return the beginnings of each month, or each quarter, between two moments."""
    edges = (np.datetime64(int(start), "s"), np.datetime64(int(end), "s"))
    months = np.arange(edges[0].astype("datetime64[M]"), edges[1].astype("datetime64[M]") + 1)
    kept = months[months.astype(int) % every == 0]
    return [float(at) for at in kept.astype("datetime64[s]").astype(np.int64) if start < at <= end]


def periods(shots: Snapshots, rows: NDArray[np.intp], first: float) -> tuple[list[str], NDArray[np.intp]]:
    """Return the names of the periods that figures are given for, and the period (n,) of some rows.

    Months, or quarters where there are many; without dates as many even steps as a year has months.
    """
    times = shots.times[rows]
    if not shots.dated:
        cuts = np.array(cadence(shots, first, "monthly").cuts)
        codes = np.searchsorted(cuts, times, side="right") - 1
        ends = [*cuts[1:], shots.times[-1] + 1]
        return [f"{int(a) + 1:,}-{int(b):,}" for a, b in zip(cuts, ends, strict=True)], codes.astype(np.intp)
    months = times.astype("datetime64[s]").astype("datetime64[M]").astype(int)
    if np.ptp(months) >= MOST_PERIODS:
        quarters = months // 3
        found, codes = np.unique(quarters, return_inverse=True)
        return [f"{1970 + int(q) // 4} Q{int(q) % 4 + 1}" for q in found], codes.astype(np.intp)
    found, codes = np.unique(months, return_inverse=True)
    return [str(np.datetime64(int(month), "M")) for month in found], codes.astype(np.intp)
