"""The top of a list on a terminal: two or three lines a lead, at most 100 columns wide."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDEST = 100
_INDENT = 6
_AXES = ("interest", "ability", "authority")


def show_top(leads: Sequence[Mapping[str, Any]], *, scores_axes: bool) -> None:
    """Print leads as rows of a list: place, grade, chance and axes, then the sentence, then the reasons.

    ``reasons`` is a text. ``scores_axes``: an axis without a score is unknown; else the model has no such scores.
    """
    from leadml.cli.console import out

    console = out()
    unknown = "unknown" if scores_axes else ""
    rows: list[tuple[str, ...]] = [("rank", "grade", "chance", *_AXES, "lead", "owner")]
    rows += [_row(lead, unknown) for lead in leads]
    width = max(len(row[-2]) for row in rows)
    for place, row in enumerate(rows):
        console.print(_line(row, width), style=None if place else "bold")
        if place:
            lead = leads[place - 1]
            for text in filter(None, (lead["summary"], lead["reasons"], _ask(lead))):
                wide = min(console.width, WIDEST) if console.is_terminal else 10**6  # a file keeps lines whole
                console.print(textwrap.fill(text, wide, initial_indent=" " * _INDENT, subsequent_indent=" " * _INDENT))


def _ask(lead: Mapping[str, Any]) -> str:
    return f"ask for: {lead['ask']}" if lead.get("ask") else ""


def _row(lead: Mapping[str, Any], unknown: str) -> tuple[str, ...]:
    scores = (lead[f"{axis}_score"] for axis in _AXES)
    told = (unknown if score is None else f"{score:.0f}" for score in scores)
    return (
        str(lead["rank"]),
        lead["grade"],
        f"{lead['probability']:.0%}",
        *told,
        str(lead["lead_id"] or ""),
        str(lead["owner"] or ""),
    )


def _line(row: Sequence[str], width: int) -> str:
    rank, grade, chance, interest, ability, authority, lead, owner = row
    first = f"{rank:>4}  {grade:<5}  {chance:>6}  {interest:>8}  {ability:>7}  {authority:>9}  {lead:<{width}}"
    return f"{first}  {textwrap.shorten(owner, max(WIDEST - len(first) - 2, 8), placeholder='…')}".rstrip()
