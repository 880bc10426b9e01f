"""The MLflow registry: which of its versions is which of leadml's, and which has the alias ``champion``."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from leadml.errors import TrackingError
from leadml.model.store import Store
from leadml.tracking.connection import guard

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

    from leadml.tracking.runs import Tracker

ALIAS = "champion"
TAG = "leadml_version"


@dataclass(frozen=True, slots=True)
class Registered:
    """One version of the registered model. ``leadml_version`` is None where something else registered it."""

    mlflow_version: int
    leadml_version: int | None
    run_id: str | None
    created: str
    is_champion: bool


def register(tracker: "Tracker", model_uri: str, run_id: str, leadml_version: int) -> int:
    """Register a logged model with its leadml version as a tag; returns MLflow's version."""
    from mlflow.exceptions import MlflowException

    client = tracker.client
    with guard(tracker.uri):
        try:
            client.create_registered_model(tracker.model_name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        model = client.get_logged_model(model_uri.removeprefix("models:/"))
        made = client.create_model_version(
            tracker.model_name,
            source=model.artifact_location,  # for a models:/ URI the registry asks MLflow's global URI
            run_id=run_id,
            tags={TAG: str(leadml_version)},
            model_id=model.model_id,
        )
    return int(made.version)


def registered(tracker: "Tracker") -> list[Registered]:
    """Return every registered version, oldest first; raises TrackingError."""
    if not tracker.exists:
        return []
    client = tracker.client
    with guard(tracker.uri):
        champion = _aliased(client, tracker.model_name)
        found = [_registered(version, champion) for version in _all(client, tracker.model_name)]
    return sorted(found, key=lambda version: version.mlflow_version)


def champion(tracker: "Tracker") -> int | None:
    """Return the leadml version that has the alias; None where none has it."""
    return next((v.leadml_version for v in registered(tracker) if v.is_champion), None)


def set_champion(tracker: "Tracker", leadml_version: int) -> int:
    """Give the alias to the newest MLflow version of a leadml version and return it; raises TrackingError."""
    ours = [v.mlflow_version for v in registered(tracker) if v.leadml_version == leadml_version]
    if not ours:
        raise TrackingError(
            f"version {leadml_version} must be registered in MLflow as {tracker.model_name!r} to have the alias "
            f"{ALIAS!r}, but it is not; run `leadml models promote {leadml_version}`, which registers it"
        )
    with guard(tracker.uri):
        tracker.client.set_registered_model_alias(tracker.model_name, ALIAS, str(ours[-1]))
    return ours[-1]


def disagreement(store: Store, tracker: "Tracker") -> str | None:
    """Say where the link and the alias point to different versions, and what mends it; None where they agree."""
    link, versions = store.champion(), registered(tracker)
    alias = next((v for v in versions if v.is_champion), None)
    if link is None:
        return None if alias is None else _at_odds("nothing", alias, tracker, "VERSION")
    if alias is not None and alias.leadml_version == link:
        return None
    return _at_odds(f"version {link}", alias, tracker, str(link))


def _at_odds(link: str, alias: Registered | None, tracker: "Tracker", mend: str) -> str:
    if alias is None:
        points = "is not set"
    elif alias.leadml_version is None:
        points = f"is on MLflow version {alias.mlflow_version}, which leadml did not register"
    else:
        points = f"is on version {alias.leadml_version}"
    return (
        f"the champion's link and MLflow's alias {ALIAS!r} of {tracker.model_name!r} must agree, but the link "
        f"points to {link} and the alias {points}; run `leadml models promote {mend}`"
    )


def _aliased(client: "MlflowClient", name: str) -> str | None:
    from mlflow.exceptions import MlflowException

    try:
        return str(client.get_registered_model(name).aliases.get(ALIAS))
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None


def _all(client: "MlflowClient", name: str) -> "Iterator[ModelVersion]":
    quote = '"' if "'" in name else "'"
    token: str | None = None
    while token != "":
        page = client.search_model_versions(f"name={quote}{name}{quote}", page_token=token)
        yield from page
        token = page.token or ""


def _registered(version: "ModelVersion", champion: str | None) -> Registered:
    tag = version.tags.get(TAG, "")
    return Registered(
        mlflow_version=int(version.version),
        leadml_version=int(tag) if tag.isdecimal() else None,
        run_id=version.run_id or None,
        created=datetime.fromtimestamp(version.creation_timestamp / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        is_champion=str(version.version) == champion,
    )
