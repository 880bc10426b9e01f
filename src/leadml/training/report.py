"""What the report needs of a training, gathered in one place; and the pages, written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.errors import BundleError
from leadml.leads.columns import Coercer
from leadml.leads.kinds import guess_kind
from leadml.leads.labels import CONVERTED, OPEN
from leadml.leads.parts import Column, take
from leadml.leads.reading import one_chunk
from leadml.leads.schema import Field, Roles, Schema
from leadml.leads.snapshots import Labelled, Snapshots, day
from leadml.leads.validation import LeadTable
from leadml.learning.calibration import CONVERSIONS_FOR_INTERCEPT, CONVERSIONS_FOR_SLOPE
from leadml.learning.experiment import Experiment, Refit, prepare
from leadml.learning.gate import Verdict
from leadml.learning.intervals import Difference, Estimate, compare
from leadml.learning.leaks.finding import Leak
from leadml.model.bundle import Bundle, Interval, load
from leadml.model.scorecard import expit
from leadml.report.curves import Called, by_grade, by_score, reliability
from leadml.report.effects import effects, pair_facts
from leadml.report.evidence import (
    Check,
    Evidence,
    Flow,
    Period,
    Rival,
    Segment,
    Suspicion,
    Unused,
    Use,
    to_json,
)
from leadml.report.files import find_evidence, write_files
from leadml.report.rates import Rate
from leadml.report.segments import segments
from leadml.report.time import moves
from leadml.report.timefacts import Move
from leadml.training.explored import explored
from leadml.training.timing import timing

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
USES: Mapping[str, Use] = {"ignored": "ignored", "protected": "protected", "not used": "not used"}
GLASS_BOX = ("log_loss", "roc_auc", "capture_at_20pct")


@dataclass(frozen=True, slots=True)
class Training:
    """What a training knows when it is over; ``name`` says in short where the leads come from."""

    name: str
    leads: LeadTable
    labelled: Labelled
    experiment: Experiment
    final: Refit
    verdict: Verdict
    leaks: Sequence[Leak]
    notes: Sequence[str]
    n_rejected: int
    capacity: int | None
    n_replicates: int
    random_state: int


def with_evidence(training: Training, bundle: Bundle) -> Bundle:
    """Return the bundle of a training with all that pages show of it, so that it goes wherever the model does."""
    return msgspec.structs.replace(bundle, evidence=to_json(gather(training, bundle)))


def write_report(model: Path, folder: Path) -> list[Path]:
    """Write the report of a bundle in ``model`` that holds evidence under a folder; the report is the first file."""
    bundle = load(model)
    evidence = find_evidence(bundle, None)
    if evidence is None:
        raise BundleError(f"{model} must hold the evidence of its training, but does not; train again")
    return write_files(folder, bundle, evidence, bundle.passport.language)


def gather(training: Training, bundle: Bundle) -> Evidence:
    """Return everything that the report shows of a training; no lead is kept."""
    shots, experiment, passport = training.labelled.snapshots, training.experiment, bundle.passport
    test, logit = experiment.split.test, experiment.candidate.test_logit
    y, groups = shots.y[test], None if shots.groups is None else shots.groups[test]
    called = Called(
        y,
        logit,
        experiment.naive,
        groups=groups,
        capacity=training.capacity,
        n_replicates=training.n_replicates,
        random_state=training.random_state,
    )
    terms, axes = effects(bundle.scorecard, bundle.schema, shots)
    delay, months = timing(training.leads, training.labelled, experiment.split)
    return Evidence(
        model_version=passport.model_version,
        created=passport.created,
        data_digest=passport.data_digest,
        name=training.name,
        as_of=passport.as_of,
        outcome=bundle.schema.roles.outcome,
        dated=shots.dated,
        grouped=shots.groups is not None,
        flow=_flow(training),
        older=_period(shots, experiment.split.train),
        test=_period(shots, test),
        checks=_checks(training),
        gains=called.gains(),
        depths=called.depths(),
        grades=by_grade(y, _as_served(training), expit(logit), passport.reference, passport.grades),
        by_score=by_score(y, _as_served(training), passport.reference),
        reliability=reliability(y, logit),
        leaderboard=_leaderboard(experiment),
        glass_box=_glass_box(training),
        terms=terms,
        axes=axes,
        pairs=pair_facts(bundle.scorecard, shots),
        delay=delay,
        moves=_moves(training, bundle),
        months=months,
        unused=_unused(training.leads, bundle),
        suspicions=tuple(map(_suspicion, training.leaks)),
        segments=_segments(training, bundle.schema),
        notes=tuple(training.notes),
        calibrated=_calibrated(training.final.calibration.n_conversions),
        calibration_conversions=training.final.calibration.n_conversions,
        replicates=training.n_replicates,
        seed=training.random_state,
        explored=explored(
            training.leads,
            shots,
            experiment,
            n_replicates=training.n_replicates,
            random_state=training.random_state,
        ),
    )


def _suspicion(leak: Leak) -> Suspicion:
    told = leak.evidence
    return Suspicion(leak.field, leak.allowed, told.test, dict(told.facts))


def _calibrated(n_conversions: int) -> Literal["slope", "intercept", "not"]:
    if n_conversions >= CONVERSIONS_FOR_SLOPE:
        return "slope"
    return "intercept" if n_conversions >= CONVERSIONS_FOR_INTERCEPT else "not"


def _as_served(training: Training) -> Floats:
    """Return the test logits (n,) on the scale of the reference: tested before the refit, calibrated after it."""
    before, after = training.experiment.candidate.calibration, training.final.unseen
    return after.apply((training.experiment.candidate.test_logit - before.intercept) / before.slope)


def _flow(training: Training) -> Flow:
    leads, labels, shots = training.leads, training.labelled.labels, training.labelled.snapshots
    later = leads.created > labels.as_of
    young = ~labels.matured & ~later & (labels.horizon_days is not None)
    converted, horizon = leads.status == CONVERTED, labels.horizon_days is not None
    return Flow(
        rows=len(leads.status) + training.n_rejected,
        rejected=training.n_rejected,
        later=int(later.sum()),
        young=int(young.sum()),
        won_early=int((converted & young).sum()),
        undecided=0 if horizon else int((labels.open & ~later).sum()),
        matured=len(shots),
        between=training.experiment.split.left_out,
        late=int((converted & labels.matured & ~labels.y).sum()) if horizon else 0,
        waiting=int(((leads.status == OPEN) & labels.matured).sum()) if horizon else 0,
        uncalled=training.labelled.uncalled,
    )


def _period(shots: Snapshots, rows: Rows) -> Period:
    rate = Rate(len(rows), int(shots.y[rows].sum()))
    if not shots.dated:
        return Period(rate, None, None)
    return Period(rate, day(float(shots.times[rows].min())), day(float(shots.times[rows].max())))


def _checks(training: Training) -> tuple[Check, ...]:
    """Return the conditions of the gate: first those of the signal, then those against the champion."""
    own = len(training.experiment.signal.checks)
    return tuple(
        Check(
            "signal" if i < own else "champion",
            check.name,
            bool(check.passed),
            _known(check.value),
            _known(check.bound),
            _known(check.limit),
            check.sentence,
        )
        for i, check in enumerate(training.verdict.checks)
    )


def _known(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def interval(estimate: Estimate | Difference) -> Interval:
    """Return an estimate as plain data; an undefined number is None."""
    return Interval(_known(estimate.value), _known(estimate.low), _known(estimate.high))


def _leaderboard(experiment: Experiment) -> tuple[Rival, ...]:
    trials = {(trial.family, repr(trial.settings), trial.loss): trial for trial in experiment.trials}
    chosen = experiment.candidate.trial.family
    rows = []
    for row in experiment.leaderboard:
        trial = trials.get((row.family, repr(row.settings), row.fold_loss), experiment.candidate.trial)
        rows.append(
            Rival(
                row.family,
                row.title,
                dict(row.settings),
                row.ships,
                row.family == chosen,
                _known(row.fold_loss),
                _known(row.fold_roc_auc),
                len(trial.parts),
                {name: interval(reached) for name, reached in row.test.items()},
            )
        )
    return tuple(rows)


def _glass_box(training: Training) -> dict[str, Interval] | None:
    """Return what the scorecard reaches beyond the best boosted trees, paired; None where they did not compete."""
    experiment, shots = training.experiment, training.labelled.snapshots
    split = experiment.split
    trials = [trial for trial in experiment.trials if trial.family == "trees"]
    if not trials:
        return None
    trial = min(trials, key=lambda trial: trial.loss)
    trees = prepare(shots, split, trial, anew=False, random_state=training.random_state)
    differences = compare(
        shots.y[split.test],
        experiment.candidate.test_logit,
        trees.test_logit,
        groups=None if shots.groups is None else shots.groups[split.test],
        metrics=GLASS_BOX,
        n_replicates=training.n_replicates,
        random_state=training.random_state,
    )
    return {name: interval(difference) for name, difference in differences.items()}


def _moves(training: Training, bundle: Bundle) -> tuple[Move, ...]:
    shots, experiment = training.labelled.snapshots, training.experiment
    candidate, parts = experiment.candidate, shots.parts
    older = candidate.fitted.logit(shots, experiment.split.train) if experiment.cold else candidate.trial.logit
    return moves(
        {name: parts[name] for name in bundle.passport.recipe.fields},
        experiment.split,
        old_score=candidate.calibration.apply(older),
        new_score=candidate.test_logit,
    )


def _segments(training: Training, schema: Schema) -> tuple[Segment, ...]:
    shots, test = training.labelled.snapshots, training.experiment.split.test
    return segments(
        {name: take(shots.parts[name], test) for name in _told_apart(schema)},
        _protected(training.leads, shots.rows[test]),
        shots.y[test],
        training.experiment.candidate.test_logit,
        groups=None if shots.groups is None else shots.groups[test],
        random_state=training.random_state,
    )


def _unused(leads: LeadTable, bundle: Bundle) -> tuple[Unused, ...]:
    """Return the columns, and the parts of fields, that the model does not read, and why."""
    columns = [Unused(one.name, USES[one.use], one.why) for one in leads.columns if one.use in USES]
    scored = {term.part for term in bundle.scorecard.terms}
    recipe = set(bundle.passport.recipe.fields)
    parts = [part.name for part in bundle.schema.parts if part.name not in scored]
    return (*columns, *(Unused(name, "constant" if name in recipe else "dated", "") for name in parts))


def _told_apart(schema: Schema) -> list[str]:
    """Return the parts by which leads may be cut into segments: those that say who a lead is, not when it came."""
    return [part.name for field in schema.fields if field.kind not in ("date", "list") for part in field.parts]


def _protected(leads: LeadTable, rows: Rows) -> dict[str, Column]:
    """Read the protected columns of some leads, which are never fields, for the segments alone."""
    found: dict[str, Column] = {}
    schema = leads.schema
    for name in (one.name for one in leads.columns if one.use == "protected"):
        array = one_chunk(leads.table.column(name))
        guess = guess_kind(name, array, schema.placeholders)
        if guess.kind not in ("number", "category", "flag", "country"):
            continue
        field = Field(name, guess.kind, format=guess.format)
        read = Coercer(Schema((field,), Roles(), placeholders=schema.placeholders))
        found[name] = take(read(leads.table.select([name])).parts[name], rows)
    return found
