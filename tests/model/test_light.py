"""What scoring one lead loads, in a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from leadml.leads.schema import Schema
from leadml.model.bundle import Bundle, save
from leadml.model.scorecard import Scorecard

HEAVY = {"pyarrow", "pandas", "sklearn", "mlflow", "scipy", "joblib", "jinja2", "openpyxl"}
SCRIPT = """
import sys
from leadml.model.scorer import load_model
lead = {"visits": 5, "source": "web", "job_title": "Head of Sales", "email": "a@gmail.com", "created_at": "2026-01-05"}
scored = load_model(sys.argv[1]).score_one(lead | {"last_call": "2026-01-01"} | eval(sys.argv[2]))
print(scored.score)
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def loaded(folder: Path, more: dict[str, object]) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after it scored one lead."""
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(folder), repr(more)]
    score, modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert 1 <= int(score) <= 100
    return set(modules.split())


@pytest.fixture
def countryless(module_bundle: Bundle) -> Bundle:
    """A bundle without the field ``country``."""
    schema: Schema = msgspec.structs.replace(
        module_bundle.schema, fields=tuple(f for f in module_bundle.schema.fields if f.name != "country")
    )
    terms = tuple(term for term in module_bundle.scorecard.terms if term.part != "country")
    return Bundle(Scorecard(module_bundle.scorecard.base, terms), schema, module_bundle.passport)


def test_scoring_one_lead_loads_neither_arrow_nor_names_of_countries(countryless: Bundle, tmp_path: Path) -> None:
    save(countryless, tmp_path / "bundle")
    assert not loaded(tmp_path / "bundle", {}) & {*HEAVY, "babel"}


def test_a_country_is_read_by_its_name_and_loads_no_arrow(module_bundle: Bundle, tmp_path: Path) -> None:
    save(module_bundle, tmp_path / "bundle")
    assert not loaded(tmp_path / "bundle", {"country": "Germany"}) & HEAVY
