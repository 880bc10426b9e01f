"""What time does to a chosen recipe: old leads that mislead, and fields that drift so far that they hurt later.

Both are tried on the rolling folds after the recipe is chosen, and taken only with proof: a half-life
(``learning/recency.py``), and leaving out a field that tells older leads from newer ones. The latter are found by
adversarial validation: a classifier of one field each, learned on every other lead, says of the leads between whether
they are of the newer half (compare Pan et al., "Adversarial validation approach to concept drift problems", 2020).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.candidates import Settings
from leadml.learning.design import fit_design
from leadml.learning.metrics import Ranked, roc_auc
from leadml.learning.recency import half_life
from leadml.learning.search import Trial, fit, proven, try_out
from leadml.learning.splits import rolling_folds

Rows = NDArray[np.intp]
SHARES = (0.5, 0.25, 0.125)  # half-lives, in parts of the time that the leads span
TELLING = 0.6  # ROC AUC from which a field tells older leads from newer ones
MOST_TELLING = 3  # fields that are tried to be left out
ADVERSARY = ("logistic", {"C": 1.0})

TryOut = Callable[[Sequence[Part], dict[str, object]], Trial]


@dataclass(frozen=True, slots=True)
class Refined:
    """The recipe to use, all ``trials`` that were made, and what was changed in plain sentences."""

    chosen: Trial
    trials: tuple[Trial, ...]
    sentences: tuple[str, ...]


def refine(shots: Snapshots, chosen: Trial, rows: Rows, *, random_state: int) -> Refined:
    """Try half-lives and leaving out drifting fields on a recipe that was chosen on the folds of some rows."""
    folds = rolling_folds(shots, rows)

    def attempt(parts: Sequence[Part], settings: dict[str, object]) -> Trial:
        return try_out(shots, parts, folds, chosen.family, settings, random_state=random_state)

    faded, tried, told = _faded(shots, chosen, rows, attempt)
    kept, more, also = _without(shots, faded, rows, attempt, random_state=random_state)
    return Refined(kept, (*tried, *more), (*told, *also))


def _faded(shots: Snapshots, chosen: Trial, rows: Rows, attempt: TryOut) -> tuple[Trial, list[Trial], list[str]]:
    """Return the recipe with the half-life that is proven to help, if one is."""
    span = float(np.ptp(shots.times[rows]) / DAY) if shots.dated else float(len(rows))
    lives = [max(1.0, float(round(share * span))) for share in SHARES]
    tried = [attempt(chosen.parts, {**chosen.settings, **half_life(life, dated=shots.dated)}) for life in lives]
    best = min(range(len(tried)), key=lambda i: tried[i].loss)
    if not better(chosen, tried[best], len(tried)):
        return chosen, tried, []
    told = (
        f"leads that came in {lives[best]:,.0f} {'days' if shots.dated else 'rows'} before the newest count half: that "
        f"is proven to lower the loss on the time folds, from {chosen.loss:.4f} to {tried[best].loss:.4f}"
    )
    return tried[best], tried, [told]


def _without(
    shots: Snapshots, chosen: Trial, rows: Rows, attempt: TryOut, *, random_state: int
) -> tuple[Trial, list[Trial], list[str]]:
    """Return the recipe without the drifting fields that are proven to hurt, if any are."""
    telling = telling_parts(shots, chosen.parts, rows, random_state=random_state)[:MOST_TELLING]
    tried, told = [], []
    for part, auc in telling:
        rest = tuple(other for other in chosen.parts if other != part)
        if not rest:
            break
        trial = attempt(rest, dict(chosen.settings))
        tried.append(trial)
        if better(chosen, trial, len(telling)):
            told.append(
                f"{part.name} is left out: it tells older leads from newer ones (ROC AUC {auc:.2f} alone), and without "
                f"it the loss on the time folds is proven lower, {trial.loss:.4f} instead of {chosen.loss:.4f}"
            )
            chosen = trial
    return chosen, tried, told


def better(simple: Trial, other: Trial, n_tried: int) -> bool:
    """Return whether a trial, the best of ``n_tried``, is proven better on the folds than a simpler one."""
    return proven(simple.losses - other.losses, n_tried)


def best_of(
    shots: Snapshots, chosen: Trial, rows: Rows, choices: Sequence[Settings], *, random_state: int
) -> tuple[Trial, tuple[Trial, ...]]:
    """Return the recipe with the last of some further settings that is proven better, and all trials.

    Each is held against the best before it, on the folds of some rows.
    """
    folds, best, tried = rolling_folds(shots, rows), chosen, []
    for further in choices:
        settings = {**chosen.settings, **further}
        tried.append(try_out(shots, chosen.parts, folds, chosen.family, settings, random_state=random_state))
        if better(best, tried[-1], len(choices)):
            best = tried[-1]
    return best, tuple(tried)


def telling_parts(
    shots: Snapshots, parts: Sequence[Part], rows: Rows, *, random_state: int
) -> list[tuple[Part, float]]:
    """Return the parts that tell the newer half of some rows from the older, and their ROC AUC, most telling first."""
    newer = np.zeros(len(shots), dtype=bool)
    newer[rows[len(rows) // 2 :]] = True
    halves = replace(shots, y=newer)
    family, settings = ADVERSARY
    learn = partial(fit, halves, family=family, settings=settings, final=False, random_state=random_state)
    found = []
    for part in parts:
        if not _varies(shots, part, rows[::2]):
            continue
        logit = learn(parts=[part], rows=rows[::2]).logit(halves, rows[1::2])
        auc = roc_auc(Ranked(newer[rows[1::2]], logit).tally())
        if auc >= TELLING:
            found.append((part, auc))
    return sorted(found, key=lambda pair: -pair[1])


def _varies(shots: Snapshots, part: Part, rows: Rows) -> bool:
    return bool(fit_design([part], shots.parts, rows).parts)
