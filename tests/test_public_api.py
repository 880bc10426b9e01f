"""The public names, how lightly they load, and what the lock file names."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import leadml

ROOT = Path(__file__).parents[1]
HEAVY = ("pandas", "sklearn", "mlflow", "interpret", "scipy", "joblib", "optuna")


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after some code."""
    script = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.splitlines()[-1].split())


def test_public_names() -> None:
    assert leadml.__all__ == [
        "Config",
        "LeadmlError",
        "Rescored",
        "ScorecardClassifier",
        "ScoredLead",
        "Scorer",
        "SearchRun",
        "TrainingRun",
        "load_model",
        "rank",
        "read_leads",
        "rescore",
        "search",
        "train",
    ]
    for name in leadml.__all__:
        assert getattr(leadml, name).__doc__, name


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'predict'"):
        leadml.predict  # noqa: B018


def test_importing_leadml_loads_nothing() -> None:
    loaded = modules_after("import leadml")
    assert not loaded & {*HEAVY, "numpy", "pyarrow", "msgspec", "rich", "typer"}


def test_scoring_loads_no_training_library() -> None:
    code = "from leadml import load_model, rank; import leadml.model.stream"
    assert not modules_after(code) & set(HEAVY)


def test_the_command_line_starts_light() -> None:
    loaded = modules_after("import leadml.cli.main")
    assert not loaded & {*HEAVY, "numpy", "pyarrow"}


def test_the_lock_names_public_addresses_only() -> None:
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([^/\"\s]+)", text))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
    for package in tomllib.loads(text)["package"]:
        source = package["source"]
        assert source.get("editable") == "." or source.get("registry") == "https://pypi.org/simple", package["name"]


def test_the_lock_fits_the_project() -> None:
    own = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    wanted = {re.split(r"[<>=]", line)[0] for line in own["dependencies"]}
    assert wanted == {need["name"] for need in locked["leadml"]["dependencies"]}


def test_the_sample_configuration_is_the_shipped_one() -> None:
    shipped = (ROOT / "leadml.toml").read_text(encoding="utf-8")
    packaged = (ROOT / "src/leadml/leads/sample/leadml.toml").read_text(encoding="utf-8")
    assert shipped == packaged
