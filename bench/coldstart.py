"""How leadml learns from few conversions: ``python -m bench.coldstart [SEEDS]``, by default 200.

For each seed a sample with its planted drift, cut after a year: of the leads whose label was final by then, as many are
drawn as hold 5, 20, 40 or 120 conversions, at the rate of all. leadml learns from them by the whole line (split, folds
where they can be had, choice, refit, compilation), but for the boosting machines and the yardstick, for speed; all
leads that came in after the cut are scored. Beside it stand the conversion rate of the same rows and a plain one-hot
logistic regression. The same without any signal: outcomes dealt out at random. On the public sets the rows are drawn
from the older part, and the newer part is scored.
"""

import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from joblib import Parallel, delayed
from numpy.typing import NDArray

from bench.learning import NOW, SAMPLE_COLUMNS, frame, losses, plain_linear
from bench.public import FOLDER, SETS
from leadml.errors import TrainingRefused
from leadml.leads.parts import take
from leadml.leads.raw import InMemory
from leadml.leads.sample import make_sample
from leadml.leads.snapshots import Snapshots, snapshots, subset
from leadml.leads.validation import LeadTable, validate
from leadml.learning.compile import compile_scorecard
from leadml.learning.experiment import refit, run_experiment
from leadml.learning.splits import split_at

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Found = list[list[float] | None]
CONVERSIONS = (5, 20, 40, 120)
FAMILIES = ("prior", "logistic")
CUT = datetime(2025, 10, 1, tzinfo=UTC).timestamp()
ALLOWED = 0.002  # of log loss above the base rate's


def drawn(shots: Snapshots, rows: Rows, n_conversions: int, rng: np.random.Generator) -> Snapshots:
    """Return snapshots of some of the rows, with so many conversions, at the conversion rate of all."""
    won, lost = rows[shots.y[rows]], rows[~shots.y[rows]]
    n_lost = round(n_conversions * len(lost) / len(won))
    kept = np.sort(np.concatenate([rng.choice(won, n_conversions, False), rng.choice(lost, n_lost, False)]))
    return Snapshots(
        {name: take(column, kept) for name, column in shots.parts.items()},
        shots.y[kept],
        shots.times[kept],
        shots.ends[kept],
        None if shots.groups is None else np.unique(shots.groups[kept], return_inverse=True)[1],
        shots.rows[kept],
        shots.dated,
    )


def learned(leads: LeadTable, few: Snapshots, later: Snapshots, rows: Rows) -> Floats:
    """Return what leadml says (n,) of some rows of later snapshots after it learned from few."""
    experiment = run_experiment(few, leads.schema.parts, families=FAMILIES, n_replicates=100, progress=lambda *_: None)
    final = refit(few, experiment, random_state=0)
    return compile_scorecard(final.fitted, final.calibration, few).logit(subset(later, rows))


def at_each(leads: LeadTable, shots: Snapshots, older: Rows, later: Rows, rng: np.random.Generator) -> Found:
    """Return log loss and ROC AUC of base rate, leadml and the plain one by conversions; None where it refused."""
    y, found = shots.y[later], Found()
    _, texts = frame(leads.schema, leads.table)
    for n_conversions in CONVERSIONS:
        few = drawn(shots, older, n_conversions, rng)
        try:
            own = learned(leads, few, shots, later)
        except TrainingRefused:
            found.append(None)
            continue
        old = texts.iloc[few.rows].dropna(axis=1, how="all")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it meets levels that it has not seen
            plain = plain_linear(old).fit(old, few.y).decision_function(texts.iloc[shots.rows[later]])
        rate = few.y.mean()
        said = (np.full(len(y), np.log(rate / (1 - rate))), own, np.asarray(plain))
        found.append([figure for logit in said for figure in reversed(losses(y, logit))])
    return found


def one_seed(seed: int, *, signal: bool) -> Found:
    """Return what was measured on one sample."""
    sample = make_sample(seed=seed, events=False)
    leads = validate(InMemory(sample.leads), SAMPLE_COLUMNS, now=NOW, horizon_days=90)
    shots = snapshots(leads, horizon_days=90).snapshots
    rng = np.random.default_rng(seed)
    if not signal:
        shots = replace(shots, y=rng.permutation(shots.y))
    cut = split_at(shots, CUT)
    return at_each(leads, shots, cut.train, cut.test, rng)


def one_draw(name: str, seed: int) -> Found:
    """Return what was measured on one draw from a public set."""
    one = next(one for one in SETS if one.name == name)
    old, new = one.tables()
    leads = validate(InMemory(pa.concat_tables([old, new])), one.columns, now=NOW)
    shots = snapshots(leads).snapshots
    older = shots.rows < old.num_rows
    return at_each(leads, shots, np.flatnonzero(older), np.flatnonzero(~older), np.random.default_rng(seed))


def show(what: str, seeds: Sequence[Found]) -> None:
    """Print a table: means over the seeds, and in how many leadml was worse than the base rate allows."""
    print(f"\n{what}, {len(seeds)} seeds", flush=True)
    print(
        "| conversions | base rate's log loss | leadml, more | plain, more | leadml worse by 0.002 | ROC AUC | plain "
        "| refused |\n|---|---|---|---|---|---|---|---|"
    )
    for i, n_conversions in enumerate(CONVERSIONS):
        values = np.array([found[i] for found in seeds if found[i] is not None])
        base, _, own, auc, plain, plain_auc = values.T
        more = own - base
        error = 1.96 * more.std() / np.sqrt(len(more))
        print(
            f"| {n_conversions} | {base.mean():.4f} | {more.mean():+.4f} (± {error:.4f}) "
            f"| {(plain - base).mean():+.4f} | {(more > ALLOWED).mean():.1%} "
            f"| {auc.mean():.3f} | {plain_auc.mean():.3f} | {len(seeds) - len(more)} |",
            flush=True,
        )


def main(n_seeds: int) -> None:
    """Print all tables."""
    with Parallel(n_jobs=2) as parallel:
        seeds = range(1000, 1000 + n_seeds)
        for words, signal in (("sample with drift", True), ("no signal at all", False)):
            show(words, parallel(delayed(one_seed)(seed, signal=signal) for seed in seeds))
        if FOLDER.is_dir():
            for one in SETS:
                show(one.name, parallel(delayed(one_draw)(one.name, seed) for seed in seeds[: max(2, n_seeds // 5)]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
