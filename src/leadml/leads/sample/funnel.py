"""What became of each lead: was it called, did it convert and when, when did the rep give up."""

from dataclasses import dataclass

import numpy as np

from leadml.leads.sample import words
from leadml.leads.sample.draw import DAY, Bools, Floats, Ints, draw_log_normal, expit, stream
from leadml.leads.sample.effects import CALLED_SHARE, HORIZON, UNCALLED_FACTOR, Truth

MEDIAN_DELAY, SIGMA = 15.0, 1.9  # of the delay in days, before it is cut at LAST_DELAY
LAST_DELAY = 540.0
LATE_SHARE = 0.148  # of this distribution lies beyond the horizon
PATIENCE = (30.0, 120.0)  # days after which reps give up
NEVER = np.iinfo(np.int64).max // 2  # a time that does not come
NEW, WORKING, WON, LOST = range(4)  # codes into words.STATUSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """What became of n leads; every array has shape (n,). Times are seconds since 1970."""

    called: Bools
    won: Ints  # when it converts, ever; NEVER if it does not
    given_up: Ints  # when the rep gives up; NEVER if the lead converts within the horizon
    original: Ints  # the row this lead is a copy of; -1 if it is none

    def status(self, created: Ints, as_of: int) -> Ints:
        """Return the codes into ``words.STATUSES`` as they stand at ``as_of``, shape (n,)."""
        started = np.where(self.called & (as_of - created > 3 * DAY), WORKING, NEW)
        given_up = np.where(self.given_up < as_of, LOST, started)
        return np.where(self.won < as_of, WON, given_up)

    def closed(self, as_of: int) -> Ints:
        """Return when the lead was closed, or ``as_of`` while it is open, shape (n,)."""
        end = np.where(self.won < as_of, self.won, self.given_up)
        return np.minimum(end, as_of)


def draw_funnel(truth: Truth, created: Ints, *, seed: int, stragglers: bool) -> Funnel:
    """Draw what becomes of each lead.

    A lead converts within the horizon with its true probability. Of the whole delay distribution
    ``LATE_SHARE`` lies beyond the horizon, and late conversions are drawn so that their share is right.
    With ``stragglers`` reps forget to give up 1.5 % of the leads.
    """
    rng = stream(seed, "funnel")
    n = len(created)
    called = ~truth.overlooked | (rng.random(n) < CALLED_SHARE)
    probability = expit(truth.logit_if_called) * np.where(called, 1.0, UNCALLED_FACTOR)
    converts = rng.random(n) < probability
    late_odds = probability / (1 - probability) * LATE_SHARE / (1 - LATE_SHARE)
    late = ~converts & (rng.random(n) < late_odds)
    delay = _delays(rng, late)
    patience = rng.uniform(*PATIENCE, n)
    forgotten = rng.random(n) < 0.015 * float(stragglers)
    return Funnel(
        called=called,
        won=np.where(converts | late, created + (delay * DAY).astype(np.int64), NEVER),
        given_up=np.where(converts | forgotten, NEVER, created + (patience * DAY).astype(np.int64)),
        original=np.full(n, -1),
    )


def _delays(rng: np.random.Generator, late: Bools) -> Floats:
    """Draw days from creation to conversion: up to the horizon, or from there to the last delay."""
    low = np.where(late, HORIZON, 0.01)
    high = np.where(late, LAST_DELAY, HORIZON)
    return draw_log_normal(rng, low, high, median=MEDIAN_DELAY, sigma=SIGMA)


def plant_copies(created: Ints, funnel: Funnel, *, seed: int, end: int) -> tuple[Ints, Ints, Funnel]:
    """Let 2 % of the leads be copies, made 1 to 10 days later, of leads that had not converted by then.

    Returns the rows to take, shape (n,), with copies in place of other leads, in order of their new times
    of creation; these times; and the funnel, rearranged.
    """
    rng = stream(seed, "copies")
    n = len(created)
    count = round(0.02 * n)
    gap = (rng.uniform(1, 10, n) * DAY).astype(np.int64)
    shuffled = rng.permutation(n)
    replaced, rest = shuffled[:count], shuffled[count:]
    fit = (created + gap < end) & (created + gap < funnel.won - DAY)
    copied = rest[fit[rest]][:count]
    replaced = replaced[: len(copied)]
    rows, times = np.arange(n), created.copy()
    rows[replaced] = copied
    times[replaced] = created[copied] + gap[copied]
    order = np.argsort(times, kind="stable")
    place = np.empty(n, np.int64)  # where each row of before stands now
    place[order] = np.arange(n)
    original = np.full(n, -1)
    original[place[replaced]] = place[copied]
    taken = rows[order]
    moved = Funnel(
        called=funnel.called[taken], won=funnel.won[taken], given_up=funnel.given_up[taken], original=original
    )
    return taken, times[order], moved


def draw_quality(status: Ints, *, seed: int, leak: bool) -> Ints:
    """Draw the codes of ``lead_quality``, shape (n,).

    With the leak, reps fill it in when a lead is closed and mostly leave "Select" before. Without it,
    they guess at once and know nothing.
    """
    rng = stream(seed, "quality")
    by_status = np.array([
        [0.01, 0.04, 0.02, 0.93],  # new
        [0.05, 0.15, 0.10, 0.70],  # working
        [0.86, 0.10, 0.01, 0.03],  # won
        [0.02, 0.12, 0.74, 0.12],  # lost
    ])  # fmt: skip
    shares = by_status[status] if leak else np.tile([0.2, 0.4, 0.3, 0.1], (len(status), 1))
    edges = np.cumsum(shares, axis=1)[:, : len(words.QUALITIES) - 1]
    codes: Ints = (rng.random(len(status))[:, None] > edges).sum(axis=1)
    return codes
