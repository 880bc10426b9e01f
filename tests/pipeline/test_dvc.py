"""The pipeline under DVC, in a repository as a clone has it, without a remote and without the Internet."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from leadml.leads.sample import write_config, write_sample

ROOT = Path(__file__).parents[2]
QUICK = '\n[training]\nfamilies = ["logistic"]\nreplicates = 100\n'
NOWHERE = "http://127.0.0.1:9"


class Clone:
    """A repository with the pipeline, in which commands are run."""

    def __init__(self, folder: Path, site: Path) -> None:
        self.folder = folder
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        author = {f"GIT_{who}_{what}": "t@e.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE)
        settings = {"DVC_SITE_CACHE_DIR": str(site), "GIT_CONFIG_GLOBAL": os.devnull, "PATH": programs}
        self._environment = {**os.environ, **author, **proxies, **settings}

    def run(self, *words: str) -> str:
        """Return what a command writes; it must succeed."""
        done = subprocess.run(
            words, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def commit(self, message: str) -> None:
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message)

    def set(self, old: str, new: str) -> None:
        """Change a line of leadml.toml."""
        path = self.folder / "leadml.toml"
        text = path.read_text(encoding="utf-8")
        assert text.count(f"\n{old}") == 1
        path.write_text(text.replace(f"\n{old}", f"\n{new}"), encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path, migrated_db: Path) -> Clone:
    folder = tmp_path / "clone"
    write_sample(folder / "data", n_leads=3000, n_new=40)
    config = write_config(folder)
    config.write_text(config.read_text(encoding="utf-8") + QUICK, encoding="utf-8")
    for name in ("dvc.yaml", ".dvcignore", ".gitignore", ".dvc/config", ".dvc/.gitignore"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(migrated_db, folder / "mlflow.db")  # migrating a new one takes seconds
    made = Clone(folder, tmp_path / "site")
    made.run("git", "init", "-q")
    made.commit("a clone")
    return made


def ran(output: str) -> list[str]:
    """Return the stages that ran."""
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]


def test_the_pipeline(clone: Clone) -> None:
    before = (clone.folder / "data/leads.csv").read_bytes()
    assert ran(clone.run("dvc", "repro")) == ["sample", "check", "train", "rank"]
    assert (clone.folder / "data/leads.csv").read_bytes() == before
    assert (clone.folder / "ranked.csv").exists()
    assert clone.run("git", "status", "--short").split() == ["??", "dvc.lock"]
    clone.commit("trained")

    clone.set("capacity = 50", "capacity = 5")
    assert ran(clone.run("dvc", "repro")) == ["check", "rank"]
    assert len((clone.folder / "ranked.csv").read_text(encoding="utf-8").splitlines()) == 1 + 5
    clone.commit("a shorter list")

    output = clone.run("dvc", "exp", "run", "--set-param", "leadml.toml:label.horizon_days=60")
    assert ran(output) == ["check", "train", "rank"]
    _is_compared(clone)


def _is_compared(clone: Clone) -> None:
    params = json.loads(clone.run("dvc", "params", "diff", "--json"))
    assert params == {"leadml.toml": {"label.horizon_days": {"old": 90, "new": 60, "diff": -30}}}
    metrics: dict[str, Any] = json.loads(clone.run("dvc", "metrics", "diff", "--json"))["reports/metrics.json"]
    assert metrics["roc_auc.value"]["old"] != metrics["roc_auc.value"]["new"]
    assert {f"log_loss.{end}" for end in ("value", "low", "high")} <= metrics.keys()
    plots = json.loads(clone.run("dvc", "plots", "diff", "--json"))["data"]
    assert plots.keys() == {"Conversions found", "Calibration", "Conversions by month"}
    assert len(plots["Conversions found"][0]["content"]["data"]["values"]) > 100
