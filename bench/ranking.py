"""Ranking: a million leads of a thousand owners, each of whom gets a list; reading and scoring included.

``python -m bench.ranking [--rows 1000000] [--owners 1000]``. The model is trained on the sample of 7,000 leads, the
family ``logistic`` alone. Of the leads, a sample of other seeds, all are open, a tenth has no owner and is dealt out,
and accounts stay together; each list is cut to 50, a tenth of them drawn by lot. Baseline is scoring the same file to a
CSV in the same process.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from bench.events import peak
from leadml.config import Config
from leadml.leads.sample import make_sample, write_config, write_sample
from leadml.leads.sample.files import PLAIN
from leadml.model.scorer import Scorer, load_model
from leadml.model.stream import score_file
from leadml.ranking.lists import rank_file
from leadml.ranking.plan import Plan
from leadml.training.train import train

MOST_SECONDS = 30.0
CAPACITY, EXPLORE, UNOWNED = 50, 0.1, 0.1
OUTCOME = ("status", "won_at")  # without them, all are open


def main() -> None:
    """Measure, print, and say whether it is fast enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--owners", type=int, default=1_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadml-bench-") as name:
        folder = Path(name)
        scorer = trained(folder)
        leads = written(folder / "many.csv", asked.rows, asked.owners)
        scoring = clock(lambda: score_file(scorer, leads, folder / "scored.csv"))
        print(f"{asked.rows:,} leads of {asked.owners:,} owners, {leads.stat().st_size / 1e6:.0f} MB")
        print(f"scored to a CSV: {scoring:.1f} s")
        for kind, place in (
            ("a CSV for each owner", folder / "lists"),
            ("a sheet for each owner", folder / "all.xlsx"),
        ):
            took = ranked(scorer, leads, place)
            print(f"{kind}: {took:.1f} s, {took / scoring:.2f} x scoring (to reach: {MOST_SECONDS:.0f} s)")
        print(f"{peak():,.0f} MB at most")


def trained(folder: Path) -> Scorer:
    """Return a model of the sample."""
    write_sample(folder / "data")
    write_config(folder)
    config = Config.load(folder / "leadml.toml", overrides=['training.families=["logistic"]'])
    return load_model(str(train(config).bundle))


def written(path: Path, n: int, n_owners: int) -> Path:
    """Write n open leads, of so many owners."""
    rng = np.random.default_rng(0)
    table = make_sample(n, seed=1, events=False).leads
    owners = pa.array([f"Owner {i:05}" for i in range(n_owners)])
    codes = pa.array(rng.integers(0, n_owners, n), mask=rng.random(n) < UNOWNED)
    table = table.drop_columns(OUTCOME).set_column(
        table.column_names.index("owner"), "owner", pa.chunked_array([owners.take(codes)])
    )
    csv.write_csv(table, path, PLAIN)
    return path


def ranked(scorer: Scorer, leads: Path, place: Path) -> float:
    """Return the seconds that it takes to make the lists of all owners."""
    plan = Plan(CAPACITY, explore=EXPLORE)
    return clock(lambda: rank_file(scorer, leads, None, plan=plan, worklists=place))


def clock(work: Callable[[], object]) -> float:
    """Return how long something takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
