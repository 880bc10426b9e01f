"""Making a sample CRM: the plants, the spans of time, and the one line from facts to tables."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from leadml.errors import UsageError
from leadml.leads.sample.draw import DAY
from leadml.leads.sample.effects import true_effects
from leadml.leads.sample.events import draw_events, no_events
from leadml.leads.sample.export import lead_table, truth_table
from leadml.leads.sample.funnel import PATIENCE, draw_funnel, plant_copies
from leadml.leads.sample.hidden import draw_created, draw_hidden
from leadml.leads.sample.spelling import numbered

START, AS_OF = date(2024, 10, 1), date(2026, 10, 1)
MOST_LEADS = 9_000_000  # ids have seven digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """What is planted in the sample. With one switched off, all that does not depend on it stays the same."""

    leak: bool = True  # lead_quality is filled in after the outcome
    proxy: bool = True  # preferred_channel gives away the age, and older contacts convert less
    overlooked: bool = True  # small firms of the trades (Handwerk) are seldom called
    drift: bool = True  # base rate and some effects move, campaigns come and go
    open: bool = True  # some leads are not decided yet
    duplicates: bool = True  # 2 % of the leads are copies of others
    messy: bool = True  # spellings, placeholders, stray spaces


EVERYTHING = Planted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Leads are created from ``start`` to before ``end`` and looked at as of ``as_of`` (midnights, UTC)."""

    start: date
    end: date
    as_of: date


@dataclass(frozen=True, slots=True)
class Sample:
    """A made-up CRM.

    ``leads`` is the lead table as a CRM exports it, ``events`` has lead_id, at and kind, and ``truth`` has
    one row for each lead, in the same order. Their columns are in docs/sample.md.
    """

    leads: pa.Table
    events: pa.Table
    truth: pa.Table
    span: Span
    planted: Planted


def make_sample(
    n_leads: int = 7000,
    *,
    seed: int = 7,
    start: date = START,
    end: date | None = None,
    as_of: date = AS_OF,
    planted: Planted = EVERYTHING,
    events: bool = True,
) -> Sample:
    """Make past leads of which the truth is known.

    Parameters
    ----------
    n_leads : int
        Number of leads, 1 to 9,000,000; copies are counted.
    seed : int
        The same seed and the same arguments make the same sample.
    start, end : date
        Leads are created from ``start`` to before ``end``, by default ``as_of``. Without open leads this
        ends 120 days before ``as_of`` at the latest, so that every lead is decided.
    as_of : date
        The midnight (UTC) at which the tables are looked at; nothing in them is later.
    planted : Planted
        What is planted; by default everything.
    events : bool
        Whether to draw events; without them the table of events is empty.

    Raises
    ------
    UsageError
        A number is out of range, or the days are not in order.

    """
    _check_numbers(n_leads, seed)
    decided = as_of if planted.open else as_of - timedelta(days=PATIENCE[1])
    span = Span(start=start, end=min(end or as_of, decided), as_of=as_of)
    if not start < span.end or (end or as_of) > as_of:
        raise UsageError(
            f"days must be in the order start < end <= as_of, got {start}, {span.end} and {as_of}; "
            "move start, end or as_of"
        )
    return _make(n_leads, seed=seed, span=span, origin=span, planted=planted, events=events)


def new_leads(sample: Sample, n_leads: int = 500, *, seed: int = 8, days: int = 10, events: bool = True) -> Sample:
    """Make leads that came in during the days after a sample's ``as_of``: open, with no outcome columns.

    They follow the same truth and carry the same plants. Their ids, and their accounts, go on where those
    of the sample end.

    Parameters
    ----------
    sample : Sample
        The past leads.
    n_leads : int
        Number of new leads, 1 to 9,000,000.
    seed : int
        As in ``make_sample``; another one than that of the sample.
    days : int
        The number of days in which they came in; ``as_of`` of the new leads is the end of these days.
    events : bool
        Whether to draw events.

    Raises
    ------
    UsageError
        A number is out of range.

    """
    _check_numbers(n_leads, seed)
    if days < 1:
        raise UsageError(f"days must be 1 or more, got {days}; give the days in which new leads came in")
    start = sample.span.as_of
    end = start + timedelta(days=days)
    made = _make(
        n_leads,
        seed=seed,
        span=Span(start=start, end=end, as_of=end),
        origin=sample.span,
        planted=sample.planted,
        events=events,
        past=len(sample.leads),
    )
    return replace(made, leads=made.leads.drop_columns(["status", "won_at"]))


def _make(n: int, *, seed: int, span: Span, origin: Span, planted: Planted, events: bool, past: int = 0) -> Sample:
    """Draw facts, truth, outcomes and copies, then write them as tables."""
    start, end, as_of = (_seconds(moment) for moment in (span.start, span.end, span.as_of))
    created = draw_created(n, start, end, seed)
    clock = (created - _seconds(origin.start)) / (_seconds(origin.as_of) - _seconds(origin.start))
    hidden = draw_hidden(created, clock, seed=seed, past=past, drift=planted.drift, proxy=planted.proxy)
    truth = true_effects(hidden, drift=planted.drift, proxy=planted.proxy, overlooked=planted.overlooked)
    funnel = draw_funnel(truth, created, seed=seed, stragglers=planted.open)
    if planted.duplicates:
        rows, created, funnel = plant_copies(created, funnel, seed=seed, end=end)
        hidden, truth = hidden.take(rows).moved(created), truth.take(rows)
    lead_id = numbered("L", np.arange(past + 1, past + n + 1))
    leads = lead_table(
        hidden, funnel, lead_id, seed=seed, as_of=as_of, past=past, leak=planted.leak, messy=planted.messy
    )
    acts = draw_events(hidden, funnel, lead_id, seed=seed, as_of=as_of) if events else no_events()
    return Sample(leads, acts, truth_table(hidden, truth, funnel, lead_id), span, planted)


def _check_numbers(n_leads: int, seed: int) -> None:
    """Raise UsageError unless the numbers are in range."""
    if not 1 <= n_leads <= MOST_LEADS:
        raise UsageError(f"n_leads must be between 1 and {MOST_LEADS:,}, got {n_leads}; give another number")
    if seed < 0:
        raise UsageError(f"seed must be 0 or more, got {seed}; give another number")


def _seconds(day: date) -> int:
    """Return the midnight (UTC) at which a day begins, in seconds since 1970."""
    return (day - date(1970, 1, 1)).days * DAY
