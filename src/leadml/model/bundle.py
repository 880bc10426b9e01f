"""The bundle: a model as a folder of plain data, checked byte by byte before anything is built from it."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from leadml.errors import BundleError, OutputError
from leadml.leads.schema import Language, Schema
from leadml.model import scorecard as scorecards
from leadml.model.scorecard import CategoryTerm, Scorecard, Term

FORMAT = 2  # 2 has pairs or references of axes; a bundle without is of format 1, so that older versions read it
MANIFEST, SCORECARD, SCHEMA, PASSPORT = "manifest.json", "scorecard.json", "schema.json", "passport.json"
EVIDENCE = "evidence.json"  # what the report shows of the training; a bundle may do without


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Family, settings and fields (their parts): chosen on rolling folds, evaluated once on the test part."""

    family: str
    settings: dict[str, Any]
    fields: tuple[str, ...]


class Interval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metric with its 95 % bootstrap interval."""

    value: float | None
    low: float | None
    high: float | None


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the recipe reached on the test part, before it was refitted on all matured leads."""

    __test__ = False  # pytest: not a test

    n: int
    n_converted: int
    base_rate: float
    metrics: dict[str, Interval]
    naive: dict[str, dict[str, Interval]] = {}


class Passport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a model comes from. The metrics are the recipe's; ``trained_until`` is the shipped scorecard's.

    ``reference`` are 99 quantiles of logits, ``axis_reference`` those of the sums of each axis; a passport of before
    there were these is written without the key.
    """

    model_version: str
    created: str
    data_digest: str
    n_leads: int
    n_converted: int
    as_of: str | None
    trained_until: str | None
    horizon_days: int | None
    recipe: Recipe
    test: Test
    reference: tuple[float, ...]
    grades: dict[str, int]
    language: Language
    promoted: bool
    verdict: str
    libraries: dict[str, str]
    axis_reference: dict[str, tuple[float, ...]] = {}


class Bundle(msgspec.Struct, frozen=True):
    """A scorecard, the schema that reads its leads, its passport, and the evidence of its training as JSON, if any."""

    scorecard: Scorecard
    schema: Schema
    passport: Passport
    evidence: bytes | None = None


class _Format(msgspec.Struct, frozen=True):
    format: int  # read before all else: a newer manifest may hold more


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    files: dict[str, str]


def save(bundle: Bundle, folder: Path) -> Path:
    """Write a bundle as a new folder, whole or not at all; raises OutputError where that cannot be done."""
    files = {
        SCORECARD: scorecards.to_json(bundle.scorecard),
        SCHEMA: msgspec.json.format(msgspec.json.encode(bundle.schema), indent=1),
        PASSPORT: msgspec.json.format(msgspec.json.encode(bundle.passport), indent=1),
    }
    if bundle.evidence is not None:
        files[EVIDENCE] = bundle.evidence
    new = bundle.scorecard.pairs or bundle.passport.axis_reference
    manifest = _Manifest(FORMAT if new else 1, {name: _digest(data) for name, data in files.items()})
    files[MANIFEST] = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(f"{folder.parent} must be a folder that can be written to, got {error}") from error
    try:
        _write(files, half)
        half.rename(folder)
    except BaseException as error:
        shutil.rmtree(half, ignore_errors=True)
        if isinstance(error, OSError):
            raise OutputError(f"{folder} must be a new folder that can be written, got {error}") from error
        raise
    return folder


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, data in files.items():
        with (folder / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    folder.chmod(0o755)


def load(folder: str | Path) -> Bundle:
    """Read a bundle after checking every byte; runs no code from it.

    A symbolic link is resolved once, so that a promotion in between cannot mix two models. Raises BundleError.
    """
    path = _resolved(folder)
    files = _checked(path)
    try:
        bundle = Bundle(
            scorecards.from_json(files[SCORECARD]),
            msgspec.json.decode(files[SCHEMA], type=Schema),
            msgspec.json.decode(files[PASSPORT], type=Passport),
            files.get(EVIDENCE),
        )
        _check(bundle)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BundleError(f"{path} must hold a leadml model of format {FORMAT} or older, got: {error}") from error
    return bundle


def _resolved(folder: str | Path) -> Path:
    try:
        path = Path(folder).resolve()
    except (OSError, RuntimeError) as error:  # a link that leads to itself
        raise BundleError(f"{folder} must be a model folder, got: {error}") from error
    if not path.exists():
        trained = (Path(folder).parent / "versions").is_dir()
        mend = "no version was promoted: see `leadml models list`" if trained else "run `leadml train` first"
        raise BundleError(f"{folder} must be a model folder, but it is not there; {mend}")
    if not path.is_dir():
        raise BundleError(f"{folder} must be a model folder, got a file; name the folder that holds {MANIFEST}")
    return path


def _check(bundle: Bundle) -> None:
    """Every term must read a part that the schema has, of its own sort."""
    numeric = {part.name: part.numeric for part in bundle.schema.parts}
    for term in bundle.scorecard.terms:
        if numeric.get(term.part) != (not isinstance(term, CategoryTerm)):
            raise ValueError(f"term {term.part!r} must read a {_sort(term)} of {SCHEMA}, but there is none")


def _sort(term: Term) -> str:
    return "category" if isinstance(term, CategoryTerm) else "number"


def _checked(path: Path) -> dict[str, bytes]:
    try:
        data = _read(path / MANIFEST)
        if (found := msgspec.json.decode(data, type=_Format).format) > FORMAT:
            raise BundleError(
                f"{path} must be of format {FORMAT} or older, got format {found}; update leadml to read it"
            )
        manifest = msgspec.json.decode(data, type=_Manifest)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BundleError(f"{path / MANIFEST} must be a leadml manifest, got: {error}; restore the folder") from error
    if manifest.format < 1:
        raise BundleError(f"{path / MANIFEST} must name a format from 1 on, got {manifest.format}; restore the folder")
    lacking = {SCORECARD, SCHEMA, PASSPORT} - manifest.files.keys()
    if lacking:
        raise BundleError(f"{path / MANIFEST} must name {', '.join(sorted(lacking))}; restore the folder")
    names = [SCORECARD, SCHEMA, PASSPORT, *([EVIDENCE] if EVIDENCE in manifest.files else [])]
    files = {name: _read(path / name) for name in names}
    for name, data in files.items():
        if _digest(data) != manifest.files[name]:
            raise BundleError(
                f"{path / name} must be as it was saved, but its SHA-256 differs; restore it, or train again"
            )
    return files


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BundleError(f"{path} must be there, but it is missing; restore the folder, or train again") from None
    except OSError as error:
        raise BundleError(f"{path} must be readable, got: {error}") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
