"""The bundle: exact, checked to the byte, and never half there."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import BundleError, OutputError
from leadml.model import bundle as bundles
from leadml.model.bundle import Bundle, load, save
from leadml.model.scorecard import Scorecard, StepTerm

MakeBundle = Callable[..., Bundle]
FILES = ("manifest.json", "passport.json", "schema.json", "scorecard.json")


@pytest.fixture
def saved(make_bundle: MakeBundle, tmp_path: Path) -> Path:
    return save(make_bundle(), tmp_path / "1")


def test_what_is_saved_is_loaded(make_bundle: MakeBundle, saved: Path) -> None:
    assert load(saved) == make_bundle()
    assert sorted(path.name for path in saved.iterdir()) == list(FILES)
    assert load(str(saved)) == make_bundle()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
def test_every_float_comes_back_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    from leadml.leads.schema import Field, Roles, Schema

    base, points, missing = numbers
    module: Bundle = _bundle()
    changed = Bundle(
        Scorecard(base, (StepTerm("x", (), (points,), missing),)),
        Schema((Field("x", "number"),), Roles()),
        msgspec.structs.replace(module.passport, reference=tuple(numbers)),
    )
    folder = save(changed, tmp_path_factory.mktemp("b") / "1")
    again = load(folder)
    shutil.rmtree(folder)
    term = again.scorecard.terms[0]
    assert isinstance(term, StepTerm)
    found = [again.scorecard.base, term.points[0], term.missing, *again.passport.reference]
    assert [x.hex() for x in found] == [x.hex() for x in [*numbers, *numbers]]


def _bundle() -> Bundle:
    return _HELD[0]


_HELD: list[Bundle] = []


@pytest.fixture(autouse=True, scope="module")
def _hold(module_bundle: Bundle) -> None:
    _HELD.append(module_bundle)
