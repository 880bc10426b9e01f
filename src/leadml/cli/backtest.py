"""``leadml backtest``: the history replayed, and how often it is worth to train again."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadml.cli.train import ConfigOption, JsonOption, SetOption, SkipOption, with_config

if TYPE_CHECKING:
    from leadml.training.backtest import Backtest

CadenceOption = Annotated[
    list[str] | None,
    typer.Option("--cadence", metavar="NAME", help="Compare only this with never: quarterly, monthly, weekly."),
]
ChampionOption = Annotated[
    bool, typer.Option("--champion", help="Replay the recipe of the model that serves; slower, and with hindsight.")
]
KeepOption = Annotated[bool, typer.Option("--keep-recipe", help="Choose the recipe at the first cut only.")]


def backtest(
    config: ConfigOption = Path("leadml.toml"),
    overrides: SetOption = None,
    cadence: CadenceOption = None,
    champion: ChampionOption = False,
    keep_recipe: KeepOption = False,
    skip_faulty: SkipOption = False,
    as_json: JsonOption = False,
) -> None:
    """Replay the history, and say how often it is worth to train again.

    At each cut a model learns from what was known then, and scores what came next. Training never again, and each
    quarter, month or week, are compared with each other and with the base rate known at the time. The figures by
    period go to reports/backtest.csv.

    Example: leadml backtest --config leadml.toml --cadence monthly
    """
    from leadml.cli.console import print_json, progress
    from leadml.config import Config
    from leadml.learning.cadence import CADENCES
    from leadml.training.backtest import backtest as replay

    settings = Config.load(config, overrides=overrides or ())
    with progress(quiet=as_json) as say:
        result = replay(
            settings,
            cadences=cadence or CADENCES,
            champion=champion,
            kept=keep_recipe,
            skip_faulty=skip_faulty,
            progress=say,
        )
    if as_json:
        print_json(result.to_dict())
    else:
        _show(result, config)
    if result.n_rejected:
        raise typer.Exit(3)


def _show(result: "Backtest", config: Path) -> None:
    """Print what a backtest came to, for a person."""
    from leadml.cli.console import err, out, table
    from leadml.training.backtest import worded_recipe

    console = out()
    console.print(f"Recommended: {result.recommended}", style="bold")
    for sentence in result.sentences:
        console.print(sentence, style="green" if result.signal and sentence is result.sentences[0] else "")
    console.print(
        f"\nScored as of their day, {result.n_scored:,} leads from {result.first_cut} to {result.until}; the first "
        f"model learned from {result.n_learned:,}:"
    )
    console.print(table(*_totals(result), right=(1, 2, 4, 6)))
    console.print("\nLog loss by period (lower is better), each with the newest model of its day:")
    console.print(table(*_periods(result), right=tuple(range(1, 10))))
    for told in result.recipes:
        err().print(f"note: from {told['from']}: {worded_recipe(told)}", style="dim")
    for note in result.notes:
        err().print(f"note: {note}", style="dim")
    console.print(f"\nAll figures, with intervals: {result.table}")
    where = with_config(config)
    if result.recommended == "never":
        console.print(f"Next: `leadml train{where}` once, and a backtest again when there is more history.")
    else:
        console.print(f"Next: run `leadml train{where}` {result.recommended}; it promotes only what passes the gate.")


def _totals(result: "Backtest") -> tuple[list[str], list[list[str]]]:
    headers = ["", "trainings", "log loss", "(95 % interval)", "ROC AUC", "(95 % interval)", "found in first 20 %"]
    trained = {one.cadence: f"{one.n_trainings:,}" for one in result.trained}
    rows = []
    for row in result.totals:
        loss, auc, capture = (row.metrics[name] for name in ("log_loss", "roc_auc", "capture_at_20pct"))
        times = trained.get(row.cadence, "")
        model = bool(times)  # the base rate moves with time, which ranks leads by their day: no figure to show
        rows.append(
            [
                row.cadence if model else "running base rate",
                times,
                f"{loss.value:.4f}",
                f"{loss.low:.4f} to {loss.high:.4f}",
                f"{auc.value:.3f}" if model else "",
                f"{auc.low:.3f} to {auc.high:.3f}" if model else "",
                f"{capture.value:.0%}" if model else "",
            ]
        )
    return headers, rows


def _periods(result: "Backtest") -> tuple[list[str], list[list[str]]]:
    names = [row.cadence for row in result.totals]
    found: dict[str, dict[str, Any]] = {}
    for row in result.rows:
        if row.period != "all":
            found.setdefault(row.period, {})[row.cadence] = row
    rows = [[period, *_counts(by, names), *_losses(by, names)] for period, by in found.items()]
    return ["period", "leads", "converted", *names], rows


def _counts(by: Mapping[str, Any], names: list[str]) -> list[str]:
    row = by[names[0]]
    return [f"{row.n:,}", f"{row.n_converted / row.n:.1%}"]


def _losses(by: Mapping[str, Any], names: list[str]) -> list[str]:
    return [f"{by[name].metrics['log_loss'].value:.4f}" for name in names]
