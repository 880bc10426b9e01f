"""A bundle by its MLflow URI."""

from collections.abc import Callable
from pathlib import Path

import pytest

from leadml.errors import TrackingError, UsageError
from leadml.model.bundle import Bundle, load
from leadml.model.store import Store
from leadml.tracking.download import download_bundle
from leadml.tracking.runs import Tracker
from leadml.training.promotion import promote


@pytest.fixture
def uri(migrated_db: Path, tmp_path: Path, make_bundle: Callable[..., Bundle]) -> str:
    """A tracking URI of a registry with two versions, of which the second is the champion."""
    tracker, store = Tracker(f"sqlite:///{migrated_db}"), Store(tmp_path / "models")
    for _ in range(2):
        version, _ = store.save(make_bundle)
        promote(store, tracker, version)
    return tracker.uri


@pytest.mark.parametrize(("name", "version"), [("models:/leadml@champion", "2"), ("models:/leadml/1", "1")])
def test_a_bundle_by_alias_and_by_version(uri: str, name: str, version: str) -> None:
    assert load(download_bundle(name, uri)).passport.model_version == version


@pytest.mark.parametrize("name", ["models:/leadml/9", "models:/leadml@nobody", "models:/other@champion"])
def test_a_model_that_is_not_there(uri: str, name: str) -> None:
    with pytest.raises(TrackingError, match=r"must be a registered model, got 'models:/.*`leadml models list`"):
        download_bundle(name, uri)


@pytest.mark.parametrize("name", ["models:/leadml", "models:/m-0123", "models:/leadml@a/b"])
def test_a_uri_of_another_form(uri: str, name: str) -> None:
    with pytest.raises(UsageError, match="must be models:/NAME@ALIAS, models:/NAME/VERSION or a folder"):
        download_bundle(name, uri)


def test_asking_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match="must be a registered model"):
        download_bundle("models:/leadml@champion", f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert list(tmp_path.iterdir()) == []
