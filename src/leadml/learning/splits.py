"""Splits in time order: learn from older leads, test on newer ones, with the gap that the horizon asks for.

A lead enters a training part only if its label was final when the part ended (``ends <= start`` of the part
that follows), whatever its outcome is known to be by now. A group goes wholly to the part of its earliest
lead; its leads that are too new there are left out and counted. Compare scikit-lego's ``TimeGapSplit``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from leadml.errors import TrainingRefused
from leadml.leads.coercion import DAY
from leadml.leads.snapshots import Snapshots

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Relabel = Callable[[int], Snapshots]  # the snapshots of the same table with another horizon, in days

LARGEST_TEST = 0.40
SMALLEST_TEST = 0.10
TEST_CONVERSIONS = 50
N_FOLDS = 3
FOLDS_SHARE = 0.60  # of the training part, newest rows, that the folds validate on
MIN_CONVERSIONS = 5  # with fewer there is nothing to learn from
MIN_TRAIN_CONVERSIONS = 20  # of the older part, to choose a recipe on its folds
MIN_TEST_CONVERSIONS = 5  # to judge a model by


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from and rows to test on; ``left_out`` rows are in neither, ``start`` is where test begins."""

    train: Rows
    test: Rows
    left_out: int
    start: float


def split_at(shots: Snapshots, start: float, *, end: float = np.inf, within: Rows | None = None) -> Split:
    """Split snapshots at ``start``: older ones with final labels to learn from, newer ones up to ``end`` to test on."""
    rows = np.arange(len(shots), dtype=np.intp) if within is None else within
    times, ends = shots.times[rows], shots.ends[rows]
    first = times if shots.groups is None else _earliest(shots.groups[rows], times)
    old = (first < start) & (ends <= start) & (times < start)
    new = (first >= start) & (times < end)
    inside = times < end
    return Split(rows[old], rows[new], int((inside & ~old & ~new).sum()), start)


def _earliest(groups: Rows, times: Floats) -> Floats:
    earliest = np.full(int(groups.max(initial=0)) + 1, np.inf)
    np.minimum.at(earliest, groups, times)
    return earliest[groups]


def time_split(shots: Snapshots, *, test_fraction: float = 0.2, relabel: Relabel | None = None) -> Split:
    """Split matured snapshots into an older and a newer part.

    The test part is the newest ``test_fraction``, enlarged up to 40 % until it holds 50 conversions; where
    training would keep under half of the leads, or no conversion, 10 %. Raises TrainingRefused where that fails too,
    naming the longest horizon that fits where ``relabel`` can try them, or where there are too few conversions to
    learn from.
    """
    _check_classes(shots)
    split = _halved(shots, test_fraction)
    if split is None:
        raise TrainingRefused(_too_few_older(shots, test_fraction, relabel))
    if not _both(shots.y[split.train]):
        raise TrainingRefused(
            f"the older leads must hold both outcomes, got {int(shots.y[split.train].sum()):,} conversions in "
            f"{len(split.train):,}; collect more outcomes, or shorten label.horizon_days"
        )
    return split


def _both(y: NDArray[np.bool_]) -> bool:
    return bool(y.any() and not y.all())


def _halved(shots: Snapshots, test_fraction: float) -> Split | None:
    """Return the split by the rules; None where training would keep under half of the leads, or test none.

    Where conversions are few, there is little to test with anyway, and less than half will do.
    """
    fractions = (_fraction_with_conversions(shots, test_fraction), SMALLEST_TEST)
    splits = [_split_fraction(shots, fraction) for fraction in fractions]
    halved = [split for split in splits if len(split.train) >= len(shots) / 2 and split.test.size]
    if not halved and shots.n_converted < MIN_TRAIN_CONVERSIONS + MIN_TEST_CONVERSIONS:
        halved = [split for split in reversed(splits) if split.train.size and split.test.size]
    return next((split for split in halved if _both(shots.y[split.train])), next(iter(halved), None))


def _fraction_with_conversions(shots: Snapshots, least: float) -> float:
    """Return the share of newest leads that holds 50 conversions of groups that begin in it, within the bounds."""
    largest = max(LARGEST_TEST, least)
    first = shots.times if shots.groups is None else _earliest(shots.groups, shots.times)
    converted = np.sort(first[shots.y])
    if len(converted) < TEST_CONVERSIONS:
        return largest
    enough = np.count_nonzero(shots.times >= converted[-TEST_CONVERSIONS]) / len(shots)
    return min(max(enough, least), largest)


