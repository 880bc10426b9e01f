"""The test of a model, played again: for a look at its leads, and to try on them what an edit of its terms costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadml.config import Config
from leadml.errors import UsageError
from leadml.leads.parts import Column
from leadml.leads.schema import Axis
from leadml.leads.snapshots import Snapshots, subset
from leadml.leads.validation import LeadTable
from leadml.learning.calibration import fit_intercept
from leadml.learning.candidates import FAMILIES, Settings
from leadml.learning.compile import compile_scorecard, spellings
from leadml.learning.experiment import prepare_recipe
from leadml.learning.intervals import Difference, Estimate, compare, evaluate
from leadml.learning.splits import time_split
from leadml.model.bundle import load
from leadml.model.scorecard import Scorecard, expit
from leadml.training.read import data_digest, labelled, read

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

METRICS = ("log_loss", "roc_auc", "capture_at_20pct")


@dataclass(frozen=True, slots=True)
class Side:
    """Some leads in the order of time: ``parts`` name -> column (n,), ``y`` (n,) bool, ``groups`` (n,) or None."""

    parts: Mapping[str, Column]
    y: NDArray[np.bool_]
    groups: NDArray[np.intp] | None

    def __len__(self) -> int:
        """Return n."""
        return len(self.y)


@dataclass(frozen=True, slots=True)
class Replay:
    """A model before its refit: the scorecard of its recipe, learned from the ``older`` leads alone.

    It has not seen the ``test`` leads, as the model that ships has; on them it reaches what the passport says.
    ``axes`` has the axis of each part.
    """

    scorecard: Scorecard
    older: Side
    test: Side
    axes: Mapping[str, Axis]

    def levelled(self, scorecard: Scorecard) -> Scorecard:
        """Fit the base of an edited scorecard anew, to expect as many conversions of the older leads as this one."""
        expected = expit(self.scorecard.logit(self.older.parts))
        logit = scorecard.logit(self.older.parts)
        return scorecard.shifted(fit_intercept(logit, expected, np.ones(len(logit))))

    def reached(self, scorecard: Scorecard) -> dict[str, Estimate]:
        """Return what a scorecard reaches on the test leads: log loss, ROC AUC, capture at 20 %."""
        test = self.test
        return evaluate(test.y, scorecard.logit(test.parts), groups=test.groups, metrics=METRICS)

    def cost(self, scorecard: Scorecard, metrics: Sequence[str] = METRICS) -> dict[str, Difference]:
        """Return what a scorecard reaches more than this one on the test leads, with paired intervals."""
        test = self.test
        new, old = scorecard.logit(test.parts), self.scorecard.logit(test.parts)
        return compare(test.y, new, old, groups=test.groups, metrics=metrics)


def replay(
    config: Config, model: str | Path, leads: "pd.DataFrame | pa.Table | None" = None, *, now: datetime | None = None
) -> Replay:
    """Play the test of a model again, whose configuration and folder are given; ``leads`` as for ``train``.

    Raises UsageError where the leads or the horizon are not those that it learned from.
    """
    now = datetime.now(UTC) if now is None else now
    bundle = load(model)
    passport, past = bundle.passport, read(config, leads, now=now, skip_faulty=False).leads
    if data_digest(past) != passport.data_digest or config.label.horizon_days != passport.horizon_days:
        raise UsageError(
            f"the leads and the horizon must be those that model {passport.model_version} learned from, got others; "
            "train again"
        )
    recipe = passport.recipe
    return _played(config, past, now, family=recipe.family, settings=recipe.settings, fields=recipe.fields)


def try_recipe(config: Config, family: str, *, now: datetime | None = None, **settings: Any) -> Replay:
    """Learn one recipe, with all fields, from the older of the leads; nothing is chosen, saved or promoted.

    ``family`` ships; settings that are not given are those of its simplest entry in ``learning/candidates``. Raises
    UsageError where the family does not ship.
    """
    now = datetime.now(UTC) if now is None else now
    shipping = [name for name, one in FAMILIES.items() if one.ships]
    if family not in shipping:
        raise UsageError(f"family must be one of {', '.join(shipping)}, got {family!r}; choose one of them")
    past = read(config, None, now=now, skip_faulty=False).leads
    fields = [part.name for part in past.schema.parts]
    settings = {**FAMILIES[family].settings[0], **settings}
    return _played(config, past, now, family=family, settings=settings, fields=fields)


def _played(
    config: Config, past: LeadTable, now: datetime, *, family: str, settings: Settings, fields: Sequence[str]
) -> Replay:
    shots = labelled(config, past, now).snapshots
    split = time_split(shots, test_fraction=config.training.test_fraction)
    parts = [part for part in past.schema.parts if part.name in fields]
    made = prepare_recipe(shots, parts, split, family, settings, random_state=config.training.seed)
    scorecard = compile_scorecard(
        made.fitted, made.calibration, shots, spellings(past.table, past.schema, past.history)
    )
    axes = {part.name: part.axis for part in past.schema.parts}
    return Replay(scorecard, _side(shots, split.train), _side(shots, split.test), axes)


def _side(shots: Snapshots, rows: NDArray[np.intp]) -> Side:
    return Side(subset(shots, rows), shots.y[rows], None if shots.groups is None else shots.groups[rows])
