"""Two ways of working: check a lead before the first contact, or call first and ask.

Some fields are only known by asking (``leads.answers``). In the past leads a missing answer often means that the lead
never gave one, which speaks against it; in a lead that nobody has asked yet it means nothing. So here what is not known
yet counts as the average lead: 0, as terms are centred. That is the average in log-odds, not of the chance.
"""

from collections.abc import Collection
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.errors import UsageError
from leadml.model.bundle import Bundle
from leadml.model.pairs import PairTerm
from leadml.model.scorecard import LinearTerm, Scorecard, Term
from leadml.model.scorer import Scorer
from leadml.model.wording import noun

First = Literal["check", "call"]
MOST = 3  # questions that a lead is given


class _Importance(msgspec.Struct):
    """What a term adds on average to the leads that a model learned from, either way, in log-odds."""

    part: str
    importance: float


class _Terms(msgspec.Struct):
    terms: list[_Importance] = []


def unasked(scorer: Scorer) -> Scorer:
    """Return a scorer to which an answer that is not known counts as the average one.

    Raises UsageError for a model that knows of no answers.
    """
    if not scorer.schema.answers:
        raise UsageError("the model must know which fields are answers, got none; set leads.answers and train again")
    bundle, fields = scorer.bundle, set(scorer.schema.answers)
    parts = {part.name for part in bundle.schema.parts if part.field in fields}
    changed = msgspec.structs.replace(bundle, scorecard=neutral(bundle.scorecard, parts))
    return Scorer(changed, language=scorer.legend.language)


def neutral(scorecard: Scorecard, parts: Collection[str]) -> Scorecard:
    """Return a scorecard to which these parts add nothing where they are missing, nor do their pairs."""
    terms = tuple(msgspec.structs.replace(one, missing=0.0) if one.part in parts else one for one in scorecard.terms)
    return msgspec.structs.replace(
        scorecard, terms=terms, pairs=tuple(_neutral(pair, parts) for pair in scorecard.pairs)
    )


def _neutral(pair: PairTerm, parts: Collection[str]) -> PairTerm:
    def still(grid: NDArray[np.float64]) -> NDArray[np.float64]:
        if pair.first.part in parts:
            grid[-1, :] = 0.0
        if pair.second.part in parts:
            grid[:, -1] = 0.0
        return grid

    return pair.mapped(still)


def questions(scorer: Scorer) -> list[tuple[str, str]]:
    """Return (field, what it is called) of the answers that count, the most telling first."""
    told = importance(scorer.bundle)
    weight: dict[str, float] = {}
    for part in scorer.schema.parts:
        if part.field in scorer.schema.answers and part.name in told:
            weight[part.field] = weight.get(part.field, 0.0) + told[part.name]
    called = {field.name: noun(field, scorer.legend.language) for field in scorer.schema.fields}
    return [(name, called[name]) for name in sorted(weight, key=lambda name: -weight[name])]


def importance(bundle: Bundle) -> dict[str, float]:
    """Return what each term adds on average, either way: among past leads, or without evidence over its own points."""
    told = msgspec.json.decode(bundle.evidence, type=_Terms).terms if bundle.evidence is not None else []
    known = {one.part: one.importance for one in told}
    return {term.part: known.get(term.part, _spread(term)) for term in bundle.scorecard.terms}


def _spread(term: Term) -> float:
    if isinstance(term, LinearTerm):
        return abs(term.slope) * (term.high - term.low) / 4
    return float(np.mean(np.abs(term.points))) if term.points else 0.0
