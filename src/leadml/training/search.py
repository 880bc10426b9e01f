"""A training with a search before it: recipes beyond the usual few, and the best of them through the same line."""

from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from leadml.config import Config
from leadml.config.sections import YARDSTICKS
from leadml.learning.tuning import Tuned, Tuner
from leadml.training.train import Progress, TrainingRun, learn

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class SearchRun:
    """What a search came to, and the training that it ended in.

    ``better``: whether a recipe was found that is proven better than the default one and took its place; ``sentence``
    says it in words. ``n_trials`` were tried, ``n_kept`` of them by an earlier search that this one went on with.
    ``best`` has each family's best settings, with ``fold_loss`` and ``fold_roc_auc``; ``seconds`` is the whole time.
    """

    run: TrainingRun
    better: bool
    sentence: str
    n_trials: int
    n_kept: int
    best: dict[str, Any]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: the keys of ``leadml train --json``, and ``search``."""
        own = {name: getattr(self, name) for name in ("better", "sentence", "n_trials", "n_kept", "best", "seconds")}
        return self.run.to_dict() | {"search": own}


def search(
    config: Config,
    leads: "pd.DataFrame | pa.Table | None" = None,
    *,
    seconds: float | None = None,
    trials: int | None = None,
    jobs: int | None = None,
    fresh: bool = False,
    skip_faulty: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> SearchRun:
    """Search for a better recipe on the rolling folds, then do what ``train`` does with the best that is proven.

    The budget is ``seconds`` or ``trials`` or whichever is spent first, by default [search] of the configuration; what
    every training tries comes before it and is not counted. ``jobs`` are tried side by side. A search on the same
    leads, fields and seed goes on where an earlier one ended, unless it is ``fresh``; ``trials`` counts those too.
    Raises what ``train`` raises, and UsageError where the budget or the jobs are not above 0.
    """
    told = config.search
    if seconds is None and trials is None:
        seconds, trials = (told.seconds, None) if told.trials is None else (None, told.trials)
    start = perf_counter()

    def make_tuner(digest: str) -> Tuner:
        return Tuner(
            tuple(name for name in config.training.families if name not in YARDSTICKS),
            seconds=seconds,
            trials=trials,
            jobs=told.jobs if jobs is None else jobs,
            random_state=config.training.seed,
            path=config.at(told.storage),
            fresh=fresh,
            key=digest,
        )

    make_tuner("")  # refuses a wrong budget before anything is read
    run, experiment = learn(config, leads, make_tuner=make_tuner, skip_faulty=skip_faulty, progress=progress, now=now)
    assert experiment.tuned is not None
    return _result(run, experiment.tuned, perf_counter() - start)


def _result(run: TrainingRun, tuned: Tuned, seconds: float) -> SearchRun:
    return SearchRun(
        run,
        better=tuned.found is not None,
        sentence=tuned.sentence,
        n_trials=len(tuned.attempts),
        n_kept=tuned.n_kept,
        best=tuned.best_rows(),
        seconds=round(seconds, 1),
    )
