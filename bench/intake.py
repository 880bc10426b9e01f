"""Intake: how long ``leadml check`` takes, as a ratio to reading the same file in the same run.

Run it on a quiet machine: ``python -m bench.intake [--rows 1000000] [--repeat 5]``.

The table is a sample of ``--rows`` leads with its planted copies, written as CSV to a folder that is removed
afterwards. Baseline is ``pyarrow.csv.read_csv`` of that file, default options, in the same process; baseline and
check take turns, and the best of ``--repeat`` counts for each.

Aim: at most 10 x the baseline.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyarrow import csv

from leadml.config import Config
from leadml.leads.sample import make_sample, write_config
from leadml.leads.sample.files import PLAIN
from leadml.training.check import check


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadml-bench-") as name:
        config, path = _table(Path(name), arguments.rows)
        taken: dict[str, list[float]] = {"read_csv": [], "leadml check": []}
        for _ in range(arguments.repeat):
            taken["read_csv"].append(_clock(lambda: csv.read_csv(path)))
            taken["leadml check"].append(_clock(lambda: check(config, now=datetime.now(UTC))))
        print(f"{arguments.rows:,} leads, {path.stat().st_size / 1e6:.0f} MB")
        base = min(taken["read_csv"])
        for what, seconds in taken.items():
            print(f"{what:<16} {min(seconds):6.2f} s {min(seconds) / base:6.1f} x")


def _table(folder: Path, rows: int) -> tuple[Config, Path]:
    sample = make_sample(rows, events=False)
    (folder / "data").mkdir()
    path = folder / "data" / "leads.csv"
    csv.write_csv(sample.leads, path, PLAIN)
    csv.write_csv(sample.events, folder / "data" / "events.csv", PLAIN)
    return Config.load(write_config(folder)), path


def _clock(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
