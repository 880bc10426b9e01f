"""Whom not to call: how many conversions a team loses by skipping the leads with the lowest scores, and how sure it is.

The bound is that of Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the
binomial" (Biometrika 26, 1934), on the share of the test's conversions that lie at or below a score. The limit is
looked for from the lowest score upwards, and ends at the first score that fails: so looking at many scores costs no
confidence (fixed sequence testing: Maurer, Hothorn and Lehmacher, "Multiple comparisons in drug clinical trials and
preclinical assays", Biometrie in der chemisch-pharmazeutischen Industrie 6, 1995).
"""

from collections.abc import Sequence
from math import lgamma
from typing import NamedTuple

import numpy as np

from leadml.errors import UsageError

LIMIT, LEVEL = 0.05, 0.95
HALVINGS = 55  # until a bound is known as well as a float can be


class Step(NamedTuple):
    """What skipping all leads up to one score would have meant on the test.

    ``spared`` is the share of leads, ``lost`` the share of conversions with its one-sided upper bound ``at_most``;
    ``n`` leads and their ``converted`` are the counts behind them.
    """

    score: int
    spared: float
    lost: float
    at_most: float
    n: int
    converted: int


def steps(by_score: Sequence[tuple[int, int]], *, level: float = LEVEL) -> list[Step]:
    """Return what skipping up to each score would have meant, from 1 on.

    ``by_score`` are (leads, conversions) of the test by score, from 1; of no conversions any share may be lost. Raises
    UsageError where ``level`` is not between 0.5 and 1.
    """
    if not 0.5 <= level < 1:
        raise UsageError(f"level must fulfil 0.5 <= level < 1, got {level}")
    all_leads, all_converted = (sum(pair[i] for pair in by_score) for i in (0, 1))
    found, n, converted = list[Step](), 0, 0
    for score, (leads, conversions) in enumerate(by_score, start=1):
        n, converted = n + leads, converted + conversions
        at_most = upper(converted, all_converted, level=level)
        found.append(Step(score, n / all_leads, converted / max(all_converted, 1), at_most, n, converted))
    return found


def upper(converted: int, n: int, *, level: float = LEVEL) -> float:
    """Return the one-sided upper bound of a share of which ``converted`` of ``n`` were seen."""
    if converted >= n:
        return 1.0
    k = np.arange(converted + 1)
    ways = np.array([lgamma(n + 1) - lgamma(one + 1) - lgamma(n - one + 1) for one in k.tolist()])
    low, high = converted / n, 1.0
    for _ in range(HALVINGS):  # the share by which so few, or fewer, are seen with chance 1 - level
        middle = (low + high) / 2
        with np.errstate(divide="ignore"):
            so_few = float(np.exp(ways + k * np.log(middle) + (n - k) * np.log1p(-middle)).sum())
        low, high = (middle, high) if so_few > 1 - level else (low, middle)
    return (low + high) / 2


def safe(found: Sequence[Step], *, limit: float = LIMIT) -> Step | None:
    """Return the last step up to which at most ``limit`` of the conversions are lost, None where there is none."""
    if not 0 < limit < 1:
        raise UsageError(f"limit must fulfil 0 < limit < 1, got {limit}; 0.05 is one conversion in twenty")
    last = None
    for step in found:
        if step.at_most > limit:
            break
        last = step
    return last if last is not None and last.n else None


def conversions_at_most(n: int, step: Step, *, level: float = LEVEL) -> int:
    """Return how many of ``n`` new leads up to the score of a step convert at most, with some confidence.

    The rate is as uncertain as the test's counts leave it (Jeffreys' prior), and so is the luck of these n leads.
    """
    if not n:
        return 0
    a, b, k = step.converted + 0.5, step.n - step.converted + 0.5, np.arange(n)
    none = lgamma(a + b) + lgamma(b + n) - lgamma(b) - lgamma(a + b + n)  # log of the beta-binomial chance of 0 of n
    more = np.log((n - k) * (a + k)) - np.log((k + 1) * (b + n - k - 1))  # of k + 1, beside that of k
    chance = np.exp(none + np.concatenate(([0.0], np.cumsum(more))))
    return min(n, int(np.searchsorted(np.cumsum(chance), level)))
