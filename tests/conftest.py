"""What tests of several rooms share."""

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from msgspec.structs import replace
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Field, Identity, Outcomes, Part, Roles, Schema
from leadml.leads.snapshots import Snapshots
from leadml.model.bundle import Bundle, Interval, Passport, Recipe, Test, save
from leadml.model.pairs import LevelSide, PairTerm, StepSide
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard, StepTerm
from leadml.model.scorer import Scorer

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    MakeClient = Callable[..., TestClient]

settings.register_profile("default", deadline=None)  # a busy machine is no failure
settings.register_profile("ci", derandomize=True, deadline=None)  # a landing must not hang on a draw
settings.load_profile("ci" if "CI" in os.environ else "default")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # before anything imports mlflow
sys.path.append(str(Path(__file__).parent / "serving"))  # what tests of the server share
sys.path.append(str(Path(__file__).parents[1]))  # bench.public knows where the public lead sets lie

MakeBundle = Callable[..., Bundle]
MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
DAY = 86_400.0


@pytest.fixture(scope="session")
def _migrated(request: pytest.FixtureRequest) -> Path:
    """One migrated database per version of MLflow, kept between sessions and shared by their processes."""
    from leadml.tracking.connection import connect

    path = Path(request.config.cache.mkdir(f"mlflow-{version('mlflow')}")) / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def migrated_db(_migrated: Path, tmp_path: Path) -> Path:
    """A fresh MLflow database ``tmp_path/mlflow.db``; migrating a new one takes seconds, copying none."""
    return Path(shutil.copy(_migrated, tmp_path / "mlflow.db"))


SCHEMA = Schema(
    fields=(
        Field("visits", "number", "interest", {"en": "visited the pricing page {} times"}),
        Field("source", "category", "interest"),
        Field("newsletter", "flag", "interest"),
        Field("income", "number", "ability"),
        Field("country", "country", "ability"),
        Field("job_title", "job_title", "authority"),
        Field("email", "email"),
        Field("last_call", "date"),
    ),
    roles=Roles(id="lead_id", created_at="created_at", outcome="status"),
    outcomes=Outcomes(converted=("won",), lost=("lost",), open=("new",)),
)
SCORECARD = Scorecard(
    base=-1.2,
    terms=(
        StepTerm("visits", cuts=(1.0, 4.0), points=(-0.6, 0.1, 0.8), missing=-0.2, whole=True),
        CategoryTerm("source", ("web", "7"), (0.3, -0.4), missing=-0.1, unseen=0.05, labels=("Web", "7")),
        CategoryTerm("newsletter", ("yes", "no"), (0.25, -0.15), missing=0.0, unseen=0.0),
        LinearTerm("income", slope=0.00001, low=20_000, high=90_000, center=45_000, missing=-0.3),
        CategoryTerm("country", ("DE",), (0.2,), missing=0.0, unseen=-0.1),
        CategoryTerm("job_title.seniority", ("head",), (0.7,), missing=-0.25, unseen=-0.1),
        CategoryTerm("email.type", ("free",), (-0.3,), missing=0.0, unseen=0.1),
        LinearTerm("last_call.age_days", slope=-0.01, low=0, high=90, center=30, missing=0.0),
    ),
)
PAIRS = (
    PairTerm(
        LevelSide("source", ("web", "7")),
        StepSide("visits", (1.0, 4.0)),
        ((-0.31, 0.1, 0.4, 0.07), (0.2, -0.1, -0.7, 0.0), (0.011, 0.0, 0.3, -0.2), (0.13, 0.17, -0.19, 0.23)),
    ),
    PairTerm(
        StepSide("income", (45_000.0,)), StepSide("visits", (4.0,)), ((0.1, -0.2, 0.0), (-0.3, 0.4, 0.05), (0,) * 3)
    ),
    PairTerm(
        StepSide("last_call.age_days", ()),
        LevelSide("job_title.seniority", ("head",)),
        ((0.123, -0.456, 0.01), (0.77, 0.88, -0.99)),
    ),
)


@pytest.fixture
def make_bundle() -> MakeBundle:
    """Return a maker of small hand-made bundles."""
    return _maker()


@pytest.fixture(scope="session")
def module_bundle() -> Bundle:
    """Return a small hand-made bundle, the same for all tests."""
    return _maker()()


@pytest.fixture(scope="session")
def paired_bundle(module_bundle: Bundle) -> Bundle:
    """Return the same with pairs."""
    return replace(module_bundle, scorecard=replace(module_bundle.scorecard, pairs=PAIRS))


