"""The mean of a logistic regression and an explainable boosting machine: two additive models, so one more.

The linear part reads each number as the mean of its bin, on the machine's own bins, so that every number has one
term, in steps. Averaging models that err differently is better than either where data are few (Breiman, "Stacked
regressions", Machine Learning 24, 1996).
"""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.learning.additive import compile_additive, fit_additive, make_additive
from leadml.learning.design import Design
from leadml.learning.linear import compile_linear, fit_linear, make_linear
from leadml.model.bins import Bins
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard, StepTerm, Term

Floats = NDArray[np.float64]


class Blend:
    """A fitted blend; ``means[j]`` are the means of the bins of number j, ``cuts[j]`` where they part."""

    def __init__(self, machine: Any, linear: Any, cuts: dict[int, Floats], means: dict[int, Floats]) -> None:
        self.machine = machine
        self.linear = linear
        self.cuts = cuts
        self.means = means

    def decision_function(self, X: Floats) -> Floats:
        """Return the log-odds (n,) of X (n, p)."""
        both = self.machine.decision_function(X) + self.linear.decision_function(self.binned(X))
        return np.asarray(both / 2)

    def binned(self, X: Floats) -> Floats:
        """Return X with each number replaced by the mean of its bin."""
        result = X.copy()
        for j, cuts in self.cuts.items():
            result[:, j] = self.means[j][Bins(cuts).find(X[:, j])]
        return result


def fit_blend(
    design: Design,
    X: Floats,
    y: NDArray[np.bool_],
    settings: dict[str, Any],
    *,
    final: bool,
    random_state: int,
    sample_weight: Floats | None = None,
) -> Blend:
    """Fit both models on X (n, p) and y (n,); ``settings``: C of the linear part, the rest of the machine."""
    own = {name: value for name, value in settings.items() if name != "C"}
    machine = fit_additive(make_additive(design, own, final=final, random_state=random_state), X, y, sample_weight)
    cuts = {j: np.asarray(machine.bins_[j][0]) for j, part in enumerate(design.parts) if part.numeric}
    weight = np.ones(len(X)) if sample_weight is None else sample_weight
    means = {j: _bin_means(X[:, j], c, weight) for j, c in cuts.items()}
    blend = Blend(machine, make_linear(design, settings, random_state=random_state), cuts, means)
    fit_linear(blend.linear, blend.binned(X), y, sample_weight)
    return blend


def _bin_means(x: Floats, cuts: Floats, weight: Floats) -> Floats:
    """Return the mean of each bin, then NaN for missing; a bin that no row fell into has its nearest cut."""
    codes = Bins(cuts).find(x)
    size = len(cuts) + 1
    known = codes < size
    held = np.bincount(codes[known], weights=weight[known], minlength=size)
    sums = np.bincount(codes[known], weights=(x * weight)[known], minlength=size)
    edges = np.concatenate((cuts[:1], cuts)) if size > 1 else np.zeros(1)
    return np.append(np.divide(sums, held, out=edges.astype(np.float64), where=held > 0), np.nan)


def compile_blend(blend: Blend, design: Design, X: Floats) -> Scorecard:
    """Return the scorecard whose logit is the blend's decision function."""
    stepped = compile_additive(blend.machine, design, X)
    linear = compile_linear(blend.linear, design, blend.binned(X))
    by_part = {term.part: term for term in linear.terms}
    column = {part.name: j for j, part in enumerate(design.parts)}
    terms = tuple(_mean(term, by_part[term.part], blend.means.get(column[term.part])) for term in stepped.terms)
    return Scorecard((stepped.base + linear.base) / 2, terms)


def _mean(term: Term, other: Term, means: Floats | None) -> Term:
    if isinstance(term, StepTerm) and isinstance(other, LinearTerm) and means is not None:
        line = [other.value(float(mean)) for mean in means[:-1]]
        points = tuple((a + b) / 2 for a, b in zip(term.points, line, strict=True))
        return msgspec.structs.replace(term, points=points, missing=(term.missing + other.missing) / 2)
    assert isinstance(term, CategoryTerm)
    assert isinstance(other, CategoryTerm)
    return msgspec.structs.replace(
        term,
        points=tuple((a + b) / 2 for a, b in zip(term.points, other.points, strict=True)),
        missing=(term.missing + other.missing) / 2,
        unseen=(term.unseen + other.unseen) / 2,
    )
