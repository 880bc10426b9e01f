"""``python -m bench.price``: are the prices of lists right? Lists of the sample, of which the truth is known.

For each of fifty trainings on the sample, without drift and with it (base rate and effects move, and the lists come
after the last outcome that is known), four lists of 100 to 600 leads of the days after are priced: any leads, only
decision makers, only rich ones, only one source. (Lists of one training are off together: few trainings with many lists
say little.) It prints how often the true expected conversions, and the conversions that happen, lie in the 95 %
intervals (with a Wilson interval of that share), and stated beside true conversions; and by how much the level of all
new leads is off. Then the time for a list of a million leads. To reach: 95 % inside the Wilson interval, or below it.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from time import perf_counter

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray
from scipy.special import logit

from leadml.config import Config
from leadml.leads.sample import Planted, Sample, make_sample, new_leads, write_config
from leadml.model.scorer import Scorer, load_model
from leadml.report.rates import Rate
from leadml.selling.price import Terms
from leadml.training.price import Price, price_list
from leadml.training.train import train

N_SEEDS, N_LEADS, N_NEW, N_LISTS = 50, 7_000, 8_000, 4
TERMS = Terms(margin=1_000.0, cost=40.0, capacity=200)
SOURCE = ["webinar", "trade fair", "cold list", "social", "partner", "referral"]


def trained(folder: Path, *, seed: int, drift: bool) -> tuple[Scorer, Sample]:
    """Train on a sample, and return the model with the sample."""
    sample = make_sample(N_LEADS, seed=seed, events=False, planted=Planted(drift=drift))
    folder.mkdir(parents=True)
    config = Config.load(write_config(folder), overrides=['training.families=["logistic"]'])
    config = msgspec.structs.replace(config, events=None)
    bundle = train(config, sample.leads.to_pandas()).bundle
    return load_model(str(bundle)), sample


def kinds(fresh: Sample, k: int) -> tuple[str, NDArray[np.bool_]]:
    """Return the name of the kind of list k, and which leads are of it."""
    leads, truth = fresh.leads, fresh.truth
    if k % 4 == 0:
        return "any leads", np.ones(len(leads), dtype=bool)
    if k % 4 == 1:
        return "decision makers", np.isin(truth["seniority"].to_pylist(), ["head", "top"])
    if k % 4 == 2:
        budget = np.array([float(b) if b and b.isdigit() else 0.0 for b in map(str, leads["budget"].to_pylist())])
        return "rich", budget >= 10_000
    return "one source", pc.equal(leads["source"], SOURCE[k // 4 % len(SOURCE)]).to_numpy(zero_copy_only=False)


def lists(fresh: Sample, n_lists: int, *, seed: int) -> Iterator[tuple[str, pa.Table]]:
    """Yield lists of new leads, of all kinds in turn."""
    rng = np.random.default_rng(seed)
    for k in range(n_lists):
        kind, mask = kinds(fresh, n_lists * seed + k)
        there = np.flatnonzero(np.asarray(mask, dtype=bool))
        rows = rng.choice(there, min(len(there), int(rng.integers(100, 600))), replace=False)
        yield kind, fresh.leads.take(pa.array(np.sort(rows)))


def priced(scorer: Scorer, leads: pa.Table, folder: Path, as_of: datetime) -> Price:
    """Write a list and price it."""
    pa_csv.write_csv(leads, folder / "list.csv")
    return price_list(scorer, folder / "list.csv", terms=TERMS, as_of=as_of)


def coverage(n_seeds: int, *, drift: bool) -> None:
    """Print how often the truth lies in the intervals."""
    inside: dict[str, list[tuple[bool, bool, float, float]]] = defaultdict(list)
    widths, levels = [], []
    for seed in range(1, n_seeds + 1):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            scorer, sample = trained(folder / "model", seed=seed, drift=drift)
            fresh = new_leads(sample, N_NEW, seed=1_000 + seed, events=False)
            truth = {row["lead_id"]: row for row in fresh.truth.to_pylist()}
            as_of = datetime.combine(fresh.span.as_of, time(), UTC)
            chances = scorer.score_batch(fresh.leads).probability, [row["probability"] for row in truth.values()]
            levels.append(logit(np.mean(chances[0])) - logit(np.mean(chances[1])))
            for kind, leads in lists(fresh, N_LISTS, seed=seed):
                price = priced(scorer, leads, folder, as_of)
                rows = [truth[lead] for lead in price.table["lead_id"].to_pylist()]
                true = sum(row["probability"] for row in rows)
                happened = sum(row["true_outcome"] == "converted" for row in rows)
                first = price.truth.low_95 <= true <= price.truth.high_95
                second = price.conversions.low_95 <= happened <= price.conversions.high_95
                inside[kind].append((first, second, price.expected, true))
                inside["all"].append(inside[kind][-1])
                widths.append(price.spread)
    print(f"  {'with' if drift else 'without'} drift; the common shift is {np.mean(widths):.3f} in log-odds on average")
    print(f"  the level of all new leads is off by {np.mean(levels):+.3f} in log-odds, sd {np.std(levels):.3f}")
    for kind, found in sorted(inside.items()):
        stated, true = (sum(one[i] for one in found) for i in (2, 3))
        shown = ", ".join(_share([bool(one[i]) for one in found]) for i in (0, 1))
        print(
            f"  {kind:<16} {len(found):3} lists: truth, outcome inside 95 %: {shown}; stated/true {stated / true:.3f}"
        )


def _share(found: list[bool]) -> str:
    interval = Rate(len(found), sum(found)).interval
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def speed(n: int = 1_000_000) -> None:
    """Print the seconds for a list of n leads."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        scorer, sample = trained(folder / "model", seed=1, drift=False)
        path = folder / "many.csv"
        pa_csv.write_csv(new_leads(sample, n, seed=9, events=False).leads, path)
        for name, backlog in (("without a backlog", None), ("beside itself", path)):
            started = perf_counter()
            price_list(scorer, path, terms=TERMS, backlog=backlog)
            print(f"  a list of {n:,} leads {name}: {perf_counter() - started:.1f} s")


if __name__ == "__main__":
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else N_SEEDS
    for moves in (False, True):
        coverage(seeds, drift=moves)
    speed()
