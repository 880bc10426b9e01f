"""The history replayed: at each cut a model learns from what was known then, and scores what came next.

Known at a cut is a lead whose label was final by then (``ends <= cut``), whatever is known of the others by now.
The recipe is chosen on the rolling folds of the leads known at the first cut, and anew at the beginning of each quarter
unless it is given or kept; each model is calibrated on out-of-fold predictions, as in training. A guard draws a model
that was no better than the base rate lately towards it; it looks at the past of its day only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from leadml.errors import TrainingRefused
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.cadence import Cadence, cadence
from leadml.learning.candidates import Settings
from leadml.learning.experiment import prepare_recipe
from leadml.learning.search import choose, search
from leadml.learning.splits import Split, split_at

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
SHRINKAGES = np.linspace(0.0, 1.0, 11)
RECORD_CONVERSIONS = 100  # whose span is the recent past
FEW_CONVERSIONS = 50  # in the record: with fewer there is no judging by it
REVIEWS = "weekly"  # how often a model in service is held against the base rate
CHOICES = "quarterly"  # how often the recipe is chosen anew, by those that train so often or more


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is fitted at a cut."""

    family: str
    settings: Settings
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The logits (n,) that a cadence gave the leads from the first cut on; ``unguarded`` are those of its models alone.

    ``trust``: moment of a review -> the share of the model's distance from the base rate that was kept from then on, 1
    for all, 0 for none.
    """

    cadence: Cadence
    logit: Floats = field(repr=False)
    unguarded: Floats = field(repr=False)
    trust: Mapping[float, float]


class History:
    """Models at any cut, each fitted once; ``first`` is the first cut, and the leads ``rows`` (n,) come after it.

    ``parts`` may be read; ``families`` compete for the recipe. Where ``recipe`` is given, it is fitted at every cut;
    where the recipe is to be ``kept``, that of the first cut is.
    """

    def __init__(
        self,
        shots: Snapshots,
        parts: Sequence[Part],
        first: float,
        *,
        families: Sequence[str],
        recipe: Recipe | None = None,
        kept: bool = False,
        random_state: int,
    ) -> None:
        self.shots, self.parts, self.first = shots, parts, first
        self.families, self.random_state = families, random_state
        self.rows = np.flatnonzero(shots.times >= first).astype(np.intp)
        self.reviews = cadence(shots, first, REVIEWS).cuts
        self._choices = (first,) if kept or recipe is not None else cadence(shots, first, CHOICES).cuts
        self._recipes: dict[float, Recipe] = {} if recipe is None else {first: recipe}
        self._models: dict[float, Floats] = {}

    def recipe(self, cut: float) -> Recipe:
        """Return the recipe of a cut: the newest that was chosen by then."""
        at = max(choice for choice in self._choices if choice <= cut)
        if at not in self._recipes:
            self._recipes[at] = self._choose(at)
        return self._recipes[at]

    def chosen(self) -> dict[float, Recipe]:
        """Return the recipes that were fitted, by the moment from which each holds."""
        return {at: self._recipes[at] for at in sorted(self._recipes)}

    def _choose(self, at: float) -> Recipe:
        known = split_at(self.shots, at).train
        trials = search(
            self.shots,
            self.parts,
            known,
            self.families,
            random_state=self.random_state,
            progress=lambda _what, _share: None,
        )
        chosen = choose(trials)
        return Recipe(chosen.family, chosen.settings, chosen.parts)

    def model(self, cut: float) -> Floats:
        """Return the calibrated logits (N,) that the model of a cut gives every lead from it on; nan before it."""
        if cut not in self._models:
            self._models[cut] = self._fit(cut)
        return self._models[cut]

    def _fit(self, cut: float) -> Floats:
        shots, recipe = self.shots, self.recipe(cut)
        train, later = split_at(shots, cut).train, np.flatnonzero(shots.times >= cut).astype(np.intp)
        logit = np.full(len(shots), np.nan)
        try:
            made = prepare_recipe(
                shots,
                recipe.parts,
                Split(train, later, 0, cut),
                recipe.family,
                recipe.settings,
                random_state=self.random_state,
            )
        except TrainingRefused:  # too little was known: all that can be said is the rate
            logit[later] = self.base(cut)
        else:
            logit[later] = made.test_logit
        return logit

    def base(self, cut: float) -> float:
        """Return the log-odds of the conversion rate of the leads known at a cut, half a lead of each kind added."""
        known = self.shots.y[(self.shots.ends <= cut) & (self.shots.times < cut)]
        return float(np.log((known.sum() + 0.5) / (len(known) - known.sum() + 0.5)))

    def running_base(self) -> Floats:
        """Return the log-odds (n,) of the base rate as it was known at the newest review before each lead."""
        base = np.array([self.base(at) for at in self.reviews])
        return np.asarray(base[np.searchsorted(self.reviews, self.shots.times[self.rows], side="right") - 1])

    def replay(self, cadence: Cadence, *, progress: Callable[[float], None]) -> Replayed:
        """Score every lead from the first cut on with the newest model before it.

        The model in service is reviewed each week, by its record: what this cadence's models and the running base rate
        said of leads whose label is final by now, over the span of the newest 100 conversions. Where the models were no
        better than the base rate there, the distance of the model from the base rate is multiplied with the share, in
        tenths, that would have had the lowest log loss. Until the record is long enough, the model is trusted.
        """
        shots = self.shots
        trainings = np.array(cadence.cuts)
        moments = sorted({*trainings, *self.reviews})
        raw, base, said = (np.full(len(shots), np.nan) for _ in range(3))
        trust: dict[float, float] = {}
        for i, (at, end) in enumerate(pairwise([*moments, np.inf])):
            progress(i / len(moments))
            span = (shots.times >= at) & (shots.times < end)
            newest = float(trainings[np.searchsorted(trainings, at, side="right") - 1])
            level, logit = self.base(at), self.model(newest)[span]
            trust[at] = trusted(shots, at, raw, base)
            raw[span], base[span] = logit, level
            said[span] = level + trust[at] * (logit - level)
        return Replayed(cadence, said[self.rows], raw[self.rows], trust)


def trusted(shots: Snapshots, at: float, raw: Floats, base: Floats) -> float:
    """Return the share of the models' distance from the base rate that is kept by the record known at a moment.

    ``raw`` and ``base`` (N,) are log-odds, nan where nothing was said. 1 where the models were better than the base
    rate, or where the record is short.
    """
    known = np.flatnonzero((shots.ends <= at) & (shots.times < at) & ~np.isnan(raw))
    converted = known[shots.y[known]]
    if len(converted) < FEW_CONVERSIONS:
        return 1.0
    recent = known[shots.times[known] >= shots.times[converted[-min(RECORD_CONVERSIONS, len(converted))]]]
    y, level, distance = shots.y[recent], base[recent], raw[recent] - base[recent]
    losses = np.array([losses_of(y, level + share * distance).mean() for share in SHRINKAGES])
    return 1.0 if losses[-1] < losses[0] else float(SHRINKAGES[int(np.argmin(losses))])


def losses_of(y: NDArray[np.bool_], logit: Floats) -> Floats:
    """Return the log loss (n,) of each lead, in nats."""
    return np.asarray(np.logaddexp(0.0, logit) - y * logit)
