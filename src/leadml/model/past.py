"""Leads that are scored as of an earlier day: their fields set back by a history, batch by batch, as in training."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa

from leadml.errors import UsageError
from leadml.leads.columns import Coerced
from leadml.leads.history.bind import bind
from leadml.leads.history.index import History
from leadml.leads.history.reading import Changes
from leadml.leads.history.replay import replayed
from leadml.leads.reading import one_chunk, read_ids
from leadml.leads.schema import Schema

if TYPE_CHECKING:
    from leadml.model.scorer import Scorer


@dataclass(frozen=True, slots=True)
class Past:
    """Sets leads back to ``as_of`` (seconds since 1970); ``notes`` say of what, and what was left out."""

    schema: Schema
    history: History
    as_of: float
    notes: tuple[str, ...]

    def __call__(self, coerced: Coerced, table: pa.Table | pa.RecordBatch) -> Coerced:
        """Return leads (n rows) as they were; raises UsageError where no column says who they are."""
        name = self.schema.roles.id
        if name is None or name not in table.schema.names:
            raise UsageError(f"the leads must have the column {name!r}, got none; their history is found by it")
        own = self.history.of(read_ids(one_chunk(table.column(name))))
        moments = np.full(table.num_rows, self.as_of)
        return replace(coerced, parts=replayed(coerced.parts, table, own, moments, schema=self.schema))


def open_past(scorer: "Scorer", changes: Changes, *, as_of: datetime) -> Past:
    """Return what sets leads back to a moment, in what a model reads; changes that cannot be read are noted."""
    schema = msgspec.structs.replace(scorer.schema, fields=scorer.fields)
    history = bind(changes, schema)
    names = ", ".join(map(repr, history.fields))
    notes = [f"set back by the history: {names}"] if names else ["the history has no change of a field of the model"]
    n = sum(fault.count for fault in changes.faults)
    if n:
        notes.append(f"{n:,} changes could not be read and count for nothing; first: {changes.faults[0]}")
    return Past(schema, history, as_of.timestamp(), tuple(notes))
