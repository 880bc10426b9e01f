"""What a learner is given and what it gives back, as a folder of files: one may run in an environment of its own.

Nothing but numpy and pandas is needed here.
"""

from dataclasses import asdict, dataclass
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]
Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
SURE = 1e-6  # probabilities are kept this far from 0 and 1


@dataclass(frozen=True)
class Task:
    """Learn from older leads within some seconds.

    ``X`` (n, p) and ``y`` (n,) are the older leads in time order: numbers with NaN where missing, categories as text;
    ``X_new`` (m, p) the newer ones. ``folds`` are the row numbers of older and newer leads of the rolling folds.
    """

    X: pd.DataFrame
    y: Labels
    X_new: pd.DataFrame
    folds: tuple[Fold, ...]
    seconds: float

    @property
    def texts(self) -> list[str]:
        """The names of the categories."""
        return list(self.X.columns.difference(self.X.select_dtypes("number").columns, sort=False))

    def save(self, folder: Path) -> None:
        """Write it into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self.X.to_parquet(folder / "older.parquet")
        self.X_new.to_parquet(folder / "newer.parquet")
        held: dict[str, Any] = {"y": self.y, "seconds": self.seconds}
        for i, (older, newer) in enumerate(self.folds):
            held |= {f"older{i}": older, f"newer{i}": newer}
        np.savez(folder / "task.npz", **held)

    @classmethod
    def load(cls, folder: Path) -> "Task":
        """Read one from a folder."""
        X, X_new = (pd.read_parquet(folder / f"{part}.parquet") for part in ("older", "newer"))
        with np.load(folder / "task.npz") as held:
            folds = tuple((held[f"older{i}"], held[f"newer{i}"]) for i in range((len(held.files) - 2) // 2))
            return cls(X, held["y"], X_new, folds, float(held["seconds"]))


@dataclass(frozen=True)
class Answer:
    """The logits (m,) of the newer leads, the seconds it took, what was chosen, and by which version.

    ``cpu`` are the seconds that all cores gave to its process, with its imports; nan before that has ended.
    """

    logit: Floats
    seconds: float
    chosen: str
    version: str
    cpu: float = nan

    def save(self, path: Path) -> None:
        """Write it into a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **asdict(self))

    @classmethod
    def load(cls, path: Path) -> "Answer":
        """Read one from a file."""
        with np.load(path) as held:
            told = {name: held[name].item() for name in held.files if name != "logit"}
            return cls(held["logit"], **told)


def logit_of(probability: Floats) -> Floats:
    """Return the logits (n,) of probabilities (n,)."""
    inside = np.clip(np.asarray(probability, dtype=np.float64), SURE, 1 - SURE)
    return np.asarray(np.log(inside / (1 - inside)))
