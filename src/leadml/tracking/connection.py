"""The way to MLflow: a client without globals, waits that end, and one clear error when it cannot be used."""

import logging
import os
import re
import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from leadml.errors import TrackingError

if TYPE_CHECKING:
    from mlflow import MlflowClient

PATIENCE = 10.0  # seconds to wait for a database that another process has locked
SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # MLflow's own defaults wait for many minutes
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # standard output belongs to --json
    "MLFLOW_UV_AUTO_DETECT": "false",  # a uv.lock where the process happens to work is not the model's
}
MEND = "set tracking.uri in leadml.toml to one that works"


def database(uri: str) -> Path | None:
    """Return the file of a SQLite tracking URI, None for any other."""
    scheme, separator, path = uri.partition(":///")
    if not separator or scheme.partition("+")[0] != "sqlite" or path.startswith((":memory:", "?")) or not path:
        return None
    return Path(path.partition("?")[0])


def artifact_root(uri: str) -> str | None:
    """Return where artifacts of a SQLite store lie: beside the database, wherever the process works."""
    path = database(uri)
    return None if path is None else (path.resolve().parent / "mlruns").as_uri()


def without_password(uri: str) -> str:
    """Return a URI that can be shown: with its password replaced."""
    try:
        parts = urlsplit(uri)
        if parts.password is None:
            return uri
    except ValueError:
        return uri
    user_and_host = f"{parts.username or ''}:***@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=user_and_host))


def connect(uri: str) -> "MlflowClient":
    """Return a client; makes the database where there is none yet, which takes some seconds.

    Raises TrackingError where MLflow cannot be reached or written to.
    """
    path = database(uri)
    if not uri.strip() or (path is None and uri.startswith("sqlite")):
        raise TrackingError(f"tracking.uri must name a server or a database file, got {uri!r}; {MEND}")
    with guard(uri, patience=None):
        if path is None:
            _reach(uri)
        elif not path.exists():
            _make_database(path)
    with guard(uri):
        from mlflow import MlflowClient

        return MlflowClient(tracking_uri=uri, registry_uri=uri)


def _reach(uri: str) -> None:
    """Ask a server or a database once: MLflow's own way to a database that is not there takes 100 seconds."""
    if uri.startswith(("http://", "https://")):
        from mlflow import MlflowClient

        MlflowClient(tracking_uri=uri, registry_uri=uri).search_experiments(max_results=1)
    elif uri.partition("+")[0].partition(":")[0] in ("postgresql", "mysql", "mssql"):
        import sqlalchemy

        engine = sqlalchemy.create_engine(uri)
        try:
            engine.connect().close()
        finally:
            engine.dispose()


def _make_database(path: Path) -> None:
    """Migrate beside the place and rename, so that a Ctrl-C leaves no half-made database."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}-{os.getpid()}")
    half.touch()  # fails at once where nothing can be written; MLflow would try again for 100 seconds
    try:
        store = SqlAlchemyStore(  # type: ignore[no-untyped-call]
            f"sqlite:///{half}", str(artifact_root(f"sqlite:///{path}"))
        )
        store.engine.dispose()
        if not path.exists():  # another process may have been first
            half.replace(path)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def guard(uri: str, *, patience: float | None = PATIENCE) -> Iterator[None]:
    """Wrap calls of MLflow: wait for a locked database, keep logs quiet, turn what goes wrong into TrackingError.

    ``patience`` None does not look at the lock.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read once, when mlflow is imported
    path = database(uri)
    if path is not None and patience is not None:
        _wait_until_writable(path, patience)
    with _quiet(), _environment():
        failures = _failures()
        try:
            yield
        except TrackingError:
            raise
        except failures as error:
            raise TrackingError(
                f"MLflow at {without_password(uri)} must be reachable and writable, got: {_said(error)}; {MEND}"
            ) from error


def _failures() -> tuple[type[Exception], ...]:
    """Return what MLflow raises: its own, its databases', missing drivers, and connections and files."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    return (MlflowException, SQLAlchemyError, ImportError, OSError, ValueError)


def _said(error: Exception) -> str:
    """Return what an error says in short: the system's own words where it holds them."""
    text = str(error).strip() or type(error).__name__
    if isinstance(error, OSError):
        return text
    system = re.search(r"\[Errno -?\d+\] [^\"')]+", text)
    return system[0] if system else text.split("\n", 1)[0][:300]


def _wait_until_writable(path: Path, patience: float) -> None:
    """Take and give back the write lock in small steps, so that Ctrl-C is heard; MLflow alone waits much longer."""
    deadline = time.monotonic() + patience
    while True:
        try:
            _touch_lock(path)
            return
        except sqlite3.Error as error:
            locked = "locked" in str(error)
            if locked and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            what = "it is locked by another process; close that" if locked else f"SQLite says: {error}; mend it"
            raise TrackingError(f"{path} must be writable, but {what}, or {MEND}") from error


def _touch_lock(path: Path) -> None:
    connection = sqlite3.connect(path, timeout=0.1, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence MLflow's and alembic's logs and warnings, and MLflow's prints, whose stream it may open itself."""
    from mlflow.utils.logging_utils import MLFLOW_LOGGING_STREAM

    before = MLFLOW_LOGGING_STREAM.enabled
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    MLFLOW_LOGGING_STREAM.enabled = False
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        MLFLOW_LOGGING_STREAM.enabled = before
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _environment() -> Iterator[None]:
    """Apply our settings of MLflow for a moment, except those that the environment has already."""
    ours = {name: value for name, value in SETTINGS.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)
