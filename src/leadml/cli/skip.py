"""``leadml skip``: whom not to call, and what that costs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadml.cli.score import (
    AsOfOption,
    ConfigOption,
    EventsOption,
    HeaderRowOption,
    HistoryOption,
    JsonOption,
    KeepOption,
    LanguageOption,
    LeadsArgument,
    ModelOption,
    QueryOption,
    SheetOption,
    scorer_of,
    show_notes,
)

if TYPE_CHECKING:
    from leadml.model.scorer import Scorer
    from leadml.selling.skiplist import SkipList


def skip(
    leads: LeadsArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The leads to skip, the lowest first: .csv, .xlsx or .parquet.", metavar="FILE"),
    ] = None,
    limit: Annotated[
        float, typer.Option("--limit", help="The share of all conversions that may be lost.", metavar="SHARE")
    ] = 0.05,
    level: Annotated[float, typer.Option("--level", help="How sure to be of it.", metavar="SHARE")] = 0.95,
    model: ModelOption = None,
    config: ConfigOption = None,
    query: QueryOption = None,
    sheet: SheetOption = None,
    header_row: HeaderRowOption = None,
    events: EventsOption = None,
    history: HistoryOption = None,
    as_of: AsOfOption = None,
    keep: KeepOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find open leads that need not be called, and say what skipping them costs.

    Skipped are the leads with the lowest scores, as many as lose at most the limit of all conversions, with the
    confidence asked for. Where that cannot be shown, none are safe to skip.

    Example: leadml skip new_leads.csv --out skip.csv --limit 0.05
    """
    from leadml.cli.asked import configured, counter, file_of, history_of, names
    from leadml.cli.console import print_json, progress
    from leadml.training.skip import skip_list
    from leadml.training.train import REPORTS

    settings = configured(config)
    scorer = scorer_of(model, settings, language)
    asked_of_file = file_of(settings, query=query, sheet=sheet, header_row=header_row, events=events, as_of=as_of)
    with progress(quiet=as_json) as say:
        found = skip_list(
            scorer,
            leads,
            out,
            limit=limit,
            level=level,
            **asked_of_file,
            keep=names(keep),
            history=history_of(history, settings, scorer, as_of=as_of),
            reports=None if settings is None else settings.at(REPORTS),
            progress=counter(leads, say),
        )
    if as_json:
        print_json(found.to_dict())
    else:
        _show(found, scorer)
    if found.summary.n_rejected:
        raise typer.Exit(3)


def _show(found: "SkipList", scorer: "Scorer") -> None:
    from leadml.cli.console import out

    console = out()
    console.print(f"{_verdict(found)}\n")
    console.print("What skipping would have meant on the test, by the lowest scores:")
    console.print(_table(found))
    show_notes(found.summary, scorer)
    if found.out is not None and found.n_skipped:
        console.print(f"\nNext: take the leads of {found.out} off the lists.")
    elif found.n_skipped:
        console.print("\nNext: --out skip.csv writes these leads to a file.")
    else:
        console.print("\nNext: call them all by rank, or allow a larger --limit.")


def _verdict(found: "SkipList") -> str:
    sure, limit = f"{found.level:.0%}", f"{100 * found.limit:.2g}%"
    if not found.n_open:
        return "There is no open lead to skip: look at what was left out."
    if found.step is None:
        return (
            f"None of {found.n_open:,} open leads is safe to skip: the test cannot show with {sure} confidence that "
            f"less than {limit} of the conversions would be lost."
        )
    return (
        f"{found.n_skipped:,} of {found.n_open:,} open leads are safe to skip: those with a score of at most "
        f"{found.step.score}. Of all conversions at most {found.step.at_most:.1%} lie there ({sure} confidence; "
        f"{found.step.lost:.1%} did on the test, limit {limit}).\n"
        f"Of these {found.n_skipped:,} leads about {found.expected:.1f} would convert, at most {found.at_most:,} "
        f"({sure} confidence), of about {found.expected_in_all:.0f} in all."
    )


def _table(found: "SkipList") -> object:
    from leadml.cli.console import table

    rows = [
        (
            f"up to {step.score}",
            f"{step.spared:.0%}",
            f"{step.lost:.1%}",
            f"{step.at_most:.1%}",
            "yes" if found.step is not None and step.score <= found.step.score else "no",
        )
        for step in found.marks
    ]
    return table(["score", "calls spared", "conversions lost", "at most", "safe"], rows, right=(1, 2, 3))
