"""What became of leads that were drawn by lot: a separate evaluation, which no choice of the model has biased.

A team that calls whom the model names only sees what it names. Leads that were drawn by lot (``rank --explore``) stand
for all leads below the cut, each for ``1 / propensity`` of them. Their rate of conversion is that of Hájek ("Comment on
'An essay on the logical foundations of survey sampling'", 1971): the weighted mean. Its interval is exact (Clopper and
Pearson, Biometrika 26, 1934) for the effective number of leads, so that it holds where nobody converted (Korn and
Graubard, "Confidence intervals for proportions with small expected number of positive counts estimated from survey
data", Survey Methodology 24, 1998).

Where the model misses something is looked for in every level and band of every field. Given the fields, the draw is
independent of the outcome, so plain counts do. So many conversions of n leads must be unlikely if the model is right,
which they are at most as much as with n equal probabilities (Hoeffding, "On the distribution of the number of successes
in independent trials", Annals of Mathematical Statistics 27, 1956); and, as the level of all may be off, they must be
more than the group's share of all. The weaker proof counts, times the number of groups looked at (Bonferroni). Then the
leads of a group that is named are set aside, and the others looked at again, so that one cause has one name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import beta, binom, poisson

from leadml.leads.listed import Listed
from leadml.leads.parts import Column, Floats, take, there
from leadml.learning.cuts import Band, cuts
from leadml.learning.intervals import Estimate, bootstrap_weights, evaluate, quantile
from leadml.learning.metrics import METRICS, Ranked
from leadml.learning.propensity import effective

Bools = NDArray[np.bool_]
LEVEL = 0.05
POWER = 0.8  # with which twice the conversions are to be seen
SMALLEST = 5  # leads of a group that is looked at
MOST_NAMED = 5
RANKING = ("roc_auc", "log_loss")


@dataclass(frozen=True, slots=True)
class Missed:
    """A group of explored leads that converts more often than the model says: proven, whatever else was looked at.

    ``level`` of a category or ``band`` of a number; neither where the part is missing. ``chance`` is the adjusted
    probability that so many convert if the model is right.
    """

    part: str
    level: str | None
    band: Band | None
    n: int
    converted: int
    expected: float
    chance: float


@dataclass(frozen=True, slots=True)
class Explored:
    """What became of n explored leads.

    ``rate`` is that of the leads below the cut, ``said`` what the model said of them; ``excess`` whether more converted
    than it said, proven at 5 %. With ``needed`` outcomes twice as many would be proven, four times in five. Of
    ``n_groups`` that were looked at, ``missed`` are proven; one of ``group_size`` leads would have to convert
    ``group_times`` as often as said to be seen. ``weighted`` and ``plain`` are metrics over ``n_listed`` leads on
    lists, with 1 / propensity, which leaves ``n_effective`` of them, and without.
    """

    n: int
    converted: int
    rate: Estimate
    said: float
    excess: bool
    needed: int
    missed: tuple[Missed, ...]
    n_groups: int
    group_size: int
    group_times: float
    n_listed: int
    n_effective: float
    weighted: Mapping[str, Estimate]
    plain: Mapping[str, Estimate]


def explored_leads(
    y: Bools,
    logit: Floats,
    listed: Listed,
    columns: Mapping[str, Column],
    *,
    groups: NDArray[np.intp] | None = None,
    n_replicates: int = 500,
    random_state: int = 0,
) -> Explored | None:
    """Evaluate predictions of leads (n,) by how these came on lists; None where none was drawn by lot.

    ``y`` and ``logit`` (n,) are outcomes and calibrated log-odds of models that had not seen the lead; ``columns`` are
    the parts of all fields; ``groups`` as in ``evaluate``.
    """
    drawn = np.flatnonzero(listed.explored)
    if not drawn.size:
        return None
    won, said = y[drawn], np.asarray(expit(logit[drawn]), dtype=np.float64)
    weight = 1 / listed.propensity[drawn]
    found, n_groups = missed(won, said, {name: take(column, drawn) for name, column in columns.items()})
    mean = float(np.average(said, weights=weight))
    size = max(1, round(drawn.size / 10))
    times = float(_needed_in(size, mean, LEVEL / max(n_groups, 1)) / (size * mean))
    on_list = np.flatnonzero(listed.on_list)
    unequal = 1 / listed.propensity[on_list]
    weighted, plain = _metrics(
        y[on_list],
        logit[on_list],
        unequal,
        None if groups is None else groups[on_list],
        n_replicates=n_replicates,
        random_state=random_state,
    )
    return Explored(
        n=drawn.size,
        converted=int(won.sum()),
        rate=hajek(won, weight),
        said=mean,
        excess=_at_least(int(won.sum()), drawn.size, float(said.sum())) <= LEVEL,
        needed=needed(mean),
        missed=found,
        n_groups=n_groups,
        group_size=size,
        group_times=times,
        n_listed=on_list.size,
        n_effective=effective(unequal),
        weighted=weighted,
        plain=plain,
    )


def hajek(y: Bools, weight: Floats) -> Estimate:
    """Return the weighted rate of outcomes (n,) with its 95 % interval."""
    rate, total = float(np.average(y, weights=weight)), float(weight.sum())
    n = effective(weight)
    variance = float(((weight * (y - rate)) ** 2).sum()) / total**2
    if variance > 0:
        n = min(rate * (1 - rate) / variance, float(y.size))
    k = rate * n
    low = 0.0 if k <= 0 else float(beta.ppf(0.025, k, n - k + 1))
    high = 1.0 if k >= n else float(beta.ppf(0.975, k + 1, n - k))
    return Estimate(rate, low, high)


def needed(probability: float) -> int:
    """Return how many explored outcomes it takes to prove that twice as many convert as the model says.

    One-sided at 5 %, seen four times in five; by the law of rare events.
    """
    for expected in np.arange(0.5, 20.0, 0.1):
        least = int(poisson.isf(LEVEL, expected)) + 1
        if poisson.sf(least - 1, 2 * expected) >= POWER:
            return int(np.ceil(expected / max(probability, 1e-9)))
    raise AssertionError("twenty expected conversions are enough")


def missed(y: Bools, said: Floats, columns: Mapping[str, Column]) -> tuple[tuple[Missed, ...], int]:
    """Return the groups of explored leads (n,) that the model misses, and how many were looked at."""
    groups = [(part, cut, rows) for part, column in columns.items() for cut, rows in _groups(column)]
    groups = [group for group in groups if SMALLEST <= group[2].sum() < y.size]
    left, found = np.ones(y.size, dtype=bool), list[Missed]()
    while groups and len(found) < MOST_NAMED:
        chances = [_chance(y[left], said[left], rows[left]) * len(groups) for _, _, rows in groups]
        best = int(np.argmin(chances))
        if chances[best] > LEVEL:
            break
        part, cut, rows = groups[best]
        here = rows & left
        level, band = (cut, None) if isinstance(cut, str) else (None, cut)
        n, converted, expected = int(here.sum()), int(y[here].sum()), float(said[here].sum())
        found.append(Missed(part, level, band, n, converted, expected, chances[best]))
        left &= ~rows
    return tuple(found), len(groups)


def _groups(column: Column) -> Iterator[tuple[str | Band | None, Bools]]:
    yield from cuts(column)
    yield None, ~there(column)


def _chance(y: Bools, said: Floats, rows: Bools) -> float:
    """Return the larger of the chances that a group has so many conversions: as said, and as its share of all."""
    n, converted = int(rows.sum()), int(y[rows].sum())
    if not n or not converted:
        return 1.0
    expected = float(said[rows].sum())
    share = expected / float(said.sum())
    return max(_at_least(converted, n, expected), float(binom.sf(converted - 1, int(y.sum()), share)))


def _at_least(converted: int, n: int, expected: float) -> float:
    """Return the chance of so many conversions of n leads at most; 1 where no more are seen than are expected."""
    return 1.0 if converted < expected + 1 else float(binom.sf(converted - 1, n, expected / n))


def _needed_in(n: int, probability: float, level: float) -> int:
    """Return the fewest conversions of n leads that are proven too many."""
    return int(binom.isf(level, n, probability)) + 1


def _metrics(
    y: Bools,
    logit: Floats,
    weight: Floats,
    groups: NDArray[np.intp] | None,
    *,
    n_replicates: int,
    random_state: int,
) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """Return the metrics of leads on lists with their weights (n,), and without; both resampled alike."""
    if y.all() or not y.any():
        nothing = {name: Estimate(float("nan"), float("nan"), float("nan")) for name in RANKING}
        return nothing, nothing
    plain = evaluate(y, logit, groups=groups, metrics=RANKING, n_replicates=n_replicates, random_state=random_state)
    sample = Ranked(y, logit)
    draws = bootstrap_weights(y, groups=groups, n_replicates=n_replicates, random_state=random_state)
    tallies = [sample.tally(draw * weight) for draw in draws]
    result = {}
    for name in RANKING:
        value, values = METRICS[name](sample.tally(weight)), np.array([METRICS[name](one) for one in tallies])
        result[name] = Estimate(value, min(quantile(values, 0.025), value), max(quantile(values, 0.975), value))
    return result, plain
