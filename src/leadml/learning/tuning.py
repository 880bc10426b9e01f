"""The search with Optuna: recipes beyond the few that every training tries, within a budget of time or of trials.

The objective is the loss on the rolling folds, as in ``search.py``; the test part is not looked at. A found recipe
takes the place of the default one only where it is proven better (``search.proven``), at a confidence that allows
for how many were tried.

The recipes are chosen by a tree-structured Parzen estimator (Bergstra et al., "Algorithms for hyper-parameter
optimization", NeurIPS 2011) in batches of ``BATCH``. A batch is chosen from the batches before it alone, with a seed
of its own, and a trial's number says which batch it is in. So the same seed tries the same recipes with any number of
jobs, and after a stop.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from leadml.errors import UsageError
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.attempts import Attempt, Kept, as_trial, quiet
from leadml.learning.candidates import FAMILIES
from leadml.learning.search import Progress, Trial, errors_needed, try_out
from leadml.learning.space import Choice, Space, make_space
from leadml.learning.splits import Split, rolling_folds

Rows = NDArray[np.intp]
BATCH = 8
RANDOM = 16  # trials before the sampler trusts what it has seen
VERSION = 1  # of the space: another one begins a new study
MANY = 10_000


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a search came to.

    ``found`` is the recipe that is proven better than ``default``, or None; ``best`` the best of each family;
    ``attempts`` all that were tried, ``n_kept`` of them by an earlier search. ``sentence`` says it in words.
    """

    default: Trial
    found: Trial | None
    best: Mapping[str, Trial]
    attempts: Sequence[Attempt]
    n_kept: int
    sentence: str

    def table(self) -> list[dict[str, Any]]:
        """Return the attempts as rows, the lowest loss first, those that failed last."""
        order = sorted(self.attempts, key=lambda one: (one.loss is None, one.loss or 0.0, one.number))
        return [one.row() for one in order]

    def best_rows(self) -> dict[str, dict[str, Any]]:
        """Return the best of each family: its settings, and its loss and ROC AUC on the folds."""
        return {
            family: {"settings": one.settings, "fold_loss": one.loss, "fold_roc_auc": one.roc_auc}
            for family, one in self.best.items()
        }


@dataclass(frozen=True, slots=True)
class Tuner:
    """A search to be made: its families, its budget (at least one of seconds and trials), jobs, seed and storage.

    ``trials`` counts those that an earlier search has kept under the same ``study``; ``seconds`` does not. ``path`` is
    an SQLite database, None to keep nothing; ``fresh`` forgets what was kept. ``key`` tells one table of leads from
    another.
    """

    families: tuple[str, ...]
    seconds: float | None = None
    trials: int | None = None
    jobs: int = 1
    random_state: int = 0
    path: Path | None = None
    fresh: bool = False
    key: str = ""

    def __post_init__(self) -> None:
        if self.seconds is None and self.trials is None:
            raise UsageError("a search must have a budget, got neither seconds nor trials; give one")
        if (self.seconds is not None and not self.seconds > 0) or (self.trials is not None and self.trials < 1):
            raise UsageError(f"a budget must be above 0, got {self.seconds} seconds and {self.trials} trials")
        if self.jobs < 1:
            raise UsageError(f"jobs must be at least 1, got {self.jobs}")

    def __call__(
        self,
        shots: Snapshots,
        parts: Sequence[Part],
        rows: Rows,
        *,
        tried: Sequence[Trial],
        default: Trial,
        progress: Progress,
    ) -> Tuned:
        """Search on the rolling folds of some rows; ``tried`` are the trials that every training makes."""
        folds = rolling_folds(shots, rows)
        space = make_space(shots, parts, rows, folds, self.families)
        with quiet():
            kept = Kept(self.path, self._study(space, default, folds), fresh=self.fresh)
            search = _Search(self, space, shots, folds, default, kept, progress)
            n_kept = len(search.attempts)
            search.run(tried)
        return search.result(n_kept)

    def _study(self, space: Space, default: Trial, folds: Sequence[Split]) -> str:
        """Return a name that only the same search on the same leads has."""
        same = (
            VERSION,
            self.key,
            self.random_state,
            space.families,
            _names(space.parts),
            [sorted(names) for names in space.groups.values()],
            space.span,
            [(len(fold.train), len(fold.test)) for fold in folds],
            (default.family, default.settings, _names(default.parts)),
        )
        return f"leadml {sha256(repr(same).encode()).hexdigest()[:16]}"


