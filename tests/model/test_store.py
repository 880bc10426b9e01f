"""The folder of bundles: versions, the link, the history."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest

from leadml.errors import BundleError, OutputError, UsageError
from leadml.model.bundle import Bundle, load
from leadml.model.store import Store

MakeBundle = Callable[..., Bundle]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


@pytest.fixture
def three(store: Store, make_bundle: MakeBundle) -> Store:
    for _ in range(3):
        store.save(make_bundle)
    return store


def test_making_a_store_touches_nothing(store: Store) -> None:
    assert store.versions() == []
    assert store.champion() is None
    assert store.previous() is None
    assert not store.folder.exists()


def test_versions_count_up_and_name_their_bundle(store: Store, make_bundle: MakeBundle) -> None:
    assert [store.save(make_bundle)[0] for _ in range(3)] == [1, 2, 3]
    assert store.versions() == [1, 2, 3]
    assert store.load(2).passport.model_version == "2"


def test_versions_sort_as_numbers_and_skip_strangers(store: Store) -> None:
    for name in ("10", "9", "007", "x", ".11-half", "²"):
        (store.folder / "versions" / name).mkdir(parents=True)
    (store.folder / "versions" / "12").touch()
    assert store.versions() == [9, 10]


def test_a_version_taken_meanwhile_is_tried_again(store: Store, make_bundle: MakeBundle) -> None:
    asked: list[str] = []

    def make(version: str) -> Bundle:
        asked.append(version)
        if version == "1":  # another process takes it
            Store(store.folder).save(make_bundle)
        return make_bundle(version)

    assert store.save(make)[0] == 2
    assert asked == ["1", "2"]
    assert store.load(2).passport.model_version == "2"


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path, make_bundle: MakeBundle) -> None:
    (tmp_path / "models").touch()
    with pytest.raises(OutputError, match="must be a folder that can be written"):
        Store(tmp_path / "models").save(make_bundle)


def test_a_bundle_that_cannot_be_made_leaves_nothing(store: Store) -> None:
    def fail(version: str) -> Bundle:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.save(fail)
    assert store.versions() == []


def _save_many(folder: Path, bundle: Bundle, times: int) -> None:
    for _ in range(times):
        Store(folder).save(lambda _version: bundle)


def test_two_processes_never_share_a_version(store: Store, make_bundle: MakeBundle) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_save_many, args=(store.folder, make_bundle(), 5)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert store.versions() == list(range(1, 11))


def test_promoting_sets_a_relative_link(three: Store) -> None:
    assert three.promote(2) is None
    assert three.champion() == 2
    assert three.link.readlink() == Path("versions/2")
    assert load(three.link).passport.model_version == "2"
    assert three.promote(3) == 2
    assert three.champion() == 3


def test_the_folder_may_be_moved(three: Store, tmp_path: Path) -> None:
    three.promote(2)
    moved = Store(three.folder.rename(tmp_path / "elsewhere"))
    assert moved.champion() == 2
    assert load(moved.link).passport.model_version == "2"


@pytest.mark.parametrize("version", [0, 7])
def test_an_unknown_version_names_those_there_are(three: Store, version: int) -> None:
    with pytest.raises(BundleError, match=f"version {version} must be one of 1, 2, 3"):
        three.promote(version)


def test_an_empty_store_says_to_train(store: Store) -> None:
    with pytest.raises(BundleError, match="run `leadml train` first"):
        store.path(1)


def test_a_damaged_version_is_not_promoted(three: Store) -> None:
    three.promote(1)
    (three.path(2) / "scorecard.json").write_text("{}")
    with pytest.raises(BundleError, match="SHA-256 differs"):
        three.promote(2)
    assert three.champion() == 1


def test_rollback_walks_back_through_the_champions(three: Store) -> None:
    for version in (1, 2, 3):
        three.promote(version)
    assert three.rollback() == 2
    assert three.rollback() == 1
    with pytest.raises(BundleError, match="must have had a champion before"):
        three.rollback()
    assert three.champion() == 1
    assert [change.act for change in three.history()] == ["promote"] * 3 + ["rollback"] * 2


def test_rollback_after_a_rollback_and_a_promotion(three: Store) -> None:
    for version in (1, 2):
        three.promote(version)
    three.rollback()
    three.promote(3)
    assert three.rollback() == 1


def test_promoting_the_champion_again_is_no_step_of_the_history(three: Store) -> None:
    three.promote(1)
    three.promote(2)
    three.promote(2)
    assert three.rollback() == 1


def test_rollback_skips_versions_that_are_gone(three: Store) -> None:
    for version in (1, 2, 3):
        three.promote(version)
    three.path(2).rename(three.folder / "away")
    assert three.rollback() == 1
    three.promote(3)
    assert three.rollback() == 1


def test_rollback_from_a_champion_whose_folder_is_gone(three: Store) -> None:
    three.promote(1)
    three.promote(2)
    three.path(2).rename(three.folder / "away")
    assert three.rollback() == 1


def test_a_line_of_the_history_that_was_cut_off_is_left_out(three: Store) -> None:
    three.promote(1)
    three.promote(2)
    with (three.folder / "history.jsonl").open("a") as file:
        file.write('{"act":"promo')
    assert three.previous() == 1


def test_a_folder_in_the_place_of_the_link_is_refused(three: Store) -> None:
    three.link.mkdir()
    with pytest.raises(BundleError, match="must be a link that leadml made"):
        three.champion()
    with pytest.raises(OutputError, match="must be a link that can be replaced"):
        three.promote(1)
    assert not list(three.folder.glob(".champion-*"))


def test_a_link_to_elsewhere_is_mended_by_promoting(three: Store, tmp_path: Path) -> None:
    three.link.symlink_to(tmp_path)
    with pytest.raises(BundleError, match="must point to a version"):
        three.champion()
    assert three.promote(1) is None
    assert three.champion() == 1


def test_export_copies_the_checked_bundle(three: Store, tmp_path: Path) -> None:
    out = three.export(2, tmp_path / "new" / "model-2")
    assert load(out) == three.load(2)
    with pytest.raises(UsageError, match="must be a new folder"):
        three.export(2, out)
    assert [path.name for path in out.parent.iterdir()] == ["model-2"]


def test_export_of_a_damaged_bundle_writes_nothing(three: Store, tmp_path: Path) -> None:
    (three.path(2) / "passport.json").unlink()
    with pytest.raises(BundleError, match="missing"):
        three.export(2, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_with_a_versions_name_is_passed_over(store: Store, make_bundle: MakeBundle) -> None:
    (store.folder / "versions").mkdir(parents=True)
    (store.folder / "versions" / "1").touch()
    assert store.save(make_bundle)[0] == 2
    with pytest.raises(BundleError, match="version 1 must be one of 2"):
        store.path(1)
