"""MLflow runs: what a training run leaves behind for data scientists, through explicit clients, no globals."""

import csv
import io
import json
import math
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from leadml.errors import TrackingError
from leadml.model.bundle import Interval
from leadml.tracking import pyfunc, registry
from leadml.tracking.connection import PATIENCE, artifact_root, connect, database, guard, without_password

if TYPE_CHECKING:
    from mlflow import MlflowClient

# MLflow's limits
PARAMS_AT_ONCE, PARAM_LENGTH, NOTE_LENGTH, DIGEST_LENGTH, KEY_LENGTH = 100, 6000, 8000, 36, 250
NOT_IN_KEYS = re.compile(r"[^/\w.\- ]")


class Tracker:
    """One MLflow experiment and one registered model. Nothing is imported or asked until it is used."""

    def __init__(self, uri: str, experiment: str = "leadml", model_name: str = "leadml") -> None:
        self.uri = uri
        self.experiment = experiment
        self.model_name = model_name

    @cached_property
    def client(self) -> "MlflowClient":
        """The client, connected at the first use; raises TrackingError."""
        return connect(self.uri)

    @property
    def exists(self) -> bool:
        """False where the database is a file that is not there yet, so that looking need not make one."""
        path = database(self.uri)
        return path is None or path.exists()

    @cached_property
    def experiment_id(self) -> str:
        """The id of the experiment, which is made where it is not there."""
        client = self.client
        with guard(self.uri):
            found = client.get_experiment_by_name(self.experiment)
            if found is None:
                return str(client.create_experiment(self.experiment, artifact_location=self._place()))
        if found.lifecycle_stage != "active":
            raise TrackingError(
                f"experiment {self.experiment!r} must be active, but it was deleted; restore it with "
                f"`mlflow experiments restore -x {found.experiment_id}`, or set tracking.experiment"
            )
        return str(found.experiment_id)

    def _place(self) -> str | None:
        root = artifact_root(self.uri)
        return None if root is None else f"{root}/{quote(self.experiment, safe='')}"

    @contextmanager
    def run(self, name: str | None = None, tags: Mapping[str, str] | None = None) -> Iterator["Run"]:
        """Open a run; it ends KILLED by Ctrl-C, FAILED by any other exception, else FINISHED."""
        client, experiment_id = self.client, self.experiment_id
        with guard(self.uri):
            run_id = str(client.create_run(experiment_id, run_name=name, tags=dict(tags or {})).info.run_id)
        try:
            yield Run(self, run_id)
        except BaseException as error:
            self._abandon(run_id, "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
            raise
        self._end(run_id, "FINISHED")

    def _abandon(self, run_id: str, status: str) -> None:
        with suppress(TrackingError):  # what went wrong first is what the user must see
            self._end(run_id, status, patience=1.0)

    def _end(self, run_id: str, status: str, patience: float = PATIENCE) -> None:
        with guard(self.uri, patience=patience):
            self.client.set_terminated(run_id, status)

    def __repr__(self) -> str:
        return f"Tracker({without_password(self.uri)!r}, {self.experiment!r}, {self.model_name!r})"


class Run:
    """An open run; every method raises TrackingError where MLflow cannot take what it is given."""

    def __init__(self, tracker: Tracker, run_id: str) -> None:
        self.tracker = tracker
        self.run_id = run_id
        self._client = tracker.client

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log parameters; nested ones are named ``section.key``, long ones are cut."""
        from mlflow.entities import Param

        flat = [Param(_key(name), _text(value)[:PARAM_LENGTH]) for name, value in _flat(params)]
        with guard(self.tracker.uri):
            for start in range(0, len(flat), PARAMS_AT_ONCE):
                self._client.log_batch(self.run_id, params=flat[start : start + PARAMS_AT_ONCE])

    def log_metrics(self, metrics: Mapping[str, Interval | float | None]) -> None:
        """Log each metric's value, with ``<name>.low`` and ``<name>.high``; undefined numbers are left out."""
        from mlflow.entities import Metric

        now = time.time_ns() // 1_000_000
        numbers = [Metric(_key(name), value, now, 0) for name, value in _numbers(metrics)]
        with guard(self.tracker.uri):
            self._client.log_batch(self.run_id, metrics=numbers)

    def log_dataset(self, name: str, source: str | Path, digest: str, n_rows: int, columns: Mapping[str, str]) -> None:
        """Log the table of leads as an input; ``columns`` maps names to types. No rows are kept."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        dataset = Dataset(
            name=name,
            digest=digest[:DIGEST_LENGTH],
            source_type="local" if isinstance(source, Path) else "leads",
            source=json.dumps({"uri": without_password(str(source))}),
            schema=json.dumps({"mlflow_colspec": [{"name": n, "type": t} for n, t in columns.items()]}),
            profile=json.dumps({"num_rows": n_rows}),
        )
        with guard(self.tracker.uri):
            context = InputTag("mlflow.data.context", "training")
            self._client.log_inputs(self.run_id, datasets=[DatasetInput(dataset, [context])])
            self._client.set_tag(self.run_id, "data_digest", digest)

    def log_leaderboard(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Log the candidates as a table, ``leaderboard``."""
        self.log_table("leaderboard", rows)

    def log_search(self, attempts: Sequence[Mapping[str, Any]], best: Mapping[str, Mapping[str, Any]]) -> None:
        """Log all attempts of a search as one table, ``search``, and the best of each family as a run below this one.

        ``best`` maps a family to its ``settings``, and its metrics on the folds.
        """
        if attempts:
            self.log_table("search", attempts)
        for family, found in best.items():
            with self.tracker.run(family, tags={"mlflow.parentRunId": self.run_id}) as child:
                child.log_params({"family": family, "settings": found["settings"]})
                child.log_metrics({name: value for name, value in found.items() if name != "settings"})

    def log_table(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Log rows as ``<name>.json``, which MLflow's page shows, and ``<name>.csv``."""
        columns = list(dict.fromkeys(column for row in rows for column in row))
        table = {column: [_cell(row.get(column)) for row in rows] for column in columns}
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(columns)
        writer.writerows(zip(*table.values(), strict=True))
        with guard(self.tracker.uri):
            self._client.log_table(self.run_id, table, f"{name}.json")
            self._client.log_text(self.run_id, text.getvalue(), f"{name}.csv")

    def log_bundle(self, folder: Path) -> None:
        """Log the bundle's files as ``bundle/``."""
        with guard(self.tracker.uri):
            self._client.log_artifacts(self.run_id, str(folder), "bundle")

    def log_report(self, files: Sequence[Path]) -> None:
        """Log the files of a report as ``report/``; the first lies in its folder, the others there or below."""
        with guard(self.tracker.uri):
            for path in files:
                place = Path("report") / path.parent.relative_to(files[0].parent)
                self._client.log_artifact(self.run_id, str(path), place.as_posix())

    def log_pipeline(self, pipeline: object) -> None:
        """Log the fitted estimator as ``pipeline.joblib``, for data scientists; leadml never loads it."""
        import joblib

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pipeline.joblib"
            joblib.dump(pipeline, path)
            with guard(self.tracker.uri):
                self._client.log_artifact(self.run_id, str(path))

    def log_notes(self, text: str) -> None:
        """Show text (Markdown) as the run's description."""
        with guard(self.tracker.uri):
            self._client.set_tag(self.run_id, "mlflow.note.content", text[:NOTE_LENGTH])

    def log_model(self, bundle_folder: Path) -> str:
        """Log the bundle as an MLflow model and return its URI, ``models:/m-...``."""
        with guard(self.tracker.uri):
            return pyfunc.log_model(self._client, self.tracker.experiment_id, self.run_id, bundle_folder)

    def register(self, model_uri: str, leadml_version: int) -> int:
        """Register a logged model with its leadml version as a tag; returns MLflow's version."""
        return registry.register(self.tracker, model_uri, self.run_id, leadml_version)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _key(name: str) -> str:
    return NOT_IN_KEYS.sub("_", name)[:KEY_LENGTH]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()


def _numbers(metrics: Mapping[str, Interval | float | None]) -> Iterator[tuple[str, float]]:
    for name, metric in metrics.items():
        parts = (
            {name: metric.value, f"{name}.low": metric.low, f"{name}.high": metric.high}
            if isinstance(metric, Interval)
            else {name: metric}
        )
        yield from ((key, value) for key, value in parts.items() if value is not None and math.isfinite(value))


def _cell(value: Any) -> Any:
    """Keep plain values; everything else, such as settings, as JSON text."""
    return value if value is None or isinstance(value, (str, int, float)) else _text(value)
