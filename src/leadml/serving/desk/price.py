"""What an uploaded list is worth, beside another one that is the backlog: both are ranked already."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from leadml.model.scorer import Scorer, utc
from leadml.ranking.lists import Ranking, RankSummary
from leadml.report.past import past_of
from leadml.selling.price import Terms, checked
from leadml.selling.pricelist import SCORES, Case, Price, criteria_of, fields_in
from leadml.selling.pricerows import Ranked, known_already, nobody, parts_of
from leadml.serving.desk.listed import IN, MADE, Listed, open_people, open_table, read_told


def price_of(
    scorer: Scorer, folder: Path, backlog: Path | None, *, terms: Terms, where: tuple[str, ...], reports: Path | None
) -> Price:
    """Return what the list in a folder is worth; both lists are those of this model.

    Raises UsageError for terms or criteria that cannot be, BundleError where the model does not carry its test.
    """
    checked(terms)
    mine = _ranked(folder, scorer)
    fields = fields_in(where, scorer.schema)
    parts = parts_of(scorer, mine.columns, fields)
    criteria = criteria_of(scorer, where, parts)
    known, theirs = nobody(mine), None
    if backlog is not None:
        theirs, people = _ranked(backlog, scorer), open_people(backlog)
        held = _identity(theirs.columns, scorer) if people is None else people
        known = known_already(scorer.schema, mine.columns, held)
    past = past_of(scorer, reports, as_of=utc(None))
    return Case(mine, theirs, known, parts=parts, terms=terms, past=past).price(criteria)


def write_price(found: Price, path: Path) -> None:
    """Write a price as JSON."""
    path.write_bytes(msgspec.json.encode(found.to_dict()))


def _ranked(folder: Path, scorer: Scorer) -> Ranked:
    """Return the leads of a list as pricing takes them, with all columns of the file and what was made of events."""
    table, told = open_table(folder), read_told(folder)
    columns: dict[str, Any] = {}
    for prefix in (IN, MADE):
        names = [name for name in table.column_names if name.startswith(prefix)]
        columns |= {name.removeprefix(prefix): table.column(name) for name in names}
    roles = scorer.schema.roles
    columns |= {name: table.column(name) for name in ("lead_id", "owner") if name in (roles.id, roles.owner)}
    if roles.id is not None and roles.id not in columns:
        columns[roles.id] = table.column("lead_id")
    n, late = table.num_rows, told.n_past_horizon
    listed = pa.table({name: table.column(name) for name in SCORES})
    ranking = Ranking(listed, _summary(told), np.arange(n))
    return Ranked(ranking, table.column("logit").to_numpy(), np.arange(n) >= n - late, pa.table(columns), {})


def _identity(columns: pa.Table, scorer: Scorer) -> pa.Table:
    wanted = (scorer.schema.roles.id, *scorer.schema.identity.columns())
    there = [name for name in dict.fromkeys(wanted) if name in columns.column_names]
    return pa.table({name: columns.column(name).cast(pa.string()) for name in there})


def _summary(told: Listed) -> RankSummary:
    left = told.left
    return RankSummary(
        out=None,
        n_leads=told.n_file - told.n_rejected,
        n_ranked=told.n,
        n_explored=told.n_explored,
        n_not_open=left.not_open,
        n_unlisted=0,
        n_do_not_contact=left.do_not_contact,
        n_duplicates=left.duplicates,
        n_merged=left.merged,
        n_filtered=0,
        n_past_horizon=told.n_past_horizon,
        n_rejected=told.n_rejected,
        rejected_path=None,
        faults=(),
        absent=tuple(one.name for one in told.absent),
        grades=told.grades,
        worklists={},
        notes=told.notes,
        seconds=0.0,
    )
