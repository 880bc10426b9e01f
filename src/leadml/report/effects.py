"""What each term and each axis contributes, over the leads that the scorecard learned from."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import AXES, Axis, Schema
from leadml.leads.snapshots import Snapshots
from leadml.model.bins import Bins
from leadml.model.scorecard import LinearTerm, Scorecard, Term, codes, contributions, expit
from leadml.report.evidence import AxisFacts, PairFacts, TermFacts

Floats = NDArray[np.float64]
N_STEPS = 24


def effects(
    scorecard: Scorecard, schema: Schema, shots: Snapshots
) -> tuple[tuple[TermFacts, ...], tuple[AxisFacts, ...]]:
    """Return the facts of each term, in the scorecard's order, and of each axis that has a term."""
    axis_of = {part.name: part.axis for part in schema.parts}
    sums: dict[Axis, Floats] = {}
    terms = []
    credited = scorecard.contributions(shots.parts) if scorecard.terms else np.empty((len(shots), 0))
    chance = expit(scorecard.base + credited.sum(axis=1))
    for term, whole in zip(scorecard.terms, credited.T, strict=True):
        axis = axis_of[term.part]
        sums[axis] = sums[axis] + whole if axis in sums else whole
        terms.append(_term(term, whole, chance, shots))
    return tuple(terms), _axes(sums, shots.y)


def pair_facts(scorecard: Scorecard, shots: Snapshots) -> tuple[PairFacts, ...]:
    """Return the facts of each pair, in the scorecard's order."""
    facts = []
    for pair in scorecard.pairs:
        leads = np.zeros((pair.first.size, pair.second.size), dtype=np.intp)
        np.add.at(leads, tuple(side.find(shots.parts[side.part]) for side in pair.sides), 1)
        importance = 2 * float(np.abs(pair.credit(shots.parts)).mean())
        facts.append(PairFacts(pair.parts, importance, tuple(map(tuple, leads.tolist()))))
    return tuple(facts)


def _term(term: Term, whole: Floats, chance: Floats, shots: Snapshots) -> TermFacts:
    column = shots.parts[term.part]
    own = contributions(term, column)
    code, size = _codes(term, column)
    leads = np.bincount(code, minlength=size)
    converted = np.bincount(code[shots.y], minlength=size)
    points = np.bincount(code, weights=own, minlength=size) / np.maximum(leads, 1)
    if not isinstance(term, LinearTerm):
        points = np.asarray(term.table)  # also where no lead lies
    span, counts = (None, ()) if isinstance(column, Levels) else _histogram(column)
    return TermFacts(
        term.part,
        float(np.abs(whole).mean()),
        tuple(leads.tolist()),
        tuple(converted.tolist()),
        tuple(points.tolist()),
        span,
        counts,
        tuple(np.bincount(code, weights=chance, minlength=size).tolist()),
    )


def _codes(term: Term, column: Column) -> tuple[NDArray[np.intp], int]:
    """Return the code (n,) of each value, and how many codes there are."""
    if isinstance(term, LinearTerm):
        assert not isinstance(column, Levels)
        return Bins(term.marks).find(column), len(term.marks) + 2
    return codes(term, column), len(term.table)


def _histogram(x: Floats) -> tuple[tuple[float, float] | None, tuple[int, ...]]:
    """Return the middle 98 % of the known numbers and the counts in equal steps of it; whole numbers step by 1."""
    known = x[~np.isnan(x)]
    if not known.size:
        return None, ()
    low, high = (float(q) for q in np.quantile(known, (0.01, 0.99)))
    if low == high:
        low, high = float(known.min()), float(known.max())
    if (known == np.round(known)).all() and high - low < N_STEPS:
        low, high = low - 0.5, high + 0.5
        counts, _ = np.histogram(known, bins=max(1, round(high - low)), range=(low, high))
    else:
        high = high if high > low else low + 1.0
        counts, _ = np.histogram(known, bins=N_STEPS, range=(low, high))
    return (low, high), tuple(counts.tolist())


def _axes(sums: Mapping[Axis, Floats], y: NDArray[np.bool_]) -> tuple[AxisFacts, ...]:
    """Split the variance of the logit by axis: the covariance of each sum with the logit, over its variance."""
    total = sum(sums.values(), np.zeros(y.size))
    variance = float(total.var())
    edges = _common_edges(sums)
    facts = []
    for axis in (axis for axis in AXES if axis in sums):
        own = sums[axis]
        share = float(np.mean((own - own.mean()) * (total - total.mean()))) / variance if variance > 0 else 0.0
        inside = np.clip(own, edges[0], edges[-1])
        counts = [np.histogram(inside[rows], bins=edges)[0].tolist() for rows in (y, ~y)]
        facts.append(
            AxisFacts(axis, share, float(own.std()), tuple(edges.tolist()), tuple(counts[0]), tuple(counts[1]))
        )
    return tuple(facts)


def _common_edges(sums: Mapping[Axis, Floats]) -> Floats:
    """Return one scale for all axes, so that their pictures can be compared; the outer 1 % is clipped."""
    ends = [np.quantile(own, (0.005, 0.995)) for own in sums.values()]
    most = max((float(np.abs(pair).max()) for pair in ends), default=1.0) or 1.0
    return np.linspace(-most, most, N_STEPS + 1)
