"""``leadml score`` and ``leadml rank``: leads in, numbers and reasons out."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from leadml.config import Config
    from leadml.model.scorer import Scorer
    from leadml.model.stream import ScoreSummary
    from leadml.ranking.lists import Ranking, RankSummary

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
SHOWN = 20
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
    from leadml.cli.asked import configured, events_of, moment, names, rows_of
    from leadml.cli.console import print_json, progress
    from leadml.model.stream import score_file

    settings = configured(config)
    scorer = _scorer(model, settings, language)
    total = rows_of(leads)
    with progress(quiet=as_json) as say:
        summary = score_file(
            scorer,
            leads,
            out,
            query=query,
            sheet=sheet,
            header_row=header_row,
            as_of=moment(as_of),
            reasons=not no_reasons,
            keep=names(keep) or (),
            **events_of(events, settings),
            progress=lambda done: say(f"scored {done:,} leads", min(done / total, 1.0) if total else 0.0),
        )
    if as_json:
        print_json(_json(summary, scorer))
    else:
        _show_score(summary)
    if summary.n_rejected:
        raise typer.Exit(3)


def rank(
    leads: LeadsArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The list: .csv, .xlsx or .parquet; without it the top is shown.", metavar="FILE"),
    ] = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    capacity: Annotated[
        int | None,
        typer.Option("--capacity", min=1, help="Leads per list; by default ranking.capacity, else all.", metavar="N"),
    ] = None,
    worklists: Annotated[
        Path | None,
        typer.Option(
            "--worklists", help="A folder for one list per owner, as workbooks where --out is one.", metavar="FOLDER"
        ),
    ] = None,
    query: QueryOption = None,
    sheet: SheetOption = None,
    header_row: HeaderRowOption = None,
    events: EventsOption = None,
    as_of: AsOfOption = None,
    keep: KeepOption = None,
    no_reasons: NoReasonsOption = False,
    language: LanguageOption = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            help="What counts; expected_value is probability times value. By default ranking.by.",
            metavar="probability|expected_value",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Rank open leads, best first, cut to what you can call.

    Left out are leads that are decided, those that are not to be contacted, and older rows of the same lead.
    Leads that have been open for longer than the model looks ahead come last, and their reasons say so.
    All input columns are carried along, or those named with --keep.

    Example: leadml rank new_leads.csv --out ranked.xlsx --capacity 50 --worklists lists
    """
    from leadml.cli.asked import configured, events_of, moment, names, rows_of
    from leadml.cli.console import print_json, progress
    from leadml.ranking.lists import rank_file

    settings = configured(config)
    scorer = _scorer(model, settings, language)
    total = rows_of(leads)
    with progress(quiet=as_json) as say:
        ranking = rank_file(
            scorer,
            leads,
            out,
            capacity=capacity or (settings.ranking.capacity if settings is not None else None),
            worklists=worklists,
            query=query,
            sheet=sheet,
            header_row=header_row,
            as_of=moment(as_of),
            reasons=not no_reasons,
            keep=names(keep),
            **events_of(events, settings),
            by=by or (settings.ranking.by if settings is not None else "probability"),  # type: ignore[arg-type]
            progress=lambda done: say(f"scored {done:,} leads", min(done / total, 1.0) if total else 0.0),
        )
    summary = ranking.summary
    if as_json:
        top = {} if out is not None else {"leads": ranking.table.slice(0, SHOWN).to_pylist()}
        print_json(_json(summary, scorer) | top)
    else:
        _show_rank(ranking, leads)
    if summary.n_rejected:
        raise typer.Exit(3)


def _scorer(model: str | None, settings: "Config | None", language: str | None) -> "Scorer":
    from leadml.cli.asked import known_language, model_folder
    from leadml.model.scorer import load_model

    return load_model(str(model_folder(model, settings)), language=known_language(language))


def _json(summary: "ScoreSummary | RankSummary", scorer: "Scorer") -> dict[str, Any]:
    result = asdict(summary)
    return result | {"model_version": scorer.passport.model_version}


def _show_score(summary: "ScoreSummary") -> None:
    from leadml.cli.console import out

    console = out()
    leads = "1 lead" if summary.n_scored == 1 else f"{summary.n_scored:,} leads"
    console.print(f"{leads} scored in {summary.seconds:.1f} s: {_grades(summary.grades)}.")
    _show_notes(summary)
    console.print(f"\nNext: open {summary.out}, or `leadml rank` for a list with the best leads first.")


def _show_rank(ranking: "Ranking", leads: str) -> None:
    from leadml.cli.console import out
    from leadml.leads.sources import shown

    console, summary = out(), ranking.summary
    left_out = (
        (summary.n_not_open, "already decided"),
        (summary.n_do_not_contact, "not to be contacted"),
        (summary.n_duplicates, "older rows of the same lead"),
        (summary.n_merged, "the same person as a newer lead"),
    )
    without = ", ".join(f"{n:,} {why}" for n, why in left_out if n)
    if summary.out is None:
        _show_top(ranking)
    console.print(f"{summary.n_ranked:,} of {summary.n_leads:,} leads ranked: {_grades(summary.grades)}.")
    if without:
        console.print(f"Left out: {without}.")
    if summary.n_past_horizon:
        console.print(f"{summary.n_past_horizon:,} leads have been open for longer than the model looks ahead: last.")
    if summary.worklists:
        folder = next(iter(summary.worklists.values())).parent
        console.print(f"{len(summary.worklists):,} worklists are in {folder}.")
    _show_notes(summary)
    if not summary.n_ranked:
        next_step = "look at what was left out; there is no open lead to call"
    elif summary.out:
        next_step = f"open {summary.out} and call from the top"
    else:
        next_step = f"leadml rank {shown(leads)} --out ranked.xlsx"
    console.print(f"\nNext: {next_step}.")


def _show_top(ranking: "Ranking") -> None:
    import msgspec

    from leadml.cli.console import out, table
    from leadml.model.reasons import Reason, text

    rows = [
        (
            str(lead["rank"]),
            lead["grade"],
            f"{lead['probability']:.0%}",
            lead["lead_id"] or "",
            lead["owner"] or "",
            text(msgspec.convert(lead["reasons"], list[Reason])),
        )
        for lead in ranking.table.slice(0, SHOWN).to_pylist()
    ]
    out().print(table(["rank", "grade", "chance", "lead", "owner", "why"], rows, right=(0, 2)))


def _grades(grades: Mapping[str, int]) -> str:
    return ", ".join(f"{n:,} {grade}" for grade, n in grades.items())


def _show_notes(summary: "ScoreSummary | RankSummary") -> None:
    from leadml.cli.console import err

    console = err()
    if summary.absent:
        names = ", ".join(summary.absent)
        console.print(f"warning: the leads lack columns, which count as missing: {names}", style="yellow")
    for note in summary.notes:
        console.print(f"note: {note}", style="dim")
    if not summary.n_rejected:
        return
    where = f"; see {summary.rejected_path}" if summary.rejected_path else ""
    console.print(f"{summary.n_rejected:,} rows could not be read{where}:", style="yellow")
    for fault in summary.faults[:_FAULTS]:
        console.print(f"  - {fault}", style="yellow")
