"""What a list of leads is worth to a team: the value of its backlog with the list, less that of the backlog alone.

A pool of leads is worth what its best ``capacity`` calls bring: ``sum(max(0, margin * p - cost))``. So a lead that the
team already has adds nothing, nor does one that is not among the best, and a good one adds only what it is better than
the lead that it displaces.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadml.errors import UsageError

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class Terms(NamedTuple):
    """What counts: the ``margin`` of a conversion, the ``cost`` of a contact, and how many leads can be called."""

    margin: float
    cost: float
    capacity: int


class Deal(NamedTuple):
    """What a list does to a backlog.

    ``entering`` (e,) are the leads of the list that are called, ``displaced`` (d,) those of the backlog that are not
    called any more; the most valuable come first. ``price`` is ``both - backlog``, the values of the pools with and
    without the list.
    """

    entering: Rows
    displaced: Rows
    both: float
    backlog: float

    @property
    def price(self) -> float:
        """The highest price at which the list does not lose money, as expected."""
        return max(0.0, self.both - self.backlog)


def checked(terms: Terms) -> Terms:
    """Return the terms; raises UsageError where one of them cannot be."""
    if not 0 < terms.margin < float("inf"):
        raise UsageError(f"margin must be a number above 0, got {terms.margin}; give the profit of one conversion")
    if not 0 <= terms.cost < float("inf"):
        raise UsageError(f"contact_cost must be a number of at least 0, got {terms.cost}")
    if terms.capacity < 1:
        raise UsageError(f"capacity must be at least 1, got {terms.capacity}; give the leads that can be called")
    return terms


def best(probability: Floats, terms: Terms) -> Rows:
    """Return which of n leads are called (m,), the most valuable first: those that are worth the call, up to capacity.

    Of equal leads the first is called.
    """
    worth = terms.margin * probability - terms.cost
    order = np.argsort(-worth, kind="stable")[: terms.capacity]
    return order[worth[order] > 0]


def value(probability: Floats, terms: Terms) -> float:
    """Return what a pool of n leads is worth."""
    called = probability[best(probability, terms)]
    return float(np.sum(np.sort(terms.margin * called - terms.cost)))


def deal(listed: Floats, backlog: Floats, terms: Terms) -> Deal:
    """Return what a list (n,) of new leads does to a backlog (m,), both given as probabilities.

    Of equal leads that of the backlog is called: it is there already.
    """
    m, both = len(backlog), np.concatenate((backlog, listed))
    called, before = best(both, terms), best(backlog, terms)
    after = set(called[called < m].tolist())
    displaced = np.array([row for row in before.tolist() if row not in after], dtype=np.intp)
    return Deal(called[called >= m] - m, displaced, value(both, terms), value(backlog, terms))
