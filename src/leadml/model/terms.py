"""Terms made ready to score: looked up by column for a batch, by value for one lead, with the same numbers."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import PartValue
from leadml.leads.parts import Column, Levels
from leadml.model.bins import Bins
from leadml.model.reasons import BITS, UNIT, Keys, linear_keys
from leadml.model.scorecard import CategoryTerm, LinearTerm, StepTerm, Term

Floats = NDArray[np.float64]
OneTerm = Callable[[PartValue], tuple[float, int]]


@dataclass(frozen=True, slots=True)
class ReadyTerm:
    """One term with its tables laid out.

    ``batch``: column (n,) -> (contributions (n,), code -> key table lookup). ``one``: value -> (contribution, key).
    """

    part: str
    axis: int
    batch: Callable[[Column, bool], tuple[Floats, Keys | None]]
    one: OneTerm


def ready(term: Term, axis: int, keys: Keys) -> ReadyTerm:
    """Return a term ready to score; ``keys`` are its reason keys by code."""
    if isinstance(term, CategoryTerm):
        return ReadyTerm(term.part, axis, _category_batch(term, keys), _category_one(term, keys))
    if isinstance(term, StepTerm):
        return ReadyTerm(term.part, axis, _step_batch(term, keys), _step_one(term, keys))
    return ReadyTerm(term.part, axis, _linear_batch(term, keys), _linear_one(term, keys))


def _category_batch(term: CategoryTerm, keys: Keys) -> Callable[[Column, bool], tuple[Floats, Keys | None]]:
    index = {level: i for i, level in enumerate(term.levels)}
    unseen = len(index)
    points = np.asarray(term.table)

    def batch(column: Column, reasons: bool) -> tuple[Floats, Keys | None]:
        if not isinstance(column, Levels):
            raise TypeError(f"part {term.part!r} must be levels, got numbers")
        codes = np.asarray([*(index.get(name, unseen) for name in column.levels), unseen + 1], dtype=np.intp)
        # the points of the column's own levels, then of missing, which has code -1
        return points[codes].take(column.codes), keys[codes].take(column.codes) if reasons else None

    return batch


def _category_one(term: CategoryTerm, keys: Keys) -> OneTerm:
    table = list(zip(term.table, keys.tolist(), strict=True))
    known: dict[PartValue, tuple[float, int]] = dict(zip(term.levels, table, strict=False))
    unseen, known[None] = table[-2], table[-1]
    return lambda value: known.get(value, unseen)


def _step_batch(term: StepTerm, keys: Keys) -> Callable[[Column, bool], tuple[Floats, Keys | None]]:
    bins, points = Bins(term.cuts), np.asarray(term.table)

    def batch(column: Column, reasons: bool) -> tuple[Floats, Keys | None]:
        codes = bins.find(_numbers(term, column))
        return points.take(codes), keys.take(codes) if reasons else None

    return batch


def _step_one(term: StepTerm, keys: Keys) -> OneTerm:
    cuts = list(term.cuts)
    *table, missing = zip(term.table, keys.tolist(), strict=True)

    def one(value: PartValue) -> tuple[float, int]:
        return missing if value is None else table[bisect_right(cuts, value)]

    return one


def _linear_batch(term: LinearTerm, keys: Keys) -> Callable[[Column, bool], tuple[Floats, Keys | None]]:
    bins = Bins(term.marks)

    def batch(column: Column, reasons: bool) -> tuple[Floats, Keys | None]:
        x = _numbers(term, column)
        contributions = term.values(x)
        if not reasons:
            return contributions, None
        codes = bins.find(x)
        worded = linear_keys(contributions, keys.take(np.minimum(codes, len(keys) - 2)))
        return contributions, np.where(codes == len(keys) - 1, keys[-1], worded)

    return batch


def _linear_one(term: LinearTerm, keys: Keys) -> OneTerm:
    marks, low_bits, missing = list(term.marks), keys.tolist(), (term.missing, int(keys[-1]))

    def one(value: PartValue) -> tuple[float, int]:
        if value is None:
            return missing
        contribution = term.value(value)  # type: ignore[arg-type]
        return contribution, (round(contribution * UNIT) << BITS) | low_bits[bisect_right(marks, value)]

    return one


def _numbers(term: Term, column: Column) -> Floats:
    if isinstance(column, Levels):
        raise TypeError(f"part {term.part!r} must be numbers, got levels")
    return column
