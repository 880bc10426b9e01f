"""The search for a recipe: every family and its settings, compared on rolling time folds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from leadml.errors import TrainingRefused
from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import fit_slope
from leadml.learning.candidates import FAMILIES, Family, Settings
from leadml.learning.design import Design, fit_design
from leadml.learning.levels import SHRUNK, shrink_levels
from leadml.learning.metrics import Ranked, roc_auc
from leadml.learning.pairs import PAIRS, fit_pairs
from leadml.learning.recency import plain, recency_weight
from leadml.learning.splits import Split, rolling_folds

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
MOVING = 0.5  # of a change between 0 and 1: such a part dates a lead
ONE_SIDED = 0.05  # chance of taking a recipe for better that is none
Progress = Callable[[str, float], None]  # what is being done, and the share done


@dataclass(frozen=True, slots=True)
class Trial:
    """One family with one choice of settings, as it did on the folds.

    ``losses`` (m,): the log loss of each lead, after the best affine map of its fold's logits, so that only the
    shape of the score counts (calibration comes later). ``logit`` and ``rows`` (m,) are the out-of-fold
    predictions, in time order of the folds. ``parts`` are what it may read.
    """

    family: str
    settings: Settings
    roc_auc: float
    losses: Floats = field(repr=False)
    logit: Floats = field(repr=False)
    rows: Rows = field(repr=False)
    parts: tuple[Part, ...] = field(repr=False)

    @property
    def loss(self) -> float:
        """The mean loss; nan where the recipe was not tried on folds."""
        return float(self.losses.mean()) if self.losses.size else float("nan")


@dataclass(frozen=True, slots=True)
class Fitted:
    """An estimator, the design of its matrix, the rows (n,) it learned from, and what each counted (None: one)."""

    family: str
    settings: Settings
    design: Design
    estimator: Any
    rows: Rows
    sample_weight: Floats | None = None

    def logit(self, shots: Snapshots, rows: Rows) -> Floats:
        """Return the uncalibrated logit (n,) of some snapshots."""
        return decision(self.estimator, self.design.matrix(shots.parts, rows))


def decision(estimator: Any, X: Floats) -> Floats:
    """Return the estimator's log-odds (n,)."""
    return np.asarray(estimator.decision_function(X), dtype=np.float64)


def fit(
    shots: Snapshots,
    parts: Sequence[Part],
    rows: Rows,
    family: str,
    settings: Settings,
    *,
    final: bool,
    random_state: int,
    sample_weight: Floats | None = None,
    families: Mapping[str, Family] = FAMILIES,
) -> Fitted:
    """Fit one of some families on some rows.

    ``sample_weight`` (n,) is what each row counts, by default what a half-life among the settings says. Where the
    settings ask for it, many levels are shrunk in what the family fits, and pairs come on top.
    """
    design = fit_design(parts, shots.parts, rows)
    _check_varies(design)
    X, y = design.matrix(shots.parts, rows), shots.y[rows]
    weight = recency_weight(shots, rows, settings) if sample_weight is None else sample_weight
    own = plain(settings)
    how: dict[str, Any] = {"final": final, "random_state": random_state, "sample_weight": weight}
    least, n_pairs, make = own.pop(SHRUNK, 0), own.pop(PAIRS, 0), families[family].compile
    estimator = families[family].fit(design, X, y, own, **how)
    if least and make is not None:
        card = make(estimator, design, X)
        estimator = shrink_levels(estimator, card, design, X, least=least, sample_weight=weight)
    if n_pairs:
        estimator = fit_pairs(estimator, design, X, y, n_pairs, **how)
    return Fitted(family, settings, design, estimator, rows, weight)


def _check_varies(design: Design) -> None:
    if not design.parts:
        raise TrainingRefused(
            "the table must have at least one field that varies among the leads to learn from, got none; see "
            "`leadml train`'s notes for the columns that were left out, and check leads.ignore"
        )


def search(
    shots: Snapshots,
    parts: Sequence[Part],
    rows: Rows,
    names: Sequence[str],
    *,
    random_state: int,
    progress: Progress,
    families: Mapping[str, Family] = FAMILIES,
) -> list[Trial]:
    """Try all settings of the families named on rolling folds of some rows; the best trial comes first.

    All are tried a second time without the parts that tell when a lead came in rather than who it is.
    """
    _check_varies(fit_design(parts, shots.parts, rows))
    folds = rolling_folds(shots, rows)
    steady = steady_parts(shots, parts, folds)
    choices = [("", tuple(parts))]
    if 0 < len(steady) < len(parts):
        choices.append((", steady fields", tuple(steady)))
    plan = [(name, settings) for name in names for settings in families[name].settings]
    trials: list[Trial] = []
    for note, chosen in choices:
        for name, settings in plan:
            share = len(trials) / (len(choices) * len(plan))
            words = f" ({worded(settings)})" if settings else ""
            progress(f"{families[name].title}{note}{words}", share)
            trials.append(try_out(shots, chosen, folds, name, settings, random_state=random_state, families=families))
    return sorted(trials, key=lambda trial: trial.loss)


