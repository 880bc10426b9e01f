"""The registry beside the store: versions, the alias, and what happens where they disagree."""

from collections.abc import Callable
from pathlib import Path

import pytest

from leadml.errors import BundleError, TrackingError
from leadml.model.bundle import Bundle
from leadml.model.store import Store
from leadml.tracking import registry
from leadml.tracking.registry import disagreement, registered, set_champion
from leadml.tracking.runs import Tracker
from leadml.training.promotion import Promotion, promote, rollback

MakeBundle = Callable[..., Bundle]


@pytest.fixture
def tracker(migrated_db: Path) -> Tracker:
    return Tracker(f"sqlite:///{migrated_db}", model_name="leads' model")


@pytest.fixture
def store(tmp_path: Path, make_bundle: MakeBundle) -> Store:
    store = Store(tmp_path / "models")
    for _ in range(3):
        store.save(make_bundle)
    return store


def _train(store: Store, tracker: Tracker, version: int) -> str:
    with tracker.run() as run:
        run.register(run.log_model(store.path(version)), version)
    return run.run_id


def test_an_empty_registry(tracker: Tracker, store: Store) -> None:
    assert registered(tracker) == []
    assert registry.champion(tracker) is None
    assert disagreement(store, tracker) is None


def test_looking_makes_no_database(tmp_path: Path, store: Store) -> None:
    tracker = Tracker(f"sqlite:///{tmp_path}/none.db")
    assert registered(tracker) == []
    assert not (tmp_path / "none.db").exists()


def test_versions_are_listed_with_run_tag_and_alias(tracker: Tracker, store: Store) -> None:
    runs = [_train(store, tracker, version) for version in (1, 2)]
    assert set_champion(tracker, 2) == 2
    first, second = registered(tracker)
    assert (first.mlflow_version, first.leadml_version, first.run_id) == (1, 1, runs[0])
    assert (second.leadml_version, second.is_champion, first.is_champion) == (2, True, False)
    assert second.created.startswith("20")
    assert second.created.endswith("Z")
    assert registry.champion(tracker) == 2


def test_the_alias_takes_the_newest_of_a_version_registered_twice(tracker: Tracker, store: Store) -> None:
    for version in (1, 1, 2):
        _train(store, tracker, version)
    assert set_champion(tracker, 1) == 2


def test_the_alias_of_an_unregistered_version(tracker: Tracker) -> None:
    with pytest.raises(TrackingError, match="version 9 must be registered in MLflow"):
        set_champion(tracker, 9)


def test_promotion_sets_link_then_alias(tracker: Tracker, store: Store) -> None:
    for version in (1, 2):
        _train(store, tracker, version)
    assert promote(store, tracker, 1) == Promotion(1, None)
    assert promote(store, tracker, 2) == Promotion(2, 1)
    assert (store.champion(), registry.champion(tracker)) == (2, 2)
    assert rollback(store, tracker) == Promotion(1, 2)
    assert (store.champion(), registry.champion(tracker)) == (1, 1)
    assert disagreement(store, tracker) is None


def test_promoting_registers_a_version_that_mlflow_does_not_know(tracker: Tracker, store: Store) -> None:
    promote(store, tracker, 3)
    assert [(v.leadml_version, v.is_champion) for v in registered(tracker)] == [(3, True)]
    promote(store, tracker, 3)
    assert len(registered(tracker)) == 1


def test_a_damaged_version_moves_neither(tracker: Tracker, store: Store) -> None:
    promote(store, tracker, 1)
    (store.path(2) / "manifest.json").unlink()
    with pytest.raises(BundleError):
        promote(store, tracker, 2)
    assert (store.champion(), registry.champion(tracker)) == (1, 1)


def test_the_link_moves_even_where_mlflow_cannot_be_used(store: Store) -> None:
    done = promote(store, Tracker("htp://nowhere"), 2)
    assert store.champion() == 2
    assert done.alias_problem is not None
    assert "must be reachable" in done.alias_problem


def test_a_disagreement_says_what_mends_it(tracker: Tracker, store: Store) -> None:
    promote(store, tracker, 1)
    store.promote(2)
    said = disagreement(store, tracker)
    assert said is not None
    assert "points to version 2 and the alias is on version 1; run `leadml models promote 2`" in said
    promote(store, tracker, 2)
    assert disagreement(store, tracker) is None


def test_an_alias_without_a_link_and_a_link_without_an_alias(tracker: Tracker, store: Store) -> None:
    store.promote(1)
    said = disagreement(store, tracker)
    assert said is not None
    assert "the alias is not set; run `leadml models promote 1`" in said
    promote(store, tracker, 1)
    store.link.unlink()
    said = disagreement(store, tracker)
    assert said is not None
    assert "points to nothing and the alias is on version 1" in said


def test_an_alias_on_a_strangers_version(tracker: Tracker, store: Store) -> None:
    promote(store, tracker, 1)
    client = tracker.client
    stranger = client.create_model_version(tracker.model_name, source="file:///tmp/x", run_id=None)
    client.set_registered_model_alias(tracker.model_name, "champion", stranger.version)
    assert registry.champion(tracker) is None
    said = disagreement(store, tracker)
    assert said is not None
    assert "which leadml did not register; run `leadml models promote 1`" in said
