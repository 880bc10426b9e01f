"""The references by which the axes of a lead are scored from 1 to 100."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column
from leadml.leads.schema import Axis, Part
from leadml.leads.snapshots import Snapshots, subset
from leadml.learning.experiment import REFERENCE_LEADS, quantiles
from leadml.model.axes import SCORED, is_known
from leadml.model.scorecard import Scorecard

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


def axis_reference(scorecard: Scorecard, parts: Sequence[Part], shots: Snapshots) -> dict[str, tuple[float, ...]]:
    """Return for each axis the 99 quantiles of its sum, by the scorecard that ships, over the newest leads.

    These are at most 10,000 of which anything is known on that axis. An axis without such a lead has no reference.
    """
    used = {term.part for term in scorecard.terms}
    found: dict[str, tuple[float, ...]] = {}
    for axis in SCORED:
        own = [part.name for part in parts if part.axis == axis and part.name in used]
        rows = newest_known(shots, own)
        if len(rows):
            own_weight = None if shots.weight is None else shots.weight[rows]
            found[axis] = quantiles(axis_sums(scorecard, parts, axis, subset(shots, rows)), own_weight)
    return found


def newest_known(shots: Snapshots, parts: Sequence[str]) -> Rows:
    """Return the newest leads, at most 10,000, of which one of these parts is known."""
    known = np.zeros(len(shots), dtype=bool)
    for part in parts:
        known |= is_known(shots.parts[part])
    newest = np.argsort(-shots.times, kind="stable")
    rows: Rows = newest[known[newest]][:REFERENCE_LEADS]
    return rows


def axis_sums(scorecard: Scorecard, parts: Sequence[Part], axis: Axis, columns: Mapping[str, Column]) -> Floats:
    """Return the sum (n,) of an axis by the columns of all parts, added in the order in which leads are scored.

    Bit for bit the same: many leads have the same sum, and a last bit would put them above or below themselves.
    """
    place = {term.part: i for i, term in enumerate(scorecard.terms)}
    contributions = scorecard.contributions(columns)
    total = np.zeros(len(contributions))
    for part in parts:
        if part.axis == axis and part.name in place:
            total += contributions[:, place[part.name]]
    return total
