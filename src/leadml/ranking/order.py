"""The order of a list: best first, each lead once, cut to what a team can call."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.leads.duplicates.keys import repeated

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]


def best_first(
    logit: Floats,
    created: Floats,
    ids: Sequence[str | None],
    *,
    by: Floats | None = None,
    last: Mask | None = None,
) -> Rows:
    """Return the rows (n,) of n leads, best first.

    ``by`` (n,) counts first where it is given, and unknown (NaN) is below all; then ``logit`` (n,), then the
    newest ``created`` (n,) in seconds since 1970 (unknown is oldest), then the id in order of text. Leads in
    ``last`` (n,) come after all others, in the same order.
    """
    keys = [_falling(created), -logit]
    if by is not None:
        keys.append(_falling(by))
    if last is not None:
        keys.append(last.astype(np.float64))
    rows: Rows = np.lexsort(keys)  # the last key counts first
    same = np.ones(max(len(rows) - 1, 0), dtype=bool)
    for key in keys:
        ordered = key[rows]
        same &= ordered[1:] == ordered[:-1]
    for start, end in _runs(same):
        rows[start:end] = sorted(rows[start:end], key=lambda row: ids[row] or "")
    return rows


def _falling(values: Floats) -> Floats:
    return np.where(np.isnan(values), np.inf, -values)


def _runs(same: Mask) -> list[tuple[int, int]]:
    """Return (start, end) of each run of places whose neighbours are the same."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], same, [False])).astype(np.int8)))
    return [(int(start), int(end) + 1) for start, end in edges.reshape(-1, 2)]


def newest_of_each(ids: Rows, created: Floats) -> Mask:
    """Return which of n leads (n,) is the newest of its id; of equally new ones, the later row.

    ``ids`` (n,) are codes; a lead without an id (-1) is a lead of its own. ``created`` (n,): unknown is oldest.
    """
    newest = np.ones(len(ids), dtype=bool)
    rows, codes = repeated(ids)
    at = created[rows]
    order = np.lexsort((rows, np.where(np.isnan(at), -np.inf, at), codes))
    rows, codes = rows[order], codes[order]
    newest[rows[:-1][codes[:-1] == codes[1:]]] = False
    return newest


def past_horizon(created: Floats, *, as_of: float, horizon_days: int | None) -> Mask:
    """Return which of n leads (n,) came in more than ``horizon_days`` before ``as_of``; none without a horizon."""
    if horizon_days is None:
        return np.zeros(len(created), dtype=bool)
    with np.errstate(invalid="ignore"):
        return created + horizon_days * DAY < as_of


def worklists(owners: Rows, order: Rows) -> dict[int, Rows]:
    """Return the rows of each owner, best first.

    ``owners`` (n,) are codes by row; ``order`` the ranked rows. The owners come in the order of their codes.
    """
    held = owners[order]
    by_owner = np.argsort(held, kind="stable")
    codes, starts = np.unique(held[by_owner], return_index=True)
    parts = np.split(order[by_owner], starts[1:])
    return {int(code): part for code, part in zip(codes, parts, strict=False)}
