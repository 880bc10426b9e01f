"""Dealing out: leads without an owner go to the owners there are, by rank, as each has room."""

import heapq

import numpy as np

from leadml.leads.parts import Floats
from leadml.ranking.order import Rows


def deal(
    owners: Rows, order: Rows, n_owners: int, *, groups: Rows | None = None, capacities: Floats | None = None
) -> Rows:
    """Return the owner (n,) of each lead, after those without one are dealt out.

    ``owners`` (n,) are codes below ``n_owners``; any other code is none. ``order`` are the ranked rows, of which the
    best is dealt first, each to the owner who was dealt the fewest so far, the first of them; where ``capacities``
    (n_owners,) differ, the fewest for their capacity. Leads of one of the ``groups`` (n,; -1 is none) stay together:
    they go to the owner of the best lead of their group that has one, or are dealt out at once with the best of them.
    """
    result = owners.copy()
    if not n_owners:
        return result
    free = order[(owners[order] < 0) | (owners[order] >= n_owners)]
    if groups is None and capacities is None:
        result[free] = np.arange(len(free)) % n_owners
        return result
    groups = np.full(len(owners), -1) if groups is None else groups
    room = np.ones(n_owners) if capacities is None else capacities
    held = _held(owners, order, n_owners, groups)
    sizes = np.bincount(groups[free][groups[free] >= 0], minlength=int(groups.max(initial=-1)) + 1)
    dealt = [(0.0, owner) for owner in range(n_owners)]
    shares = (1 / room).tolist()
    for row, group in zip(free.tolist(), groups[free].tolist(), strict=True):
        if group >= 0 and group in held:
            result[row] = held[group]
            continue
        filled, owner = dealt[0]
        heapq.heapreplace(dealt, (filled + (int(sizes[group]) if group >= 0 else 1) * shares[owner], owner))
        result[row] = owner
        if group >= 0:
            held[group] = owner
    return result


def _held(owners: Rows, order: Rows, n_owners: int, groups: Rows) -> dict[int, int]:
    """Return the owner of the best lead that has one, by group."""
    owned = order[(owners[order] >= 0) & (owners[order] < n_owners) & (groups[order] >= 0)]
    codes, first = np.unique(groups[owned], return_index=True)
    return dict(zip(codes.tolist(), owners[owned[first]].tolist(), strict=True))
