"""Whether a search can hurt: ``python -m bench.search [SET ...]``; some seven minutes a set on two cores.

A search of 60 s on the older part of a public set (``bench/public.py``), beside the default recipe of the same seed;
five seeds. Both recipes are fitted on the whole older part. The newer part is scored once, when all searches are over.
To reach on the bank set: in the mean over the seeds the found recipe's ROC AUC is at most 0.005 below the default's.
"""

import sys
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from bench.learning import NOW, frame
from bench.public import SETS, PublicSet
from leadml.leads.labels import CONVERTED
from leadml.leads.raw import InMemory
from leadml.leads.snapshots import snapshots
from leadml.leads.validation import validate
from leadml.learning.calibration import Calibration
from leadml.learning.compile import compile_scorecard
from leadml.learning.metrics import Ranked, roc_auc
from leadml.learning.search import Trial, choose, fit, search
from leadml.learning.splits import time_split
from leadml.learning.tuning import Tuned, Tuner
from leadml.model.scorecard import Scorecard

SEEDS, SECONDS, WORST = range(5), 60.0, -0.005
FAMILIES = ("logistic", "ebm", "blend")


@dataclass(frozen=True)
class Found:
    """What a search with one seed found, and the scorecards of both recipes."""

    seed: int
    tuned: Tuned
    default: Scorecard
    chosen: Scorecard
    seconds: float


def searched(one: PublicSet) -> list[Found]:
    """Search on the older part with each seed."""
    old, _ = one.tables()
    leads = validate(InMemory(old), one.columns, now=NOW)
    shots = snapshots(leads).snapshots
    everything, train = np.arange(len(shots), dtype=np.intp), time_split(shots).train

    def compiled(trial: Trial, seed: int) -> Scorecard:
        fitted = fit(shots, trial.parts, everything, trial.family, trial.settings, final=True, random_state=seed)
        return compile_scorecard(fitted, Calibration(1.0, 0.0, 0, "none: the order is what counts"), shots)

    found = []
    for seed in SEEDS:
        start = perf_counter()
        tried = search(shots, leads.schema.parts, train, FAMILIES, random_state=seed, progress=lambda *_: None)
        default = choose(tried)
        tuner = Tuner(FAMILIES, seconds=SECONDS, jobs=2, random_state=seed)
        tuned = tuner(shots, leads.schema.parts, train, tried=tried, default=default, progress=lambda *_: None)
        seconds = perf_counter() - start
        own = compiled(default, seed)
        chosen = own if tuned.found is None else compiled(tuned.found, seed)
        found.append(Found(seed, tuned, own, chosen, seconds))
        print(f"seed {seed} ({seconds:.0f} s): {tuned.sentence}", flush=True)
    return found


def measure(one: PublicSet) -> None:
    """Print one set."""
    found = searched(one)
    old, new = one.tables()
    schema = validate(InMemory(old), one.columns, now=NOW).schema
    y = validate(InMemory(new), one.columns, now=NOW).status == CONVERTED
    parts, _ = frame(schema, new)
    differences = []
    for result in found:
        own, best = (roc_auc(Ranked(y, card.logit(parts)).tally()) for card in (result.default, result.chosen))
        differences.append(best - own)
        settings = "the default" if result.tuned.found is None else str(result.tuned.found.settings)
        print(f"seed {result.seed}: default {own:.4f}, found {best:.4f} ({best - own:+.4f}): {settings}")
    print(f"{one.name}: mean difference of AUC {np.mean(differences):+.4f} (to reach on bank: at least {WORST})\n")


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["bank"]
    for chosen in (one for one in SETS if one.name in wanted):
        measure(chosen)
