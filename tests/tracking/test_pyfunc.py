"""The bundle as an MLflow model: loaded by alias, and served by MLflow's own server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest

from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer
from leadml.model.store import Store
from leadml.tracking import pyfunc
from leadml.tracking.runs import Tracker
from leadml.training.promotion import promote

MakeBundle = Callable[..., Bundle]

LEADS: list[dict[str, Any]] = [
    {
        "lead_id": "a",
        "visits": 5,
        "source": 7,
        "newsletter": True,
        "income": "50000",
        "country": "Germany",
        "job_title": "Head of Sales",
        "email": "x@gmail.com",
        "last_call": "2026-01-01",
        "created_at": "2026-02-01",
    },
    {"lead_id": "b", "visits": None, "source": "Web", "newsletter": None, "income": 30000.5},
    {"lead_id": "c", "source": "never seen", "unknown column": 3},
]


@pytest.fixture
def tracker(migrated_db: Path, make_bundle: MakeBundle) -> Tracker:
    """A tracker whose registry holds version 1 as champion."""
    tracker = Tracker(f"sqlite:///{migrated_db}")
    store = Store(migrated_db.parent / "models")
    promoted = promote(store, tracker, store.save(make_bundle)[0])
    assert promoted.alias_problem is None
    return tracker


@pytest.fixture
def model(tracker: Tracker) -> Iterator[Any]:
    mlflow.set_tracking_uri(tracker.uri)
    yield mlflow.pyfunc.load_model("models:/leadml@champion")
    mlflow.set_tracking_uri("")


def _same(served: list[dict[str, Any]], lead: dict[str, Any], bundle: Bundle, row: int = 0) -> None:
    """Hold a served lead against the scorer's own answer."""
    expected = Scorer(bundle).score_one(lead)
    assert served[row]["lead_id"] == expected.lead_id
    assert served[row]["logit"] == expected.logit
    assert served[row]["score"] == expected.score
    assert served[row]["authority_score"] == expected.authority_score
    assert served[row]["summary"] == expected.summary
    assert served[row]["reasons"] == [
        {"field": r.field, "axis": r.axis, "contribution": r.contribution, "text": r.text} for r in expected.reasons
    ]


def test_the_model_loaded_by_alias_scores_as_the_scorer(model: Any, make_bundle: MakeBundle) -> None:
    scored = model.predict(pd.DataFrame(LEADS)).to_dict("records")
    for row, lead in enumerate(LEADS):
        _same(scored, lead, make_bundle(), row)
    assert list(scored[0]) == [
        "lead_id",
        "probability",
        "logit",
        "score",
        "grade",
        "interest_score",
        "ability_score",
        "authority_score",
        "interest",
        "ability",
        "authority",
        "other",
        "base",
        "summary",
        "reasons",
        "model_version",
        "as_of",
        "horizon_days",
    ]
    json.dumps(scored)


def test_one_row_scores_like_the_same_row_in_a_table(model: Any) -> None:
    table = model.predict(pd.DataFrame(LEADS))
    for row, lead in enumerate(LEADS):
        assert model.predict(pd.DataFrame([lead]))["logit"].item() == table["logit"][row]
        assert model.predict(lead)["logit"].item() == table["logit"][row]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 2], name="source"),
        pd.Series([1.0, np.nan], name="source"),
        pd.Series([True, None], name="newsletter"),
        pd.Series(["yes", pd.NA], name="newsletter", dtype="string"),
        pd.Series(["a", "b"], name="source", dtype="category"),
        pd.Series([3, 4], name="visits", dtype="int64"),
        pd.Series([3, None], name="visits", dtype="Int64"),
        pd.Series(["3", 4.0], name="visits"),
        pd.Series([None, None], name="visits"),
        pd.Series(["2026-01-01", None], name="last_call", dtype="datetime64[ns]"),
    ],
    ids=lambda column: f"{column.name}-{column.dtype}",
)
def test_every_type_of_column_passes_the_signature(model: Any, column: "pd.Series[Any]") -> None:
    scored = model.predict(column.to_frame())
    assert scored["probability"].between(0, 1).all()
    assert len(scored) == 2


def test_the_index_is_kept(model: Any) -> None:
    frame = pd.DataFrame({"visits": [1.0, 2.0]}, index=[7, 3])
    assert model.predict(frame).index.tolist() == [7, 3]


def test_the_logged_model_holds_no_pickle_and_no_training_data(model: Any, tracker: Tracker) -> None:
    folder = Path(mlflow.artifacts.download_artifacts("models:/leadml@champion", tracking_uri=tracker.uri))
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert not any(name.endswith((".pkl", ".joblib", ".pickle")) for name in names)
    assert (folder / "requirements.txt").read_text().split() == [f"mlflow=={mlflow.__version__}", "leadml==0.1.0"]
    example = json.loads((folder / "serving_input_example.json").read_text())["dataframe_split"]
    assert example["columns"][:3] == ["lead_id", "created_at", "visits"]
    assert None in example["data"][1]
    assert model.metadata.metadata["kinds"]["job_title"] == "job_title"
    assert model.metadata.model_id is not None


def test_the_example_scores(model: Any, make_bundle: MakeBundle) -> None:
    assert model.predict(pyfunc.example(make_bundle().schema))["score"].between(1, 100).all()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tracker: Tracker, tmp_path: Path) -> Iterator[str]:
    port = _free_port()
    script = Path(sys.executable).with_name("mlflow")
    command = [str(script), "models", "serve", "-m", "models:/leadml@champion", "--env-manager", "local"]
    environment = {
        **os.environ,
        "MLFLOW_TRACKING_URI": tracker.uri,
        "PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}",
    }
    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "-p", str(port)], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, tmp_path / "serve.log")
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=20)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/ping", timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


def test_mlflows_own_server_scores_as_the_scorer(server: str, make_bundle: MakeBundle) -> None:
    def post(leads: list[dict[str, Any]]) -> Any:
        body = json.dumps({"dataframe_records": leads}).encode()
        headers = {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{server}/invocations", body, headers)) as answer:
            return json.load(answer)

    served = post(LEADS)["predictions"]
    for row, lead in enumerate(LEADS):
        _same(served, lead, make_bundle(), row)
    with pytest.raises(urllib.error.HTTPError) as caught:
        post([{"visits": "many"}])
    with caught.value as refused:
        assert refused.code == 400
        assert b"must be a number, got 'many'" in refused.read()
