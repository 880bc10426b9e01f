"""The scorecard: a lead model as plain data, ``logit = base + sum of term(part) + sum of pair(part, part)``.

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
from leadml.model.monotone import pooled
from leadml.model.pairs import PairTerm, cut_codes, level_codes

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


class Scorecard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``base`` and the terms, in the order in which they are added; of each pair, half is added to either part.

    Both parts of a pair have terms of their own. A scorecard without pairs is written without the key.
    """

    base: float
    terms: tuple[Term, ...]
    pairs: tuple[PairTerm, ...] = ()

    def contributions(self, parts: Mapping[str, Column]) -> Floats:
        """Return the contributions (n, terms) of a table's parts: each its own and half of the pairs it is in."""
        n = _length(parts)
        result = np.empty((n, len(self.terms)), order="F")
        for i, term in enumerate(self.terms):
            result[:, i] = contributions(term, parts[term.part])
        place = {term.part: i for i, term in enumerate(self.terms)}
        for pair in self.pairs:
            half = pair.credit(parts)
            for part in pair.parts:
                result[:, place[part]] += half
        return result

    def logit(self, parts: Mapping[str, Column]) -> Floats:
        """Return the logit (n,), added term by term in order."""
        result = np.full(_length(parts), self.base)
        if self.pairs:
            for column in self.contributions(parts).T:
                result += column
            return result
        for term in self.terms:
            result += contributions(term, parts[term.part])
        return result

    def calibrated(self, slope: float, intercept: float) -> "Scorecard":
        """Fold the affine calibration ``slope * logit + intercept`` into base and points."""
        terms = tuple(_scaled(term, slope) for term in self.terms)
        pairs = tuple(pair.mapped(lambda points: points * slope) for pair in self.pairs)
        return Scorecard(slope * self.base + intercept, terms, pairs)

    def centred(self, parts: Mapping[str, Column], sample_weight: Floats | None = None) -> "Scorecard":
        """Move the mean of each term, and of each pair, over some rows (n,) into ``base``; they may have weights."""
        terms, pairs, base = [], [], self.base
        for term in self.terms:
            mean = _mean(contributions(term, parts[term.part]), sample_weight)
            terms.append(_shifted(term, mean))
            base += mean
        for pair in self.pairs:
            mean = 2 * _mean(pair.credit(parts), sample_weight)
            pairs.append(pair.mapped(lambda points, mean=mean: points - mean))  # type: ignore[misc]
            base += mean
        return Scorecard(base, tuple(terms), tuple(pairs))

    def term(self, part: str) -> Term:
        """Return the term of a part; raises UsageError where there is none."""
        found = next((term for term in self.terms if term.part == part), None)
        if found is None:
            known = ", ".join(term.part for term in self.terms)
            raise UsageError(f"part must be one that the scorecard has a term of, got {part!r}; it has {known}")
        return found

    def without(self, part: str) -> "Scorecard":
        """Switch a term off, and the pairs it is in.

        As their means were 0, the mean logit of the leads they were centred over stays.
        """
        off = self.term(part)
        pairs = tuple(pair for pair in self.pairs if part not in pair.parts)
        return Scorecard(self.base, tuple(term for term in self.terms if term is not off), pairs)

    def monotone(self, part: str, parts: Mapping[str, Column], *, rising: bool = True) -> "Scorecard":
        """Let a term, and the pairs it is in, only rise or only fall with its number; what stands for missing stays.

        Steps are pooled, weighted by their numbers of leads in ``parts``; a line of the other direction becomes flat.
        Raises UsageError where the term is a category.
        """
        term = self.term(part)
        if isinstance(term, CategoryTerm):
            raise UsageError(f"part must be a number to be monotone, got the category {part!r}")
        sign = 1.0 if rising else -1.0
        pairs = tuple(pair.monotone(part, parts, sign) if part in pair.parts else pair for pair in self.pairs)
        if isinstance(term, LinearTerm):
            if (term.slope >= 0) is rising and pairs == self.pairs:
                return self
            slope = term.slope if (term.slope >= 0) is rising else 0.0
            return self._with(msgspec.structs.replace(term, slope=slope), pairs)
        counts = np.bincount(codes(term, parts[part]), minlength=len(term.table))[:-1]
        points = sign * pooled(sign * np.asarray(term.points), counts.astype(float))
        return self._with(msgspec.structs.replace(term, points=tuple(points.tolist())), pairs)

    def shifted(self, by: float) -> "Scorecard":
        """Add a number to the logit of every lead, such as an intercept that was fitted anew."""
        return Scorecard(self.base + by, self.terms, self.pairs)

    def _with(self, new: Term, pairs: tuple[PairTerm, ...]) -> "Scorecard":
        return Scorecard(self.base, tuple(new if term.part == new.part else term for term in self.terms), pairs)


def codes(term: CategoryTerm | StepTerm, column: Column) -> NDArray[np.intp]:
    """Return the index (n,) into ``term.table`` of each value of a column."""
    if isinstance(term, CategoryTerm):
        return level_codes(term.part, term.levels, column)
    return cut_codes(term.part, term.cuts, column)


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
    numeric = {term.part: not isinstance(term, CategoryTerm) for term in scorecard.terms}
    for pair in scorecard.pairs:
        pair.check(numeric)
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


def _mean(values: Floats, sample_weight: Floats | None) -> float:
    return float(np.mean(values) if sample_weight is None else np.average(values, weights=sample_weight))


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
