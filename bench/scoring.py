"""Scoring: files, record batches and one lead, as ratios to reading the same file in the same run.

Run it on a quiet machine: ``python -m bench.scoring [--rows 1000000] [--repeat 5]``.

The model is trained on the sample of 7,000 leads; the leads to score are a sample of ``--rows`` leads, written as
CSV to a folder that is removed afterwards. Baseline is ``pyarrow.csv.read_csv`` of that file, default options, in
the same process; baseline and measurement take turns, and the best of ``--repeat`` counts for each. Memory is the
peak of a fresh process that scores the file, at ``--rows`` and at three times as many.

Aims: a file at most 3.5 x the baseline without reasons and 4.5 x with them, wall and CPU; at most 600 MB at any
length; 2 million rows per second and core from record batches; 20 microseconds for one lead.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from leadml.config import Config
from leadml.leads.sample import make_sample, write_config, write_sample
from leadml.leads.sample.files import PLAIN
from leadml.model.scorer import Scorer, load_model
from leadml.model.stream import open_leads, score_file
from leadml.training.train import train

POOL = 4000


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--memory", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory:
        _score_once(*arguments.memory)
        return
    with tempfile.TemporaryDirectory(prefix="leadml-bench-") as name:
        folder = Path(name)
        model, leads = _model(folder), _leads(folder, arguments.rows)
        scorer = load_model(str(model))
        print(f"{arguments.rows:,} leads, {leads.stat().st_size / 1e6:.0f} MB, {len(scorer.terms)} terms")
        _files(scorer, leads, folder / "scored.csv", arguments.repeat)
        _batches(scorer, leads, arguments.repeat)
        _one(scorer, leads)
        _memory(model, leads, folder)


def _model(folder: Path) -> Path:
    write_sample(folder / "data")
    write_config(folder)
    return train(Config.load(folder / "leadml.toml")).bundle


def _leads(folder: Path, rows: int) -> Path:
    path = folder / "many.csv"
    csv.write_csv(make_sample(rows, events=False).leads, path, PLAIN)
    return path


def _clock(work: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _best(times: list[tuple[float, float]]) -> tuple[float, float]:
    return min(wall for wall, _ in times), min(cpu for _, cpu in times)


def _files(scorer: Scorer, leads: Path, out: Path, repeat: int) -> None:
    times: dict[str, list[tuple[float, float]]] = {}
    for _ in range(repeat):
        times.setdefault("read_csv", []).append(_clock(lambda: csv.read_csv(leads)))
        times.setdefault("without reasons", []).append(_clock(lambda: score_file(scorer, leads, out, reasons=False)))
        times.setdefault("with reasons", []).append(_clock(lambda: score_file(scorer, leads, out)))
    base = _best(times["read_csv"])
    print("\nfile                 wall s   ratio    CPU s   ratio")
    for name, taken in times.items():
        wall, cpu = _best(taken)
        print(f"{name:<20} {wall:6.2f} {wall / base[0]:7.2f} {cpu:8.2f} {cpu / base[1]:7.2f}")


def _batches(scorer: Scorer, leads: Path, repeat: int) -> None:
    """Score record batches that are read already, with the columns as they come: dictionaries and numbers."""
    opened = open_leads(scorer, leads, keep=())
    emails = {field.name for field in scorer.fields if field.kind in ("email", "date")}
    raw = [batch for _, batch in opened.batches]
    coercer = scorer.coercer()
    typed = [coercer(batch) for batch in raw]
    n = sum(batch.num_rows for batch in raw)
    from leadml.model.batch import score_parts

    card = scorer.bundle.scorecard
    works: dict[str, Callable[[], Any]] = {
        "logit and axes": lambda: [score_parts(scorer, parts, reasons=False) for parts in typed],
        "logit, axes, reasons": lambda: [score_parts(scorer, parts, reasons=True) for parts in typed],
        "contributions matrix": lambda: [card.contributions(parts.parts) for parts in typed],
        "coercion and all": lambda: [scorer.score_batch(batch, coercer=scorer.coercer()) for batch in raw],
    }
    print(f"\nrecord batches       M rows/s per core (coercion reads {len(emails)} columns of text)")
    for name, work in works.items():
        _, cpu = _best([_clock(work) for _ in range(repeat)])
        print(f"{name:<20} {n / cpu / 1e6:6.2f}")


def _one(scorer: Scorer, leads: Path) -> None:
    with csv.open_csv(leads) as reader:
        pool = pa.Table.from_batches([reader.read_next_batch()]).slice(0, POOL).to_pylist()
    names = {field.name for field in scorer.fields} | set(scorer.schema.roles.columns())
    pool = [{name: value for name, value in lead.items() if name in names} for lead in pool]
    taken = []
    for _ in range(5):
        for lead in pool:
            start = time.perf_counter_ns()
            scorer.score_one(lead)
            taken.append((time.perf_counter_ns() - start) / 1000)
    print(f"\none lead             {statistics.median(taken):.1f} us median over {len(pool):,} distinct leads")


def _memory(model: Path, leads: Path, folder: Path) -> None:
    longer = folder / "longer.csv"
    with leads.open("rb") as source, longer.open("wb") as target:
        header = source.readline()
        body = source.read()
        target.write(header + body)
        for _ in range(2):
            target.write(body)
    print()
    for path in (leads, longer):
        command = [sys.executable, "-m", "bench.scoring", "--memory", str(model), str(path), str(folder / "m.csv")]
        peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        print(f"peak memory          {peak} MB for {path.stat().st_size / 1e6:.0f} MB of leads")


def _score_once(model: str, leads: str, out: str) -> None:
    score_file(load_model(model), leads, out)
    status = Path("/proc/self/status").read_text(encoding="ascii")  # getrusage would count the parent's memory too
    print(int(status.split("VmHWM:")[1].split()[0]) // 1024)


if __name__ == "__main__":
    main()
