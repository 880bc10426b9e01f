"""The scorecard: a lead model as plain data, ``logit = base + sum of term(part)``.

Every number of a term is a contribution in log-odds after calibration; positive speaks for conversion. Terms
are centred to weighted mean 0 over the final training rows, so that ``base`` is the logit of an average lead.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import inf, isfinite
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.errors import UsageError
from leadml.leads.parts import Column, Levels
from leadml.model.bins import Bins
from leadml.model.monotone import pooled

Floats = NDArray[np.float64]


class CategoryTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="category", tag_field="kind"):
    """A category: one number of points per level.

    ``labels`` are the levels as they were spelled most often. ``unseen`` is for every other level.
    """

    part: str
    levels: tuple[str, ...]
    points: tuple[float, ...]
    missing: float
    unseen: float
    labels: tuple[str, ...] = ()

    @property
    def table(self) -> tuple[float, ...]:
        """The points by code: the levels, then unseen, then missing."""
        return (*self.points, self.unseen, self.missing)


class StepTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="step", tag_field="kind"):
    """A number in steps: bin i holds ``cuts[i-1] <= x < cuts[i]``; ``points`` has one more than ``cuts``.

    ``whole`` says that the training values were whole numbers (for wording only).
    """

    part: str
    cuts: tuple[float, ...]
    points: tuple[float, ...]
    missing: float
    whole: bool = False

    @property
    def table(self) -> tuple[float, ...]:
        """The points by code: the bins, then missing."""
        return (*self.points, self.missing)


class LinearTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="linear", tag_field="kind"):
    """A number on a line: ``slope * (clip(x, low, high) - center)``.

    ``marks`` are where the wording changes from one range to the next; they have no part in the score.
    """

    part: str
    slope: float
    low: float
    high: float
    center: float
    missing: float
    marks: tuple[float, ...] = ()
    whole: bool = False

    def value(self, x: float) -> float:
        """Return the contribution of one number."""
        return self.slope * (min(max(x, self.low), self.high) - self.center)

    def values(self, x: Floats) -> Floats:
        """Return the contributions (n,) of numbers (n,); NaN is missing."""
        result = self.slope * (np.minimum(np.maximum(x, self.low), self.high) - self.center)
        return np.where(np.isnan(x), self.missing, result)


Term = CategoryTerm | StepTerm | LinearTerm


class Scorecard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``base`` and the terms, in the order in which they are added."""

    base: float
    terms: tuple[Term, ...]

    def contributions(self, parts: Mapping[str, Column]) -> Floats:
        """Return the contributions (n, terms) of a table's parts."""
        n = _length(parts)
        result = np.empty((n, len(self.terms)), order="F")
        for i, term in enumerate(self.terms):
            result[:, i] = contributions(term, parts[term.part])
        return result

    def logit(self, parts: Mapping[str, Column]) -> Floats:
        """Return the logit (n,), added term by term in order."""
        result = np.full(_length(parts), self.base)
        for term in self.terms:
            result += contributions(term, parts[term.part])
        return result

    def calibrated(self, slope: float, intercept: float) -> "Scorecard":
        """Fold the affine calibration ``slope * logit + intercept`` into base and points."""
        return Scorecard(slope * self.base + intercept, tuple(_scaled(term, slope) for term in self.terms))

    def centred(self, parts: Mapping[str, Column]) -> "Scorecard":
        """Move each term's mean over some rows into ``base``."""
        terms, base = [], self.base
        for term in self.terms:
            mean = float(np.mean(contributions(term, parts[term.part])))
            terms.append(_shifted(term, mean))
            base += mean
        return Scorecard(base, tuple(terms))

    def term(self, part: str) -> Term:
        """Return the term of a part; raises UsageError where there is none."""
        found = next((term for term in self.terms if term.part == part), None)
        if found is None:
            known = ", ".join(term.part for term in self.terms)
            raise UsageError(f"part must be one that the scorecard has a term of, got {part!r}; it has {known}")
        return found

    def without(self, part: str) -> "Scorecard":
        """Switch a term off; as its mean was 0, the mean logit of the leads it was centred over stays."""
        off = self.term(part)
        return Scorecard(self.base, tuple(term for term in self.terms if term is not off))

    def monotone(self, part: str, parts: Mapping[str, Column], *, rising: bool = True) -> "Scorecard":
        """Let a term only rise, or only fall, with its number; what stands for a missing value stays.

        Steps are pooled, weighted by their numbers of leads in ``parts``; a line of the other direction becomes flat.
        Raises UsageError where the term is a category.
        """
        term = self.term(part)
        if isinstance(term, CategoryTerm):
            raise UsageError(f"part must be a number to be monotone, got the category {part!r}")
        if isinstance(term, LinearTerm):
            return self if (term.slope >= 0) is rising else self._with(msgspec.structs.replace(term, slope=0.0))
        counts = np.bincount(codes(term, parts[part]), minlength=len(term.table))[:-1]
        sign = 1.0 if rising else -1.0
        points = sign * pooled(sign * np.asarray(term.points), counts.astype(float))
        return self._with(msgspec.structs.replace(term, points=tuple(points.tolist())))

    def shifted(self, by: float) -> "Scorecard":
        """Add a number to the logit of every lead, such as an intercept that was fitted anew."""
        return Scorecard(self.base + by, self.terms)

    def _with(self, new: Term) -> "Scorecard":
        return Scorecard(self.base, tuple(new if term.part == new.part else term for term in self.terms))


