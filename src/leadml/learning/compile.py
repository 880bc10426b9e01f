"""From a fitted estimator and its calibration to the scorecard that ships, and the proof that they agree."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.errors import LeadmlError
from leadml.leads.coercion import Missing, level
from leadml.leads.history.index import LeadHistory
from leadml.leads.reading import distinct_values, one_chunk
from leadml.leads.schema import Schema
from leadml.leads.snapshots import Snapshots, subset
from leadml.learning.calibration import Calibration
from leadml.learning.candidates import FAMILIES
from leadml.learning.design import Design
from leadml.learning.levels import Shrunk, compile_shrunk
from leadml.learning.pairs import Paired, compile_pairs
from leadml.learning.search import Fitted
from leadml.model.scorecard import CategoryTerm, Scorecard, Term

TOLERANCE = 1e-9
Floats = NDArray[np.float64]
Compile = Callable[[Any, Design, Floats], Scorecard]
Labels = Mapping[str, Mapping[str, str]]  # field -> level -> its most frequent spelling


def compile_scorecard(
    fitted: Fitted, calibration: Calibration, shots: Snapshots, labels: Labels | None = None
) -> Scorecard:
    """Return the calibrated scorecard of a fitted estimator, its terms centred over the rows it learned from.

    Raises LeadmlError where its logit differs from the estimator's calibrated logit by more than 1e-9 on any
    of those rows: a scorecard that is not the model must never ship.
    """
    make = FAMILIES[fitted.family].compile
    if make is None:
        raise LeadmlError(f"Family must ship as a scorecard, got {fitted.family!r}.")
    X = fitted.design.matrix(shots.parts, fitted.rows)
    parts = subset(shots, fitted.rows)
    raw = _compiled(fitted.estimator, make, fitted.design, X)
    scorecard = raw.calibrated(calibration.slope, calibration.intercept)
    scorecard = _labelled(scorecard.centred(parts, fitted.sample_weight), labels or {})
    _prove(scorecard.logit(parts), calibration.apply(fitted.logit(shots, fitted.rows)))
    return scorecard


def _compiled(estimator: Any, make: Compile, design: Design, X: Floats) -> Scorecard:
    """Return the scorecard of an estimator, and of what was put on top of it."""
    if isinstance(estimator, Paired):
        return compile_pairs(estimator, _compiled(estimator.own, make, design, X))
    if isinstance(estimator, Shrunk):
        return compile_shrunk(estimator, design, _compiled(estimator.own, make, design, X))
    return make(estimator, design, X)


def _prove(logit: Floats, expected: Floats) -> None:
    worst = float(np.max(np.abs(logit - expected) / np.maximum(1.0, np.abs(expected)), initial=0.0))
    if not worst <= TOLERANCE:
        raise LeadmlError(f"The scorecard must equal its estimator within {TOLERANCE:g}, got {worst:g}; report this.")


def spellings(table: pa.Table, schema: Schema, history: LeadHistory | None = None) -> dict[str, dict[str, str]]:
    """Return for each category field its levels as they are spelled most often in a table, else in its history."""
    earlier = {} if history is None else history.history.fields
    missing = Missing(schema.placeholders)
    result: dict[str, dict[str, str]] = {}
    for field in schema.fields:
        if field.kind != "category" or field.name not in table.column_names:
            continue
        codes, distinct = distinct_values(one_chunk(table.column(field.name)))
        counts = np.bincount(codes, minlength=len(distinct))
        values = [distinct[i] for i in np.argsort(-counts, kind="stable")]
        values += earlier[field.name].values.to_pylist() if field.name in earlier else []
        own: dict[str, str] = {}
        for text in filter(None, map(missing.text, values)):
            own.setdefault(level(text), text)
        result[field.name] = own
    return result


def _labelled(scorecard: Scorecard, labels: Labels) -> Scorecard:
    terms = tuple(_with_labels(term, labels.get(term.part)) for term in scorecard.terms)
    return msgspec.structs.replace(scorecard, terms=terms)


def _with_labels(term: Term, own: Mapping[str, str] | None) -> Term:
    if not own or not isinstance(term, CategoryTerm):
        return term
    return msgspec.structs.replace(term, labels=tuple(own.get(name, name) for name in term.levels))
