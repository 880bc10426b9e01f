"""The challenger against the champion, on leads that neither has learned from."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from leadml.errors import TrainingRefused
from leadml.leads.dates import parse_date
from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Kind, Part
from leadml.leads.snapshots import Snapshots, subset
from leadml.learning.candidates import FAMILIES
from leadml.learning.experiment import Experiment, prepare_recipe
from leadml.learning.gate import Margins, Verdict, champion_check
from leadml.model.bundle import Bundle

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
ENOUGH_CONVERSIONS = 30


def against_champion(
    champion: Bundle,
    experiment: Experiment,
    shots: Snapshots,
    parts: Sequence[Part],
    *,
    margins: Margins,
    capacity: int | None,
    n_replicates: int,
    random_state: int,
    kinds: Mapping[str, Kind] | None = None,
) -> Verdict:
    """Judge the experiment's recipe against a champion.

    On test leads that came in after the champion was trained, if they hold 30 conversions, the champion is
    scored as it serves. Otherwise its recipe is fitted on the training part, and both are compared on all test
    leads. A field that the champion needs and that is no field any more is missing to it; the verdict says so.
    So is a field whose kind in ``kinds`` (by field; default: not compared) is another than the champion's.
    """
    parts = _of_one_kind(champion, parts, kinds or {})
    test, new = experiment.split.test, experiment.candidate.test_logit
    fresh = _after(champion, shots, test)
    if int(shots.y[test[fresh]].sum()) >= ENOUGH_CONVERSIONS:
        rows, new = test[fresh], new[fresh]
        old = _as_served(champion, shots, parts, rows)
    else:
        rows, old = test, _refitted(champion, experiment, shots, parts, random_state=random_state)
    verdict = champion_check(
        shots.y[rows],
        new,
        old,
        capacity=min(capacity, len(rows)) if capacity is not None else None,
        margins=margins,
        groups=None if shots.groups is None else shots.groups[rows],
        n_replicates=n_replicates,
        random_state=random_state,
    )
    lacking = sorted({part.field for part in _used(champion) if part.name not in _common(champion, parts)})
    if not lacking:
        return verdict
    gone = f" The champion was compared without {', '.join(lacking)}: no longer in the table, or not used any more."
    return Verdict(verdict.promoted, verdict.sentence + gone, verdict.checks)


def _of_one_kind(champion: Bundle, parts: Sequence[Part], kinds: Mapping[str, Kind]) -> list[Part]:
    """Leave out the parts of fields that are of another kind than the champion's: "DE" is no country's code there."""
    then = {field.name: field.kind for field in champion.schema.fields}
    return [
        part for part in parts if part.field not in then or kinds.get(part.field, then[part.field]) == then[part.field]
    ]


def _used(champion: Bundle) -> list[Part]:
    """Return the parts that the champion's terms read."""
    used = {term.part for term in champion.scorecard.terms}
    return [part for part in champion.schema.parts if part.name in used]


def _common(champion: Bundle, parts: Sequence[Part]) -> set[str]:
    """Return the names of the parts that are of one sort for the champion and now."""
    now = {(part.name, part.numeric) for part in parts}
    return {part.name for part in champion.schema.parts if (part.name, part.numeric) in now}


def _after(champion: Bundle, shots: Snapshots, test: Rows) -> NDArray[np.bool_]:
    """Return which test leads (n,) came in after the champion was trained; none without dates."""
    until = champion.passport.trained_until
    if until is None or not shots.dated:
        return np.zeros(len(test), dtype=bool)
    return shots.times[test] >= parse_date(until) + 1.0  # it is written to the second, rounded down


def _as_served(champion: Bundle, shots: Snapshots, parts: Sequence[Part], rows: Rows) -> Floats:
    """Return the champion's logits (n,) of snapshots as known when they came in, as the challenger reads them."""
    known, common = subset(shots, rows), _common(champion, parts)
    columns = {
        part.name: known[part.name] if part.name in common else _nothing(len(rows), numeric=part.numeric)
        for part in champion.schema.parts
    }
    return champion.scorecard.logit(columns)


def _nothing(n: int, *, numeric: bool) -> Column:
    return np.full(n, np.nan) if numeric else Levels(np.full(n, -1, dtype=np.intp), ())


def _refitted(
    champion: Bundle, experiment: Experiment, shots: Snapshots, parts: Sequence[Part], *, random_state: int
) -> Floats:
    """Return the test logits (n,) of the champion's recipe, fitted on the challenger's training part."""
    recipe, trial, split = champion.passport.recipe, experiment.candidate.trial, experiment.split
    common = _common(champion, parts)
    kept = [part for part in parts if part.name in common and part.name in recipe.fields]
    own = {part.name for part in trial.parts}
    if (recipe.family, recipe.settings, {part.name for part in kept}) == (trial.family, trial.settings, own):
        return experiment.candidate.test_logit
    try:
        if recipe.family in FAMILIES and kept:
            again = prepare_recipe(shots, kept, split, recipe.family, recipe.settings, random_state=random_state)
            return again.test_logit
    except TrainingRefused:  # none of its fields varies any more
        pass
    return _as_served(champion, shots, parts, split.test)
