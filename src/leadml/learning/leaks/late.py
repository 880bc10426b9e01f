"""Filled or changed only with the outcome: proven by the open leads of the same days.

Decided and open leads that came in at the same time have the same age, and were recorded in the same way. Where a
value that was there from the start tells the outcome, open leads hold it as often as leads hold it that will be
decided as they will: at least as often as ``_expected`` says. Where it comes with the outcome, open leads hardly
have it, whatever day they came in; and the newest leads, most of them open, have it less often than the older ones
had it, which no field that is there from the start does, however well it tells which leads are decided early.

So three things must hold, each at the bounds of an error of ``ERROR`` shared among the fields. In the older and the
newer half of the open leads, their share lies well below the share of decided leads that came in with them (a field
that is collected only since lately, or no longer, fails here), and below what is expected of them; and the share
among the newest leads, open or not, lies below that among the older ones (a field that makes leads be decided sooner
fails here). The lower bound of a difference of shares is Newcombe's (Statistics in Medicine 17, 1998) hybrid.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.labels import CONVERTED, OPEN
from leadml.leads.parts import Column
from leadml.learning.leaks.finding import Bools, Leak, finding, lower, states, upper

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

ERROR = 0.001
NEAR = 30  # decided leads that an open one is held against, by time
REACH = 0.1  # of the whole time, that they may lie apart
FEWEST = 20  # open leads of a half, and decided leads beside them
GAP = 0.1  # by which the shares must differ at least
HALF = 0.5  # times the share that is expected, that open leads may have at most
LESS = 0.85  # times the share among the older leads, that the newest must stay below


@dataclass(frozen=True, slots=True)
class Beside:
    """Open leads, and beside each of them the decided leads that came in at nearly the same time.

    ``leads`` (m,) are open ones, in order of time; ``first`` (m,) is the place in ``decided`` (d,), in order of
    time, from which ``NEAR`` lie beside it. ``newest`` (n,) are the leads since the middle of the open ones;
    ``status`` (n,) and ``error`` are those of the test.
    """

    leads: Rows
    first: Rows
    decided: Rows
    newest: Bools
    status: NDArray[np.int8]
    error: float

    @classmethod
    def of(cls, created: Floats, status: NDArray[np.int8], n_fields: int) -> "Beside | None":
        """Put n leads side by side by ``created`` (n,), any measure of time; None where there are too few."""
        known = ~np.isnan(created)
        order = np.argsort(created, kind="stable")
        order = order[known[order]]
        opened, decided = order[status[order] == OPEN], order[status[order] != OPEN]
        if len(opened) < 2 * FEWEST or len(decided) < NEAR:
            return None
        middle = created[opened[len(opened) // 2]]
        place = np.searchsorted(created[decided], created[opened])
        first = np.clip(place - NEAR // 2, 0, len(decided) - NEAR)
        apart = np.maximum(
            np.abs(created[opened] - created[decided[first]]),
            np.abs(created[opened] - created[decided[first + NEAR - 1]]),
        )
        near = apart <= REACH * (created[order[-1]] - created[order[0]])
        error = ERROR / max(1, n_fields)
        found = cls(opened[near], first[near].astype(np.intp), decided, known & (created >= middle), status, error)
        return found if near.sum() >= 2 * FEWEST else None


def with_outcome(field: str, column: Column, beside: Beside) -> Leak | None:
    """Return a leak where a column (n,) is filled in, or leaves its first state, only once leads are decided."""
    codes, text = states(column)
    at_first = int(np.bincount(codes[beside.leads]).argmax())
    moved = codes != at_first
    still = float(moved[beside.leads].mean())
    if still > HALF or not _differs(moved, beside) or not _grows(moved, beside):
        return None
    decided = float(_shares(moved, beside, np.arange(len(beside.leads)))[0])
    words = "is filled in" if at_first == 0 else "says something else than {level}"
    words += " for {decided} of decided leads, but for {still} of open ones that came in at the same time"
    level = "" if at_first == 0 else repr(text(at_first))
    facts = {"decided": decided, "still": still} | ({"level": level} if level else {})
    return finding("proven", "outcome", words, still, **facts)(field)


def _differs(moved: Bools, beside: Beside) -> bool:
    """Whether open leads of both halves lie below what decided ones beside them have, and what is expected."""
    expected = _expected(moved, beside)
    for half in np.array_split(np.arange(len(beside.leads)), 2):
        share, n = _shares(moved, beside, half)
        if n < FEWEST:
            return False
        found = int(moved[beside.leads[half]].sum())
        still, most = found / len(half), upper(found, len(half), beside.error)
        apart = share - still - np.hypot(share - lower(share * n, n, beside.error), most - still)
        if still > HALF * expected or min(expected - most, apart) < GAP:
            return False
    return True


def _shares(moved: Bools, beside: Beside, which: Rows) -> tuple[float, int]:
    """Return the mean share beside some open leads, and how many decided leads it rests on."""
    first = beside.first[which]
    sums = np.concatenate(([0], np.cumsum(moved[beside.decided])))
    there = np.zeros(len(beside.decided) + 1, dtype=np.intp)
    np.add.at(there, first, 1)
    np.add.at(there, first + NEAR, -1)
    return float((sums[first + NEAR] - sums[first]).mean() / NEAR), int((np.cumsum(there)[:-1] > 0).sum())


def _expected(moved: Bools, beside: Beside) -> float:
    """Return the least share that open leads can have if the field is there from the start.

    They will be lost or converted, the latter up to twice as often as decided leads were.
    """
    won = beside.status[beside.decided] == CONVERTED
    if not FEWEST <= won.sum() <= len(won) - FEWEST:
        return 0.0
    of_won, of_lost = float(moved[beside.decided[won]].mean()), float(moved[beside.decided[~won]].mean())
    most = min(1.0, 2 * float(won.mean()))
    return min(of_lost, most * of_won + (1 - most) * of_lost)


def _grows(moved: Bools, beside: Beside) -> bool:
    """Whether the newest leads, decided or not, have it less often than the older ones."""
    newest = beside.newest
    n, older = int(newest.sum()), int((~newest).sum())
    if min(n, older) < FEWEST:
        return False
    least = lower(int(moved[~newest].sum()), older, beside.error)
    return upper(int(moved[newest].sum()), n, beside.error) < LESS * least
