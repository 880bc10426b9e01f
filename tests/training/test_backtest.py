"""``leadml backtest`` from a table to its figures: what it says, what it writes, and what it leaves out."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from leadml.cli.main import app
from leadml.config import Config
from leadml.errors import BundleError
from leadml.training.backtest import Backtest, backtest

NOW = datetime(2026, 11, 1, tzinfo=UTC)
N = 1500
TOLD: dict[str, Any] = {
    "leads": {
        "path": "leads.csv",
        "created_at": "came",
        "outcome": "outcome",
        "converted": ["won"],
        "converted_at": "won_at",
        "group": "account",
    },
    "label": {"horizon_days": 30},
    "training": {"replicates": 100},
}


def _leads() -> pd.DataFrame:
    """Two leads a day whose effect of visits grows with time; some accounts come back."""
    rng = np.random.default_rng(0)
    visits = rng.normal(0, 1, N)
    won = rng.random(N) < 1 / (1 + np.exp(1 - np.linspace(0.3, 3.0, N) * visits))
    came = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(N) / 2, unit="D")
    at = pd.Series(came + pd.Timedelta(days=5)).where(won)
    account = np.where(rng.random(N) < 0.02, 0, np.arange(N) + 1).astype(str)
    outcome = np.where(won, "won", "lost")
    return pd.DataFrame({"came": came, "outcome": outcome, "won_at": at, "visits": visits, "account": account})


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Backtest]:
    folder = tmp_path_factory.mktemp("backtest")
    _leads().to_csv(folder / "leads.csv", index=False)
    said: list[float] = []
    result = backtest(Config.of(TOLD, folder=folder), now=NOW, progress=lambda _what, share: said.append(share))
    assert said == sorted(said)
    assert said[-1] == 1.0
    return folder, result


def test_planted_drift_asks_for_training_again(tested: tuple[Path, Backtest]) -> None:
    _, result = tested
    assert result.signal
    assert result.recommended != "never"
    loss = {row.cadence: row.metrics["log_loss"].value for row in result.totals}
    assert loss[result.recommended] < min(loss["never"], loss["base rate"])


def test_the_figures_by_period_add_up(tested: tuple[Path, Backtest]) -> None:
    folder, result = tested
    told = result.to_dict()
    assert json.loads(json.dumps(told, allow_nan=True))["recommended"] == result.recommended
    assert result.n_left_out > 0
    for name in ("base rate", "never", "weekly"):
        rows = [row for row in told["periods"] if row["cadence"] == name]
        assert sum(row["n"] for row in rows) == result.n_scored == told["cadences"][name]["n"]
        mean = np.average([row["log_loss"]["value"] for row in rows], weights=[row["n"] for row in rows])
        assert mean == pytest.approx(told["cadences"][name]["log_loss"]["value"])
    with (folder / "reports" / "backtest.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert len(table) == len(result.rows)
    assert {row["cadence"] for row in table} == {"base rate", "never", "quarterly", "monthly", "weekly"}


def test_the_command_prints_a_table_and_the_next_step(tested: tuple[Path, Backtest]) -> None:
    folder, _ = tested
    leads = "\n".join(f"{k} = {json.dumps(v)}" for k, v in TOLD["leads"].items())
    path = folder / "leadml.toml"
    path.write_text(f"[leads]\n{leads}\n[label]\nhorizon_days = 30\n[training]\nreplicates = 100\n", encoding="utf-8")
    asked = ["backtest", "--config", str(path), "--cadence", "quarterly", "--keep-recipe"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "Recommended: quarterly" in done.output
    assert "running base rate" in done.output
    assert f"Next: run `leadml train --config {path}` quarterly" in done.output
    quiet = CliRunner().invoke(app, [*asked, "--json"])
    told = json.loads(quiet.stdout)
    assert set(told["cadences"]) == {"base rate", "never", "quarterly"}
    assert len(told["recipes"]) == 1


def test_a_champion_must_be_there_to_be_replayed(tested: tuple[Path, Backtest]) -> None:
    folder, _ = tested
    with pytest.raises(BundleError):
        backtest(Config.of(TOLD, folder=folder), champion=True, now=NOW)
