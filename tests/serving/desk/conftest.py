"""Fixtures of the desk."""

from pathlib import Path

import pytest
from desk_leads import with_roles

from leadml.model.bundle import Bundle, save
from leadml.model.scorer import Scorer


@pytest.fixture(scope="session")
def desk_bundle(module_bundle: Bundle) -> Bundle:
    """A model that knows names and owners."""
    return with_roles(module_bundle)


@pytest.fixture(scope="session")
def desk_folder(desk_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder."""
    return save(desk_bundle, tmp_path_factory.mktemp("desk") / "model")


@pytest.fixture(scope="session")
def desk_scorer(desk_bundle: Bundle) -> Scorer:
    """Its scorer."""
    return Scorer(desk_bundle)