def codes(term: CategoryTerm | StepTerm, column: Column) -> NDArray[np.intp]:
    """Return the index (n,) into ``term.table`` of each value of a column."""
    if isinstance(term, CategoryTerm):
        if not isinstance(column, Levels):
            raise TypeError(f"part {term.part!r} must be levels, got numbers")
        index = {level: i for i, level in enumerate(term.levels)}
        unseen = len(term.levels)
        table = [index.get(level, unseen) for level in column.levels]
        return np.asarray([*table, unseen + 1], dtype=np.intp)[column.codes]  # code -1 takes the last
    if isinstance(column, Levels):
        raise TypeError(f"part {term.part!r} must be numbers, got levels")
    return Bins(term.cuts).find(column)


def contributions(term: Term, column: Column) -> Floats:
    """Return the contribution (n,) of one term."""
    if isinstance(term, LinearTerm):
        if isinstance(column, Levels):
            raise TypeError(f"part {term.part!r} must be numbers, got levels")
        return term.values(column)
    return np.asarray(term.table)[codes(term, column)]


def expit(logit: Floats) -> Floats:
    """Return the probability of a logit: the one sigmoid of leadml, exact at both ends."""
    e = np.exp(-np.abs(logit))
    return np.where(logit >= 0, 1.0, e) / (1.0 + e)


def to_json(scorecard: Scorecard) -> bytes:
    """Return the scorecard as JSON; floats are written so that they read back the same."""
    return msgspec.json.format(msgspec.json.encode(scorecard), indent=1)


def from_json(data: bytes) -> Scorecard:
    """Read a scorecard; raises msgspec.ValidationError where it is not one, ValueError where it is at odds."""
    scorecard = msgspec.json.decode(data, type=Scorecard)
    for term in scorecard.terms:
        _check(term)
    return scorecard


def _check(term: Term) -> None:
    if isinstance(term, CategoryTerm):
        if len(term.levels) != len(term.points) or len(set(term.levels)) != len(term.levels):
            raise ValueError(f"term {term.part!r} must have one number of points per level")
        if term.labels and len(term.labels) != len(term.levels):
            raise ValueError(f"term {term.part!r} must have one label per level, or none")
        return
    if isinstance(term, StepTerm) and len(term.points) != len(term.cuts) + 1:
        raise ValueError(f"term {term.part!r} must have one more number of points than cuts")
    if isinstance(term, LinearTerm) and term.low > term.high:
        raise ValueError(f"term {term.part!r} must have a range whose low end is not above its high end")
    if any(a >= b for a, b in pairwise(term.marks if isinstance(term, LinearTerm) else term.cuts)):
        raise ValueError(f"the cuts of term {term.part!r} must rise")


def _length(parts: Mapping[str, Column]) -> int:
    column = next(iter(parts.values()))
    return len(column.codes) if isinstance(column, Levels) else len(column)


def _mapped(term: Term, points: Any, **linear: float) -> Term:
    if isinstance(term, LinearTerm):
        return msgspec.structs.replace(term, missing=points(term.missing), **linear)
    changed: dict[str, Any] = {"points": tuple(map(points, term.points)), "missing": points(term.missing)}
    if isinstance(term, CategoryTerm):
        changed["unseen"] = points(term.unseen)
    return msgspec.structs.replace(term, **changed)


def _scaled(term: Term, slope: float) -> Term:
    linear = {"slope": term.slope * slope} if isinstance(term, LinearTerm) else {}
    return _mapped(term, lambda points: points * slope, **linear)


def _shifted(term: Term, mean: float) -> Term:
    if not isinstance(term, LinearTerm):
        return _mapped(term, lambda points: points - mean)
    center = term.center + mean / term.slope if term.slope else inf
    if not isfinite(center):  # a line without a slope cannot be moved by its centre: it is one step
        return StepTerm(term.part, (), (-mean,), term.missing - mean, term.whole)
    return _mapped(term, lambda points: points - mean, center=center)
