"""``leadml sample``: the sample CRM as files."""

from pathlib import Path
from typing import Annotated

import typer

from leadml.cli.train import JsonOption


def sample(
    folder: Annotated[Path, typer.Option("--dir", help="Where the files go.", metavar="FOLDER")] = Path("data"),
    leads: Annotated[int, typer.Option("--leads", help="Number of past leads.", metavar="N")] = 7000,
    new: Annotated[int, typer.Option("--new", help="Number of new leads, to be ranked.", metavar="N")] = 500,
    seed: Annotated[int, typer.Option("--seed", help="Another seed makes other leads.", metavar="N")] = 7,
    force: Annotated[bool, typer.Option("--force", help="Replace leads that are there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the sample CRM, whose leads are made up: leads.csv, new_leads.csv and events.csv.

    Where one of the files is there already, all are left as they are: they may be your own.

    Example: leadml sample --dir data --leads 1000
    """
    from leadml.cli.console import out, print_json
    from leadml.leads.sample import write_sample

    paths = {name: folder / f"{name}.csv" for name in ("leads", "new_leads", "events")}
    there = [path for path in paths.values() if path.exists()]
    written = force or not there
    if written:
        write_sample(folder, n_leads=leads, n_new=new, seed=seed)
    if as_json:
        print_json({"written": written, "files": {name: str(path) for name, path in paths.items()}})
    elif written:
        out().print(f"{leads:,} past leads and {new:,} new ones are in {folder}.")
    else:
        out().print(f"{there[0]} is there and is kept; --force replaces it by the sample.")
