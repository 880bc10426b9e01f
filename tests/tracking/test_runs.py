"""Runs on a real MLflow with a real SQLite database."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import mlflow
import pytest

from leadml.errors import TrackingError
from leadml.model.bundle import Bundle, Interval, save
from leadml.tracking import connection
from leadml.tracking.connection import artifact_root, database, without_password
from leadml.tracking.runs import Tracker

MakeBundle = Callable[..., Bundle]


@pytest.fixture
def tracker(migrated_db: Path) -> Tracker:
    return Tracker(f"sqlite:///{migrated_db}", "calls & visits")


@pytest.fixture
def locked(migrated_db: Path) -> Iterator[Path]:
    other = sqlite3.connect(migrated_db, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield migrated_db
    other.close()


def _data(tracker: Tracker, run_id: str) -> Any:
    return tracker.client.get_run(run_id).data


def _artifacts(tracker: Tracker, run_id: str) -> Path:
    return Path(mlflow.artifacts.download_artifacts(run_id=run_id, tracking_uri=tracker.uri))


def test_importing_runs_does_not_import_mlflow() -> None:
    code = "import sys, leadml.tracking.runs, leadml.tracking.registry; print('mlflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def _raising(tracker: Tracker, error: type[BaseException], before: Callable[[], object] = lambda: None) -> str:
    """Raise an error inside a run, see it come out, and return the run's id."""
    run_ids = []

    def block() -> None:
        with tracker.run() as run:
            run_ids.append(run.run_id)
            before()
            raise error

    with pytest.raises(error):
        block()
    return run_ids[0]


@pytest.mark.parametrize(
    ("error", "status"),
    [(ValueError, "FAILED"), (TrackingError, "FAILED"), (SystemExit, "FAILED"), (KeyboardInterrupt, "KILLED")],
)
def test_a_run_ends_as_its_block_ends(tracker: Tracker, error: type[BaseException], status: str) -> None:
    assert tracker.client.get_run(_raising(tracker, error)).info.status == status


def test_a_run_that_is_done_is_finished_with_name_and_tags(tracker: Tracker) -> None:
    with tracker.run(name="one", tags={"kind": "test"}) as run:
        assert tracker.client.get_run(run.run_id).info.status == "RUNNING"
    found = tracker.client.get_run(run.run_id)
    assert (found.info.status, found.info.run_name) == ("FINISHED", "one")
    assert found.data.tags["kind"] == "test"


def test_params_are_flat_and_cut(tracker: Tracker) -> None:
    many = {f"p{i}": i for i in range(250)}
    with tracker.run() as run:
        run.log_params({"training": {"seed": 0, "families": ("ebm", "trees")}, "größe €": None, "path": Path("x")})
        run.log_params({"long": "x" * 9000, "many": many})
    params = _data(tracker, run.run_id).params
    assert params["training.seed"] == "0"
    assert params["training.families"] == '["ebm","trees"]'
    assert params["größe _"] == "null"
    assert params["path"] == '"x"'
    assert params["long"] == "x" * 6000
    assert params["many.p249"] == "249"


def test_metrics_carry_their_interval(tracker: Tracker) -> None:
    with tracker.run() as run:
        run.log_metrics({"roc_auc": Interval(0.7, 0.6, 0.8), "brier": Interval(0.1, None, None), "n": 3})
        run.log_metrics({"undefined": Interval(None, None, None), "nan": float("nan"), "none": None})
    assert _data(tracker, run.run_id).metrics == {
        "roc_auc": 0.7,
        "roc_auc.low": 0.6,
        "roc_auc.high": 0.8,
        "brier": 0.1,
        "n": 3.0,
    }


def test_the_dataset_is_an_input_without_its_password(tracker: Tracker) -> None:
    with tracker.run() as run:
        run.log_dataset("leads", "postgresql://me:secret@host/crm", "ab" * 32, 1200, {"visits": "double"})
    inputs: Any = tracker.client.get_run(run.run_id).inputs
    (entry,) = inputs.dataset_inputs
    assert entry.dataset.name == "leads"
    assert entry.dataset.digest == ("ab" * 32)[:36]
    assert json.loads(entry.dataset.source) == {"uri": "postgresql://me:***@host/crm"}
    assert json.loads(entry.dataset.profile) == {"num_rows": 1200}
    assert _data(tracker, run.run_id).tags["data_digest"] == "ab" * 32


