"""The MLflow model: a bundle that ``mlflow.pyfunc.load_model`` and ``mlflow models serve`` can score with.

Its data is the bundle's folder, so loading it runs no code from it. Every input column is optional and of any
type: reading values is the one coercion's work, as in training and in the HTTP API. MLflow's typed columns
would refuse what that reads, such as whole numbers in a number column or in a category.
"""

import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadml.leads.schema import AXES, Kind, Schema
from leadml.model.axes import SCORES
from leadml.model.bundle import load
from leadml.model.scorer import Scorer

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.models import Model, ModelSignature

EXAMPLES: dict[Kind, tuple[object, ...]] = {
    "number": (3.0, 12.5),
    "category": ("example", None),
    "flag": ("yes", "no"),
    "date": ("2026-01-31", "2026-02-01"),
    "job_title": ("Head of Sales", "Engineer"),
    "email": ("jane@example.com", None),
    "country": ("Germany", "United States"),
    "list": ("example; another", None),
}


class LeadModel:
    """What MLflow calls: a frame of leads in, a frame of scored leads out, row by row."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer

    def predict(self, model_input: "pd.DataFrame", params: dict[str, Any] | None = None) -> "pd.DataFrame":  # noqa: ARG002 - MLflow's signature
        """Return the columns of a scored lead; ``reasons`` is a list of dicts. Raises DataError."""
        frame = self.scorer.score(model_input)
        frame["reasons"] = [list(reasons) for reasons in frame["reasons"]]
        for name in SCORES:  # JSON has no <NA>
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
        return frame


def _load_pyfunc(path: str) -> LeadModel:
    """Load the bundle in a folder; MLflow looks for this name."""
    return LeadModel(Scorer(load(path)))


def example(schema: Schema) -> "pd.DataFrame":
    """Return two invented leads, the second mostly empty; never taken from training data."""
    import pandas as pd

    columns: dict[str, tuple[object, ...]] = {}
    if schema.roles.id is not None:
        columns[schema.roles.id] = ("lead-1", "lead-2")
    if schema.roles.created_at is not None:
        columns[schema.roles.created_at] = ("2026-03-01", "2026-03-02")
    columns |= {field.name: EXAMPLES[field.kind] for field in schema.fields}
    return pd.DataFrame(columns, dtype=object)  # so that None stays null in JSON


def signature(schema: Schema) -> "ModelSignature":
    """Return the signature: every input optional and of any type, the columns of a scored lead out."""
    from mlflow.models import ModelSignature
    from mlflow.types import schema as types

    text, number, whole = types.DataType.string, types.DataType.double, types.DataType.long
    reason = types.Object(
        [
            types.Property("field", text),
            types.Property("axis", text),
            types.Property("contribution", number),
            types.Property("text", text),
        ]
    )
    outputs: dict[str, Any] = {"lead_id": text, "probability": number, "logit": number, "score": whole}
    outputs |= {"grade": text} | dict.fromkeys(SCORES, whole) | dict.fromkeys(AXES, number)
    outputs |= {"base": number, "summary": text, "reasons": types.Array(reason), "model_version": text, "as_of": text}
    outputs |= {"horizon_days": whole}
    anything = types.AnyType()  # type: ignore[no-untyped-call]
    return ModelSignature(
        inputs=types.Schema([types.ColSpec(anything, name, required=False) for name in example(schema).columns]),
        outputs=types.Schema(
            [types.ColSpec(kind, name, required=name not in SCORES) for name, kind in outputs.items()]
        ),
    )


def log_model(client: "MlflowClient", experiment_id: str, run_id: str, bundle_folder: Path) -> str:
    """Save and log the MLflow model of a bundle to a run; returns its URI, ``models:/m-...``.

    As ``mlflow.pyfunc.log_model`` does, but with a given client and without globals.
    """
    from mlflow.entities import LoggedModelOutput
    from mlflow.models import Model

    logged = client.create_logged_model(experiment_id, name="model", source_run_id=run_id)
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        _save_model(bundle_folder, folder, Model(run_id=run_id, model_id=logged.model_id))
        client.log_model_artifacts(logged.model_id, str(folder))
    client.finalize_logged_model(logged.model_id, "READY")
    return f"models:/{logged.model_id}"


def _save_model(bundle_folder: Path, folder: Path, model: "Model") -> None:
    """Write the MLflow model of a bundle to a new folder; with its requirements given, no network is asked."""
    import mlflow.pyfunc

    bundle = load(bundle_folder)
    mlflow.pyfunc.save_model(
        path=str(folder),
        loader_module="leadml.tracking.pyfunc",
        data_path=str(bundle_folder.resolve()),
        mlflow_model=model,
        signature=signature(bundle.schema),
        input_example=example(bundle.schema),
        pip_requirements=[f"leadml=={version('leadml')}"],
        metadata={
            "leadml_version": bundle.passport.model_version,
            "kinds": {field.name: field.kind for field in bundle.schema.fields},
        },
    )
