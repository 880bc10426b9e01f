"""The gate: whether a model has signal, and whether a challenger is as good as the champion.

A gate never fails a run. It returns a ``Verdict``, whose sentence is for a sales manager, and whose checks
are for a data scientist. "No signal" is an answer like any other. An undefined number passes no check.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadml.errors import UsageError
from leadml.learning.intervals import N_REPLICATES, difference, replicate
from leadml.learning.metrics import Ranked, Tally, capture, capture_at_capacity, log_loss, roc_auc
from leadml.learning.splits import MIN_TEST_CONVERSIONS

SHARE = 0.20  # the first calls in which the model must find as much as the best simple rule
FEW_CONVERSIONS = 30  # below this the sentence warns of small numbers
RANDOM_ORDER = "calling in random order"

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Margins:
    """By how much a challenger may be worse: ``roc_auc`` absolute, ``capture`` and ``log_loss`` relative."""

    roc_auc: float = 0.02
    capture: float = 0.10
    log_loss: float = 0.01

    def __post_init__(self) -> None:
        for name in ("roc_auc", "capture", "log_loss"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"Margin {name} must fulfil 0 <= {name} < 1, got {getattr(self, name)}.")


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a gate.

    ``value`` was measured; ``bound`` is its one-sided 95 % bound, or the value again where the rule compares
    values; ``limit`` is what the bound was held against. ``sentence`` is a clause in plain words.
    """

    name: str
    passed: bool
    value: float
    bound: float
    limit: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the model is promoted, why in one sentence, and the checks behind it."""

    promoted: bool
    sentence: str
    checks: tuple[Check, ...]


def signal_check(
    y_true: NDArray[np.bool_],
    logit: NDArray[np.float64],
    *,
    base_rate_train: float,
    naive: Mapping[str, NDArray[np.float64]],
    groups: Sequence[Any] | NDArray[Any] | None = None,
    n_replicates: int = N_REPLICATES,
    random_state: int = 0,
) -> Verdict:
    """Check whether a model knows anything that the base rate and the simple rules don't.

    y_true (n,) bool and logit (n,) of the test leads; base_rate_train, the conversion rate of the training
    leads, in (0, 1); naive, scores (n,) of the simple rules by their names in plain words ("newest first"),
    to which random order is added; groups (n,) or None. Checks: ``log_loss`` below that of the base rate and
    ``roc_auc`` above 0.5, both with one-sided 95 % bounds, and ``capture_at_20pct`` at least the best rule's.
    """
    if not 0 < base_rate_train < 1:
        raise UsageError(f"base_rate_train must fulfil 0 < base_rate_train < 1, got {base_rate_train}.")
    model = Ranked(y_true, logit)
    constant = Ranked(y_true, np.full(logit.shape, log(base_rate_train / (1 - base_rate_train))))
    values = replicate(
        [model, constant],
        ["log_loss", "roc_auc"],
        groups=groups,
        n_replicates=n_replicates,
        random_state=random_state,
    )
    untestable = _untestable(y_true, values)
    if untestable:
        return Verdict(False, f"Not promoted: no signal can be shown: {untestable}.", ())
    rules = {RANDOM_ORDER: SHARE} | {
        name: capture(Ranked(y_true, score).tally(), SHARE) for name, score in naive.items()
    }
    tally = model.tally()
    checks = (
        _beats_base_rate(tally, constant.tally(), values[:, 0, 0] - values[:, 1, 0], base_rate_train),
        _beats_chance(tally, values[:, 0, 1]),
        _beats_rules(tally, rules),
    )
    caveat = _caveat(y_true)
    failed = [check.sentence for check in checks if not check.passed]
    if failed:
        why = "no signal beyond a simple rule" if checks[0].passed else "no signal that can be trusted yet"
        why = why if checks[1].passed else "no signal"
        return Verdict(False, f"Not promoted: {why}: {'; '.join(failed)}{caveat}.", checks)
    return Verdict(True, f"Promoted: {checks[1].sentence} and {checks[2].sentence}{caveat}.", checks)


def champion_check(
    y_true: NDArray[np.bool_],
    logit_new: NDArray[np.float64],
    logit_champion: NDArray[np.float64],
    *,
    capacity: float | None = None,
    margins: Margins | None = None,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    n_replicates: int = N_REPLICATES,
    random_state: int = 0,
) -> Verdict:
    """Check that a challenger isn't worse than the champion, within margins, on the same leads.

    y_true (n,) bool, logits (n,) of both; capacity in leads of these n (None: 20 % of them). Checks:
    ``roc_auc`` (new minus champion, lower bound at least minus its margin), ``capture_at_capacity`` (new over
    champion minus 1, lower bound likewise) and ``log_loss`` (new, at most champion times 1 plus its margin).
    """
    margins = Margins() if margins is None else margins
    capacity = SHARE * y_true.size if capacity is None else capacity
    samples = [Ranked(y_true, logit, capacity=capacity) for logit in (logit_new, logit_champion)]
    values = replicate(
        samples,
        ["roc_auc", "capture_at_capacity"],
        groups=groups,
        n_replicates=n_replicates,
        random_state=random_state,
    )
    untestable = _untestable(y_true, values)
    if untestable:
        return Verdict(False, f"Not promoted: it can't be compared with the champion: {untestable}.", ())
    new, champion = (sample.tally() for sample in samples)
    checks = (
        _ranks_as_well(new, champion, values[:, 0, 0] - values[:, 1, 0], margins.roc_auc),
        _captures_as_much(new, champion, values[:, :, 1], margins.capture, min(capacity, y_true.size)),
        _as_accurate(new, champion, margins.log_loss),
    )
    caveat = _caveat(y_true)
    failed = [check.sentence for check in checks if not check.passed]
    if failed:
        return Verdict(False, f"Not promoted: it may be worse than the champion: {'; '.join(failed)}{caveat}.", checks)
    better = checks[0].bound > 0 and checks[1].value >= 0
    head = "ranks better than the champion" if better else "as good as the champion, within the margins"
    return Verdict(True, f"Promoted: {head}: {'; '.join(check.sentence for check in checks)}{caveat}.", checks)


def _beats_base_rate(model: Tally, constant: Tally, replicates: NDArray[np.float64], base_rate: float) -> Check:
    gap = difference(log_loss(model) - log_loss(constant), replicates)
    passed = gap.upper_bound < -_ROUNDING
    relation = "closer to what happened than" if passed else "not shown to be better than"
    sentence = f"its probabilities are {relation} giving every lead the base rate of {_percent(base_rate)}"
    return Check("log_loss", passed, gap.value, gap.upper_bound, 0.0, sentence)


def _beats_chance(model: Tally, replicates: NDArray[np.float64]) -> Check:
    auc = difference(roc_auc(model), replicates)
    passed = auc.lower_bound > 0.5 + _ROUNDING
    claim, least = "ranks better than chance", "at least"
    if not passed:
        claim, least = "its order may be no better than chance", "perhaps only"
    sentence = f"{claim} (AUC {auc.value:.2f}, {least} {auc.lower_bound:.2f})"
    return Check("roc_auc", passed, auc.value, auc.lower_bound, 0.5, sentence)


def _beats_rules(model: Tally, captures: Mapping[str, float]) -> Check:
    best = max(captures, key=lambda name: captures[name])
    value = capture(model, SHARE)
    passed = value >= captures[best] - _ROUNDING
    sentence = (
        f"{'finds' if passed else 'it finds only'} {_percent(value)} of conversions in the first "
        f"{_percent(SHARE)} of calls; the best simple rule, {best}, finds {_percent(captures[best])}"
    )
    return Check("capture_at_20pct", passed, value, value, captures[best], sentence)


def _ranks_as_well(new: Tally, champion: Tally, replicates: NDArray[np.float64], margin: float) -> Check:
    gap = difference(roc_auc(new) - roc_auc(champion), replicates)
    passed = gap.lower_bound >= -margin - _ROUNDING
    sentence = (
        f"AUC {roc_auc(new):.3f} against {roc_auc(champion):.3f} "
        f"(difference at least {gap.lower_bound:+.3f}, {-margin:+.3f} allowed)"
    )
    return Check("roc_auc", passed, gap.value, gap.lower_bound, -margin, sentence)


def _captures_as_much(
    new: Tally, champion: Tally, replicates: NDArray[np.float64], margin: float, capacity: float
) -> Check:
    captured = np.array([[capture_at_capacity(new), capture_at_capacity(champion)]])
    change = difference(float(_relative(captured)[0]), _relative(replicates))
    passed = change.lower_bound >= -margin - _ROUNDING
    sentence = (
        f"{_percent(captured[0, 0])} of conversions in the first {capacity:,.0f} calls against "
        f"{_percent(captured[0, 1])} "
        f"(change at least {100 * change.lower_bound:+.0f} %, {-100 * margin:+.0f} % allowed)"
    )
    return Check("capture_at_capacity", passed, change.value, change.lower_bound, -margin, sentence)


def _as_accurate(new: Tally, champion: Tally, margin: float) -> Check:
    value, reference = log_loss(new), log_loss(champion)
    limit = reference * (1 + margin)
    passed = value <= limit + _ROUNDING
    sentence = f"error of the probabilities {value:.3f} against {reference:.3f} (at most {limit:.3f} allowed)"
    return Check("log_loss", passed, value, value, limit, sentence)


def _relative(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return new over old minus 1 (r,) of pairs (r, 2); 0 where old is 0, as new can't be worse."""
    new, old = pairs[:, 0], pairs[:, 1]
    ratio: NDArray[np.float64] = np.divide(new, old, out=np.ones_like(new), where=old != 0)
    return ratio - 1


def _untestable(y_true: NDArray[np.bool_], replicates: NDArray[np.float64]) -> str:
    """Return why no bound can be had, or nothing."""
    if y_true.all() or not y_true.any():
        return f"{'all' if y_true.all() else 'none'} of the {y_true.size:,} leads tested converted"
    converted = int(np.count_nonzero(y_true))
    if converted < MIN_TEST_CONVERSIONS:
        return f"only {converted} of the {y_true.size:,} leads tested converted, and it takes {MIN_TEST_CONVERSIONS}"
    return "all leads tested belong to one group" if np.isnan(replicates).all() else ""


def _caveat(y_true: NDArray[np.bool_]) -> str:
    n = int(np.count_nonzero(y_true))
    return f"; tested on only {n} conversions, so these numbers are rough" if n < FEW_CONVERSIONS else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share == 0 or share >= 0.01 else f"{100 * share:.1g} %"
