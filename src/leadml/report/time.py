"""What changes with time: the delay to the conversion, the rate by month, and drift between the parts."""

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.leads.snapshots import Snapshots
from leadml.learning.splits import Split
from leadml.report.evidence import Delay, Month, Move
from leadml.report.rates import Rate

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
N_BINS = 10
MANY_MONTHS = 60
DAYS = (7, 30, 60, 90)


def delay(days: Floats, horizon_days: int | None) -> Delay | None:
    """Return how the days (n,) from creation to conversion spread; None without any.

    A plain cumulative curve, not Kaplan and Meier's: it is about those who converted only.
    """
    known = np.maximum(days[~np.isnan(days)], 0.0)
    if not known.size:
        return None
    marks = sorted({*DAYS, *([] if horizon_days is None else [horizon_days])})
    within = {mark: Rate(known.size, int((known <= mark).sum())) for mark in marks}
    quantiles = np.quantile(known, np.linspace(0, 1, 101), method="inverted_cdf")
    return Delay(known.size, tuple(quantiles.tolist()), within)


def months(shots: Snapshots, split: Split) -> tuple[Month, ...]:
    """Return the conversion rate by month of creation, by year where there are many; empty without dates."""
    if not shots.dated:
        return ()
    part = np.full(len(shots), 1)
    part[split.train], part[split.test] = 0, 2
    moments = shots.times.astype("datetime64[s]")
    found = moments.astype("datetime64[M]")
    if np.unique(found).size > MANY_MONTHS:
        found = moments.astype("datetime64[Y]")
    names: tuple[Literal["older", "between", "test"], ...] = ("older", "between", "test")
    result = []
    for label in np.unique(found):
        rows = found == label
        most = int(np.bincount(part[rows], minlength=3).argmax())
        result.append(Month(str(label), Rate(int(rows.sum()), int(shots.y[rows].sum())), names[most]))
    return tuple(result)


def moves(parts: Mapping[str, Column], split: Split, *, old_score: Floats, new_score: Floats) -> tuple[Move, ...]:
    """Return how far each part moved between the older leads and the test leads, the score first.

    ``old_score`` (m,) are out-of-fold logits of older leads, ``new_score`` (n,) those of the test leads.
    """
    found = [move(name, _pick(column, split.train), _pick(column, split.test)) for name, column in parts.items()]
    return (move("", old_score, new_score), *sorted(found, key=lambda one: -one.psi))


def _pick(column: Column, rows: Rows) -> Column:
    return column.take(rows) if isinstance(column, Levels) else column[rows]


def move(name: str, old: Column, new: Column) -> Move:
    """Return the population stability index of one column, and what moved most.

    ``psi = sum((new - old) * log(new / old))`` over levels, or tenths of the older numbers; missing is one of them
    (Siddiqi, "Credit Risk Scorecards", 2006: below 0.1 little, to 0.25 some, above much). Half a lead is added to
    each, so that an empty one is finite. By chance it is about ``(bins - 1) * (1 / old + 1 / new)`` (Yurdakul,
    "Statistical properties of population stability index", 2018).
    """
    before, after, levels = _counts(old, new)
    kept = before + after > 0
    k = int(kept.sum())
    a = (before[kept] + 0.5) / (before.sum() + 0.5 * k)
    b = (after[kept] + 0.5) / (after.sum() + 0.5 * k)
    psi = float(((b - a) * np.log(b / a)).sum())
    chance = (k - 1) * (1 / before.sum() + 1 / after.sum())
    return Move(name, psi, float(chance), *_most(old, new, before, after, levels))


def _counts(old: Column, new: Column) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Return the leads by bin before and after, missing last, and the levels where they are some."""
    if isinstance(old, Levels) and isinstance(new, Levels):
        size = len(old.levels) + 1
        counted = [np.bincount(column.codes % size, minlength=size).astype(float) for column in (old, new)]
        return counted[0], counted[1], old.levels
    assert not isinstance(old, Levels)
    assert not isinstance(new, Levels)
    known = old[~np.isnan(old)]
    cuts = np.unique(np.quantile(known, np.arange(1, N_BINS) / N_BINS)) if known.size else np.empty(0)
    size = cuts.size + 2
    counted = []
    for x in (old, new):
        place = np.where(np.isnan(x), size - 1, np.searchsorted(cuts, x, side="left"))
        counted.append(np.bincount(place, minlength=size).astype(float))
    return counted[0], counted[1], ()


def _most(
    old: Column, new: Column, before: Floats, after: Floats, levels: tuple[str, ...]
) -> tuple[Literal["level", "missing", "median"], str | None, float | None, float | None]:
    a, b = before / before.sum(), after / after.sum()
    missing = len(a) - 1
    at = int(np.abs(b - a).argmax()) if levels else missing
    if levels and at != missing:
        return "level", levels[at], float(a[at]), float(b[at])
    if levels or abs(b[missing] - a[missing]) >= 0.1:
        return "missing", None, float(a[missing]), float(b[missing])
    medians = [next(_median(column), None) for column in (old, new)]
    return "median", None, medians[0], medians[1]


def _median(column: Column) -> Iterator[float]:
    if not isinstance(column, Levels) and (known := column[~np.isnan(column)]).size:
        yield float(np.median(known))
