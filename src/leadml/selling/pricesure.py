"""What the evidence of a training says of a list: how sure its chances are, and how like the past leads it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from leadml.leads.parts import Column, take
from leadml.model.scorecard import LinearTerm, Term
from leadml.model.scorer import Scorer
from leadml.selling.price import Rows
from leadml.selling.pricelook import (
    LEAST_CARRIED,
    TOO_FAR,
    Counts,
    Distance,
    Lack,
    counted,
    coverage,
    distances,
    lacks,
)
from leadml.selling.pricespread import Facts, Spread, age, ageing, between, calibration, composition


@dataclass(frozen=True, slots=True)
class Look:
    """How like the past leads a list is: what it carries of the model's spread, what it lacks, where it is far."""

    covered: float
    lacking: tuple[Lack, ...]
    farthest: tuple[Distance, ...]


class Past:
    """The leads that a model learned from, as its evidence has them, at the moment ``as_of`` of a list.

    ``told`` are the facts of its terms; ``months`` the matured ones, or years, the newest last, as (``2026-09``, leads,
    conversions); ``by_score`` the test as (leads, conversions) by score, from 1.
    """

    def __init__(
        self,
        scorer: Scorer,
        told: Sequence[Facts],
        months: Sequence[tuple[str, int, int]],
        by_score: Sequence[tuple[int, int]],
        *,
        as_of: datetime,
    ) -> None:
        facts = {one.part: one for one in told}
        both = [(term, facts[term.part]) for term in scorer.bundle.scorecard.terms if term.part in facts]
        fits = [(term, one) for term, one in both if len(one.leads) == _size(term)]  # a term may be edited since
        self._terms: list[Term] = [term for term, _ in fits]
        self._facts: list[Facts] = [one for _, one in fits]
        periods = [(n, converted) for _, n, converted in months]
        known = calibration(by_score, scorer.passport.reference)
        old = age(periods, since_last=_since(months[-1][0], as_of)) if months else 0.0
        self._spread = Spread(known, between(periods), ageing(known, periods, old), 0.0)

    def spread(self, parts: Mapping[str, Column], rows: Rows) -> Spread:
        """Return how far the chances of some leads may be off together; without leads, by the calibration alone."""
        return self._spread._replace(composition=composition(self._facts, self._counts(parts, rows)))

    def look(self, parts: Mapping[str, Column], rows: Rows) -> Look:
        """Return how like the past leads some leads are."""
        counts = self._counts(parts, rows)
        lacking = lacks(self._terms, self._facts, counts)
        far = distances(self._terms, self._facts, counts)
        return Look(coverage(lacking), tuple(lacking), tuple(far))

    def _counts(self, parts: Mapping[str, Column], rows: Rows) -> list[Counts]:
        return [counted(term, take(parts[term.part], rows)) for term in self._terms]


def too_far(look: Look, spread: Spread) -> str:
    """Return in words why a price cannot be told; empty where it can."""
    if look.covered < LEAST_CARRIED:
        return f"the list carries only {look.covered:.0%} of what the model tells leads apart by"
    if (off := float(np.sqrt(spread.composition))) > TOO_FAR:
        factor = f"{np.exp(2 * off):,.1f}"
        return f"the model has hardly seen such leads: their odds may be off by a factor of {factor} either way"
    return ""


def _size(term: Term) -> int:
    return len(term.marks) + 2 if isinstance(term, LinearTerm) else len(term.table)


def _since(label: str, as_of: datetime) -> float:
    """Return how many periods, months or years, lie between one and a moment; at least none."""
    year, *month = (int(number) for number in label.split("-"))
    if not month:
        return float(max(0, as_of.year - year))
    return float(max(0, 12 * (as_of.year - year) + as_of.month - month[0]))
