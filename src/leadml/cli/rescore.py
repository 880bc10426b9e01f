"""``leadml rescore``: leads scored again as answers come in, with what changed and why."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadml.cli.score import (
    AsOfOption,
    ConfigOption,
    EventsOption,
    HeaderRowOption,
    JsonOption,
    LanguageOption,
    LeadsArgument,
    ModelOption,
    QueryOption,
    SheetOption,
    as_dict,
    scorer_of,
    show_notes,
)

if TYPE_CHECKING:
    from leadml.model.rescore import Rescored
    from leadml.model.scorer import Scorer
    from leadml.ranking.answers import Answers
    from leadml.ranking.rescore import Rescoring

SHOWN = 20


def rescore(
    leads: LeadsArgument,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help="A table of answers: the ids of leads, and columns of fields.", metavar="FILE"),
    ] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="The lead of --answer, by its id.", metavar="ID")] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", help="One answer of that lead; several times for more.", metavar="COLUMN=VALUE"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The leads with answers, best first: .csv, .xlsx or .parquet.", metavar="FILE"),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also the leads without answers.")] = False,
    first: Annotated[
        str | None,
        typer.Option(
            "--first",
            help="As in `leadml rank`: what is not asked yet does not count against a lead. By default ranking.first.",
            metavar="check|call",
        ),
    ] = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    query: QueryOption = None,
    sheet: SheetOption = None,
    header_row: HeaderRowOption = None,
    events: EventsOption = None,
    as_of: AsOfOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score leads again with new answers, and say what changed and why.

    Answers come from a table with one row for each call, of which a later row wins; empty cells change nothing.
    Or from the command line, for one lead. The leads are a file of leads, or a list that `leadml rank` wrote.

    Example: leadml rescore ranked.csv --answers answers.csv --out rescored.xlsx
    """
    from leadml.cli.asked import configured, counter, file_of
    from leadml.cli.console import print_json, progress
    from leadml.cli.rank import plan_of
    from leadml.model.first import unasked
    from leadml.ranking.rescore import rescore_file

    settings = configured(config)
    scorer = scorer_of(model, settings, language)
    if plan_of(settings, first=first).first is not None:
        scorer = unasked(scorer)
    told = _answers(scorer, answers, lead, answer)
    asked_of_file = file_of(settings, query=query, sheet=sheet, header_row=header_row, events=events, as_of=as_of)
    with progress(quiet=as_json) as say:
        found = rescore_file(
            scorer, leads, told, out, everything=everything, **asked_of_file, progress=counter(leads, say)
        )
    if as_json:
        print_json(as_dict(found.summary, scorer) | ({} if out is not None else {"leads": _plain(found)}))
    else:
        _show(found, scorer, lead)
    if found.summary.n_rejected:
        raise typer.Exit(3)


def _answers(scorer: "Scorer", path: Path | None, lead: str | None, told: Sequence[str] | None) -> "Answers":
    """Return the answers of a table, or of the command line; raises UsageError where it is neither, or both."""
    from leadml.errors import UsageError
    from leadml.model.rescore import askable
    from leadml.ranking.answers import one_answer, read_answers
    from leadml.selling.criterion import doubtful

    if (path is None) is (lead is None):
        raise UsageError("rescore must have --answers FILE, or --lead ID with --answer COLUMN=VALUE; give one of them")
    if (lead is None) is not (not told):
        raise UsageError("--lead must come with --answer COLUMN=VALUE, and --answer with --lead ID; give both")
    if path is not None:
        return read_answers(scorer, path)
    pairs, fields = {}, askable(scorer.schema)
    for one in told or ():
        column, sign, value = one.partition("=")
        if not sign:
            raise UsageError(f"--answer must be like budget=20000, got {one!r}")
        pairs[column.strip()] = value.strip()
        if field := fields.get(column.strip()):
            doubtful(field, value.strip(), "--answer")
    return one_answer(scorer, lead or "", pairs)


def _plain(found: "Rescoring") -> list[dict[str, Any]]:
    import msgspec

    names = ("rank_before", "rank")
    return [
        dict(zip(names, ranks, strict=True)) | msgspec.to_builtins(one)
        for one, ranks in zip(found.rescored[:SHOWN], found.ranks, strict=False)
    ]


def _show(found: "Rescoring", scorer: "Scorer", lead: str | None) -> None:
    from leadml.cli.console import out, table

    console, summary = out(), found.summary
    asked = [at for at, one in enumerate(found.rescored) if one.after.lead_id == lead] if lead is not None else []
    for at in asked:
        _show_one(found.rescored[at], *found.ranks[at])
    if lead is None and found.rescored and summary.out is None:
        console.print(table(["rank", "lead", "grade", "chance", "why"], _rows(found), right=(0,)))
    if lead is None:
        leads = "1 lead has" if summary.n_answered == 1 else f"{summary.n_answered:,} of {summary.n_leads:,} leads have"
        console.print(f"{leads} new answers; the chance of {summary.n_changed:,} changed.")
    show_notes(summary, scorer)
    if summary.answers_rejected_path is not None:
        console.print(f"The answers that could not be used are in {summary.answers_rejected_path}.")
    if not found.rescored:
        next_step = "check the ids: no lead of the file has an answer"
    elif summary.out is not None:
        next_step = f"open {summary.out} and call from the top"
    else:
        next_step = "--out rescored.xlsx writes these leads, with their answers in place"
    console.print(f"\nNext: {next_step}.")


def _show_one(one: "Rescored", rank_before: int, rank: int) -> None:
    from leadml.cli.console import out

    console, before, after = out(), one.before, one.after
    console.print(
        f"{after.lead_id}: {before.probability:.0%} -> {after.probability:.0%}, score {before.score} -> {after.score}, "
        f"grade {before.grade} -> {after.grade}, rank {rank_before:,} -> {rank:,}"
    )
    for change in one.why:
        console.print(f"  {change.text}")
    if not one.why:
        console.print("  nothing that the model counts has changed")
    if after.summary:
        console.print(f"Now: {after.summary}.")


def _rows(found: "Rescoring") -> list[tuple[str, ...]]:
    return [
        (
            f"{ranks[0]:,} -> {ranks[1]:,}",
            one.after.lead_id or "",
            f"{one.before.grade} -> {one.after.grade}",
            f"{one.before.probability:.0%} -> {one.after.probability:.0%}",
            "; ".join(change.text for change in one.why),
        )
        for one, ranks in zip(found.rescored[:SHOWN], found.ranks, strict=False)
    ]
