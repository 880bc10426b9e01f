"""A view of a list: some of its leads in some order, a page at a time, straight from the mapped table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadml.leads.letters import as_two, folded
from leadml.leads.schema import Language
from leadml.model.axes import SCORES
from leadml.model.reasons import DRAWN

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

PAGE = 50
NOBODY = "~"  # as an owner: leads that nobody looks after
# name in the address -> column, and whether the largest comes first where nothing else is said
SORTS: Mapping[str, tuple[str, bool]] = {
    "rank": ("rank", False),
    "lead": ("title", False),
    "id": ("lead_id", False),
    "owner": ("owner", False),
    "grade": ("grade", False),
    "score": ("score", True),
    "probability": ("probability", True),
    "interest": ("interest", True),
    "ability": ("ability", True),
    "authority": ("authority", True),
    "value": ("expected_value", True),
}
SHOWN = ("rank", "slot", "owner", "lead_id", "title", "company", "grade", "score", "probability", "expected_value")
AXES = ("interest", "ability", "authority")  # by their sums: finer than their scores
Translation = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a list; empty asks for all. ``largest_first`` None: as it is usual for ``sort``.

    ``upto`` asks for leads of at most this score, 0 for all.
    """

    owner: str = ""
    grade: str = ""
    text: str = ""
    upto: int = 0
    sort: str = "rank"
    largest_first: bool | None = None
    page: int = 1

    @property
    def falls(self) -> bool:
        """Whether the largest comes first."""
        return SORTS[self.sort][1] if self.largest_first is None else self.largest_first


@dataclass(frozen=True, slots=True)
class View:
    """One page: ``leads`` with ``place``, the row in the table from 1; ``n`` leads are in the view."""

    leads: Sequence[Mapping[str, Any]]
    n: int
    page: int
    pages: int

    @property
    def first(self) -> int:
        """The place of the first lead of the page in the view, from 1."""
        return (self.page - 1) * PAGE + 1


def rows(table: "pa.Table", query: Query) -> "NDArray[np.intp]":
    """Return the rows that are asked for, in order; what is not known comes last, ties are in the order of the list."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    chosen = _chosen(table, query)
    name, _ = SORTS[query.sort]
    if name == "rank" and not query.falls:
        return chosen
    keys = _column(table, name)
    if name in AXES and (scores := _column(table, f"{name}_score")).null_count < len(scores):
        keys = pc.if_else(pc.is_valid(scores), keys, None)  # unknown, whatever its missing values are worth
    if len(chosen) < table.num_rows:
        keys = keys.take(places_of(chosen))
    if pa.types.is_string(keys.type):
        keys = pc.utf8_lower(keys)
    if keys.null_count == len(keys):
        return chosen
    order = "descending" if query.falls else "ascending"
    places = pc.rank(keys, sort_keys=order, tiebreaker="dense")
    result: NDArray[np.intp] = chosen[np.argsort(places.to_numpy(), kind="stable")]
    return result


def view(table: "pa.Table", query: Query, translation: Translation | None = None) -> View:
    """Return the page that is asked for, or the last one; reasons in the words of ``translation``."""
    found = rows(table, query)
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(query.page, 1), pages)
    return View(leads(table, found[(page - 1) * PAGE : page * PAGE], translation), len(found), page, pages)


def leads(
    table: "pa.Table", chosen: "NDArray[np.intp]", translation: Translation | None = None
) -> list[dict[str, Any]]:
    """Return some leads of a list as dicts, with ``place`` and with their reasons for and against."""
    part = table.select([*SHOWN, *AXES, *SCORES, "summary", "reasons"]).take(places_of(chosen))
    told: list[dict[str, Any]] = part.to_pylist()
    for lead, row in zip(told, chosen.tolist(), strict=True):
        lead["place"] = row + 1
        lead["summary"] = (translation or {}).get(lead["summary"], lead["summary"])
        reasons = [(r["contribution"], (translation or {}).get(r["text"], r["text"])) for r in lead["reasons"] or ()]
        lead["pro"] = [text for points, text in reasons if points > 0]
        lead["con"] = [text for points, text in reasons if points < 0]
        lead["lot"] = lead["slot"] == "explore"
        lead["marks"] = [  # such as: past the horizon; a lot has a mark of its own
            text for points, text in reasons if points == 0 and not (lead["lot"] and text in DRAWN.values())
        ]
    return told


def places_of(chosen: "NDArray[np.intp]") -> "pa.Array":
    """Return rows as an Arrow array; ``pa.array`` would load pandas for that."""
    import numpy as np
    import pyarrow as pa

    data = np.ascontiguousarray(chosen, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(data), [None, pa.py_buffer(data)])


def beside(table: "pa.Table", query: Query, place: int) -> tuple[int | None, int | None, int, int]:
    """Return the leads before and after one in a view (None at its ends), its place in the view, and the view's size.

    A lead that is not in the view has the place 0.
    """
    import numpy as np

    found = rows(table, query)
    at = np.flatnonzero(found == place - 1)
    if not len(at):
        return None, None, 0, len(found)
    i = int(at[0])
    before = int(found[i - 1]) + 1 if i else None
    after = int(found[i + 1]) + 1 if i + 1 < len(found) else None
    return before, after, i + 1, len(found)


def translation(phrases: Mapping[Language, Sequence[str]], wanted: Language) -> Translation:
    """Return the words of each reason in the wanted language, from those in all languages."""
    if wanted not in phrases:
        return {}
    return {
        text: said
        for language, texts in phrases.items()
        if language != wanted
        for text, said in zip(texts, phrases[wanted], strict=True)
    }


def _chosen(table: "pa.Table", query: Query) -> "NDArray[np.intp]":
    import numpy as np
    import pyarrow.compute as pc

    masks = []
    if query.owner:
        owner = _column(table, "owner")
        masks.append(pc.is_null(owner) if query.owner == NOBODY else pc.equal(owner, query.owner))
    if query.grade:
        masks.append(pc.equal(_column(table, "grade"), query.grade))
    if query.upto:
        masks.append(pc.less_equal(_column(table, "score"), query.upto))
    search = _column(table, "search")
    asked = folded(query.text.encode("utf-8", "ignore").decode())
    masks += [_named(search, word) for word in asked.split()]
    chosen = np.ones(table.num_rows, dtype=bool)
    for mask in masks:
        chosen &= pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return np.flatnonzero(chosen)


def _named(search: "pa.Array", word: str) -> "pa.Array":
    """Return in which texts a word stands, in any of the ways in which it may be written."""
    import pyarrow.compute as pc

    ways = dict.fromkeys((word, as_two(word)))
    masks = [pc.match_substring(search, way) for way in ways]
    return masks[0] if len(masks) == 1 else pc.or_(*masks)


def _column(table: "pa.Table", name: str) -> "pa.Array":
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