@dataclass(slots=True)
class _Search:
    """One search under way."""

    tuner: Tuner
    space: Space
    shots: Snapshots
    folds: Sequence[Split]
    default: Trial
    kept: Kept
    progress: Progress
    attempts: dict[int, Attempt] = field(init=False)
    best: dict[str, tuple[int, Trial]] = field(default_factory=dict)  # by family; others are not kept: they are large

    def __post_init__(self) -> None:
        self.attempts = self.kept.attempts()

    def run(self, tried: Sequence[Trial]) -> None:
        """Try batch after batch until the budget is spent."""
        seeds = [(params, one.loss) for one in tried if (params := self.space.params(one)) is not None]
        start, last = time.monotonic(), self.tuner.trials or MANY
        deadline = start + (self.tuner.seconds or np.inf)
        with Parallel(n_jobs=self.tuner.jobs, return_as="generator", pre_dispatch="n_jobs", batch_size=1) as parallel:
            for first in range(0, last, BATCH):
                wanted = [n for n in range(first, min(first + BATCH, last)) if n not in self.attempts]
                if not wanted:
                    continue
                if time.monotonic() >= deadline:
                    return
                proposed = self._propose(first, seeds)
                todo = [(n, *proposed[n - first]) for n in wanted]
                for attempt, trial in parallel(self._in_time(todo, deadline)):
                    self._take(attempt, trial)
                    self.progress(*self._progress(attempt, start, last))

    def _propose(
        self, first: int, seeds: Sequence[tuple[dict[str, Any], float]]
    ) -> list[tuple[dict[str, Any], Choice]]:
        """Choose the recipes of the batch that begins with one number, from what was tried before it."""
        import optuna

        known = self.space.distributions()
        sampler = optuna.samplers.TPESampler(
            seed=int(np.random.SeedSequence((self.tuner.random_state, first)).generate_state(1)[0]),
            n_startup_trials=len(seeds) + RANDOM,
        )
        study = optuna.create_study(sampler=sampler)
        before = [(one.params, one.loss) for n, one in sorted(self.attempts.items()) if n < first]
        for params, loss in [*seeds, *before]:
            if loss is not None:
                study.add_trial(as_trial(params, loss, known))
        asked = [study.ask() for _ in range(BATCH)]
        chosen = [self.space.ask(trial) for trial in asked]
        return [(dict(trial.params), choice) for trial, choice in zip(asked, chosen, strict=True)]

    def _in_time(self, todo: Sequence[tuple[int, dict[str, Any], Choice]], deadline: float) -> Iterator[Any]:
        """Yield recipes to try side by side; none is begun after the deadline."""
        for number, params, choice in todo:
            if time.monotonic() < deadline:
                yield delayed(_try)(
                    self.shots, self.folds, choice, number=number, params=params, random_state=self.tuner.random_state
                )

    def _take(self, attempt: Attempt, trial: Trial | None) -> None:
        if trial is not None:
            gain = self.default.losses - trial.losses
            attempt = replace(attempt, gain=float(gain.mean()), error=float(gain.std() / np.sqrt(gain.size)))
            if trial.family not in self.best or trial.loss < self.best[trial.family][1].loss:
                self.best[trial.family] = attempt.number, trial
        self.attempts[attempt.number] = attempt
        self.kept.add(attempt, self.space.distributions())

    def _progress(self, attempt: Attempt, start: float, last: int) -> tuple[str, float]:
        done = max(
            len(self.attempts) / last if self.tuner.trials else 0.0,
            (time.monotonic() - start) / self.tuner.seconds if self.tuner.seconds else 0.0,
        )
        losses = [one.loss for one in self.attempts.values() if one.loss is not None]
        lowest = f", lowest loss {min(losses):.4f}" if losses else ""
        return f"trial {len(self.attempts)}: {FAMILIES[attempt.family].title}{lowest}", min(done, 1.0)

    def result(self, n_kept: int) -> Tuned:
        """Judge what was tried."""
        done = sorted(
            (one for one in self.attempts.values() if one.loss is not None), key=lambda one: (one.loss, one.number)
        )
        first: dict[str, Attempt] = {}
        for one in done:
            first.setdefault(one.family, one)
        best = {family: self._again(one) for family, one in first.items()}
        needed = errors_needed(max(len(done), 1))
        proven = next((one for one in done if (one.gain or 0.0) > needed * (one.error or 0.0)), None)
        found = None if proven is None else self._again(proven)
        attempts = [one for _, one in sorted(self.attempts.items())]
        return Tuned(self.default, found, best, attempts, n_kept, _sentence(self.default, found, done, len(attempts)))

    def _again(self, attempt: Attempt) -> Trial:
        """Return the trial of an attempt, made again where it is not at hand."""
        number, trial = self.best.get(attempt.family, (-1, None))
        if trial is None or number != attempt.number:
            parts = tuple(part for part in self.space.parts if part.name in attempt.parts)
            seed = self.tuner.random_state
            trial = try_out(self.shots, parts, self.folds, attempt.family, attempt.settings, random_state=seed)
            self.best[attempt.family] = attempt.number, trial
        return trial


def _try(
    shots: Snapshots,
    folds: Sequence[Split],
    choice: Choice,
    *,
    number: int,
    params: dict[str, Any],
    random_state: int,
) -> tuple[Attempt, Trial | None]:
    """Try one recipe on one core; whatever goes wrong is told, and ends nothing."""
    start = time.perf_counter()
    attempt = Attempt(number, choice.family, choice.settings, _names(choice.parts), params)
    try:
        with threadpool_limits(1):
            trial = try_out(shots, choice.parts, folds, choice.family, choice.settings, random_state=random_state)
    except Exception as error:
        return replace(attempt, problem=f"{type(error).__name__}: {error}"), None
    seconds = round(time.perf_counter() - start, 3)
    return replace(attempt, loss=trial.loss, roc_auc=trial.roc_auc, seconds=seconds), trial


def _names(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(part.name for part in parts)


def _sentence(default: Trial, found: Trial | None, done: Sequence[Attempt], n: int) -> str:
    stays = f"the default recipe ({FAMILIES[default.family].title})"
    if not done:
        return f"{n:,} recipes were begun and none was tried to its end, so {stays} stays; give the search more time."
    lowest = f"the lowest loss on the time folds is {done[0].loss:.4f}, against {default.loss:.4f} of {stays}"
    if found is None:
        return f"{n:,} recipes were tried; {lowest}. None is proven better, so that one stays."
    better = f"{FAMILIES[found.family].title}, loss {found.loss:.4f}"
    return f"{n:,} recipes were tried; {lowest}. One ({better}) is proven better and takes its place."
