"""What a list carries of what a model knows, and how far it is from the leads that the model learned from."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.model.bins import Bins
from leadml.model.scorecard import CategoryTerm, LinearTerm, StepTerm, Term, codes
from leadml.selling.pricespread import Facts

Counts = NDArray[np.intp]
TOO_FAR = 0.5  # log-odds: at 95 % the odds may be off by a factor of 2.7 either way
LEAST_CARRIED = 0.5  # of the model's spread


class Lack(NamedTuple):
    """A part that the list knows less of than the past leads did: its share of the model's spread, and who has it."""

    part: str
    share: float
    known: float
    known_before: float


class Distance(NamedTuple):
    """How far a part of the list is from the past leads, by total variation, 0 to 1.

    ``what`` moved most: from a share ``before`` to ``now``. ``share`` is the part's share of the model's spread.
    """

    part: str
    share: float
    distance: float
    what: str
    before: float
    now: float


def counted(term: Term, column: Column) -> Counts:
    """Return the leads of a column by code, as the facts of the term count them."""
    if isinstance(term, LinearTerm):
        assert not isinstance(column, Levels)
        return np.bincount(Bins(term.marks).find(column), minlength=len(term.marks) + 2)
    return np.bincount(codes(term, column), minlength=len(term.table))


def lacks(terms: Sequence[Term], facts: Sequence[Facts], counts: Sequence[Counts]) -> list[Lack]:
    """Return of each term how much of it the list carries, the greatest loss first."""
    total = sum(one.importance for one in facts) or 1.0
    found = [
        Lack(one.part, one.importance / total, _known(term, count), _known(term, np.asarray(one.leads)))
        for term, one, count in zip(terms, facts, counts, strict=True)
    ]
    return sorted(found, key=lambda lack: -lack.share * (1 - _carried(lack)))


def coverage(found: Sequence[Lack]) -> float:
    """Return the share of the model's spread that the list carries; 1 where it knows as much as the past leads did."""
    return float(sum(lack.share * _carried(lack) for lack in found)) if found else 1.0


def lost(lack: Lack) -> float:
    """Return the share of the model's spread that is lost by one part."""
    return lack.share * (1 - _carried(lack))


def _carried(lack: Lack) -> float:
    return min(1.0, lack.known / lack.known_before) if lack.known_before else 1.0


def _known(term: Term, count: Counts) -> float:
    """Return the share of leads with a value that the model knows."""
    unknown = count[-2:] if isinstance(term, CategoryTerm) else count[-1:]
    return float(1 - unknown.sum() / max(count.sum(), 1))


def distances(terms: Sequence[Term], facts: Sequence[Facts], counts: Sequence[Counts]) -> list[Distance]:
    """Return how far the list is from the past leads by each term; first what is far in what counts most."""
    found, total = [], sum(one.importance for one in facts) or 1.0
    for term, one, count in zip(terms, facts, counts, strict=True):
        before = np.asarray(one.leads) / max(sum(one.leads), 1)
        now = count / max(count.sum(), 1)
        most = int(np.abs(now - before).argmax())
        apart = float(np.abs(now - before).sum() / 2)
        share = one.importance / total
        found.append(Distance(one.part, share, apart, named(term, most), float(before[most]), float(now[most])))
    return sorted(found, key=lambda one: -one.share * one.distance)


def named(term: Term, code: int) -> str:
    """Return a code of a term in words: a level, or a range of numbers."""
    if isinstance(term, CategoryTerm):
        return [*(term.labels or term.levels), "not seen before", "unknown"][code]
    cuts = term.cuts if isinstance(term, StepTerm) else term.marks
    if code > len(cuts):
        return "unknown"
    if not cuts:
        return "any number"
    if code == 0:
        return f"below {cuts[0]:,.6g}"
    return f"{cuts[-1]:,.6g} or more" if code == len(cuts) else f"{cuts[code - 1]:,.6g} to below {cuts[code]:,.6g}"
