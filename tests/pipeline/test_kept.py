"""What `leadml check` keeps for the pipeline: its settings change where training would come out otherwise."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from leadml.cli.check import check
from leadml.config import Config
from leadml.config.learned import learned_from
from leadml.leads.sample import make_sample, write_config, write_sample

app = typer.Typer()
app.command()(check)
Kept = Callable[..., bytes]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    write_config(folder)
    write_sample(folder / "data", make_sample(1500))

    def keep(*overrides: str) -> bytes:
        told = [word for override in overrides for word in ("--set", override)]
        out = folder / "reports" / "settings.json"
        found = folder / "reports" / "check.json"
        words = ["--config", str(folder / "leadml.toml"), "--out", str(found), "--settings", str(out), *told]
        result = CliRunner().invoke(app, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        assert "Next: `leadml train" in result.stdout  # the page is shown all the same
        return out.read_bytes()

    return keep


def test_the_settings_are_whole(kept: Kept) -> None:
    settings: dict[str, Any] = json.loads(kept())
    assert settings["label"]["horizon_days"] == 90
    assert settings["training"]["seed"] == 0  # what is not written has its default
    assert settings["ranking"].keys() == {"grades", "language"}


def test_what_was_found_is_kept_too(tmp_path: Path) -> None:
    write_config(tmp_path)
    write_sample(tmp_path / "data", make_sample(1500))
    out = tmp_path / "new" / "check.json"
    words = ["--config", str(tmp_path / "leadml.toml"), "--out", str(out), "--json"]
    printed = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert json.loads(out.read_bytes()) == json.loads(printed)


def test_ranking_is_no_matter_of_training(kept: Kept) -> None:
    assert kept() == kept("ranking.capacity=7", "ranking.by=expected_value", "tracking.experiment=other")


@pytest.mark.parametrize(
    "override", ["training.seed=1", "label.horizon_days=60", "gate.roc_auc=0.1", "ranking.language=de"]
)
def test_all_else_is(kept: Kept, override: str) -> None:
    assert kept() != kept(override)


def test_a_password_is_not_kept() -> None:
    leads = {"path": "postgresql://reader:secret@crm.example/sales", "query": "SELECT 1", "outcome": "s"}
    settings = learned_from(Config.of({"leads": leads | {"converted": ["won"]}}))
    assert "secret" not in json.dumps(settings)
    assert "crm.example" in settings["leads"]["path"]
