"""Outcomes and labels: what became of a lead, and whether that is final.

With a horizon, a label is positive where the lead converted within ``horizon_days`` of ``created_at``, and it is
final once ``as_of`` lies that far behind: until then the lead has not matured and is never a negative.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.coercion import DAY, Missing, level, plain_text
from leadml.leads.reading import distinct_values
from leadml.leads.schema import Outcomes

OPEN, LOST, CONVERTED, UNLISTED = -1, 0, 1, -2
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of n leads at ``as_of`` (seconds since 1970; NaN where the table has no dates).

    ``y`` (n,) bool, False where there is no label yet; ``matured`` (n,) bool: ``y`` is final and may be learned
    from; ``open`` (n,) bool: not yet decided; ``ends`` (n,) seconds: when the label became final, NaN without dates.
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
    unnamed: dict[str, int] = {}
    for value, n in zip(distinct, counts, strict=True):
        text = missing.text(value)
        if n and text is not None and level(text) not in named:
            unnamed[text] = unnamed.get(text, 0) + int(n)
    return table[codes], unnamed


def _levels(values: Iterable[str]) -> frozenset[str]:
    return frozenset(level(value) for value in values)


def _status(value: object, lists: Iterable[tuple[int, frozenset[str]]], other: int, missing: Missing) -> int:
    text = plain_text(value)
    if text is None:
        return OPEN
    own = level(text)  # a listed value is never a placeholder, even "-" or "none"
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

    Without a horizon the outcome is final as it stands, and open leads have no label; a lead that converted
    after ``as_of`` was still open then.
    """
    happened = (status == CONVERTED) & ~(converted > as_of)
    undecided = (status == OPEN) | ((status == CONVERTED) & ~happened)
    if horizon_days is None:
        return Labels(happened, ~undecided, undecided, created, as_of, None)
    ends = created + horizon_days * DAY
    matured = ends <= as_of
    return Labels(happened & matured & (converted <= ends), matured, undecided, ends, as_of, horizon_days)