def steady_parts(shots: Snapshots, parts: Sequence[Part], folds: Sequence[Split]) -> list[Part]:
    """Return the parts whose values change little from a fold's older leads to its newer ones.

    The change is the largest difference of the two distribution functions (Kolmogorov-Smirnov) of a number, or of
    the share that is missing; the total variation distance of a category, for which missing is a level. A mean over
    the folds of ``MOVING`` or more is not little.
    """
    return [
        part
        for part in parts
        if np.mean([_change(shots.parts[part.name], fold.train, fold.test) for fold in folds]) < MOVING
    ]


def _change(column: Column, old: Rows, new: Rows) -> float:
    if isinstance(column, Levels):
        size = len(column.levels) + 1
        before = np.bincount(column.codes[old] + 1, minlength=size) / len(old)
        after = np.bincount(column.codes[new] + 1, minlength=size) / len(new)
        return float(np.abs(before - after).sum() / 2)
    before, after = (np.sort(column[rows][~np.isnan(column[rows])]) for rows in (old, new))
    missing = abs(before.size / len(old) - after.size / len(new))
    if not before.size or not after.size:
        return missing
    grid = np.union1d(before, after)
    shares = [np.searchsorted(x, grid, side="right") / x.size for x in (before, after)]
    return max(missing, float(np.abs(shares[0] - shares[1]).max()))


def try_out(
    shots: Snapshots,
    parts: Sequence[Part],
    folds: Sequence[Split],
    family: str,
    settings: Settings,
    *,
    random_state: int,
    final: bool = False,
    families: Mapping[str, Family] = FAMILIES,
) -> Trial:
    """Fit one family on each fold's older part and predict its newer part; ``final`` as in ``Family.fit``."""
    learn = partial(fit, final=final, random_state=random_state, families=families)
    logits, losses, aucs = [], [], []
    for fold in folds:
        y = shots.y[fold.test]
        if fit_design(parts, shots.parts, fold.train).parts:
            logit = learn(shots, parts, fold.train, family, settings).logit(shots, fold.test)
        else:  # nothing varies yet among these older leads: all that can be learned from them is their rate
            rate = shots.y[fold.train].mean()
            logit = np.full(len(y), np.log(rate / (1 - rate)))
        logits.append(logit)
        losses.append(shape_losses(y, logit, None if shots.weight is None else shots.weight[fold.test]))
        aucs.append(roc_auc(Ranked(y, logit).tally()))
    tested = np.concatenate([fold.test for fold in folds])
    return Trial(
        family,
        settings,
        float(np.mean(aucs)),
        np.concatenate(losses),
        np.concatenate(logits),
        tested,
        tuple(parts),
    )


def shape_losses(y: NDArray[np.bool_], logit: Floats, weight: Floats | None = None) -> Floats:
    """Return the log loss (n,) of each lead after the best affine map with a slope that is not negative.

    weight (n,) is what each lead counts, in the map and, over its mean, in its loss; None where all count the same.
    """
    counts = np.ones(len(y)) if weight is None else weight / weight.mean()
    slope, intercept = fit_slope(logit, y * counts, counts)
    if not np.isfinite(slope) or not np.isfinite(intercept) or slope < 0:
        rate = np.average(y, weights=counts)
        slope, intercept = 0.0, float(np.log(rate / (1 - rate)))
    mapped = slope * logit + intercept
    return np.asarray(counts * (np.logaddexp(0.0, mapped) - y * mapped))


def choose(trials: Sequence[Trial], families: Mapping[str, Family] = FAMILIES) -> Trial:
    """Return the trial that becomes the recipe, among those that ship.

    The families and their settings stand in order of simplicity, and fewer fields are simpler than more. A trial
    takes over from a simpler one only where its loss is lower with one-sided 95 % confidence (paired by lead):
    without proof, the simpler model ships. Compare the one-standard-error rule (Breiman et al., "Classification
    and Regression Trees", 1984, 3.4.3).
    """
    chosen, *others = sorted((trial for trial in trials if families[trial.family].ships), key=_complexity)
    for trial in others:
        if proven(chosen.losses - trial.losses):
            chosen = trial
    return chosen


def _complexity(trial: Trial) -> tuple[int, int, int]:
    family = FAMILIES[trial.family]
    return list(FAMILIES).index(trial.family), len(trial.parts), family.settings.index(trial.settings)


def proven(gain: Floats, n_tried: int = 1) -> bool:
    """Return whether a mean gain (m,), the best of ``n_tried``, is above 0 with one-sided 95 % confidence."""
    return bool(gain.mean() > errors_needed(n_tried) * gain.std() / np.sqrt(gain.size))


def errors_needed(n_tried: int) -> float:
    """Return how many standard errors the gain of the best of ``n_tried`` must be above 0 to be proven.

    The more are tried, the better the best looks by luck alone: the chance of an error is divided by their number
    (Bonferroni; Dunn, "Multiple comparisons among means", Journal of the American Statistical Association 56, 1961).
    """
    return float(ndtri(1 - ONE_SIDED / n_tried))


def worded(settings: Mapping[str, Any]) -> str:
    """Return settings as text: ``C=0.1``."""
    return ", ".join(f"{name}={value}" for name, value in settings.items())
