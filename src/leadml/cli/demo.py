"""``leadml demo``: the whole main job on the sample, in one go."""

from pathlib import Path
from typing import Annotated, Any

import typer

TOP = 10


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Where the sample, the model and the list go.", metavar="FOLDER")
    ] = Path("demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Train on a sample CRM and rank its new leads.

    The main job in one go. The sample is made up; leadml.toml and data/ are written into the folder if need be.

    Example: leadml demo --dir demo
    """
    from leadml.cli.console import err, out, print_json, progress
    from leadml.cli.top import show_top
    from leadml.cli.train import show_run, with_config
    from leadml.config import Config
    from leadml.leads.sample import write_config, write_sample
    from leadml.training.train import train

    if not (folder / "leadml.toml").exists():
        write_config(folder)
    config = Config.load(folder / "leadml.toml")
    if not config.at(config.leads.path).exists():
        write_sample(config.at(config.leads.path).parent)
    new = config.at(config.leads.path).parent / "new_leads.csv"
    err().print(f"Learning from {config.at(config.leads.path)} (a made-up CRM) ...", style="dim")
    with progress(quiet=as_json) as say:
        run = train(config, progress=say)
    listed = folder / "ranked.csv"
    top = _rank(config, new, listed) if run.promoted else []
    if as_json:
        print_json(run.to_dict() | {"ranked": str(listed) if top else None, "top": top})
        return
    show_run(run)
    console = out()
    if not top:
        console.print("\nNo list was made: a model that was not promoted does not rank.")
        return
    of = f"of the {config.ranking.capacity} leads" if config.ranking.capacity else "leads"
    console.print(f"\nThe first {len(top)} {of} to call now, in {listed}:")
    show_top(top, scores_axes=True)
    where = with_config(folder / "leadml.toml")
    console.print("\nNext:")
    console.print(f"  look at all of them          {listed} (opens in a spreadsheet)")
    console.print(f"  see them on a web page       leadml serve{where}")
    console.print(f"  see how good the model is    {folder / 'reports' / 'report.html'} (opens in a browser)")
    console.print(f"  retrain with other settings  leadml train{where} --set label.horizon_days=60")
    console.print(f"  see the versions             leadml models list{where}")
    console.print("  use your own leads           leadml init YOUR_LEADS.csv, in a folder of their own")


def _rank(config: Any, new: Path, listed: Path) -> list[dict[str, Any]]:
    """Rank the new leads to a file, and return the top of the list."""
    from pyarrow import csv

    from leadml.cli.asked import events_of
    from leadml.cli.rank import plan_of
    from leadml.model.scorer import load_model
    from leadml.ranking.lists import rank_file

    scorer = load_model(str(config.at(config.serving.model)))
    rank_file(scorer, new, listed, plan=plan_of(config), **events_of(None, config))
    top: list[dict[str, Any]] = csv.read_csv(listed).slice(0, TOP).to_pylist()
    return top
