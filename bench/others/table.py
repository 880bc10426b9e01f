"""The tables: what each learner reached on a set, and average ranks over the sets with bootstrap intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import rankdata

from leadml.learning.intervals import Difference, difference, replicate
from leadml.learning.metrics import METRICS, Ranked

Floats = NDArray[np.float64]
OWN, BASE = "leadml", "base rate"
SHOWN = {"log_loss": 1.0, "roc_auc": -1.0}  # and what makes a lower value the better one


@dataclass(frozen=True)
class Measured:
    """What s learners reached on one set: ``values`` (s, 2) and ``draws`` (r, s, 2), by ``SHOWN``.

    ``said`` (s,) is their mean probability.
    """

    learners: tuple[str, ...]
    values: Floats
    draws: Floats
    said: Floats


def measure(y: NDArray[np.bool_], logits: Mapping[str, Floats], n_replicates: int = 500) -> Measured:
    """Measure logits (n,) by learner on leads y (n,), all on the same resampled leads."""
    samples = [Ranked(y, logit) for logit in logits.values()]
    values = [[METRICS[name](sample.tally()) for name in SHOWN] for sample in samples]
    draws = replicate(samples, tuple(SHOWN), n_replicates=n_replicates)
    said = np.array([expit(logit).mean() for logit in logits.values()])
    return Measured(tuple(logits), np.array(values), draws, said)


def set_rows(measured: Measured, told: Mapping[str, str]) -> list[str]:
    """Return the rows of a set's table, the lowest log loss first: the difference to leadml with its 95 % interval."""
    rows = [
        "| learner | log loss | minus leadml's | ROC AUC | minus leadml's | says | s | of cores | what was chosen |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for i in np.argsort(measured.values[:, 0], kind="stable"):
        name, cells = measured.learners[i], []
        for j in range(len(SHOWN)):
            gap = _gap(measured, name, j)
            shown = "" if name == OWN else f"{gap.value:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})"
            cells += [f"{measured.values[i, j]:.4f}", shown]
        cells.append(f"{measured.said[i]:.1%}")
        rows.append(f"| {_marked(name)} | {' | '.join(cells)} | {told.get(name, '0 | 0 | ')} |")
    return rows


def overview_rows(sets: Mapping[str, Measured]) -> list[str]:
    """Return log loss and ROC AUC by learner and set; "+" is better than leadml, "-" worse, by the 95 % intervals."""
    rows = ["| learner | " + " | ".join(sets) + " |", "|---" * (len(sets) + 1) + "|"]
    for name in dict.fromkeys(name for one in sets.values() for name in one.learners):
        cells = [_values(one, name) if name in one.learners else "" for one in sets.values()]
        rows.append(f"| {_marked(name)} | {' | '.join(cells)} |")
    return rows


def _values(measured: Measured, name: str) -> str:
    shown = []
    for j, (value, sign) in enumerate(zip(measured.values[measured.learners.index(name)], SHOWN.values(), strict=True)):
        gap = _gap(measured, name, j)
        low, high = sorted((sign * gap.low, sign * gap.high))
        shown.append(f"{value:.4f}{'+' if high < 0 else '-' if low > 0 else ''}")
    return ", ".join(shown)


def _gap(measured: Measured, name: str, metric: int) -> Difference:
    i, own = measured.learners.index(name), measured.learners.index(OWN)
    values, draws = measured.values[:, metric], measured.draws[:, :, metric]
    return difference(values[i] - values[own], draws[:, i] - draws[:, own])


def _marked(name: str) -> str:
    return f"**{name}**" if name == OWN else name


def average_ranks(values: Sequence[Floats], weights: Sequence[float] | Floats) -> Floats:
    """Return the average rank (..., s) of values (..., s) over the sets, the lowest first; ties share their ranks."""
    ranks = [rankdata(one, axis=-1) for one in values]
    return np.asarray(np.average(ranks, axis=0, weights=weights))


def rank_rows(sets: Sequence[Measured], once: Sequence[float]) -> list[str]:
    """Return the rows of the table of average ranks, over the learners that answered on every set.

    ``once`` are weights by set with which each file counts once. The base rate has no rank for ROC AUC: it ranks no
    leads. In brackets are 95 % intervals over resampled leads.
    """
    everywhere = [name for name in sets[0].learners if all(name in one.learners for one in sets)]
    cells: dict[str, list[str]] = {name: [] for name in everywhere}
    rows = []
    for j, (metric, sign) in enumerate(SHOWN.items()):
        ranked = [name for name in everywhere if metric == "log_loss" or name != BASE]
        places = [[one.learners.index(name) for name in ranked] for one in sets]
        values = [sign * one.values[at, j] for one, at in zip(sets, places, strict=True)]
        draws = [sign * one.draws[:, at, j] for one, at in zip(sets, places, strict=True)]
        mean, by_file = average_ranks(values, np.ones(len(sets))), average_ranks(values, once)
        low, high = np.quantile(average_ranks(draws, np.ones(len(sets))), (0.025, 0.975), axis=0)
        for i, name in enumerate(ranked):
            cells[name] += [f"{mean[i]:.2f} ({low[i]:.2f} to {high[i]:.2f})", f"{by_file[i]:.2f}"]
        own = ranked.index(OWN)
        rows.append(
            f"{metric}: leadml stands {rankdata(mean, 'min')[own]} of {len(ranked)} ({mean[own]:.2f} on average)"
        )
    head = "| learner | rank by log loss | each file once | rank by ROC AUC | each file once |"
    body = [f"| {_marked(name)} | {' | '.join([*found, '', ''][:4])} |" for name, found in cells.items()]
    return [
        head,
        "|---|---|---|---|---|",
        *sorted(body, key=lambda row: float(row.split("|")[2].split()[0])),
        "",
        *rows,
    ]
