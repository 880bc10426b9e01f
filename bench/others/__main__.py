"""leadml against other learners: ``python -m bench.others --seconds 60 --answers FOLDER --python autogluon=PATH``.

The public sets in time order (``bench/public.py`` has fields and cuts). Each learner gets the older leads alone, as the
fields that leadml makes of them, the same seconds on two cores, and predicts the newer leads once. leadml runs its
default line, which has no budget: its seconds are shown. What is not installed is named and left out. An answer that
lies in the folder already is not made again, so that one learner can be run anew: delete its file.

To reach: leadml first on average rank for log loss and ROC AUC. No setting of leadml was chosen by these tables.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.learning import NOW, frame
from bench.others.learners import LEARNERS
from bench.others.run import MISSING
from bench.others.table import BASE, OWN, Measured, measure, overview_rows, rank_rows, set_rows
from bench.others.task import Answer, Task, logit_of
from bench.public import FOLDER, SETS, PublicSet
from leadml.leads.labels import CONVERTED
from leadml.leads.raw import InMemory
from leadml.leads.snapshots import snapshots
from leadml.leads.validation import validate
from leadml.learning.splits import rolling_folds

ROOT = Path(__file__).parents[2]
CALM = os.environ | {"OMP_WAIT_POLICY": "passive"}  # threads that wait leave the cores to whoever else is there
LATEST = 5  # times the budget: then a learner is stopped


def make_task(one: PublicSet, seconds: float) -> Task:
    """Return what the other learners get of a set: the leads and rolling folds that leadml makes of it."""
    old, new = one.tables()
    leads = validate(InMemory(old), one.columns, now=NOW)
    shots = snapshots(leads).snapshots
    folds = rolling_folds(shots, np.arange(len(shots), dtype=np.intp))
    X, X_new = (frame(leads.schema, table)[1] for table in (old, new))
    return Task(X.iloc[shots.rows], shots.y, X_new, tuple((fold.train, fold.test) for fold in folds), seconds)


def ask(command: list[str], file: Path, seconds: float) -> str:
    """Run a learner in a process of its own, with its cores' time; return why there is no answer, or nothing."""
    before = _cpu()
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=CALM, capture_output=True, text=True, timeout=LATEST * seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {LATEST} times the budget"
    if done.returncode == MISSING:
        return "not installed"
    if done.returncode != 0:
        return f"failed: {(done.stderr.strip() or '?').splitlines()[-1]}"
    replace(Answer.load(file), cpu=_cpu() - before).save(file)
    return ""


def _cpu() -> float:
    """Return the seconds that all cores gave to processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def answers(
    one: PublicSet, wanted: list[str], folder: Path, seconds: float, pythons: dict[str, str]
) -> dict[str, Answer]:
    """Return the answers of all learners on a set, by title; those that are there already are read."""
    place = folder / one.name.replace(", ", "-")
    make_task(one, seconds).save(place)
    found = {}
    for name in (OWN, *wanted):
        file, title = place / f"{name}.npz", OWN if name == OWN else LEARNERS[name].title
        command = [sys.executable, "-m", "bench.others.own", one.name, str(file)]
        if name != OWN:
            command = [pythons.get(name, sys.executable), "-m", "bench.others.run", name, str(place), str(file)]
        problem = "" if file.exists() else ask(command, file, seconds)
        if problem:
            print(f"{one.name}: {title} is left out: {problem}", flush=True)
        else:
            found[title] = Answer.load(file)
    return found


def measure_set(one: PublicSet, found: dict[str, Answer]) -> Measured:
    """Print the table of one set."""
    y_old, y = (validate(InMemory(table), one.columns, now=NOW).status == CONVERTED for table in one.tables())
    base: dict[str, NDArray[np.float64]] = {BASE: np.full(len(y), logit_of(y_old.mean()))}
    measured = measure(y, {title: answer.logit for title, answer in found.items()} | base)
    print(f"\n### {one.name}: {len(y_old):,} older leads, {y_old.mean():.1%}; {len(y):,} newer ones, {y.mean():.1%}\n")
    print(
        *set_rows(measured, {title: f"{a.seconds:.0f} | {a.cpu:.0f} | {a.chosen}" for title, a in found.items()}),
        sep="\n",
        flush=True,
    )
    return measured


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0, help="each learner's budget on a set")
    parser.add_argument("--learners", nargs="*", default=list(LEARNERS), choices=LEARNERS, help="the others")
    parser.add_argument("--sets", nargs="*", default=[one.name for one in SETS], help="names of bench/public.py")
    parser.add_argument("--answers", type=Path, help="a folder that keeps the answers")
    parser.add_argument("--python", nargs="*", default=[], metavar="NAME=PATH", help="a learner's own interpreter")
    args = parser.parse_args()
    if not FOLDER.is_dir():
        print(f"the public sets are not in {FOLDER}; set LEADML_PUBLIC_DATA")
        return
    pythons = dict(told.split("=", 1) for told in args.python)
    chosen = [one for one in SETS if one.name in args.sets]
    with tempfile.TemporaryDirectory() as passing:
        folder = args.answers or Path(passing)
        every = [answers(one, args.learners, folder, args.seconds, pythons) for one in chosen]
    print(f"\nbudget {args.seconds:.0f} s, load {os.getloadavg()[2]:.1f} over the last 15 minutes")
    versions = {title: answer.version for found in every for title, answer in found.items()}
    print("versions: " + ", ".join(f"{title} {number}" for title, number in versions.items()))
    measured = {one.name: measure_set(one, found) for one, found in zip(chosen, every, strict=True)}
    files = Counter(one.file for one in chosen)
    print("\n### all sets: log loss, ROC AUC\n", *overview_rows(measured), sep="\n")
    print(
        "\n### average ranks\n", *rank_rows(list(measured.values()), [1 / files[one.file] for one in chosen]), sep="\n"
    )
    for learner in (LEARNERS[name] for name in args.learners):
        print(f"- {learner.title}: {learner.gets}")


if __name__ == "__main__":
    main()
