"""A picture with its words and its table, and a table: what a section of a page is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under headers; the first cell of a row names it. ``left``: columns of words, not numbers."""

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: frozenset[int] = frozenset({0})
    strong: frozenset[int] = frozenset()  # rows that stand out


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture: ``caption`` says what to see in it, ``table`` is the same in numbers."""

    key: str
    title: str
    picture: Markup
    caption: str
    table: Table
    tag: str = ""
