"""How often to train: the rarest cadence that no more frequent one is proven better than.

Cadences score the same leads, so their losses are compared lead by lead. How sure a mean gain is comes from two
bootstraps, of which the wider counts: over groups of leads, and over whole periods, as what is lost in one month is
lost by all its leads together (compare Künsch, "The jackknife and the bootstrap for general stationary observations",
Annals of Statistics 17, 1989).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.learning.cadence import NEVER
from leadml.learning.intervals import quantile
from leadml.learning.search import ONE_SIDED

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
BASE = "base rate"  # the running base rate: no model at all


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much the mean log loss of ``new`` was below that of ``old``.

    ``low`` and ``high`` are each one-sided at 95 %; so it is proven better where ``low`` is above 0, and proven worse
    where ``high`` is below 0. ``periods_worse`` of ``n_periods`` periods were worse with ``new``.
    """

    new: str
    old: str
    value: float
    low: float
    high: float
    periods_worse: int
    n_periods: int

    @property
    def better(self) -> bool:
        """Whether ``new`` is proven better."""
        return self.low > 0

    @property
    def worse(self) -> bool:
        """Whether ``new`` is proven worse."""
        return self.high < 0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The cadence to use, whether models helped at all, why in plain sentences, and the gains behind it."""

    cadence: str
    signal: bool
    sentences: tuple[str, ...]
    gains: tuple[Gain, ...]


class Comparing:
    """Compares mean losses of the same n leads; ``groups`` and ``periods`` (n,) are codes from 0."""

    def __init__(self, groups: Codes | None, periods: Codes, *, n_replicates: int, random_state: int) -> None:
        self.groups = np.arange(len(periods), dtype=np.intp) if groups is None else groups
        self.periods, self.n_replicates, self.random_state = periods, n_replicates, random_state

    def __call__(self, new: str, old: str, losses: Mapping[str, Floats]) -> Gain:
        """Return by how much ``new`` is better than ``old``."""
        gain = losses[old] - losses[new]
        draws = [resampled(gain, codes, self.n_replicates, self.random_state) for codes in (self.groups, self.periods)]
        value = float(gain.mean())
        counts = np.bincount(self.periods)
        means = np.bincount(self.periods, gain)[counts > 0] / counts[counts > 0]
        return Gain(
            new,
            old,
            value,
            min(quantile(draw, ONE_SIDED) for draw in draws),
            max(quantile(draw, 1 - ONE_SIDED) for draw in draws),
            periods_worse=int((means < 0).sum()),
            n_periods=len(means),
        )


def resampled(values: Floats, codes: Codes, n_replicates: int, random_state: int) -> Floats:
    """Return the mean of values (n,) in draws of whole clusters (n_replicates,); nan with fewer than 2 clusters.

    Deviations are stretched by sqrt(k / (k - 1)) for k clusters: with few of them a bootstrap is too sure.
    """
    found, codes = np.unique(codes, return_inverse=True)
    k = len(found)
    if k < 2:
        return np.full(n_replicates, np.nan)
    sums, counts = np.bincount(codes, values), np.bincount(codes).astype(float)
    rng = np.random.default_rng(random_state)
    means = np.empty(n_replicates)
    for i in range(n_replicates):
        drawn = np.bincount(rng.integers(k, size=k), minlength=k)
        means[i] = (drawn @ sums) / (drawn @ counts)
    centre = values.mean()
    return np.asarray(centre + np.sqrt(k / (k - 1)) * (means - centre))


def recommend(names: Sequence[str], losses: Mapping[str, Floats], compare: Comparing) -> Recommendation:
    """Recommend one of some cadences, from rare to frequent; ``losses`` (n,) by name hold ``BASE`` too.

    A cadence takes over from a rarer one only where it is proven better. Where the one that is left is not proven
    better than the running base rate, no model helped, and there is nothing to train for: never.
    """
    chosen, gains = names[0], []
    for name in names[1:]:
        gains.append(compare(name, chosen, losses))
        if gains[-1].better:
            chosen = name
    if chosen != NEVER and not any((gain.new, gain.old) == (chosen, NEVER) for gain in gains):
        gains.append(compare(chosen, NEVER, losses))
    against = compare(chosen, BASE, losses)
    told = _told(chosen, gains, against)
    return Recommendation(chosen if against.better else NEVER, against.better, told, (*gains, against))


def _told(chosen: str, gains: Sequence[Gain], against: Gain) -> tuple[str, ...]:
    """Return the advice in a sentence, and one on each cadence that was not proven better."""
    won = [gain for gain in gains if gain.new == chosen and gain.better]
    if not against.better:
        advice = (
            "Never: there is no signal that lasts. The best of these models is not proven better than the running base "
            f"rate; its log loss is {_by(against)}. Look for fields that say more about a lead."
        )
    elif chosen == NEVER:
        advice = (
            "Never: no cadence is proven better than training once. The log loss of the model that was trained once is "
            f"{_by(against)}."
        )
    else:
        others = "; ".join(map(_by, won))
        advice = f"Train {chosen}: its log loss is {others}; {_by(against)}."
    return (advice, *(_sentence(gain) for gain in gains if not gain.better))


def _sentence(gain: Gain) -> str:
    """Say what a cadence that was not proven better did."""
    name, old, periods = gain.new.capitalize(), _worded(gain.old), f"{gain.periods_worse} of {gain.n_periods} periods"
    if gain.worse:
        return f"{name} hurts: it is proven worse than {old}; its log loss is {_by(gain)}, and higher in {periods}."
    if round(gain.value, 4) < 0:
        return f"{name} seems to hurt, perhaps by chance: its log loss is {_by(gain)}, and higher in {periods}."
    return f"{name} is not proven better than {old}: its log loss is {_by(gain)}, and higher in {periods}."


def _worded(name: str) -> str:
    return {NEVER: "training once", BASE: "the running base rate"}.get(name, name)


def _by(gain: Gain) -> str:
    """Return by how much a log loss lies below or above another's, with what is certain of it."""
    side = "below" if gain.value >= 0 else "above"
    bounds = f"gain at least {gain.low:+.4f}, at most {gain.high:+.4f}, each with 95 % confidence"
    return f"{abs(gain.value):.4f} {side} that of {_worded(gain.old)} ({bounds})"