def test_artifacts_lie_beside_the_database(
    tracker: Tracker, migrated_db: Path, make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    bundle = save(make_bundle(), tmp_path / "models" / "versions" / "1")
    with tracker.run() as run:
        run.log_bundle(bundle)
        run.log_pipeline({"a": 1})
        run.log_leaderboard([{"family": "ebm", "settings": {"C": 1}, "loss": 0.5}, {"family": "trees"}])
        run.log_notes("**hello**")
    folder = _artifacts(tracker, run.run_id)
    assert migrated_db.parent / "mlruns" in folder.parents
    assert sorted(path.name for path in (folder / "bundle").iterdir()) == [
        "manifest.json",
        "passport.json",
        "schema.json",
        "scorecard.json",
    ]
    assert joblib.load(folder / "pipeline.joblib") == {"a": 1}
    assert (folder / "leaderboard.csv").read_text().split() == [
        "family,settings,loss",
        'ebm,"{""C"":1}",0.5',
        "trees,,",
    ]
    assert json.loads((folder / "leaderboard.json").read_text())["columns"] == ["family", "settings", "loss"]
    assert _data(tracker, run.run_id).tags["mlflow.note.content"] == "**hello**"
    assert list(elsewhere.iterdir()) == []


def test_globals_stay_as_they_were(tracker: Tracker) -> None:
    before = mlflow.get_tracking_uri()
    with tracker.run():
        assert mlflow.active_run() is None
        assert mlflow.get_tracking_uri() == before
    assert mlflow.get_tracking_uri() == before


def test_nothing_is_said(tracker: Tracker, make_bundle: MakeBundle, tmp_path: Path, capfd: Any) -> None:
    bundle = save(make_bundle(), tmp_path / "1")
    with tracker.run() as run:
        run.register(run.log_model(bundle), 1)
    assert capfd.readouterr() == ("", "")


def test_a_fresh_database_is_made_whole_and_quietly(tmp_path: Path, capfd: Any) -> None:
    tracker = Tracker(f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}")
    assert not tracker.exists
    with tracker.run():
        pass
    assert Tracker(tracker.uri).exists
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mlflow.db"]
    assert capfd.readouterr() == ("", "")
    default = tracker.client.get_experiment("0").artifact_location
    assert str(tmp_path / "new" / "mlruns") in default


def test_a_locked_database_is_one_clear_error_in_time(locked: Path) -> None:
    assert connection.PATIENCE == 10
    started = time.monotonic()
    guard = connection.guard(f"sqlite:///{locked}", patience=1.0)
    with pytest.raises(TrackingError, match="must be writable, but it is locked by another process"):
        guard.__enter__()
    assert 1 <= time.monotonic() - started < 3


def test_a_lock_that_goes_away_is_waited_for(migrated_db: Path) -> None:
    code = (
        "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); time.sleep(1.5)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(migrated_db)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with Tracker(f"sqlite:///{migrated_db}").run():
            pass


def test_a_run_that_cannot_be_ended_raises_what_went_wrong_first(tracker: Tracker, migrated_db: Path) -> None:
    other = sqlite3.connect(migrated_db, isolation_level=None)
    run_id = _raising(tracker, ZeroDivisionError, lambda: other.execute("BEGIN EXCLUSIVE"))
    other.close()
    assert tracker.client.get_run(run_id).info.status == "RUNNING"


def test_places_that_cannot_hold_a_database(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database")
    for uri in (f"sqlite:///{tmp_path}/file", f"sqlite:///{tmp_path}/file/mlflow.db", f"sqlite:///{tmp_path}"):
        with pytest.raises(TrackingError, match=r"must be (reachable and )?writable.*set tracking.uri"):
            Tracker(uri).client  # noqa: B018


@pytest.mark.parametrize("uri", ["", " ", "sqlite:///", "sqlite:///:memory:", "sqlite:/x", "htp://x", "http://[::1"])
def test_malformed_uris(uri: str) -> None:
    with pytest.raises(TrackingError, match=r"set tracking\.uri in leadml"):
        Tracker(uri).client  # noqa: B018


def test_a_server_that_is_not_there_is_said_in_time() -> None:
    started = time.monotonic()
    with pytest.raises(
        TrackingError, match=r"http://me:.*@127.0.0.1:9 must be reachable.*Connection refused"
    ) as caught:
        Tracker("http://me:secret@127.0.0.1:9").client  # noqa: B018
    assert time.monotonic() - started < 15
    assert "secret" not in str(caught.value)


def test_a_deleted_experiment_says_how_to_restore_it(tracker: Tracker) -> None:
    tracker.client.delete_experiment(tracker.experiment_id)
    with (
        pytest.raises(TrackingError, match="mlflow experiments restore"),
        Tracker(tracker.uri, tracker.experiment).run(),
    ):
        pass


def test_ctrl_c_kills_the_run(migrated_db: Path) -> None:
    code = (
        "import sys, time\nfrom leadml.tracking.runs import Tracker\n"
        "with Tracker(sys.argv[1]).run() as run:\n    print(run.run_id, flush=True); time.sleep(30)"
    )
    uri = f"sqlite:///{migrated_db}"
    with subprocess.Popen(
        [sys.executable, "-c", code, uri], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert Tracker(uri).client.get_run(run_id).info.status == "KILLED"


def test_paths_and_passwords_of_uris() -> None:
    assert database("sqlite:////a/b.db") == Path("/a/b.db")
    assert database("sqlite+pysqlite:////a/b.db?x=1") == Path("/a/b.db")
    assert database("http://host:5000") is None
    assert artifact_root("http://host:5000") is None
    assert artifact_root("sqlite:////a b/mlflow.db") == "file:///a%20b/mlruns"
    assert without_password("https://user:pw@host:5000/x") == "https://user:***@host:5000/x"
    assert without_password("https://host:5000/x") == "https://host:5000/x"
