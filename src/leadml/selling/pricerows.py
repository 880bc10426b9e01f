"""The leads of a list and of a backlog, as pricing needs them: scored, read by part, and compared person by person."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.coercion import Missing
from leadml.leads.columns import Coercer
from leadml.leads.duplicates import find_duplicates
from leadml.leads.duplicates.keys import numbered
from leadml.leads.history.bind import bind
from leadml.leads.history.reading import Changes
from leadml.leads.parts import Column, Floats
from leadml.leads.reading import one_chunk, read_ids
from leadml.leads.schema import Schema
from leadml.leads.sources import Source, open_batches
from leadml.leads.texts import known_texts
from leadml.model.feed import Feed
from leadml.model.past import Past
from leadml.model.scorer import Scorer, utc
from leadml.model.stream import carried_names
from leadml.ranking.lists import Ranking

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The leads of a file that can be called, each person once, best first; n of them.

    ``late`` (n,) are past the horizon: they cannot convert in time any more. ``columns`` are the input columns that
    were kept; ``shown`` are their names in ``ranking.table``.
    """

    ranking: Ranking
    logit: Floats
    late: Mask
    columns: pa.Table
    shown: dict[str, str]


def of_ranking(ranking: Ranking, scorer: Scorer, keep: Sequence[str]) -> Ranked:
    """Return the leads of a ranking that was made with the columns ``keep``, and reasons or not."""
    table, roles = ranking.table, scorer.schema.roles
    twice = [name for name in keep if name in ("lead_id", "owner") and name in (roles.id, roles.owner)]
    own = table.column_names[: table.num_columns - len(keep) + len(twice)]
    shown = carried_names(roles, keep, own)
    columns = {name: table.column(column) for name, column in shown.items()}
    columns |= {name: table.column(name) for name in twice}
    late = np.arange(table.num_rows) >= table.num_rows - ranking.summary.n_past_horizon
    whole = pa.table(columns) if columns else table.select(["lead_id"])
    return Ranked(ranking, table.column("logit").to_numpy(), late, whole, shown)


def columns_of(scorer: Scorer, columns: Collection[str], also: Iterable[str]) -> list[str]:
    """Return the columns of a list that pricing reads: those of the model, of identity, and some others."""
    wanted = (*scorer.columns, *scorer.schema.identity.columns(), *also)
    return [name for name in dict.fromkeys(wanted) if name in columns]


def parts_of(
    scorer: Scorer,
    columns: pa.Table,
    also: Iterable[str],
    *,
    feed: Feed | None = None,
    history: Changes | None = None,
    as_of: datetime | None = None,
) -> dict[str, Column]:
    """Return the parts of n leads that terms read, and all those of the fields ``also``; a history sets them back."""
    more = set(also)
    used = {field.name for field in scorer.fields}
    fields = tuple(field for field in scorer.schema.fields if field.name in used or field.name in more)
    wanted = {term.part for term in scorer.terms}
    wanted |= {part.name for field in fields if field.name in more for part in field.parts}
    whole = columns if feed is None else feed(columns)
    schema = msgspec.structs.replace(scorer.schema, fields=fields)
    coerced = Coercer(schema, parts=wanted)(whole)
    if history is not None:
        coerced = Past(schema, bind(history, schema), utc(as_of).timestamp(), ())(coerced, whole)
    return coerced.parts


def people_of(schema: Schema, source: Source) -> pa.Table:
    """Return who all rows of a source are, also decided ones and those that are not to be contacted: id and identity.

    Each column is text; those that the source lacks are left out.
    """
    names = dict.fromkeys(name for name in (schema.roles.id, *schema.identity.columns()) if name is not None)
    there, missing = tuple(name for name in names if name in source.columns), Missing(schema.placeholders)
    none = pa.table({name: pa.array([], pa.string()) for name in there})
    if not there:
        return none
    batches = open_batches(source, columns=there)
    return pa.concat_tables([none, *(_people(batch, there, missing) for _, batch in batches)])


def nobody(mine: Ranked) -> Mask:
    """Return that none of the leads (n,) of a list is known."""
    return np.zeros(len(mine.logit), dtype=bool)


def known_already(schema: Schema, listed: pa.Table, held: pa.Table) -> Mask:
    """Return which leads (n,) of a list are among the people of a backlog: by id, or as a person or company."""
    there = held.column_names
    if not there:
        return np.zeros(listed.num_rows, dtype=bool)
    missing, nothing = Missing(schema.placeholders), pa.nulls(listed.num_rows, pa.string())
    lacks = {name: nothing for name in there if name not in listed.column_names}
    mine = _people(listed, [name for name in there if name not in lacks], missing)
    mine = pa.table({name: lacks[name] if name in lacks else mine.column(name) for name in there})
    both = pa.concat_tables([held, mine])
    same = find_duplicates(both, schema.identity, placeholders=schema.placeholders)
    ids = numbered(one_chunk(both.column(schema.roles.id))) if schema.roles.id in there else np.full(len(both), -1)
    persons = same.joined(ids)
    return np.isin(persons[len(held) :], persons[: len(held)]) & (persons[len(held) :] >= 0)


def _people(rows: pa.Table | pa.RecordBatch, names: Iterable[str], missing: Missing) -> pa.Table:
    """Return the columns of identity as text: types may change from batch to batch."""
    return pa.table({name: known_texts(read_ids(one_chunk(rows.column(name))), missing) for name in names})
