"""Promotion: the link first, MLflow's alias after it, so that what serves never waits for MLflow."""

from dataclasses import dataclass

from leadml.errors import TrackingError
from leadml.model.store import Store
from leadml.tracking.registry import registered, set_champion
from leadml.tracking.runs import Tracker


@dataclass(frozen=True, slots=True)
class Promotion:
    """The version that serves now, and the one until then. ``alias_problem`` says why the alias could not follow."""

    version: int
    previous: int | None
    alias_problem: str | None = None


def promote(store: Store, tracker: Tracker, version: int) -> Promotion:
    """Let a version serve and give it the alias; raises BundleError where it cannot be loaded.

    A version that MLflow does not know, such as one trained without it, is registered first.
    """
    previous = store.promote(version)
    return Promotion(version, previous, _follow(store, tracker, version))


def rollback(store: Store, tracker: Tracker) -> Promotion:
    """Let the champion before the present one serve again; raises BundleError where there was none."""
    before = store.champion()
    version = store.rollback()
    return Promotion(version, before, _follow(store, tracker, version))


def _follow(store: Store, tracker: Tracker, version: int) -> str | None:
    try:
        if version not in {known.leadml_version for known in registered(tracker)}:
            _register(store, tracker, version)
        set_champion(tracker, version)
    except TrackingError as error:
        return str(error)
    return None


def _register(store: Store, tracker: Tracker, version: int) -> None:
    folder = store.path(version)
    with tracker.run(name=f"version {version}", tags={"leadml_version": str(version)}) as run:
        run.log_bundle(folder)
        run.register(run.log_model(folder), version)
