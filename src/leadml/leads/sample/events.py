"""The dated acts of each lead. Those before creation agree with the counts in the lead table."""

import numpy as np
import pyarrow as pa

from leadml.leads.sample.draw import DAY, Bools, Floats, Ints, stream
from leadml.leads.sample.funnel import WON, Funnel
from leadml.leads.sample.hidden import Hidden
from leadml.leads.sample.spelling import moments, plain

KINDS = ("visit", "email_opened", "call", "meeting")
VISIT, EMAIL_OPENED, CALL, MEETING = range(4)


def draw_events(hidden: Hidden, funnel: Funnel, lead_id: pa.Array, *, seed: int, as_of: int) -> pa.Table:
    """Draw the events of n leads up to ``as_of`` (seconds since 1970), in order of time.

    Returns
    -------
    Table
        lead_id, at (ISO time as text) and kind (visit, email_opened, call, meeting).

    """
    before = _before(hidden, stream(seed, "events before"))
    after = _after(hidden, funnel, stream(seed, "events after"), as_of)
    parts = [(lead, at, np.full(len(lead), kind)) for kind, lead, at in (*before, *after)]
    lead, at, kind = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((kind, lead, at))
    ids = lead_id.take(pa.array(lead[order]))
    return pa.table({"lead_id": ids, "at": moments(at[order]), "kind": plain(kind[order], KINDS)})


def no_events() -> pa.Table:
    """Return the table of events without rows."""
    return pa.table({name: pa.array([], pa.string()) for name in ("lead_id", "at", "kind")})


def _before(hidden: Hidden, rng: np.random.Generator) -> list[tuple[int, Ints, Ints]]:
    """Draw what a lead did until it was created, ever denser; the first visit is the one first seen."""
    parts = []
    window = np.nan_to_num(hidden.first_seen_days, nan=30.0) * DAY
    for kind, counts in ((VISIT, hidden.visits), (EMAIL_OPENED, hidden.emails_opened)):
        lead = np.repeat(np.arange(len(counts)), counts)
        ago = rng.random(len(lead)) ** 2
        if kind == VISIT:
            firsts = (np.cumsum(counts) - counts)[counts > 0]
            ago[firsts] = 1.0
        at = hidden.created[lead] - np.maximum((ago * window[lead]).astype(np.int64), 1)
        parts.append((kind, lead, at))
    return parts


def _after(hidden: Hidden, funnel: Funnel, rng: np.random.Generator, as_of: int) -> list[tuple[int, Ints, Ints]]:
    """Draw what happened from creation until the lead was closed. Meetings lead to conversions."""
    n = len(hidden.created)
    won = funnel.status(hidden.created, as_of) == WON
    called = funnel.called
    wanted: list[tuple[int, Ints, float]] = [
        (VISIT, rng.poisson(np.where(won, 1.0, 0.3)), 15.0),
        (EMAIL_OPENED, rng.poisson(np.where(won, 0.8, 0.3)), 15.0),
        (CALL, called * (1 + rng.poisson(0.2, n)), 3.0),
        (MEETING, called * rng.poisson(np.where(won, 0.9, 0.08)), 12.0),
    ]
    room = (funnel.closed(as_of) - hidden.created).astype(np.float64)
    return [(kind, *_within(rng, counts, room, hidden.created, mean)) for kind, counts, mean in wanted]


def _within(rng: np.random.Generator, counts: Ints, room: Floats, created: Ints, mean_days: float) -> tuple[Ints, Ints]:
    """Draw times after creation, on average after ``mean_days``, and drop those after the lead was closed."""
    lead = np.repeat(np.arange(len(counts)), counts)
    delay = 1 + rng.exponential(mean_days * DAY, len(lead))
    kept: Bools = delay < room[lead]
    return lead[kept], created[lead[kept]] + delay[kept].astype(np.int64)
