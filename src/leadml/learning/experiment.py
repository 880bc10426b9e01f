"""One honest experiment: choose a recipe on rolling folds, evaluate it once on newer leads, refit it on all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import Calibration, fit_calibration, levelled
from leadml.learning.candidates import FAMILIES, Family, Settings
from leadml.learning.cold import cold_trial, prior_alone, too_few
from leadml.learning.drift import Refined, refine
from leadml.learning.gate import Verdict, signal_check
from leadml.learning.intervals import Estimate, evaluate
from leadml.learning.naive import historical_rate, newest_first
from leadml.learning.pairing import pair_up
from leadml.learning.rivals import rival_families
from leadml.learning.search import Fitted, Progress, Trial, choose, fit, search, try_out
from leadml.learning.shrinking import shrink
from leadml.learning.splits import Relabel, Split, rolling_folds, time_split
from leadml.learning.tuning import Tuned, Tuner

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
REFERENCE_LEADS = 10_000
LEADERBOARD_METRICS = ("roc_auc", "average_precision", "log_loss", "capture_at_20pct", "lift_at_10pct")
NAIVE_METRICS = ("roc_auc", "capture_at_20pct", "lift_at_10pct")
BY_WEIGHT: Final = "inverted_cdf"  # the only quantiles of numpy that take weights


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the leaderboard: a family's best settings on the folds, and what they reached on test."""

    family: str
    title: str
    settings: Settings
    ships: bool
    fold_loss: float
    fold_roc_auc: float
    test: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recipe before its refit: fitted and calibrated on the training part, scored on the test part."""

    trial: Trial
    fitted: Fitted
    calibration: Calibration
    test_logit: Floats


@dataclass(frozen=True, slots=True)
class Experiment:
    """What an experiment found.

    ``naive`` are the scores (n_test,) of the simple rules, by name; ``tuned`` is what a search came to, where one
    was made.
    ``refined`` says how the recipe that was chosen was changed for drift, and by pairs of fields, or
    why none could be chosen.
    """

    split: Split
    trials: Sequence[Trial]
    candidate: Candidate
    leaderboard: Sequence[Standing]
    metrics: Mapping[str, Estimate]
    naive: Mapping[str, Floats]
    naive_metrics: Mapping[str, Mapping[str, Estimate]]
    base_rate_train: float
    signal: Verdict
    tuned: Tuned | None = None
    refined: tuple[str, ...] = ()

    @property
    def cold(self) -> bool:
        """Whether there were too few conversions to choose a recipe on folds."""
        return self.candidate.trial.rows.size == 0


@dataclass(frozen=True, slots=True)
class Refit:
    """The recipe on all matured leads, with its calibration and the reference of its out-of-fold logits.

    ``unseen`` is the calibration of these logits, which are of other models: it puts them on the scale of the
    reference. From a cold start there is no calibration, and the reference is that of the leads it learned from.
    """

    fitted: Fitted
    calibration: Calibration
    unseen: Calibration
    reference: tuple[float, ...]


def run_experiment(
    shots: Snapshots,
    parts: Sequence[Part],
    *,
    families: Sequence[str],
    test_fraction: float = 0.2,
    capacity: int | None = None,
    source: str | None = None,
    n_replicates: int = 500,
    random_state: int = 0,
    relabel: Relabel | None = None,
    rivals: Mapping[str, Any] | None = None,
    tuner: Tuner | None = None,
    progress: Progress,
) -> Experiment:
    """Choose, evaluate and judge a recipe.

    ``source`` names the category part whose past rate is a naive ranker; ``relabel`` gives the snapshots with
    another horizon, to name one that fits where the leads cannot be split. ``rivals`` are classifiers by name, that
    are set beside the families and never chosen; ``tuner`` searches on for a better recipe. From a cold start, where
    there are too few conversions for folds, the family with a prior is used, and nothing competes.
    """
    others = rival_families(rivals or {})
    known = {**FAMILIES, **others}
    split = time_split(shots, test_fraction=test_fraction, relabel=relabel)
    if tuner is None and prior_alone(shots, split.train, families):
        alone = cold_trial(parts)
        choice = _Choice(alone, [alone], refined=(too_few(shots, split.train),))
    else:
        choice = _choose(
            shots,
            parts,
            split.train,
            (*others, *families),  # where a rival fails, it fails at once
            known=known,
            tuner=tuner,
            random_state=random_state,
            progress=progress,
        )
    chosen, trials = choice.chosen, choice.trials
    best = {trial.family: trial for trial in reversed(trials)} | {chosen.family: chosen}
    y = shots.y[split.test]
    groups = None if shots.groups is None else shots.groups[split.test]
    measure = partial(evaluate, y, groups=groups, n_replicates=n_replicates, random_state=random_state)
    standings, candidates = [], {}
    for i, trial in enumerate(sorted(best.values(), key=lambda trial: trial.loss)):
        progress(f"testing {known[trial.family].title}", 0.7 + 0.15 * i / len(best))
        anew = trial is chosen
        candidate = prepare(shots, split, trial, anew=anew, random_state=random_state, families=known)
        candidates[trial.family] = candidate
        reached = measure(candidate.test_logit, metrics=LEADERBOARD_METRICS)
        standings.append(_standing(trial, known[trial.family], reached))
    progress("evaluating the chosen recipe", 0.85)
    logit, naive = candidates[chosen.family].test_logit, naive_rankers(shots, split, source)
    base_rate = float(shots.y[split.train].mean())
    signal = partial(signal_check, groups=groups, n_replicates=n_replicates, random_state=random_state)
    return Experiment(
        split,
        trials,
        candidates[chosen.family],
        standings,
        measure(logit, capacity=min(capacity or max(1, round(0.1 * len(y))), len(y))),
        naive,
        {name: measure(score, metrics=NAIVE_METRICS) for name, score in naive.items()},
        base_rate,
        signal(y, logit, base_rate_train=base_rate, naive=naive),
        choice.tuned,
        refined=choice.refined,
    )


class _Choice(NamedTuple):
    """The recipe that was chosen, all that were tried, and how: what a search or a look for drift and pairs came to."""

    chosen: Trial
    trials: Sequence[Trial]
    tuned: Tuned | None = None
    refined: tuple[str, ...] = ()


def _choose(
    shots: Snapshots,
    parts: Sequence[Part],
    rows: Rows,
    families: Sequence[str],
    *,
    known: Mapping[str, Family],
    tuner: Tuner | None,
    random_state: int,
    progress: Progress,
) -> _Choice:
    """Choose a recipe on the folds of the older rows; with ``tuner`` search on, else look for drift; then for pairs."""
    trials = search(
        shots,
        parts,
        rows,
        families,
        random_state=random_state,
        progress=lambda what, share: progress(what, (0.68 if tuner is None else 0.3) * share),
        families=known,
    )
    chosen = choose(trials, known)
    if tuner is None:
        progress("looking for drift", 0.68)
        found = refine(shots, chosen, rows, random_state=random_state)
        more = _added(shots, found.chosen, rows, random_state=random_state)
        trials = sorted([*trials, *found.trials, *more.trials], key=lambda trial: trial.loss)
        return _Choice(more.chosen, trials, refined=(*found.sentences, *more.sentences))
    progress("searching", 0.3)
    tuned = tuner(
        shots,
        parts,
        rows,
        tried=trials,
        default=chosen,
        progress=lambda what, share: progress(what, 0.3 + 0.4 * share),
    )
    chosen = tuned.found or chosen
    more = _added(shots, chosen, rows, random_state=random_state)
    trials = sorted([*trials, *tuned.best.values(), chosen, *more.trials], key=lambda trial: trial.loss)
    return _Choice(more.chosen, trials, tuned, refined=more.sentences)


def _added(shots: Snapshots, chosen: Trial, rows: Rows, *, random_state: int) -> Refined:
    """Shrink categories of many levels, and add pairs of fields, where either is proven to help."""
    shrunk = shrink(shots, chosen, rows, random_state=random_state)
    paired = pair_up(shots, shrunk.chosen, rows, random_state=random_state)
    return Refined(paired.chosen, (*shrunk.trials, *paired.trials), (*shrunk.sentences, *paired.sentences))


def _standing(trial: Trial, family: Family, reached: Mapping[str, Estimate]) -> Standing:
    return Standing(trial.family, family.title, trial.settings, family.ships, trial.loss, trial.roc_auc, reached)


def prepare(
    shots: Snapshots,
    split: Split,
    trial: Trial,
    *,
    anew: bool,
    random_state: int,
    families: Mapping[str, Family] = FAMILIES,
) -> Candidate:
    """Fit a recipe on the training part, calibrate it on out-of-fold predictions, score the test part.

    ``anew``: the folds are predicted by models as strong as the one that ships, or the calibration would be too
    timid; otherwise the trial's own predictions do. A trial without folds stays without.
    """
    parts, family, settings = trial.parts, trial.family, trial.settings
    if anew and trial.rows.size:
        folds = rolling_folds(shots, split.train)
        trial = try_out(shots, parts, folds, family, settings, random_state=random_state, final=True)
    fitted = fit(shots, parts, split.train, family, settings, final=True, random_state=random_state, families=families)
    calibration = _calibrated(shots, trial.rows, trial.logit)
    calibration = _levelled(calibration, shots, split.train, fitted)
    return Candidate(trial, fitted, calibration, calibration.apply(fitted.logit(shots, split.test)))


def prepare_recipe(
    shots: Snapshots, parts: Sequence[Part], split: Split, family: str, settings: Settings, *, random_state: int
) -> Candidate:
    """Do the same with a recipe that was chosen elsewhere, such as the champion's."""
    folds = rolling_folds(shots, split.train)
    trial = try_out(shots, parts, folds, family, settings, random_state=random_state, final=True)
    return prepare(shots, split, trial, anew=False, random_state=random_state)


