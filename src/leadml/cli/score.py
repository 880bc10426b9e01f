"""``leadml score``: leads in, numbers and reasons out; and what it shares with ``leadml rank``."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from leadml.config import Config
    from leadml.model.scorer import Scorer
    from leadml.model.stream import ScoreSummary
    from leadml.ranking.lists import RankSummary
    from leadml.ranking.rescore import RescoreSummary

LeadsArgument = Annotated[
    str,
    typer.Argument(
        help="The leads: a CSV, TSV, Parquet or Excel file, also packed (.gz, .zip); a folder or 'pattern*.csv' of"
        " them; or the URL of a database, with --query.",
        metavar="LEADS",
        show_default=False,
    ),
]
QueryOption = Annotated[
    str | None, typer.Option("--query", help="The SELECT that returns the leads of a database.", metavar="SQL")
]
SheetOption = Annotated[
    str | None,
    typer.Option("--sheet", help="The sheet of a workbook, by name or number; by default the first.", metavar="NAME"),
]
HeaderRowOption = Annotated[
    int | None,
    typer.Option(
        "--header-row", min=1, help="The row of the sheet with the column names; by default it is found.", metavar="ROW"
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="A model folder or models:/NAME@ALIAS; by default the champion beside the configuration.",
        metavar="MODEL",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Names champion and capacity; default: leadml.toml if it is there.", metavar="FILE"),
]
EventsOption = Annotated[
    str | None,
    typer.Option(
        "--events",
        help="What the leads did: a table as in [events] of the configuration, which is the default.",
        metavar="FILE",
    ),
]
HistoryOption = Annotated[
    str | None,
    typer.Option(
        "--history",
        help="What was changed on the leads: a table as in [history] of the configuration, which is the default. With"
        " --as-of, fields are set back to that moment.",
        metavar="FILE",
    ),
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="The day or moment of scoring, in UTC; by default now.", metavar="DATE")
]
KeepOption = Annotated[
    list[str] | None,
    typer.Option("--keep", help="Input columns to carry along: a,b, or several times.", metavar="COLUMNS"),
]
NoReasonsOption = Annotated[bool, typer.Option("--no-reasons", help="Leave the reasons empty; faster.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="Of the reasons: en or de; by default the model's.", metavar="en|de")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
_FAULTS = 5


def score(
    leads: LeadsArgument,
    out: Annotated[
        Path, typer.Option("--out", help="The result: .csv, .xlsx or .parquet.", metavar="FILE", show_default=False)
    ],
    model: ModelOption = None,
    config: ConfigOption = None,
    query: QueryOption = None,
    sheet: SheetOption = None,
    header_row: HeaderRowOption = None,
    events: EventsOption = None,
    history: HistoryOption = None,
    as_of: AsOfOption = None,
    keep: KeepOption = None,
    no_reasons: NoReasonsOption = False,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score every lead of a file, in input order; any size.

    Rows that cannot be read go to OUT.rejected.csv with their line and reason (exit code 3).

    Example: leadml score new_leads.csv --out scored.csv --keep email,source
    """
    from leadml.cli.asked import configured, counter, file_of, history_of, names
    from leadml.cli.console import print_json, progress
    from leadml.model.stream import score_file

    settings = configured(config)
    scorer = scorer_of(model, settings, language)
    asked_of_file = file_of(settings, query=query, sheet=sheet, header_row=header_row, events=events, as_of=as_of)
    with progress(quiet=as_json) as say:
        summary = score_file(
            scorer,
            leads,
            out,
            **asked_of_file,
            reasons=not no_reasons,
            keep=names(keep) or (),
            history=history_of(history, settings, scorer, as_of=as_of),
            progress=counter(leads, say),
        )
    if as_json:
        print_json(as_dict(summary, scorer))
    else:
        _show_score(summary, scorer)
    if summary.n_rejected:
        raise typer.Exit(3)


def scorer_of(model: str | None, settings: "Config | None", language: str | None) -> "Scorer":
    """Return the scorer of --model and --language."""
    from leadml.cli.asked import known_language, model_folder
    from leadml.model.scorer import load_model

    return load_model(str(model_folder(model, settings)), language=known_language(language))


def as_dict(summary: "ScoreSummary | RankSummary | RescoreSummary", scorer: "Scorer") -> dict[str, Any]:
    """Return a summary as it is printed with --json."""
    result = asdict(summary)
    return result | {"model_version": scorer.passport.model_version}


def _show_score(summary: "ScoreSummary", scorer: "Scorer") -> None:
    from leadml.cli.console import out

    console = out()
    leads = "1 lead" if summary.n_scored == 1 else f"{summary.n_scored:,} leads"
    console.print(f"{leads} scored in {summary.seconds:.1f} s: {grades_in_words(summary.grades)}.")
    show_notes(summary, scorer)
    console.print(f"\nNext: open {summary.out}, or `leadml rank` for a list with the best leads first.")


def grades_in_words(grades: Mapping[str, int]) -> str:
    """Return how many leads have each grade."""
    return ", ".join(f"{n:,} {grade}" for grade, n in grades.items())


def show_notes(summary: "ScoreSummary | RankSummary | RescoreSummary", scorer: "Scorer") -> None:
    """Show on standard error what a person should know, and what could not be read."""
    from leadml.cli.console import err

    console, passport = err(), scorer.passport
    if not passport.promoted:
        told = "did not pass its test: its order may be no better than chance"
        console.print(f"warning: model {passport.model_version} {told}; see `leadml models show`", style="yellow")
    if summary.absent:
        names = ", ".join(summary.absent)
        console.print(f"warning: the leads lack columns, which count as missing: {names}", style="yellow")
    for note in summary.notes:
        console.print(f"note: {note}", style="dim")
    if not summary.n_rejected:
        return
    where = f"; see {summary.rejected_path}" if summary.rejected_path else ""
    rows = "1 row" if summary.n_rejected == 1 else f"{summary.n_rejected:,} rows"
    console.print(f"{rows} could not be read{where}:", style="yellow")
    for fault in summary.faults[:_FAULTS]:
        console.print(f"  - {fault}", style="yellow")