def _split_fraction(shots: Snapshots, fraction: float) -> Split:
    position = len(shots) - max(1, round(fraction * len(shots)))
    return split_at(shots, float(shots.times[position]))


def _check_classes(shots: Snapshots) -> None:
    n, converted = len(shots), shots.n_converted
    if n == 0:
        raise TrainingRefused(
            "there must be leads whose outcome is final, got none; check leads.converted, leads.lost and "
            "label.horizon_days, or wait until leads have matured"
        )
    if converted == n:
        raise TrainingRefused(
            f"there must be leads that did not convert, got {n:,} conversions in {n:,} matured leads; add the lost "
            "leads to the table, or check leads.lost"
        )
    if converted < MIN_CONVERSIONS:
        raise TrainingRefused(
            f"there must be at least {MIN_CONVERSIONS} conversions among the matured leads, got {converted} in {n:,}; "
            "check leads.converted, or collect more outcomes"
        )


def _too_few_older(shots: Snapshots, test_fraction: float, relabel: Relabel | None) -> str:
    horizon = round(float(shots.ends[0] - shots.times[0]) / DAY)
    if horizon == 0:
        return (
            "the leads must have come in over a time that can be divided, got over half of them at one moment or in "
            "one group; check leads.created_at and leads.group"
        )
    must = f"label.horizon_days must leave at least half of the matured leads to learn from, got {horizon} days"
    if relabel is None:
        return f"{must}; choose a shorter one"
    longest = _longest_horizon(horizon, test_fraction, relabel)
    if longest is None:
        return f"{must}, and no shorter horizon fits; collect leads over a longer time"
    return f"{must}; the longest that fits is {longest}"


def _longest_horizon(horizon: int, test_fraction: float, relabel: Relabel) -> int | None:
    """Return the longest shorter horizon, in days, with which the leads can be split and folded."""
    halved, too_long = 0, horizon
    while too_long - halved > 1:
        days = (halved + too_long) // 2
        if _halved(relabel(days), test_fraction) is None:
            too_long = days
        else:
            halved = days
    return next((days for days in range(halved, 0, -1) if _fits(relabel(days), test_fraction)), None)


def _fits(shots: Snapshots, test_fraction: float) -> bool:
    try:
        split = time_split(shots, test_fraction=test_fraction)
    except TrainingRefused:
        return False
    enough = int(shots.y[split.test].sum()) >= MIN_TEST_CONVERSIONS and _both(shots.y[split.test])
    return enough and bool(folds_to_choose_on(shots, split.train))


def rolling_folds(shots: Snapshots, rows: Rows, *, n_folds: int = N_FOLDS) -> list[Split]:
    """Split rows (in time order) into folds: each validates on a newer span and learns from all before it.

    Folds whose older part has too few conversions, or whose newer part has one class, are left out. Raises
    TrainingRefused where none is left.
    """
    usable = _usable_folds(shots, rows, n_folds)
    if not usable:
        raise TrainingRefused(
            f"the leads must be enough to choose a model on, but no time fold of the older part had "
            f"{MIN_TRAIN_CONVERSIONS // 2} final conversions to learn from and both outcomes to check on; collect more "
            "outcomes, or shorten label.horizon_days"
        )
    return usable


def folds_to_choose_on(shots: Snapshots, rows: Rows) -> list[Split]:
    """Return the rolling folds of some rows; none where they hold too few conversions to choose a recipe on."""
    enough = int(shots.y[rows].sum()) >= MIN_TRAIN_CONVERSIONS
    return _usable_folds(shots, rows, N_FOLDS) if enough else []


def _usable_folds(shots: Snapshots, rows: Rows, n_folds: int) -> list[Split]:
    first = len(rows) - round(FOLDS_SHARE * len(rows))
    edges = [int(edge) for edge in np.linspace(first, len(rows), n_folds + 1)]
    starts = [float(shots.times[rows[edge]]) for edge in edges[:-1]] + [np.inf]
    folds = [split_at(shots, start, end=end, within=rows) for start, end in pairwise(starts) if start < end]
    return [fold for fold in folds if _usable(shots.y, fold)]


def _usable(y: NDArray[np.bool_], fold: Split) -> bool:
    learned, seen = int(y[fold.train].sum()), int(y[fold.test].sum())
    enough = MIN_TRAIN_CONVERSIONS // 2 <= learned < len(fold.train)
    return enough and 0 < seen < len(fold.test)
