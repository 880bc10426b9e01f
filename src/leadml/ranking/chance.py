"""A chance for everyone: some slots of a list are drawn by lot among the leads below its cut.

A model that chooses whom a team meets learns only of those it chose: a group that it overlooks stays overlooked. So a
share of the slots is for leads that would not have been called, and their outcomes, weighted by how likely each was to
be drawn (``propensity``), tell without bias what the model misses (Horvitz and Thompson, "A generalization of sampling
without replacement from a finite universe", Journal of the American Statistical Association 47, 1952).
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Floats
from leadml.ranking.order import Mask, Rows

AGES = 3  # classes of newness among the leads below the cut


class Slots(NamedTuple):
    """A list of k leads in working order: ``rows`` (k,), which are ``explored`` (k,), and their ``propensity`` (k,)."""

    rows: Rows
    explored: Mask
    propensity: Floats


def slots(
    order: Rows, *, capacity: int | None, share: float, seed: Sequence[object], strata: Rows | None = None
) -> Slots:
    """Return the list that ranked rows (n,) make, cut to ``capacity``, of which about a ``share`` is drawn by lot.

    Each lead below the cut has the same chance for one of the ``round(share * capacity)`` slots, which are at least one
    and leave at least one to the best lead. ``strata`` (n,) are codes of these rows, of each of which leads are drawn
    in proportion to their number: systematically, from the leads in random order within their strata (Cochran,
    "Sampling techniques", 3rd edition, 1977, chapter 8). The leads drawn stand at random places of the list. Equal
    ``seed``s draw the same. Where all leads fit, or in a list of one, nobody is drawn.
    """
    n_drawn = 0 if capacity is None or capacity >= len(order) else _n_drawn(capacity, share)
    if capacity is None or not n_drawn:
        rows = order[:capacity]
        return Slots(rows, np.zeros(len(rows), dtype=bool), np.ones(len(rows)))
    rng = np.random.default_rng(list(sha256(repr(tuple(seed)).encode()).digest()))
    below = order[capacity - n_drawn :]
    drawn = _systematic(below, np.zeros(len(below)) if strata is None else strata[-len(below) :], n_drawn, rng)
    explored = np.zeros(capacity, dtype=bool)
    explored[rng.choice(capacity, n_drawn, replace=False)] = True
    rows = np.empty(capacity, dtype=np.intp)
    rows[~explored], rows[explored] = order[: capacity - n_drawn], drawn
    return Slots(rows, explored, np.where(explored, n_drawn / len(below), 1.0))


def _n_drawn(capacity: int, share: float) -> int:
    return min(max(1, round(share * capacity)), capacity - 1) if share else 0


def _systematic(rows: Rows, strata: NDArray[np.generic], n_drawn: int, rng: np.random.Generator) -> Rows:
    """Draw from rows (m,), each with the chance n_drawn / m, in proportion from each stratum; in random order."""
    mixed = np.lexsort((rng.random(len(rows)), strata))
    step = len(rows) / n_drawn
    places = np.minimum(((rng.random() + np.arange(n_drawn)) * step).astype(np.intp), len(rows) - 1)
    return rng.permutation(rows[mixed[places]])


def newness(created: Floats) -> Rows:
    """Return the class of newness of leads (n,): thirds of when they came in; unknown is a class of its own."""
    known = created[~np.isnan(created)]
    if not known.size:
        return np.full(len(created), AGES, dtype=np.intp)
    edges = np.quantile(known, np.arange(1, AGES) / AGES)
    return np.where(np.isnan(created), AGES, np.searchsorted(edges, created, side="right")).astype(np.intp)


def sources(codes: Rows, names: Sequence[object]) -> Rows:
    """Return codes (n,) of values that are in the order of their names, whichever came first in a file."""
    place = {name: at for at, name in enumerate(sorted({str(name) for name in names}))}
    return np.array([place[str(name)] for name in names], dtype=np.intp)[codes]


def crossed(codes: Sequence[Rows]) -> Rows:
    """Return one code (n,) for each combination of codes (n,)."""
    result = np.zeros(len(codes[0]), dtype=np.intp)
    for one in codes:
        result = result * (int(one.max(initial=0)) + 1) + one
    return result
