"""The challenger against the champion, on leads that neither has learned from."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.dates import parse_date
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.candidates import FAMILIES
from leadml.learning.experiment import Experiment, prepare_recipe
from leadml.learning.gate import Margins, Verdict, champion_check
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer

Floats = NDArray[np.float64]
ENOUGH_CONVERSIONS = 30


def against_champion(
    champion: Bundle,
    experiment: Experiment,
    shots: Snapshots,
    parts: Sequence[Part],
    table: pa.Table,
    *,
    margins: Margins,
    capacity: int | None,
    n_replicates: int,
    random_state: int,
) -> Verdict:
    """Judge the experiment's recipe against a champion.

    On test leads that came in after the champion was trained, if they hold 30 conversions, the champion is
    scored as it serves. Otherwise its recipe is fitted on the training part, and both are compared on all test
    leads. The verdict says where a field that the champion needs is gone.
    """
    test, new = experiment.split.test, experiment.candidate.test_logit
    used = {term.part for term in champion.scorecard.terms}
    lacking = sorted(
        {part.field for part in champion.schema.parts if part.name in used and part.field not in table.column_names}
    )
    fresh = _after(champion, shots, test)
    if int(shots.y[test[fresh]].sum()) >= ENOUGH_CONVERSIONS:
        rows = test[fresh]
        old = Scorer(champion).score_batch(table.take(pa.array(shots.rows[rows])), reasons=False).logit
        new = new[fresh]
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
    if not lacking:
        return verdict
    gone = f" The champion was compared without {', '.join(lacking)}, which the table no longer has."
    return Verdict(verdict.promoted, verdict.sentence + gone, verdict.checks)


def _after(champion: Bundle, shots: Snapshots, test: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which test leads (n,) came in after the champion was trained; none without dates."""
    until = champion.passport.trained_until
    if until is None or not shots.dated:
        return np.zeros(len(test), dtype=bool)
    return shots.times[test] > parse_date(until)


def _refitted(
    champion: Bundle, experiment: Experiment, shots: Snapshots, parts: Sequence[Part], *, random_state: int
) -> Floats:
    """Return the test logits (n,) of the champion's recipe, fitted on the challenger's training part."""
    recipe, trial = champion.passport.recipe, experiment.candidate.trial
    kept = [part for part in parts if part.name in recipe.fields]
    own = {part.name for part in trial.parts}
    same = (recipe.family, recipe.settings, set(recipe.fields)) == (trial.family, trial.settings, own)
    if same or not kept or recipe.family not in FAMILIES:
        return experiment.candidate.test_logit
    return prepare_recipe(
        shots, kept, experiment.split, recipe.family, recipe.settings, random_state=random_state
    ).test_logit
