"""A bundle from MLflow, by a ``models:/`` URI: ``models:/leadml@champion``, ``models:/leadml/3``."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from leadml.errors import TrackingError, UsageError
from leadml.tracking.connection import guard
from leadml.tracking.runs import Tracker

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

NAMED = re.compile(r"models:/(?P<name>[^/@]+)(@(?P<alias>[^/@]+)|/(?P<version>\d+))")


def download_bundle(uri: str, tracking_uri: str) -> Path:
    """Return a folder with the bundle that a URI names; loading it checks every byte.

    Raises UsageError where the URI has another form, TrackingError where MLflow does not know it.
    """
    from mlflow.exceptions import MlflowException

    parts = NAMED.fullmatch(uri)
    if parts is None:
        raise UsageError(f"--model must be models:/NAME@ALIAS, models:/NAME/VERSION or a folder, got {uri!r}")
    tracker = Tracker(tracking_uri, model_name=parts["name"])
    unknown = TrackingError(
        f"--model must be a registered model, got {uri!r}, which {tracking_uri} does not know; "
        "`leadml models list` shows the versions"
    )
    if not tracker.exists:  # asking would make the database
        raise unknown
    with guard(tracking_uri):
        try:
            found = _version(tracker, parts)
        except MlflowException as error:
            if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                raise
            raise unknown from None
        return Path(tracker.client.download_artifacts(str(found.run_id), "bundle"))


def _version(tracker: Tracker, parts: re.Match[str]) -> "ModelVersion":
    if parts["alias"] is not None:
        return tracker.client.get_model_version_by_alias(parts["name"], parts["alias"])
    return tracker.client.get_model_version(parts["name"], parts["version"])
