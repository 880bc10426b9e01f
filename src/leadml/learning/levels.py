"""Categories of many levels, shrunk: what few leads say of a level counts less, and its points move to the mean.

Level i with n leads keeps n / (n + 50) of its distance from the mean of the known levels; a level that was not seen
has that mean, and what a missing value is worth stays (Efron, Morris, "Stein's paradox in statistics", Scientific
American 236, 1977; Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes", SIGKDD
Explorations 3, 2001). From how many levels on is a setting of a recipe, ``shrunk_from``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.learning.design import Design
from leadml.model.scorecard import CategoryTerm, Scorecard, Term

Floats = NDArray[np.float64]
SHRUNK = "shrunk_from"
LEADS = 50.0  # a level with as many goes half of the way


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A fitted additive model and what is added to it: by column of a category, a number for each code."""

    own: Any
    moves: Mapping[int, Floats]

    def decision_function(self, X: Floats) -> Floats:
        """Return the log-odds (n,) of X (n, p)."""
        logit = np.asarray(self.own.decision_function(X), dtype=np.float64)
        for j, move in self.moves.items():
            logit = logit + move[X[:, j].astype(np.intp)]
        return logit


def shrink_levels(
    own: Any, scorecard: Scorecard, design: Design, X: Floats, *, least: int, sample_weight: Floats | None = None
) -> Shrunk:
    """Shrink the categories of at least ``least`` levels of a model; ``scorecard`` is the model, X (n, p) its rows."""
    by_part = {term.part: term for term in scorecard.terms}
    weight = np.ones(len(X)) if sample_weight is None else sample_weight
    moves = {}
    for j, part in enumerate(design.parts):
        term = by_part.get(part.name)
        if isinstance(term, CategoryTerm) and len(term.levels) >= least:
            held = np.zeros(len(term.table))
            np.add.at(held, X[:, j].astype(np.intp), weight)
            moves[j] = _move(np.array([term.missing, *term.points, term.unseen]), held)
    return Shrunk(own, moves)


def _move(points: Floats, held: Floats) -> Floats:
    """Return what is added to the points (k,) by code, missing first, of which each has some leads (k,)."""
    known = held.copy()
    known[0] = 0.0
    mean = float(np.average(points, weights=known))
    move = (mean - points) * (1 - held / (held + LEADS))
    move[0] = 0.0
    return move


def compile_shrunk(shrunk: Shrunk, design: Design, scorecard: Scorecard) -> Scorecard:
    """Return the scorecard of the model below with its moves."""
    moves = {design.parts[j].name: move.tolist() for j, move in shrunk.moves.items()}
    terms = tuple(_moved(term, moves[term.part]) if term.part in moves else term for term in scorecard.terms)
    return msgspec.structs.replace(scorecard, terms=terms)


def _moved(term: Term, move: list[float]) -> Term:
    assert isinstance(term, CategoryTerm)
    points = tuple(a + b for a, b in zip(term.points, move[1:-1], strict=True))
    return msgspec.structs.replace(term, points=points, missing=term.missing + move[0], unseen=term.unseen + move[-1])
