"""The metrics of the tested model by segment: the levels of a column, or bands of a protected number."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.learning.cuts import Band, cuts
from leadml.learning.intervals import evaluate
from leadml.model.bundle import Interval
from leadml.model.scorecard import expit
from leadml.report.evidence import Segment
from leadml.report.rates import Rate

Floats = NDArray[np.float64]
MIN_LEADS, MIN_CONVERSIONS = 50, 10
MOST_LEVELS = 12  # a column of more is no way to cut leads into segments
MOST_COLUMNS = 8
N_REPLICATES = 200
LISTED = 0.2


def segments(
    columns: Mapping[str, Column],
    protected: Mapping[str, Column],
    y: NDArray[np.bool_],
    logit: Floats,
    *,
    groups: NDArray[Any] | None,
    random_state: int,
) -> tuple[Segment, ...]:
    """Return what the model reached on test in each segment of at least 50 leads and 10 conversions.

    ``columns`` and ``protected`` are name -> column (n,) of the test leads, y (n,), logit (n,). Of ``columns`` the
    first eight with at most twelve levels are looked at; protected columns all, numbers in up to four bands.
    """
    listed = _listed(logit)
    probability = expit(logit)
    found = []
    for name, level, rows, is_protected in _cut(columns, protected):
        n, converted = int(rows.sum()), int(y[rows].sum())
        if n < MIN_LEADS or converted < MIN_CONVERSIONS or converted == n:
            continue
        own = None if groups is None else groups[rows]
        reached = evaluate(
            y[rows], logit[rows], groups=own, metrics=["roc_auc"], n_replicates=N_REPLICATES, random_state=random_state
        )["roc_auc"]
        found.append(
            Segment(
                name,
                level if isinstance(level, str) else None,
                None if isinstance(level, str) else level,
                is_protected,
                Rate(n, converted),
                float(probability[rows].mean()),
                Interval(*(x if isfinite(x) else None for x in (reached.value, reached.low, reached.high))),
                Rate(n, int(listed[rows].sum())),
                Rate(converted, int((listed & y)[rows].sum())),
            )
        )
    return tuple(found)


def _listed(logit: Floats) -> NDArray[np.bool_]:
    """Mark the first 20 % of the leads, in their order where some are tied."""
    listed = np.zeros(logit.size, dtype=bool)
    listed[np.argsort(-logit, kind="stable")[: round(LISTED * logit.size)]] = True
    return listed


def _cut(
    columns: Mapping[str, Column], protected: Mapping[str, Column]
) -> Iterator[tuple[str, str | Band, NDArray[np.bool_], bool]]:
    """Yield (column, level or band, rows (n,), whether it is protected)."""
    for name, column in protected.items():
        yield from ((name, level, rows, True) for level, rows in cuts(column))
    few = [
        (name, column)
        for name, column in columns.items()
        if isinstance(column, Levels) and 2 <= np.unique(column.codes[column.codes >= 0]).size <= MOST_LEVELS
    ]
    for name, column in few[:MOST_COLUMNS]:
        yield from ((name, level, rows, False) for level, rows in cuts(column))
