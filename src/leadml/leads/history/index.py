"""Changes by field and lead, in order of time: sorted once, then asked for any lead at any moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from leadml.leads.events.compute import first_after
from leadml.leads.events.index import Floats, Rows, places

MISSING, UNTOUCHED = -1, -2  # no value then; the table's value stands


@dataclass(frozen=True, slots=True)
class FieldChanges:
    """The m changes of one field, by lead in order of time: those of lead i are ``starts[i]`` to ``starts[i + 1]``.

    ``at`` (m,) seconds since 1970; ``value`` (m,) places in ``values``, -1 where there was none; ``old`` (m,) likewise
    what was there before, or None where the history does not say; ``values`` as the table of leads would hold them.
    """

    starts: Rows
    at: Floats
    value: Rows
    old: Rows | None
    values: pa.Array

    def known(self, codes: Rows, moments: Floats) -> Rows:
        """Return the place in ``values`` of what n leads had at a moment each, or ``MISSING``, or ``UNTOUCHED``.

        ``codes`` (n,) are the leads' places in the history, -1 where they have none; ``moments`` (n,) are seconds since
        1970, and where one is NaN nothing is known. ``UNTOUCHED`` is a lead without a change of this field.
        """
        there = codes >= 0
        first = np.where(there, self.starts[codes], 0)
        end = np.where(there, self.starts[np.where(there, codes + 1, 0)], 0)
        after = first_after(self.at, first, end, moments)
        found = np.full(len(codes), MISSING if self.old is None else UNTOUCHED, dtype=np.intp)
        changed = after > first
        found[changed] = self.value[after[changed] - 1]
        if self.old is not None:
            before = (first < end) & ~changed
            found[before] = self.old[first[before]]
        found[np.isnan(moments)] = MISSING
        return found


@dataclass(frozen=True, slots=True)
class History:
    """The changes of k leads by field; ``ids`` (k,) text."""

    ids: pa.Array
    fields: Mapping[str, FieldChanges]

    def of(self, ids: pa.Array) -> "LeadHistory":
        """Return the history of leads, whose ids (n,) are text; a lead that is not in it has none."""
        return LeadHistory(self, places(ids, self.ids))


@dataclass(frozen=True, slots=True)
class LeadHistory:
    """The history of n leads: ``codes`` (n,) are places in it, -1 where a lead has none."""

    history: History
    codes: Rows

    def take(self, rows: Rows) -> "LeadHistory":
        """Return that of some leads."""
        return LeadHistory(self.history, self.codes[rows])

    def tables(self) -> Iterator[pa.Table]:
        """Yield all that it holds as tables, to tell it from another one."""
        yield pa.table({"lead": self.codes})
        for name, changes in self.history.fields.items():
            columns = {"at": changes.at, "value": changes.value, "old": changes.old}
            yield pa.table({key: column for key, column in columns.items() if column is not None})
            yield pa.table({"starts": changes.starts})
            yield pa.table({name: changes.values})


def by_lead(lead: Rows, at: Floats, value: Rows, old: Rows | None, values: pa.Array, *, n_leads: int) -> FieldChanges:
    """Return the index of m changes of one field, given in the order of their rows: later rows of one moment win."""
    order = np.lexsort((at, lead))  # stable
    starts = np.concatenate(([0], np.cumsum(np.bincount(lead, minlength=n_leads)))).astype(np.intp)
    return FieldChanges(starts, at[order], value[order], None if old is None else old[order], values)
