"""The small search of a careful data scientist: random settings on the rolling time folds, within the budget.

The learner's default is tried first, then settings drawn at random (Bergstra and Bengio, "Random search for
hyper-parameter optimization", Journal of Machine Learning Research 13, 2012). The lowest log loss over the leads of all
folds wins, and is fitted on all older leads. Boosting that can watch a fold's newer leads stops there, and the fit on
all leads takes the mean of the rounds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from bench.others.task import Floats, Labels, Task, logit_of

Settings = dict[str, Any]
Score = Callable[[pd.DataFrame], Floats]  # leads (n rows) -> probabilities (n,)


# X (n, p), y (n,), settings, what to watch -> what scores, and the rounds it took where it stopped on what it watched
Fit = Callable[[pd.DataFrame, Labels, Settings, tuple[pd.DataFrame, Labels] | None], tuple[Score, int | None]]


@dataclass(frozen=True)
class Model:
    """How a learner is fitted, its default, how other settings are drawn, and what it takes for the last fit alone.

    ``rounds`` names the setting that early stopping decides; ``share`` is the part of the budget to search in.
    """

    fit: Fit
    default: Settings
    draw: Callable[[np.random.Generator], Settings]
    last: Settings
    rounds: str | None = None
    share: float = 0.8


def tuned(model: Model, task: Task) -> tuple[Floats, str]:
    """Return the logits (m,) of the newer leads, and what was chosen of how many."""
    start, rng = perf_counter(), np.random.default_rng(0)
    best, best_loss, n_tried, longest = model.default, np.inf, 0, 0.0
    while n_tried == 0 or perf_counter() - start + longest <= model.share * task.seconds:
        drawn = model.draw(rng) if n_tried else model.default
        begun = perf_counter()
        loss, settings = try_out(model, task, drawn)
        longest = max(longest, perf_counter() - begun)
        n_tried += 1
        if loss < best_loss:
            best, best_loss = settings, loss
    score, _ = model.fit(task.X, task.y, best | model.last, None)
    words = ", ".join(
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}" for name, value in best.items()
    )
    return logit_of(score(task.X_new)), f"{words or 'the default'}; of {n_tried}"


def try_out(model: Model, task: Task, settings: Settings) -> tuple[float, Settings]:
    """Return the log loss over the folds, and the settings with the rounds that early stopping came to."""
    losses, rounds = [], []
    for older, newer in task.folds:
        seen = task.X.iloc[newer], task.y[newer]
        score, stopped = model.fit(task.X.iloc[older], task.y[older], settings, seen)
        logit = logit_of(score(seen[0]))
        losses.append(np.logaddexp(0.0, logit) - seen[1] * logit)
        rounds.append(stopped)
    if model.rounds is not None:
        settings = settings | {model.rounds: max(1, round(np.mean([n or 1 for n in rounds])))}
    return float(np.concatenate(losses).mean()), settings