def refit(shots: Snapshots, experiment: Experiment, *, random_state: int) -> Refit:
    """Fit the chosen recipe on all matured leads.

    Its calibration and reference come from predictions of leads that the predicting model had not seen: those
    of the folds, and those of the test part.
    """
    candidate, split = experiment.candidate, experiment.split
    trial = candidate.trial
    everything = np.arange(len(shots), dtype=np.intp)
    fitted = fit(shots, trial.parts, everything, trial.family, trial.settings, final=True, random_state=random_state)
    if experiment.cold:
        as_it_is = candidate.calibration
        return Refit(
            fitted, as_it_is, as_it_is, _reference(shots, everything, as_it_is.apply(fitted.logit(shots, everything)))
        )
    rows = np.concatenate((trial.rows, split.test))
    logit = np.concatenate((trial.logit, candidate.fitted.logit(shots, split.test)))
    unseen = _calibrated(shots, rows, logit)
    ships = _levelled(unseen, shots, everything, fitted)
    return Refit(fitted, ships, unseen, _reference(shots, rows, unseen.apply(logit)))


def reference(logit: Floats, times: Floats, weight: Floats | None = None) -> tuple[float, ...]:
    """Return the 99 quantiles of the logits of the newest leads, at most 10,000."""
    newest = np.argsort(-times, kind="stable")[:REFERENCE_LEADS]
    return quantiles(logit[newest], None if weight is None else weight[newest])


