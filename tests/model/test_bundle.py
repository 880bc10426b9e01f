"""The bundle: exact, checked to the byte, and never half there."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import BundleError, OutputError
from leadml.leads.schema import Field, Roles, Schema
from leadml.model.bundle import Bundle, load, save
from leadml.model.scorecard import Scorecard, StepTerm

MakeBundle = Callable[..., Bundle]
FILES = ("manifest.json", "passport.json", "schema.json", "scorecard.json")


@pytest.fixture
def saved(make_bundle: MakeBundle, tmp_path: Path) -> Path:
    return save(make_bundle(), tmp_path / "1")


def test_what_is_saved_is_loaded(make_bundle: MakeBundle, saved: Path) -> None:
    assert load(saved) == make_bundle()
    assert load(str(saved)) == make_bundle()
    assert sorted(path.name for path in saved.iterdir()) == list(FILES)


def test_evidence_goes_with_the_model_where_there_is_any(make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle = msgspec.structs.replace(make_bundle(), evidence=b'{"format":1}')
    folder = save(bundle, tmp_path / "1")
    assert load(folder) == bundle
    assert (folder / "evidence.json").read_bytes() == b'{"format":1}'
    (folder / "evidence.json").write_bytes(b'{"format":2}')
    with pytest.raises(BundleError, match=r"evidence\.json must be as it was saved"):
        load(folder)
    (folder / "evidence.json").unlink()
    with pytest.raises(BundleError, match=r"evidence\.json must be there"):
        load(folder)


def test_a_file_that_the_manifest_does_not_name_is_not_read(saved: Path, make_bundle: MakeBundle) -> None:
    (saved / "evidence.json").write_bytes(b"planted")
    assert load(saved) == make_bundle()


@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
def test_every_float_comes_back_bit_for_bit(
    module_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory, numbers: list[float]
) -> None:
    base, points, missing = numbers
    bundle = Bundle(
        Scorecard(base, (StepTerm("x", (), (points,), missing),)),
        Schema((Field("x", "number"),), Roles()),
        msgspec.structs.replace(module_bundle.passport, reference=tuple(numbers)),
    )
    again = load(save(bundle, tmp_path_factory.mktemp("bundle") / "1"))
    term = again.scorecard.terms[0]
    assert isinstance(term, StepTerm)
    found = [again.scorecard.base, term.points[0], term.missing, *again.passport.reference]
    assert [x.hex() for x in found] == [x.hex() for x in [*numbers, *numbers]]


@pytest.mark.parametrize("name", ["passport.json", "schema.json", "scorecard.json"])
def test_any_changed_byte_of_a_file_is_found(saved: Path, name: str) -> None:
    data = (saved / name).read_bytes()
    for at in range(0, len(data), max(1, len(data) // 60)):
        for other in {b" ", b"0", bytes([data[at] ^ 1])} - {data[at : at + 1]}:
            (saved / name).write_bytes(data[:at] + other + data[at + 1 :])
            with pytest.raises(BundleError, match=f"{name} must be as it was saved, but its SHA-256 differs"):
                load(saved)
    for other in (b"", data[:-1], data + b"\n"):
        (saved / name).write_bytes(other)
        with pytest.raises(BundleError, match="SHA-256"):
            load(saved)


def test_a_changed_byte_of_the_manifest_is_found_or_means_the_same(make_bundle: MakeBundle, saved: Path) -> None:
    manifest = saved / "manifest.json"
    data = manifest.read_bytes()
    for at in range(len(data)):
        for other in {b" ", b"0", b"\xff", b'"', bytes([data[at] ^ 1])} - {data[at : at + 1]}:
            changed = data[:at] + other + data[at + 1 :]
            manifest.write_bytes(changed)
            try:
                bundle = load(saved)
            except BundleError as error:
                assert "must" in str(error)  # noqa: PT017 - some changes are only white space
            else:
                assert json.loads(changed) == json.loads(data)
                assert bundle == make_bundle()


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (b"", "must be a leadml manifest"),
        (b'{"format": 1, "files": {"scorecard.js', "must be a leadml manifest"),
        (b"[]", "must be a leadml manifest"),
        (b'{"files": {}}', "missing required field `format`"),
        (b'{"format": "1", "files": {}}', "Expected `int`"),
        (b'{"format": 1, "files": {}}', "must name passport.json, schema.json, scorecard.json"),
        (b'{"format": 0, "files": {}}', "format from 1 on, got 0"),
        (b'{"format": 1, "files": {}, "also": 1}', "unknown field `also`"),
        (b'{"format": 3, "files": [], "also": 1}', "of format 2 or older, got format 3; update leadml"),
        (b"\xff\xfe", "must be a leadml manifest"),
    ],
)
def test_a_manifest_that_is_none(saved: Path, manifest: bytes, words: str) -> None:
    (saved / "manifest.json").write_bytes(manifest)
    with pytest.raises(BundleError, match=words):
        load(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(BundleError, match=f"{name} must be there, but it is missing"):
        load(saved)
    (saved / name).mkdir()
    with pytest.raises(BundleError, match=f"{name} must be readable"):
        load(saved)


def _rewrite(folder: Path, name: str, change: Callable[[Any], None]) -> None:
    """Change a file and its digest, as somebody would who writes bundles by other means."""
    data = json.loads((folder / name).read_bytes())
    change(data)
    (folder / name).write_text(json.dumps(data))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("scorecard.json", lambda card: card.update(trios=[]), "unknown field `trios`"),
        ("scorecard.json", lambda card: card["terms"][0].update(slope=1.0), "unknown field `slope`"),
        ("scorecard.json", lambda card: card["terms"][0].update(kind="pair"), "Invalid value 'pair'"),
        (
            "scorecard.json",
            lambda card: card["terms"][0].update(part="gone"),
            "'gone' must read a number of",
        ),
        ("scorecard.json", lambda card: card["terms"][0].update(part="source"), "'source' must read a number"),
        ("scorecard.json", lambda card: card["terms"][0].update(points=[]), "one more number of points than cuts"),
        ("scorecard.json", lambda card: card.update(base=None), "Expected `float`"),
        ("passport.json", lambda passport: passport.update(extra=1), "unknown field `extra`"),
        ("passport.json", lambda passport: passport.pop("reference"), "missing required field `reference`"),
        ("schema.json", lambda schema: schema["fields"][0].update(kind="colour"), "Invalid enum value 'colour'"),
    ],
)
def test_content_that_this_version_does_not_know_is_refused(
    saved: Path, name: str, change: Callable[[Any], None], words: str
) -> None:
    _rewrite(saved, name, change)
    with pytest.raises(BundleError, match=f"must hold a leadml model of format 2 or older, got: .*{words}"):
        load(saved)


def test_places_that_hold_no_bundle(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="but it is not there; run `leadml train` first"):
        load(tmp_path / "nowhere")
    with pytest.raises(BundleError, match="must be a model folder, got a file"):
        load(saved / "manifest.json")
    with pytest.raises(BundleError, match=r"manifest.json must be there"):
        load(tmp_path)


def test_links(make_bundle: MakeBundle, saved: Path, tmp_path: Path) -> None:
    champion = tmp_path / "champion"
    champion.symlink_to("1")
    assert load(champion) == make_bundle()
    (tmp_path / "dangling").symlink_to("2")
    with pytest.raises(BundleError, match="dangling must be a model folder, but it is not there"):
        load(tmp_path / "dangling")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(BundleError, match="loop must be a model folder"):
        load(tmp_path / "loop")


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
def test_nothing_is_left_half_written(
    make_bundle: MakeBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    real, calls = os.fsync, []

    def interrupted(file: int) -> None:
        calls.append(file)
        if len(calls) == 3:
            raise error
        real(file)

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(OutputError if error is OSError else error):
        save(make_bundle(), tmp_path / "versions" / "1")
    assert list((tmp_path / "versions").iterdir()) == []


def test_a_folder_that_is_there_is_not_written_over(make_bundle: MakeBundle, saved: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    with pytest.raises(OutputError, match="must be a new folder"):
        save(make_bundle("2"), saved)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["1"]
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="must be a folder that can be written to"):
        save(make_bundle(), tmp_path / "file" / "1")
