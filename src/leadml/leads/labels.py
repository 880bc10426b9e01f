"""Outcomes and labels: what became of a lead, and whether that is final.

With a horizon, a label is positive where the lead converted within ``horizon_days`` of ``created_at``, and it is
final once ``as_of`` lies that far behind: until then the lead has not matured and is never a negative.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.coercion import DAY, Missing, level
from leadml.leads.columns import distinct_values
from leadml.leads.schema import Outcomes

OPEN, LOST, CONVERTED, UNLISTED = -1, 0, 1, -2
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of n leads at ``as_of`` (seconds since 1970; NaN where the table has no dates).

    ``y`` (n,) bool; ``matured`` (n,) bool: ``y`` is final and may be learned from; ``open`` (n,) bool: not yet
    decided; ``ends`` (n,) seconds: when the label became final, NaN without dates.
    """

    y: NDArray[np.bool_]
    matured: NDArray[np.bool_]
    open: NDArray[np.bool_]
    ends: Floats
    as_of: float
    horizon_days: int | None


def read_outcomes(array: pa.Array, outcomes: Outcomes, missing: Missing) -> tuple[NDArray[np.int8], dict[str, int]]:
    """Return (status (n,), counts of the values that no list names).

    Status is CONVERTED, LOST or OPEN; a missing outcome is open. Where no lost values are named, every value
    that is in neither other list is lost; otherwise such a value is UNLISTED, and a fault.
    """
    codes, distinct = distinct_values(array)
    lists = (
        (CONVERTED, _levels(outcomes.converted)),
        (LOST, _levels(outcomes.lost or ())),
        (OPEN, _levels(outcomes.open)),
    )
    other = LOST if outcomes.lost is None else UNLISTED
    table = np.array([_status(value, lists, other, missing) for value in distinct], dtype=np.int8)
    counts = np.bincount(codes, minlength=len(distinct))
    named = set().union(*(values for _, values in lists))
    unnamed = {
        str(value): int(n)
        for value, n in zip(distinct, counts, strict=True)
        if n and missing.text(value) is not None and level(str(value)) not in named
    }
    return table[codes], unnamed


def _levels(values: Iterable[str]) -> frozenset[str]:
    return frozenset(level(value) for value in values)


def _status(value: object, lists: Iterable[tuple[int, frozenset[str]]], other: int, missing: Missing) -> int:
    if value is None:
        return OPEN
    own = level(str(value))  # a listed value is never a placeholder, even "-" or "none"
    for status, values in lists:
        if own in values:
            return status
    return OPEN if missing.text(value) is None else other


def label(
    status: NDArray[np.int8],
    created: Floats,
    converted: Floats,
    *,
    as_of: float,
    horizon_days: int | None,
) -> Labels:
    """Label n leads as they stand at ``as_of`` (seconds); ``converted`` (n,) is NaN where there is no date.

    Without a horizon the outcome is final as it stands, and open leads have no label.
    """
    if horizon_days is None:
        decided = status != OPEN
        return Labels(status == CONVERTED, decided, ~decided, created, as_of, None)
    span = horizon_days * DAY
    ends = created + span
    with np.errstate(invalid="ignore"):
        happened = (status == CONVERTED) & (converted <= as_of)
        y = happened & (converted <= ends)
        matured = ends <= as_of
    undecided = (status == OPEN) | ((status == CONVERTED) & ~happened)
    return Labels(y, matured, undecided, ends, as_of, horizon_days)
