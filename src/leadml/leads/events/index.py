"""Events by lead, in order of time: sorted once, then asked for any lead at any moment."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Run:
    """Some of the events, by lead in order of time: those of lead i are ``starts[i]`` to before ``starts[i + 1]``.

    ``at`` (m,) seconds since 1970; ``total`` (m + 1,) is the sum of the values before each event, in ``UNIT``, or None.
    """

    starts: Rows
    at: Floats
    total: Ints | None


@dataclass(frozen=True, slots=True)
class EventIndex:
    """m events of k leads, by lead in order of time.

    ``ids`` (k,) text; ``starts`` (k + 1,) where the events of each lead begin; ``at`` (m,) seconds since 1970; ``kind``
    (m,) codes into ``kinds``; ``value`` (m,) in units of ``UNIT``, 0 where there is none, or None without values.
    Values are whole numbers, so that a sum does not depend on the order, nor on what lies outside its window.
    """

    ids: "pa.Array"
    starts: Rows
    at: Floats
    kind: NDArray[np.int32]
    value: Ints | None
    kinds: tuple[str, ...]
    _runs: dict[str | None, Run] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        """Return m."""
        return len(self.at)

    def run(self, kind: str | None = None) -> Run:
        """Return the events of one kind, or all; gathered once, as leads come in many batches."""
        if kind not in self._runs:
            self._runs[kind] = self._gathered(kind)
        return self._runs[kind]

    def _gathered(self, kind: str | None) -> Run:
        if kind is None:
            return Run(self.starts, self.at, None if self.value is None else _totals(self.value))
        code = self.kinds.index(kind) if kind in self.kinds else -1
        rows = np.flatnonzero(self.kind == code)
        value = None if self.value is None else _totals(self.value[rows])
        return Run(np.searchsorted(rows, self.starts).astype(np.intp), self.at[rows], value)

    def of(self, ids: "pa.Array") -> "LeadEvents":
        """Return the events of leads, whose ids (n,) are text; a lead that is not in the index has none."""
        return LeadEvents(self, places(ids, self.ids))


@dataclass(frozen=True, slots=True)
class LeadEvents:
    """The events of n leads: ``codes`` (n,) are places in the index, -1 where a lead has none."""

    index: EventIndex
    codes: Rows

    def take(self, rows: Rows) -> "LeadEvents":
        """Return those of some leads."""
        return LeadEvents(self.index, self.codes[rows])

    @property
    def n_events(self) -> int:
        """The number of events that are of one of the leads."""
        codes = np.unique(self.codes[self.codes >= 0])
        return int((self.index.starts[codes + 1] - self.index.starts[codes]).sum())

    @property
    def newest(self) -> float:
        """The newest moment of an event of these leads, in seconds since 1970; NaN where there is none."""
        codes = self.codes[self.codes >= 0]
        return float(self.index.at[self.index.starts[codes + 1] - 1].max()) if len(codes) else float("nan")


def build(
    ids: "pa.Array", lead: Rows, at: Floats, kind: NDArray[np.int32], *, value: Ints | None, kinds: tuple[str, ...]
) -> EventIndex:
    """Return the index of m events: ``lead`` (m,) are places in ``ids`` (k,), each of which has an event."""
    order = np.lexsort((at, lead))
    counts = np.bincount(lead, minlength=len(ids))
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.intp)
    return EventIndex(ids, starts, at[order], kind[order], None if value is None else value[order], kinds)


def places(ids: "pa.Array", known: "pa.Array") -> Rows:
    """Return where each id (n,) stands among those that are known (k,), -1 where it does not."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.fill_null(pc.index_in(ids, value_set=known, skip_nulls=True), pa.scalar(-1, pa.int32()))
    return found.to_numpy(zero_copy_only=False).astype(np.intp)  # type: ignore[no-any-return]


def _totals(value: Ints) -> Ints:
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(value)))
