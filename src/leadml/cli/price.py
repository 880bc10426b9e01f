"""``leadml price``: what a list is worth."""

from collections.abc import Iterator
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
    ModelOption,
    QueryOption,
    SheetOption,
    scorer_of,
    show_notes,
)

if TYPE_CHECKING:
    from leadml.config import Config
    from leadml.model.scorer import Scorer
    from leadml.selling.price import Terms
    from leadml.selling.pricedraws import Range
    from leadml.selling.pricelist import Price

SHOWN = 3  # parts that are told to be far from the past leads
MOST = 6  # parts that are told to be lacking
LESS = 0.02  # share of the model's spread from which a loss is told


def price(
    leads: Annotated[
        str,
        typer.Argument(
            help="The list that is for sale: a CSV, TSV, Parquet or Excel file, a folder, or a database with --query.",
            metavar="LIST",
            show_default=False,
        ),
    ],
    margin: Annotated[
        float, typer.Option("--margin", help="The profit of one conversion.", metavar="MONEY", show_default=False)
    ],
    contact_cost: Annotated[
        float | None,
        typer.Option(
            "--contact-cost",
            help="What one contact costs; by default ranking.contact_cost, else 0.",
            metavar="MONEY",
        ),
    ] = None,
    capacity: Annotated[
        int | None,
        typer.Option(
            "--capacity",
            help="The leads that can be called while the list is fresh; by default ranking.capacity.",
            metavar="N",
        ),
    ] = None,
    backlog: Annotated[
        str | None,
        typer.Option("--backlog", help="The leads that are there already, as LIST is named.", metavar="FILE"),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            help="A criterion, such as 'budget > 50000'; its fair surcharge is told. Several are joined by and.",
            metavar="CRITERION",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The leads that would be called: .csv, .xlsx or .parquet.", metavar="FILE"),
    ] = None,
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
    """Tell what a list of leads is worth: the most to pay for it, and how sure that is.

    The list is worth what the backlog with it brings more than the backlog alone, by the leads that can be called.
    Leads of the list that are in the backlog already add nothing.

    Example: leadml price list.csv --margin 900 --contact-cost 20 --capacity 200 --backlog open_leads.csv
    """
    from leadml.cli.asked import configured, counter, file_of, history_of, names
    from leadml.cli.console import print_json, progress
    from leadml.training.price import price_list
    from leadml.training.train import REPORTS

    settings = configured(config)
    scorer = scorer_of(model, settings, language)
    terms = _terms(settings, margin, contact_cost, capacity)
    asked_of_file = file_of(settings, query=query, sheet=sheet, header_row=header_row, events=events, as_of=as_of)
    with progress(quiet=as_json) as say:
        found = price_list(
            scorer,
            leads,
            terms=terms,
            backlog=backlog,
            where=where or (),
            out=out,
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


def _terms(settings: "Config | None", margin: float, cost: float | None, capacity: int | None) -> "Terms":
    """Return what counts; what is not asked for is as the configuration says."""
    from leadml.errors import UsageError
    from leadml.selling.price import Terms

    if settings is not None:
        cost = settings.ranking.contact_cost if cost is None else cost
        capacity = settings.ranking.capacity if capacity is None else capacity
    if capacity is None:
        raise UsageError("capacity must be given: how many leads can be called while the list is fresh; add --capacity")
    return Terms(margin, cost or 0.0, capacity)


def _show(found: "Price", scorer: "Scorer") -> None:
    from leadml.cli.console import err, out

    console = out()
    if found.summary.n_unlisted:
        unknown = (
            f"the outcome of {found.summary.n_unlisted:,} leads is none that the model knows, so they count for nothing"
        )
        err().print(f"warning: {unknown}; see the note", style="yellow")
    if not scorer.passport.promoted:
        err().print("warning: the model did not pass its test: do not pay by what it says", style="yellow")
    if found.too_far:
        advice = "Do not pay by this price: buy a small part first"
        err().print(f"warning: too far to tell: {found.too_far}. {advice}.", style="yellow")
    console.print(f"{_verdict(found)}\n")
    console.print(_table(found))
    console.print()
    for line in _fit(found):
        console.print(line)
    if found.surcharge is not None:
        console.print(f"\n{_criterion(found)}")
    show_notes(found.summary, scorer)
    if found.backlog is not None and not found.n_backlog:
        err().print(
            "note: no lead of the backlog can be called, so the list is priced as if there were none", style="dim"
        )
    if found.out is not None and found.n_entering:
        console.print(f"\nNext: {found.out} has the {found.n_entering:,} leads that would be called.")
    elif found.n_entering:
        console.print("\nNext: --out called.csv writes the leads of the list that would be called.")
    else:
        console.print("\nNext: do not buy it, or see what a larger --capacity changes.")


def _verdict(found: "Price") -> str:
    """Return what the list is worth, in two or three sentences."""
    per = f"{found.per_lead:,.2f} for each of its {found.n_rows:,} rows, {found.per_new:,.2f} for each new lead"
    first = f"Pay at most {found.price:,.0f} for this list: {per}."
    if not found.n_entering:
        return f"This list is worth nothing to you. {_why_nothing(found)}"
    displaced = f" instead of {found.n_displaced:,} of the backlog" if found.n_displaced else ""
    called = (
        f"With room for {found.terms.capacity:,} calls you would call {found.n_entering:,} of its leads{displaced}."
    )
    sure = (
        f"That brings {found.gained:.1f} more conversions, with 95% confidence {_span(found.gained_range)}; "
        f"before you pay for the list, between {found.profit.low_95:,.0f} and {found.profit.high_95:,.0f}."
    )
    return f"{first}\n{called} {sure}"


def _why_nothing(found: "Price") -> str:
    if not found.n_leads:
        return "It has no lead that can be called: look at what was left out." if found.n_rows else "It has no leads."
    if found.n_known == found.n_leads:
        return f"All of its {found.n_leads:,} leads are in your backlog already."
    return "None of its new leads is worth a call more than those that you have."


def _table(found: "Price") -> object:
    from leadml.cli.console import table

    likely = f"{found.expected:.1f}, with 95% confidence {_span(found.conversions)}"
    rows = [
        ("rows of the list", f"{found.n_rows:,}"),
        ("leads that can be called, each person once", f"{found.n_leads:,}"),
        ("in the backlog already", f"{found.n_known:,}"),
        ("new", f"{found.n_new:,}"),
        ("conversions of the new ones, if all were called", likely),
    ]
    if found.n_late:
        rows.insert(3, ("open for too long to convert in time", f"{found.n_late:,}"))
    if found.backlog is not None:
        rows.append(("leads of the backlog that can be called", f"{found.n_backlog:,}"))
    return table(["", "leads"], rows, right=(1,))


def _fit(found: "Price") -> Iterator[str]:
    """Yield what the list lacks, and where it differs from the past leads."""
    if not found.n_leads:
        return
    yield f"The list carries {found.covered:.0%} of what the model tells leads apart by."
    losses = [(one.part, one.share * (1 - one.known / one.known_before)) for one in found.lacking if one.known_before]
    told = [f"{part} ({loss:.0%})" for part, loss in losses if loss >= LESS]
    if told:
        more = f" and {len(told) - MOST} more" if len(told) > MOST else ""
        yield f"It lacks, or has fewer values of: {', '.join(told[:MOST])}{more}."
    far = [one for one in found.farthest if one.distance >= 0.1][:SHOWN]
    if far:
        moved = "; ".join(f"{one.part}: {one.what} {one.before:.0%} before, {one.now:.0%} here" for one in far)
        yield f"It differs most from your past leads in {moved}."


def _criterion(found: "Price") -> str:
    one = found.surcharge
    assert one is not None
    where = " and ".join(one.where)
    if not one.n_leads:
        return f"No lead of the list meets {where}."
    told = f"{found.per_lead:,.2f} of the whole list"
    fair = f"The fair surcharge is {one.surcharge:,.2f} per row, over the {told}."
    if one.surcharge <= 0:
        fair = f"No surcharge is fair: that is not more than the {told}."
    return (
        f"{one.n_leads:,} leads meet {where}, {one.n_new:,} of them new. A list of these alone is worth "
        f"{one.price:,.0f}, or {one.per_lead:,.2f} per row (rows that cannot be called are shared out). {fair}"
    )


def _span(drawn: "Range") -> str:
    return f"{drawn.low_95:,.0f} to {drawn.high_95:,.0f}"
