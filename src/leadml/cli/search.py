"""``leadml search``: a training that first searches for better settings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadml.cli.train import ConfigOption, JsonOption, SetOption, SkipOption, show_run, with_config

if TYPE_CHECKING:
    from leadml.training.search import SearchRun

SecondsOption = Annotated[
    float | None, typer.Option("--seconds", metavar="S", min=1.0, help="How long to search; by default search.seconds.")
]
TrialsOption = Annotated[
    int | None,
    typer.Option("--trials", metavar="N", min=1, help="How many recipes to try, those kept from before included."),
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=1, help="How many to try side by side; by default search.jobs.")
]
ResumeOption = Annotated[
    bool, typer.Option("--resume/--fresh", help="Go on where an earlier search on these leads ended, or begin anew.")
]


def search(
    config: ConfigOption = Path("leadml.toml"),
    overrides: SetOption = None,
    seconds: SecondsOption = None,
    trials: TrialsOption = None,
    jobs: JobsOption = None,
    resume: ResumeOption = True,
    skip_faulty: SkipOption = False,
    as_json: JsonOption = False,
) -> None:
    """Search for better settings, then train with what is proven better.

    Tries families, settings, groups of fields, and letting old leads count less, on the rolling time folds. The
    default recipe stays unless another is proven better there. What is tried is kept in reports/search.db, so that
    a search that was stopped goes on.

    Example: leadml search --config leadml.toml --seconds 300 --jobs 2
    """
    from leadml.cli.console import out, print_json, progress
    from leadml.config import Config
    from leadml.training.search import search as search_recipe

    settings = Config.load(config, overrides=overrides or ())
    with progress(quiet=as_json) as say:
        found = search_recipe(
            settings,
            seconds=seconds,
            trials=trials,
            jobs=jobs,
            fresh=not resume,
            skip_faulty=skip_faulty,
            progress=say,
        )
    if as_json:
        print_json(found.to_dict())
    else:
        _show(found)
        show_run(found.run)
        out().print(f"\nNext: `leadml models list{with_config(config)}` shows all versions, and which one serves.")
    if found.run.n_rejected:
        raise typer.Exit(3)


def _show(found: "SearchRun") -> None:
    """Print the best of each family on the folds."""
    from leadml.cli.console import out, table
    from leadml.learning.candidates import FAMILIES
    from leadml.learning.search import worded

    console = out()
    kept = f" ({found.n_kept:,} of them by an earlier search)" if found.n_kept else ""
    console.print(f"The best of {found.n_trials:,} recipes{kept}, by family:")
    rows = [
        [FAMILIES[family].title, f"{one['fold_loss']:.4f}", f"{one['fold_roc_auc']:.3f}", worded(one["settings"])]
        for family, one in sorted(found.best.items(), key=lambda item: item[1]["fold_loss"])
    ]
    console.print(table(["family", "fold loss", "fold ROC AUC", "settings"], rows, right=(1, 2)))
    console.print(found.sentence + "\n", style="green" if found.better else "yellow")
