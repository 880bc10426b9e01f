"""The model that serves, and the one that takes its place."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from leadml.errors import BundleError
from leadml.model.bundle import Bundle, save
from leadml.model.store import Store
from leadml.serving.champion import Champion

MakeBundle = Callable[..., Bundle]


@pytest.fixture
def store(tmp_path: Path, make_bundle: MakeBundle) -> Store:
    store = Store(tmp_path / "models")
    for _ in range(3):
        store.save(make_bundle)
    store.promote(1)
    return store


def test_a_promoted_model_takes_over(store: Store) -> None:
    champion = Champion(str(store.link))
    first = champion.current

    assert not champion.refresh()
    store.promote(2)
    assert champion.refresh()
    assert champion.current.version == "2"
    assert first.version == "1"  # a request that took it keeps it
    store.rollback()
    assert champion.refresh()
    assert champion.current.version == "1"


@pytest.mark.parametrize("name", ["manifest.json", "scorecard.json", "schema.json", "passport.json"])
def test_a_damaged_bundle_is_refused_until_it_is_mended(store: Store, name: str) -> None:
    champion = Champion(str(store.link))
    file = store.path(2) / name
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    store.link.unlink()
    store.link.symlink_to(Path("versions") / "2")

    assert not champion.refresh()
    assert champion.refused is not None
    assert champion.current.version == "1"
    assert not champion.refresh()  # the same damage is not told twice

    file.write_bytes(whole)
    assert champion.refresh()
    assert not champion.refused
    assert champion.current.version == "2"


def test_a_folder_that_is_written_file_by_file(tmp_path: Path, make_bundle: MakeBundle) -> None:
    place, new = save(make_bundle("1"), tmp_path / "served"), save(make_bundle("2"), tmp_path / "new")
    champion = Champion(str(place))

    for name in ("manifest.json", "schema.json", "scorecard.json"):
        shutil.copy(new / name, place / name)
        champion.refresh()
        assert champion.current.version == "1"
    shutil.copy(new / "passport.json", place / "passport.json")
    assert champion.refresh()
    assert (champion.refused, champion.current.version) == (None, "2")


def test_a_link_that_is_gone(store: Store) -> None:
    champion = Champion(str(store.link))
    store.link.unlink()

    assert not champion.refresh()
    assert champion.refused is not None
    store.promote(1)
    champion.refresh()
    assert champion.refused is None


def test_without_a_model_there_is_nothing_to_serve(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="run `leadml train` first"):
        Champion(str(tmp_path / "models" / "champion"))


def test_reasons_in_either_language(store: Store) -> None:
    served = Champion(str(store.link), language="de").current

    assert served.scorer.legend.language == "de"
    assert served.scorer_in("en").legend.language == "en"
    assert served.scorer_in("en") is served.scorer_in("en")
    assert served.scorer_in("de") is served.scorer
