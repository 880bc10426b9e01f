"""The attempts of a search, kept in an Optuna study so that a search that was stopped goes on where it was.

Only what is finished is kept, each attempt in one transaction: there is never half of one to mend.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadml.errors import OutputError
from leadml.learning.candidates import Settings

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial

ATTEMPT = "attempt"  # the attribute of Optuna's trial that holds it


@dataclass(frozen=True, slots=True)
class Attempt:
    """One recipe that was tried.

    ``params`` are what the sampler chose; ``parts`` the names that the recipe reads. ``loss`` and ``roc_auc`` are the
    means on the folds, None where it failed, and ``problem`` says why. ``gain`` is by how much the mean loss is below
    the default recipe's, with its standard error. ``seconds`` is how long it took.
    """

    number: int
    family: str
    settings: Settings
    parts: tuple[str, ...]
    params: Mapping[str, Any]
    loss: float | None = None
    roc_auc: float | None = None
    gain: float | None = None
    error: float | None = None
    seconds: float = 0.0
    problem: str | None = None

    def row(self) -> dict[str, Any]:
        """Return it as a row of the table of attempts."""
        own = {"number": self.number, "family": self.family, "settings": self.settings, "n_parts": len(self.parts)}
        names = ("loss", "roc_auc", "gain", "error", "seconds", "problem")
        return own | {name: getattr(self, name) for name in names}


def as_trial(
    params: Mapping[str, Any],
    loss: float,
    known: "Mapping[str, BaseDistribution]",
    attrs: Mapping[str, Any] | None = None,
) -> "FrozenTrial":
    """Return a finished trial for Optuna; ``known`` are the ranges of all parameters."""
    from optuna.trial import create_trial

    return create_trial(
        params=dict(params),
        distributions={name: known[name] for name in params},
        value=loss,
        user_attrs=dict(attrs or {}),
    )


class Kept:
    """The attempts of one study in a file; None as the file keeps them in memory only."""

    def __init__(self, path: Path | None, study: str, *, fresh: bool) -> None:
        self._study = _open(path, study, fresh=fresh) if path is not None else None

    def attempts(self) -> dict[int, Attempt]:
        """Return what was kept, by number; of two with one number the first."""
        found: dict[int, Attempt] = {}
        for trial in self._study.trials if self._study is not None else ():
            held = dict(trial.user_attrs[ATTEMPT])
            attempt = Attempt(**held | {"parts": tuple(held["parts"]), "params": dict(trial.params)})
            found.setdefault(attempt.number, attempt)
        return found

    def add(self, attempt: Attempt, known: "Mapping[str, BaseDistribution]") -> None:
        """Keep a finished attempt; one that failed is tried again next time."""
        if self._study is not None and attempt.loss is not None:
            attrs = {ATTEMPT: {k: v for k, v in asdict(attempt).items() if k != "params"}}
            self._study.add_trial(as_trial(attempt.params, attempt.loss, known, attrs))


def _open(path: Path, name: str, *, fresh: bool) -> "Study":
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
        if fresh and name in {study.study_name for study in optuna.get_all_study_summaries(storage)}:
            optuna.delete_study(study_name=name, storage=storage)
        return optuna.create_study(study_name=name, storage=storage, load_if_exists=True)
    except (OSError, RuntimeError, SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        raise OutputError(
            f"{path} must be a database that a search can be kept in, got: {error}; move it away"
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from writing a line per trial."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
