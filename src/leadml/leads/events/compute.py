"""What was known of many leads' events at given moments, by binary search in each lead's own stretch of time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.leads.events.index import EventIndex, Floats, Rows, Run
from leadml.leads.events.measures import UNIT
from leadml.leads.schema import Measure

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 200_000  # leads whose searches are held in memory together


def compute(
    index: EventIndex,
    codes: Rows,
    moments: Floats,
    measures: Iterable[Measure],
    *,
    kinds: Sequence[str],
    created: Floats | None = None,
) -> dict[Measure, Floats]:
    """Return what each measure tells of n leads, (n,) each, at a moment of each.

    ``codes`` (n,) are the leads' places in the index, -1 where there are none; ``moments`` and ``created`` (n,) are
    seconds since 1970; ``kinds`` those that the number of kinds counts. Days since an event are NaN where there was
    none; all is NaN where the moment is.
    """
    wanted = list(dict.fromkeys(measures))
    told = {measure: np.empty(len(codes)) for measure in wanted}
    grouped, counted = _by_kind(wanted), Measure("kinds") in told
    n_kinds = np.zeros(len(codes))
    for kind in dict.fromkeys((*grouped, *(kinds if counted else ()))):
        run = index.run(kind)
        for first in range(0, len(codes), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            stretch = _Stretch(run, codes[part], moments[part])
            for measure in grouped.get(kind, ()):
                told[measure][part] = stretch.tell(measure)
            if kind in kinds:
                n_kinds[part] += stretch.there
    for measure in wanted:
        if measure.what == "kinds":
            told[measure][:] = n_kinds
        elif measure.what == "age":
            told[measure][:] = np.nan if created is None else (moments - created) / DAY
    unknown = np.isnan(moments)
    if unknown.any():
        for column in told.values():
            column[unknown] = np.nan
    return told


def _by_kind(measures: Iterable[Measure]) -> Mapping[str | None, list[Measure]]:
    grouped: dict[str | None, list[Measure]] = {}
    for measure in measures:
        if measure.what not in ("kinds", "age"):
            grouped.setdefault(measure.kind, []).append(measure)
    return grouped


class _Stretch:
    """The events of one run that n leads had until their moments; the searches of a window are made once."""

    def __init__(self, run: Run, codes: Rows, moments: Floats) -> None:
        self._run, self._moments = run, moments
        there = codes >= 0
        self._first = np.where(there, run.starts[codes], 0)
        ends = np.where(there, run.starts[np.where(there, codes + 1, 0)], 0)
        self._end = first_after(run.at, self._first, ends, moments)
        self._begins: dict[int, Rows] = {}

    @property
    def there(self) -> NDArray[np.bool_]:
        """Whether there were any (n,)."""
        return self._end > self._first

    def tell(self, measure: Measure) -> Floats:
        """Return what a measure tells (n,)."""
        if measure.what == "count":
            return (self._end - self._begin(measure.days)).astype(np.float64)
        if measure.what == "sum":
            total = self._run.total
            assert total is not None
            return (total[self._end] - total[self._begin(measure.days)]) / UNIT
        if measure.what == "last":
            return self._days_since(self._end - 1)
        if measure.what == "first":
            return self._days_since(self._first)
        if measure.what == "trend":
            days = measure.days or 0
            recent, before = self._begin(days), self._begin(2 * days)
            return (self._end - recent - (recent - before)).astype(np.float64)
        return (self._end - self._first) / np.maximum(self._days_since(self._first), 1.0)

    def _begin(self, days: int | None) -> Rows:
        if days is None:
            return self._first
        if days not in self._begins:
            self._begins[days] = first_after(self._run.at, self._first, self._end, self._moments - days * DAY)
        return self._begins[days]

    def _days_since(self, rows: Rows) -> Floats:
        some = self.there
        at = self._run.at[np.where(some, rows, 0)] if len(self._run.at) else np.nan
        return np.where(some, (self._moments - at) / DAY, np.nan)


def first_after(at: Floats, low: Rows, high: Rows, moments: Floats) -> Rows:
    """Return the first place (n,) from ``low`` to before ``high`` that is later than the moment; ``high`` if none is.

    ``at`` (m,) ascends within each of these stretches.
    """
    low, high = low.copy(), high.copy()
    rows = np.flatnonzero(low < high)
    while len(rows):
        middle = (low[rows] + high[rows]) >> 1
        later = at[middle] > moments[rows]
        high[rows[later]] = middle[later]
        low[rows[~later]] = middle[~later] + 1
        rows = rows[low[rows] < high[rows]]
    return low


def number_array(values: Floats) -> "pa.Array":
    """Return numbers (n,) as Arrow has them, NaN as null."""
    import pyarrow as pa

    return pa.array(values, mask=np.isnan(values))
