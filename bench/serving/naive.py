"""The naive line: a scikit-learn pipeline on the columns of the export, saved for ``mlflow models serve``."""

import os
import sys
from pathlib import Path

from bench.serving.echo import Lead

BESIDE = Path(sys.executable).parent  # mlflow starts uvicorn by its bare name
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "PATH": f"{BESIDE}{os.pathsep}{os.environ.get('PATH', '')}"}
NUMBERS = ("budget", "visits", "pricing_page_visits", "emails_opened", "newsletter")
LEFT_OUT = ("lead_id", "created_at", "email", "first_seen_on")  # texts of their own; a first sketch has no use for them


def save_naive(leads: Path, model: Path) -> None:
    """Fit one-hot columns, scaled numbers and a logistic regression on the decided leads of a CSV, and save it."""
    os.environ.update(QUIET)  # before mlflow is loaded
    import mlflow.sklearn
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    table = pd.read_csv(leads)
    table = table[table["status"].isin(["won", "lost"])]
    texts = [name for name in Lead.model_fields if name not in (*NUMBERS, *LEFT_OUT)]
    table["budget"] = pd.to_numeric(table["budget"], errors="coerce")
    table["demo_requested"] = table["demo_requested"].str.strip().str.lower().str[0].isin(["y", "j"])
    columns = ColumnTransformer(
        [
            ("texts", OneHotEncoder(handle_unknown="ignore"), texts),
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), list(NUMBERS)),
        ]
    )
    pipeline = make_pipeline(columns, LogisticRegression(max_iter=2000))
    pipeline.fit(table[[*texts, *NUMBERS]], table["status"] == "won")
    mlflow.sklearn.save_model(
        pipeline,
        str(model),
        input_example=table[[*texts, *NUMBERS]].head(),  # as MLflow advises: it gives the signature
        serialization_format="skops",
        skops_trusted_types=["numpy.dtype"],
        pip_requirements=["scikit-learn"],
        pyfunc_predict_fn="predict_proba",
    )


def mlflow_command(model: Path, port: int) -> list[str]:
    """Return the command that serves a saved model with one worker."""
    options = ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return [str(BESIDE / "mlflow"), "models", "serve", "--model-uri", str(model), *options]
