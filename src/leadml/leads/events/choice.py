"""Which kinds of events are told apart, and which fields are worth having: decided once, in training."""

from collections.abc import Mapping, Sequence

import numpy as np

from leadml.leads.coercion import DAY
from leadml.leads.events.compute import compute, first_after
from leadml.leads.events.index import Floats, LeadEvents, Rows
from leadml.leads.events.measures import measures
from leadml.leads.schema import EventTable, Measure

LEAST_LEADS = 10  # that a kind must have been seen of, as of the levels of a category


def frequent_kinds(events: LeadEvents, until: Floats, most: int) -> tuple[tuple[str, ...], bool]:
    """Return (the kinds that most events are of, up to ``most``; whether there are others).

    Only events until a moment (n,) of each lead are looked at.
    """
    index = events.index
    known, moments = _distinct(events.codes, until)
    first, end = index.starts[known], index.starts[known + 1]
    ends = first_after(index.at, first, end, moments)
    seen = np.zeros(len(index) + 1, dtype=np.int32)
    np.add.at(seen, first, 1)
    np.add.at(seen, ends, -1)
    rows = np.flatnonzero(np.cumsum(seen[:-1]))
    counts = np.bincount(index.kind[rows], minlength=len(index.kinds))
    lead = np.searchsorted(index.starts, rows, side="right")
    pairs = np.unique(index.kind[rows].astype(np.int64) * (len(index.starts) + 1) + lead)
    leads = np.bincount(pairs // (len(index.starts) + 1), minlength=len(index.kinds))
    order = sorted(range(len(index.kinds)), key=lambda code: (-int(counts[code]), index.kinds[code]))
    chosen = [code for code in order if leads[code] >= LEAST_LEADS][:most]
    return tuple(index.kinds[code] for code in chosen), int(counts[chosen].sum()) < int(counts.sum())


def _distinct(codes: Rows, until: Floats) -> tuple[Rows, Floats]:
    """Return the leads that have events, each once, with its latest moment."""
    there = (codes >= 0) & ~np.isnan(until)
    known, place = np.unique(codes[there], return_inverse=True)
    latest = np.full(len(known), -np.inf)
    np.maximum.at(latest, place, until[there])
    return known, latest


def worthwhile(events: LeadEvents, created: Floats, told: EventTable, *, others: bool) -> list[Measure]:
    """Return the measures that tell leads apart, as known at the snapshots of ``told``: no constants, none twice."""
    valued, aged = events.index.value is not None, len(told.snapshots) > 1
    wanted = measures(told.kinds, told.windows, others=others, valued=valued, aged=aged)
    seen: dict[bytes, Measure] = {}
    looks = [_look(events, created, created + days * DAY, wanted, told.kinds) for days in told.snapshots]
    for measure in wanted:
        column = np.concatenate([look[measure] for look in looks])
        known = column[~np.isnan(column)]
        if len(known) and (known.min() < known.max() or len(known) < len(column)):
            seen.setdefault(column.tobytes(), measure)
    return list(seen.values())


def _look(
    events: LeadEvents, created: Floats, moments: Floats, wanted: Sequence[Measure], kinds: Sequence[str]
) -> Mapping[Measure, Floats]:
    return compute(events.index, events.codes, moments, wanted, kinds=kinds, created=created)
