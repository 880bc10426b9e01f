"""``leadml init``: a first leadml.toml, guessed from a table."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from leadml.training.draft import Draft


def init(
    leads: Annotated[str, typer.Argument(metavar="LEADS", help="Past leads: a file, a folder, or a database.")],
    target: Annotated[Path, typer.Option("--out", help="The configuration to write.", metavar="FILE")] = Path(
        "leadml.toml"
    ),
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="The column that says what became of a lead.", metavar="COLUMN")
    ] = None,
    query: Annotated[str | None, typer.Option("--query", help="What to read from a database.", metavar="SQL")] = None,
    sheet: Annotated[
        str | None,
        typer.Option("--sheet", help="The sheet of a workbook: a name, or a number from 1.", metavar="SHEET"),
    ] = None,
    header_row: Annotated[
        int | None, typer.Option("--header-row", help="The row of a workbook that names the columns.", metavar="N")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a configuration that is there.")] = False,
    to_stdout: Annotated[bool, typer.Option("--stdout", help="Print the configuration; write no file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Look at a table and write a commented leadml.toml.

    Guesses which column is the outcome, the id, the dates and so on, what kind each field is, and which fields were
    filled in too late, each with its reason. Exports of six CRMs are known. LOOK: marks what a person should look at.

    Example: leadml init data/leads.csv --outcome status
    """
    from datetime import UTC, datetime

    from leadml.cli.console import print_json, progress
    from leadml.errors import UsageError
    from leadml.training.init import draft

    if target.exists() and not (force or to_stdout):
        raise UsageError(f"{target} must not be there yet, but it is; name another with --out, or use --force")
    with progress(quiet=as_json) as say:
        made = draft(
            leads,
            folder=target.parent,
            outcome=outcome,
            query=query,
            sheet=int(sheet) if sheet is not None and sheet.isdigit() else sheet,
            header_row=header_row,
            progress=say,
            now=datetime.now(UTC),
        )
    if not to_stdout:
        _write(target, made.to_toml())
    if as_json:
        print_json(made.to_dict() | {"config": None if to_stdout else str(target)})
    elif to_stdout:
        sys.stdout.write(made.to_toml())
    else:
        _show(made, target)


def _write(target: Path, text: str) -> None:
    from leadml.errors import OutputError

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{target} must be writable, got: {error}; name another with --out") from None


def _show(made: "Draft", target: Path) -> None:
    """Print what was found, and where to look, in short."""
    from leadml.cli.console import out
    from leadml.cli.train import with_config

    console = out()
    crm = f", an export of {made.crm}" if made.crm else ""
    console.print(f"{target}: {made.n_leads:,} leads, {len(made.fields)} fields{crm}", style="bold")
    for role, note in made.roles.items():
        console.print(f"  {role:<15} {note.name}")
    for status, notes in made.outcomes.items():
        if notes:
            console.print(f"  {status:<15} {', '.join(note.name for note in notes)}")
    if made.marks:
        console.print("\nLook at:", style="bold")
    for mark in made.marks:
        console.print(f"  {mark}", style="yellow")
    look = "look at the marked lines, then " if made.marks else ""
    console.print(f"\nNext: {look}`leadml check{with_config(target)}`.")