def quantiles(values: Floats, weight: Floats | None = None) -> tuple[float, ...]:
    """Return the 99 quantiles of values (n,) by which a score is found; weight (n,) is what each counts."""
    at = np.arange(1, 100) / 100
    found = np.quantile(values, at) if weight is None else np.quantile(values, at, weights=weight, method=BY_WEIGHT)
    return tuple(float(q) for q in found)


def _reference(shots: Snapshots, rows: Rows, logit: Floats) -> tuple[float, ...]:
    return reference(logit, shots.times[rows], None if shots.weight is None else shots.weight[rows])


def _calibrated(shots: Snapshots, rows: Rows, logit: Floats) -> Calibration:
    own = None if shots.weight is None else shots.weight[rows]
    return fit_calibration(shots.y[rows], logit, time=shots.times[rows], sample_weight=own)


def _levelled(calibration: Calibration, shots: Snapshots, rows: Rows, fitted: Fitted) -> Calibration:
    own = None if shots.weight is None else shots.weight[rows]
    logit = fitted.logit(shots, rows)
    return levelled(calibration, shots.y[rows], logit, time=shots.times[rows], sample_weight=own)


def naive_rankers(shots: Snapshots, split: Split, source: str | None) -> dict[str, Floats]:
    """Return the scores (n_test,) of the simple rules that a team could use without any model."""
    rankers = {"newest first": newest_first(shots.times[split.test])}
    column = shots.parts.get(source) if source is not None else None
    if isinstance(column, Levels):
        names = np.array([*column.levels, None], dtype=object)
        old, new = names[column.codes[split.train]], names[column.codes[split.test]]
        rankers[f"past rate of the {source}"] = historical_rate(old, shots.y[split.train], new)
    return rankers
