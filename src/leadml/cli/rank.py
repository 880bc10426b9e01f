"""``leadml rank``: leads in, a list out, the best first; and a list for each owner."""

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
    NoReasonsOption,
    QueryOption,
    SheetOption,
    as_dict,
    grades_in_words,
    scorer_of,
    show_notes,
)

if TYPE_CHECKING:
    from leadml.config import Config
    from leadml.model.scorer import Scorer
    from leadml.ranking.lists import Ranking
    from leadml.ranking.plan import Plan

SHOWN = 20
CONFIGURED = ("capacity", "capacities", "by", "contact_cost", "explore", "first")


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
            "--worklists",
            help="A folder for a list per owner, as workbooks where --out is one; or FILE.xlsx with a sheet for each.",
            metavar="FOLDER",
        ),
    ] = None,
    capacity_of: Annotated[
        list[str] | None,
        typer.Option(
            "--capacity-of",
            help="Leads on the worklist of one owner, where that differs; repeatable. By default ranking.capacities.",
            metavar="OWNER=N",
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option("--days", min=1, help="Make lists for so many days, each of CAPACITY leads.", metavar="N"),
    ] = None,
    explore: Annotated[
        float | None,
        typer.Option(
            "--explore",
            min=0,
            max=0.99,
            help="The share of places that is drawn by lot below the cut; by default ranking.explore, else 0.",
            metavar="SHARE",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Of the lot; by default each day has a draw of its own.", metavar="N"),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--first",
            help="check: rank on what is known before any contact; call: what is not asked yet does not count against"
            " a lead, and `ask` says what to ask. Needs leads.answers. By default ranking.first, else neither.",
            metavar="check|call",
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where", help="Only leads that meet this, like 'budget > 5000'; repeatable.", metavar="CRITERION"
        ),
    ] = None,
    query: QueryOption = None,
    sheet: SheetOption = None,
    header_row: HeaderRowOption = None,
    events: EventsOption = None,
    history: HistoryOption = None,
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
    contact_cost: Annotated[
        float | None,
        typer.Option(
            "--contact-cost",
            min=0,
            help="What one contact costs, in the currency of the value; by default ranking.contact_cost, else 0.",
            metavar="COST",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Rank open leads, best first, cut to what you can call.

    Left out are leads that are decided, those that are not to be contacted, and older rows of the same lead.
    Leads that have been open for longer than the model looks ahead come last, and their reasons say so.
    Leads without an owner are dealt out among the owners for --worklists. With --explore, every lead keeps a
    chance of being met. All input columns are carried along, or those named with --keep.

    Example: leadml rank new_leads.csv --out ranked.xlsx --capacity 50 --worklists lists
    """
    from leadml.cli.asked import configured, counter, file_of, history_of, names
    from leadml.cli.console import print_json, progress
    from leadml.ranking.lists import rank_file
    from leadml.selling.pricelist import criteria_of

    settings = configured(config)
    asked = {
        "capacity": capacity,
        "capacities": _capacities(capacity_of, settings, worklists),
        "by": by,
        "contact_cost": contact_cost,
        "explore": explore,
        "seed": seed,
        "days": days,
        "first": first,
    }
    plan = plan_of(settings, **asked)
    scorer = scorer_of(model, settings, language)
    asked_of_file = file_of(settings, query=query, sheet=sheet, header_row=header_row, events=events, as_of=as_of)
    with progress(quiet=as_json) as say:
        ranking = rank_file(
            scorer,
            leads,
            out,
            plan=plan,
            where=criteria_of(scorer, where or (), {}),
            worklists=worklists,
            **asked_of_file,
            reasons=not no_reasons,
            keep=names(keep),
            history=history_of(history, settings, scorer, as_of=as_of),
            progress=counter(leads, say),
        )
    summary = ranking.summary
    if as_json:
        top = {} if out is not None else {"leads": ranking.table.slice(0, SHOWN).to_pylist()}
        print_json(as_dict(summary, scorer) | top)
    else:
        _show_rank(ranking, scorer, leads, worklists)
    if summary.n_rejected:
        raise typer.Exit(3)


def _capacities(told: list[str] | None, settings: "Config | None", worklists: Path | None) -> dict[str, int] | None:
    """Return what each --capacity-of says, with what the configuration says of the others; raises UsageError."""
    from leadml.errors import UsageError

    if not told:
        return None
    if worklists is None:
        raise UsageError("--capacity-of must come with --worklists: the whole list belongs to nobody; give both")
    found = dict({} if settings is None else settings.ranking.capacities)
    for one in told:
        owner, _, number = one.rpartition("=")
        if not owner.strip() or not number.strip().isdecimal():
            raise UsageError(f'--capacity-of must be like "Anna Ott=20", got {one!r}')
        found[owner.strip()] = int(number)
    return found


def plan_of(settings: "Config | None", **asked: object) -> "Plan":
    """Return what is asked of a list; what is not asked for is as the configuration says."""
    from leadml.errors import UsageError
    from leadml.ranking.plan import Plan

    if asked.get("explore") and not asked.get("capacity") and (settings is None or settings.ranking.capacity is None):
        raise UsageError("--explore must come with --capacity: without a cut, nobody is below it; give both")
    told = {} if settings is None else {name: getattr(settings.ranking, name) for name in CONFIGURED}
    return Plan(**{**told, **{name: value for name, value in asked.items() if value is not None}})


def _show_rank(ranking: "Ranking", scorer: "Scorer", leads: str, worklists: Path | None) -> None:
    from leadml.cli.console import out
    from leadml.leads.sources import shown

    console, summary = out(), ranking.summary
    left_out = (
        (summary.n_not_open - summary.n_unlisted, "already decided"),
        (summary.n_unlisted, "with an outcome that the model does not know"),
        (summary.n_do_not_contact, "not to be contacted"),
        (summary.n_duplicates, "older rows of the same lead"),
        (summary.n_merged, "the same person as a newer lead"),
        (summary.n_filtered, "do not meet the criteria"),
    )
    without = ", ".join(f"{n:,} {why}" for n, why in left_out if n)
    if summary.out is None:
        _show_top(ranking, scorer)
        console.print()
    console.print(f"{summary.n_ranked:,} of {summary.n_leads:,} leads ranked: {grades_in_words(summary.grades)}.")
    if summary.n_explored:
        drawn = "1 of them was" if summary.n_explored == 1 else f"{summary.n_explored:,} of them were"
        console.print(f"{drawn} drawn by lot from below the cut (slot: explore).")
    if without:
        console.print(f"Left out: {without}.")
    if summary.n_past_horizon:
        console.print(f"{summary.n_past_horizon:,} leads have been open for longer than the model looks ahead: last.")
    if summary.worklists:
        console.print(f"{len(summary.worklists):,} worklists are in {worklists}.")
    show_notes(summary, scorer)
    if not summary.n_ranked and summary.n_unlisted:
        next_step = "if that outcome means open, name it in leads.open and train again, or leave the column out"
    elif not summary.n_ranked and summary.n_filtered:
        next_step = "loosen --where; no lead that can be called meets it"
    elif not summary.n_ranked:
        next_step = "look at what was left out; there is no open lead to call"
    elif summary.out:
        next_step = f"open {summary.out} and call from the top"
    else:
        next_step = f"leadml rank {shown(leads)} --out ranked.xlsx"
    console.print(f"\nNext: {next_step}.")


def _show_top(ranking: "Ranking", scorer: "Scorer") -> None:
    import msgspec

    from leadml.cli.top import show_top
    from leadml.model.reasons import Reason, text

    leads = ranking.table.slice(0, SHOWN).to_pylist()
    for lead in leads:
        lead["reasons"] = text(msgspec.convert(lead["reasons"], list[Reason]))
    show_top(leads, scores_axes=scorer.legend.scores_axes)