def _maker() -> MakeBundle:

    def make(model_version: str = "1", *, roc_auc: float = 0.71, promoted: bool = True) -> Bundle:
        metrics = {
            "roc_auc": Interval(roc_auc, roc_auc - 0.04, roc_auc + 0.04),
            "lift_at_10pct": Interval(2.4, 1.9, 2.9),
            "log_loss": Interval(0.41, 0.38, 0.44),
        }
        passport = Passport(
            model_version=model_version,
            created="2026-11-01T12:00:00Z",
            data_digest="0123456789abcdef" * 4,
            n_leads=1000,
            n_converted=180,
            as_of="2026-10-31T23:59:59Z",
            trained_until="2026-08-01T00:00:00Z",
            horizon_days=90,
            recipe=Recipe("logistic", {"C": 0.1}, tuple(field.name for field in SCHEMA.fields)),
            test=Test(200, 36, 0.18, metrics, {"newest_first": {"roc_auc": Interval(0.55, 0.5, 0.6)}}),
            reference=tuple(-3 + 0.04 * i for i in range(99)),
            grades={"A": 90, "B": 70, "C": 40},
            language="en",
            promoted=promoted,
            verdict="The model has signal.",
            libraries={"numpy": "2.4.6"},
            axis_reference=dict.fromkeys(("interest", "ability", "authority"), tuple(-1 + 0.02 * i for i in range(99))),
        )
        return Bundle(SCORECARD, SCHEMA, passport)

    return make


@pytest.fixture(scope="session")
def make_shots() -> MakeShots:
    """Return a maker of snapshots: columns, labels, days of creation and a horizon in; them and their parts out."""

    def make(
        columns: Mapping[str, Column],
        y: Sequence[bool] | NDArray[np.bool_],
        *,
        days: Sequence[float] | NDArray[np.float64] | None = None,
        horizon_days: float = 0,
        groups: Sequence[int] | NDArray[np.intp] | None = None,
    ) -> tuple[Snapshots, tuple[Part, ...]]:
        n = len(y)
        times = np.arange(n, dtype=float) * DAY if days is None else np.asarray(days, dtype=float) * DAY
        assert (np.diff(times) >= 0).all(), "days must rise"
        shots = Snapshots(
            columns,
            np.asarray(y, dtype=bool),
            times,
            times + horizon_days * DAY,
            None if groups is None else np.asarray(groups, dtype=np.intp),
            np.arange(n, dtype=np.intp),
            dated=True,
        )
        parts = tuple(Part(name, name, not isinstance(column, Levels), "other") for name, column in columns.items())
        return shots, parts

    return make


@pytest.fixture(scope="session")
def bundle_folder(module_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved bundle that no test changes."""
    return save(module_bundle, tmp_path_factory.mktemp("served") / "bundle")


@pytest.fixture(scope="session")
def desk_bundle(module_bundle: Bundle) -> Bundle:
    """A bundle whose schema knows owners, values, names and companies."""
    roles = Roles(id="lead_id", created_at="created_at", outcome="status", owner="owner", value="value")
    identity = Identity(email=("email",), name=("name",), company=("company",), near=False)
    return replace(module_bundle, schema=replace(module_bundle.schema, roles=roles, identity=identity))


@pytest.fixture(scope="session")
def desk_folder(desk_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder."""
    return save(desk_bundle, tmp_path_factory.mktemp("desk") / "bundle")


@pytest.fixture(scope="session")
def desk_scorer(desk_bundle: Bundle) -> Scorer:
    """Its scorer."""
    return Scorer(desk_bundle)


@pytest.fixture
def make_client(bundle_folder: Path) -> Iterator["MakeClient"]:
    """Return a maker of clients; what it is given are settings. ``client.log()`` are the lines of its access log."""
    from starlette.testclient import TestClient

    from leadml.serving.app import make_app
    from leadml.serving.keys import hashed
    from leadml.serving.log import AccessLog
    from leadml.serving.settings import gather

    with ExitStack() as stack:

        def make(*, with_key: bool = False, folder: Path | None = None, **given: Any) -> TestClient:
            given |= {"model": str(folder or bundle_folder)} | (
                {"keys": {"crm": hashed("leadml_a-key-of-the-tests")}} if with_key else {}
            )
            stream = io.StringIO()
            app = make_app(gather(None, environ={}, given=given), log=AccessLog(stream))
            client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
            client.log = lambda: [json.loads(line) for line in stream.getvalue().splitlines()]  # type: ignore[attr-defined]
            return stack.enter_context(client)

        yield make


@pytest.fixture
def client(make_client: "MakeClient") -> "TestClient":
    """A client of an app with the default settings."""
    return make_client()
