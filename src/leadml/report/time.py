"""What changes with time: the delay to the conversion, the rate by month, and drift between the parts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.leads.snapshots import Snapshots
from leadml.learning.delay import DelayCurve, Share
from leadml.learning.maturity import Ripening, cohort
from leadml.learning.splits import Split
from leadml.model.bundle import Interval
from leadml.report.rates import Rate
from leadml.report.timefacts import Delay, HorizonCost, Month, Move

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
N_BINS = 10
MANY_MONTHS = 60
N_POINTS = 121  # of the drawn curve


def delay(curve: DelayCurve, ripe: Ripening, horizons: Sequence[HorizonCost]) -> Delay:
    """Return the delay as the report shows it; ``ripe`` must reach to the end of the curve."""
    plateau = curve.plateau()
    days = np.linspace(0.0, curve.last, N_POINTS)
    return Delay(
        curve.n,
        curve.n_converted,
        tuple((float(day), interval(curve.at(float(day)))) for day in days),
        interval(plateau.share),
        plateau.reached,
        plateau.flat_days,
        plateau.chance,
        ripe.quantile(0.5),
        ripe.quantile(0.9),
        tuple(horizons),
    )


def interval(share: Share) -> Interval:
    """Return a share as plain data."""
    return Interval(share.value, share.low, share.high)


@dataclass(frozen=True, slots=True)
class Ages:
    """All dated leads (n,), also young ones.

    ``created`` in seconds since 1970, ``days`` since then, ``in_time``: converted within the horizon so far; ``groups``
    if there are any; ``ripe``: how conversions within the horizon come in, None where that is not known.
    """

    created: Floats
    days: Floats
    in_time: NDArray[np.bool_]
    groups: Rows | None
    ripe: Ripening | None


def months(shots: Snapshots, split: Split, ages: Ages | None = None) -> tuple[Month, ...]:
    """Return the conversion rate by month of creation, by year where there are many; empty without dates.

    ``ages`` adds the leads that are still young, and what each month will come to.
    """
    if not shots.dated:
        return ()
    part = np.full(len(shots), 1)
    part[split.train], part[split.test] = 0, 2
    unit = _unit(shots.times if ages is None else np.concatenate((shots.times, ages.created)))
    found = _labels(shots.times, unit)
    every = found if ages is None else _labels(ages.created, unit)
    names: tuple[Literal["older", "between", "test"], ...] = ("older", "between", "test")
    result = []
    for label in np.unique(np.concatenate((found, every))):
        rows = found == label
        rate = Rate(int(rows.sum()), int(shots.y[rows].sum()))
        most = names[int(np.bincount(part[rows], minlength=3).argmax())] if rate.n else "young"
        month = Month(str(label), rate, most)
        result.append(month if ages is None else _with_young(month, ages, np.flatnonzero(every == label)))
    return tuple(result)


def _unit(times: Floats) -> Literal["M", "Y"]:
    return "Y" if np.unique(_labels(times, "M")).size > MANY_MONTHS else "M"


def _labels(times: Floats, unit: Literal["M", "Y"]) -> NDArray[np.datetime64]:
    return times.astype("datetime64[s]").astype(f"datetime64[{unit}]")


def _with_young(month: Month, ages: Ages, rows: Rows) -> Month:
    so_far = Rate(len(rows), int(ages.in_time[rows].sum()))
    if ages.ripe is None or not so_far.n:
        return msgspec.structs.replace(month, so_far=so_far, ripe=0.0 if so_far.n > month.rate.n else 1.0)
    groups = None if ages.groups is None else ages.groups[rows]
    found = cohort(ages.days[rows], ages.in_time[rows], ages.ripe, groups=groups)
    expected = None if found.rate is None else interval(found.rate)
    return msgspec.structs.replace(month, so_far=so_far, ripe=found.ripe, expected=expected)


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
