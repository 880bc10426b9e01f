"""The price of a list: a file of leads and a backlog in; what the list is worth, and how sure that is, out."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from leadml.leads.history.reading import Changes
from leadml.leads.sources import Source, open_source
from leadml.model.feed import open_feed
from leadml.model.output import output_kind
from leadml.model.scorer import Scorer, utc
from leadml.model.stream import Progress, check_apart
from leadml.ranking.lists import rank_file, write_ranked
from leadml.report.past import past_of
from leadml.selling.price import Rows, Terms, checked
from leadml.selling.pricelist import Case, Price, criteria_of, fields_in
from leadml.selling.pricerows import Ranked, columns_of, known_already, nobody, of_ranking, parts_of, people_of

__all__ = ["Price", "price_list"]


def price_list(
    scorer: Scorer,
    path: str | Path | Source,
    *,
    terms: Terms,
    backlog: str | Path | Source | None = None,
    where: Sequence[str] = (),
    out: str | Path | None = None,
    as_of: datetime | None = None,
    keep: Iterable[str] | None = None,
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
    events: Any = None,
    events_query: str | None = None,
    history: Changes | None = None,
    reports: Path | None = None,
    progress: Progress | None = None,
) -> Price:
    """Tell what a list is worth to a team with a backlog; ``out`` gets the leads of the list that would be called.

    Leads of the list that are in the file of the backlog, open or not, add nothing; they are found by their id and by
    the model's columns of identity. ``where`` are conditions that a lead must meet all, see ``selling.criterion``;
    their fair surcharge is told. ``query``, ``sheet`` and ``header_row`` go with the list. ``reports`` is the folder of
    reports, for a model that does not carry its evidence. The rest is as in ``rank_file``.

    Raises BundleError where the model has no evidence of its test, UsageError for terms or criteria that cannot be; and
    as ``rank_file`` does.
    """
    checked(terms)
    moment, source = utc(as_of), _opened(path, query=query, sheet=sheet, header_row=header_row)
    past = past_of(scorer, reports, as_of=moment)
    target = _target(out, source)
    feed = None if events is None else open_feed(scorer, events, as_of=moment, query=events_query)
    told: dict[str, Any] = {"as_of": moment, "events": feed, "history": history}
    shown = [] if target is None else list(source.columns if keep is None else dict.fromkeys(keep))
    asked = fields_in(where, scorer.schema)
    whole = tuple(dict.fromkeys([*shown, *columns_of(scorer, source.columns, asked)]))
    ranking = rank_file(scorer, source, None, keep=whole, reasons=target is not None, progress=progress, **told)
    mine = of_ranking(ranking, scorer, whole)
    parts = parts_of(scorer, mine.columns, asked, feed=feed, history=history, as_of=moment)
    criteria = criteria_of(scorer, where, parts)
    known, theirs = nobody(mine), None
    if backlog is not None:
        held = _opened(backlog)
        theirs = of_ranking(rank_file(scorer, held, None, keep=(), reasons=False, **told), scorer, ())
        known = known_already(scorer.schema, mine.columns, people_of(scorer.schema, held))
    case = Case(mine, theirs, known, parts=parts, terms=terms, past=past)
    if target is not None:
        _write(target, mine, case.entering, shown, scorer)
    return replace(case.price(criteria), out=target)


def _opened(path: str | Path | Source, **options: Any) -> Source:
    return open_source(path, **options) if isinstance(path, (str, Path)) else path


def _target(out: str | Path | None, source: Source) -> Path | None:
    if out is None:
        return None
    output_kind(Path(out))
    check_apart(source, Path(out))
    return Path(out)


def _write(out: Path, mine: Ranked, entering: Rows, keep: Sequence[str], scorer: Scorer) -> None:
    """Write the leads of the list that are called, the best first, with the columns that are kept."""
    table = mine.ranking.table.take(pa.array(entering))
    hidden = {shown for name, shown in mine.shown.items() if name not in keep}
    table = table.select([name for name in table.column_names if name not in hidden])
    ranks = pa.array(np.arange(1, len(entering) + 1))
    write_ranked(out, table.set_column(table.column_names.index("rank"), "rank", ranks), scorer)
