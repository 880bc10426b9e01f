"""``leadml check``: the faults of a table, and how it was understood, as a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadml.cli.train import ConfigOption, JsonOption, SetOption, with_config

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from leadml.config import Config
    from leadml.leads.profile import ColumnProfile
    from leadml.training.check import Report, Same

OutOption = Annotated[
    Path | None, typer.Option("--out", help="Keep in a file what was found, as --json prints it.", metavar="FILE")
]
SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="Keep in a file the settings that training uses, as JSON.", metavar="FILE"),
]


def check(
    config: ConfigOption = Path("leadml.toml"),
    overrides: SetOption = None,
    out: OutOption = None,
    kept_settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find every fault in the past leads, and say how each column is understood.

    For each column: what it is used as, its kind and axis, how much is missing, what stands in it, and what looks
    odd. Leaks, fields that know the outcome, are named with their evidence. Personal data is masked. Exit code 1 if
    training would refuse.

    Example: leadml check --config leadml.toml
    """
    from datetime import UTC, datetime

    from leadml.cli.console import print_json, progress
    from leadml.config import Config
    from leadml.config.learned import learned_from
    from leadml.training.check import check as look

    settings = Config.load(config, overrides=overrides or ())
    with progress(quiet=as_json) as say:
        say("looking at the leads", 0.1)
        report = look(settings, now=datetime.now(UTC))
    if out is not None:
        _keep(out, report.to_dict())
    if kept_settings is not None:
        _keep(kept_settings, learned_from(settings))
    if as_json:
        print_json(report.to_dict())
    else:
        _show(report, settings, with_config(config))
    if report.refusal is not None:
        raise typer.Exit(1)


def _keep(path: Path, found: dict[str, Any]) -> None:
    import msgspec

    from leadml.errors import OutputError

    text = msgspec.json.format(msgspec.json.encode(found, enc_hook=str), indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text + b"\n")
    except OSError as error:
        raise OutputError(f"{path} must be a file that can be written, got: {error}") from None


def _show(report: "Report", settings: "Config", where: str) -> None:
    from leadml.cli.console import err, out
    from leadml.cli.delays import show_delay
    from leadml.leads.sources import shown

    show_columns(out(), report.columns, f"{shown(settings.leads.path)}: {report.n_leads:,} leads")
    if report.duplicates is not None:
        _show_duplicates(out(), report.duplicates)
    if report.delay is not None:
        show_delay(out(), report.delay, settings.label.horizon_days)
    _show_findings(err(), report)
    out().print("\n" + _verdict(report, where))


def show_columns(console: "Console", columns: Sequence["ColumnProfile"], title: str) -> None:
    """Print how each column is understood: fields, roles, and what is not used."""
    console.print(title, style="bold")
    parts = (
        ("Fields, which the model may use", [one for one in columns if one.column.use == "field"]),
        ("Roles", [one for one in columns if one.column.use == "role"]),
        ("Not used", [one for one in columns if one.column.use not in ("field", "role")]),
    )
    for heading, some in parts:
        if some:
            console.print(f"\n{heading}", style="bold")
            console.print(_table(some), soft_wrap=False)


def _table(columns: Sequence["ColumnProfile"]) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("column", overflow="fold", max_width=32)
    table.add_column("as", overflow="fold", max_width=20)
    table.add_column("missing", justify="right")
    table.add_column("what stands in it", overflow="fold")
    for one in columns:
        table.add_row(one.column.name, _used_as(one), f"{one.missing:.0%}", _told(one))
    return table


def _used_as(one: "ColumnProfile") -> str:
    column = one.column
    if column.use == "field":
        kind = (column.kind or "").replace("_", " ")
        return kind if one.axis in (None, "other") else f"{kind}, {one.axis}"
    return (column.role or column.use).replace("_", " ")


def _told(one: "ColumnProfile") -> "Text":
    """Return what stands in a column, how it is read where that is not plain, and what looks odd."""
    from rich.text import Text

    column = one.column
    lines = [Text(one.examples)] if one.examples else []
    if column.format is not None or "share" in column.why or column.use == "not used":
        lines.append(Text(column.why, style="dim"))
    if not column.sure:
        lines.append(Text("LOOK: is it read right? If not, say how in [leads.formats]", style="yellow"))
    return Text("\n").join([*lines, *(Text(f"LOOK: {odd}", style="yellow") for odd in one.oddities)])


def _show_duplicates(console: "Console", same: "Same") -> None:
    """Print how many leads are the same person or company, and a few of them, masked."""
    by = ", ".join(same.columns)
    console.print("\nDuplicates", style="bold")
    if not same.n_groups:
        console.print(f"No two leads are the same person or company (by {by}).")
    else:
        rules = ", ".join(f"{rule} {n:,}" for rule, n in same.rules.items())
        who = "1 person or company" if same.n_groups == 1 else f"{same.n_groups:,} persons or companies"
        console.print(f"{same.n_rows:,} leads are {who} (by {by}): {rules}. Each stays in one part of a split.")
        for example in same.examples:
            told = "; ".join(f"line {line}: {', '.join(values.values())}" for line, values in example)
            console.print(f"  such as {told}", style="dim")
    for skipped in same.skipped:
        console.print(skipped, style="yellow")


def _show_findings(console: "Console", report: "Report") -> None:
    for note in report.notes:
        console.print(f"note: {note}", style="dim")
    for leak in report.leaks:
        proven = leak.verdict == "proven"
        console.print(f"{'proven' if proven else 'suspected'} leak: {leak}", style="red" if proven else "yellow")
    for fault in report.faults:
        console.print(str(fault), style="red")


def _verdict(report: "Report", where: str) -> str:
    """Return what training would do, and what to do next."""
    leads = f"{report.n_leads:,} leads"
    if report.faults:
        sorts = "1 sort" if len(report.faults) == 1 else f"{len(report.faults)} sorts"
        mend = f", or `leadml train --skip-faulty{where}`" if report.skippable else ""
        return f"{leads}: {sorts} of fault; training would refuse.\nNext: mend them{mend}."
    if report.n_matured is not None:
        leads += f", {report.n_matured:,} of them with a final outcome, {report.n_converted:,} converted"
    if report.refusal is not None:
        return f"{leads}: training would refuse.\n{report.refusal}"
    return f"{leads}: no faults.\nNext: `leadml train{where}`."
