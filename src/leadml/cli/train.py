"""``leadml train``: learn, judge, and promote."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from leadml.training.train import TrainingRun

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration.", metavar="FILE")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a value: label.horizon_days=60.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
SkipOption = Annotated[
    bool, typer.Option("--skip-faulty", help="Leave rows with a fault out, and write them to reports/.")
]


def train(
    config: ConfigOption = Path("leadml.toml"),
    overrides: SetOption = None,
    skip_faulty: SkipOption = False,
    as_json: JsonOption = False,
) -> None:
    """Learn from past leads; promote the model if it passes the gate.

    Chooses a model on rolling time folds, tests it once on the newest leads, refits it on all leads whose outcome
    is final, and saves it under models/versions/. Every run is tracked in MLflow.

    Example: leadml train --config leadml.toml --set label.horizon_days=60
    """
    from leadml.cli.console import out, print_json, progress
    from leadml.config import Config
    from leadml.training.train import train as train_model

    settings = Config.load(config, overrides=overrides or ())
    with progress(quiet=as_json) as say:
        run = train_model(settings, skip_faulty=skip_faulty, progress=say)
    if as_json:
        print_json(run.to_dict())
    else:
        show_run(run)
        if run.report is not None:
            out().print(f"\nThe report, for you and your sales manager: {run.report}")
        out().print(f"\n{_next(run, config)}")
    if run.n_rejected:
        raise typer.Exit(3)


def show_run(run: "TrainingRun") -> None:
    """Print what a training came to, for a person."""
    from leadml.cli.console import err, out, table

    console = out()
    test = run.test
    console.print(f"Model {run.model_version}: {_title(run)}", style="bold")
    console.print(run.verdict, style="green" if run.promoted else "yellow")
    console.print(
        f"\nTested on the newest {test['n']:,} leads, which it had not seen; {test['base_rate']:.1%} of them converted:"
    )
    console.print(table(*_comparison(run), right=(1, 2, 3, 4)))
    console.print("\nThe families, by their loss on the time folds (lower is better):")
    console.print(table(*_leaderboard(run.leaderboard), right=(1, 2, 3)))
    if run.explored is not None:
        console.print(f"\n{run.explored['sentence']}", highlight=False)
    for note in run.notes:
        err().print(f"note: {note}", style="dim")
    if run.n_rejected:
        err().print(f"{run.n_rejected:,} rows were left out for their faults; see {run.rejected}", style="yellow")


def _next(run: "TrainingRun", config: Path) -> str:
    """Return what to do next: a model that was not promoted does not serve."""
    where = with_config(config)
    if run.promoted:
        return (
            f"Next: `leadml rank NEW_LEADS.csv --out ranked.csv{where}` ranks new leads.\n"
            f"      `leadml models list{where}` shows all versions."
        )
    return (
        "Next: collect more outcomes, or give the model fields that say more about a lead, and train again.\n"
        f"      `leadml models list{where}` shows which version serves, if any."
    )


def with_config(config: Path) -> str:
    """Return the option that the next command needs to find the same configuration."""
    return "" if config == Path("leadml.toml") else f" --config {config}"


def _title(run: "TrainingRun") -> str:
    return next(str(row["title"]) for row in run.leaderboard if row["family"] == run.family)


_ROWS = (
    ("found in the first 20 % of calls", "capture_at_20pct", "{:.0%}"),
    ("times chance in the first 10 %", "lift_at_10pct", "{:.1f}"),
    ("ROC AUC (0.5 is chance)", "roc_auc", "{:.3f}"),
)
_MODEL_ROWS = (
    ("log loss", "log_loss", "{:.4f}"),
    ("Brier score", "brier", "{:.4f}"),
    ("calibration slope (1 is best)", "calibration_slope", "{:.2f}"),
)


def _comparison(run: "TrainingRun") -> tuple[list[str], list[list[str]]]:
    headers = ["", "model", "(95 % interval)", *run.naive]
    rows = []
    for words, name, form in _ROWS:
        rivals = [_value(metrics[name], form) for metrics in run.naive.values()]
        rows.append([words, _value(run.test[name], form), _range(run.test[name], form), *rivals])
    blank = [""] * len(run.naive)
    for words, name, form in _MODEL_ROWS:
        rows.append([words, _value(run.test[name], form), _range(run.test[name], form), *blank])
    return headers, rows


def _value(metric: Mapping[str, Any], form: str) -> str:
    return _figure(metric["value"], form)


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _range(metric: Mapping[str, Any], form: str) -> str:
    if metric["low"] is None or metric["high"] is None:
        return ""
    return f"({form.format(metric['low'])} to {form.format(metric['high'])})"


def _leaderboard(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    headers = ["family", "fold loss", "fold ROC AUC", "test ROC AUC", "ships"]
    return headers, [
        [
            row["title"],
            _figure(row["fold_loss"], "{:.4f}"),
            _figure(row["fold_roc_auc"], "{:.3f}"),
            _value(row["roc_auc"], "{:.3f}"),
            "yes" if row["ships"] else "no",
        ]
        for row in rows
    ]
