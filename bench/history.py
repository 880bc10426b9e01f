"""A million changes of ten fields of a hundred thousand leads: read, bound to a schema, and the leads set back.

``python -m bench.history [--changes N] [--leads N]``; from a CSV, with the old values; the seconds include reading it.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from bench.events import peak
from leadml.leads.coercion import DAY
from leadml.leads.columns import Coercer
from leadml.leads.declared import HistoryTable
from leadml.leads.history.bind import bind
from leadml.leads.history.reading import read_history
from leadml.leads.history.replay import replayed
from leadml.leads.schema import Field, Kind, Roles, Schema

KINDS: tuple[Kind, ...] = ("category",) * 4 + ("number",) * 3 + ("flag", "date", "job_title")
SCHEMA = Schema(tuple(Field(f"{kind}_{i}", kind) for i, kind in enumerate(KINDS)), Roles(id="id", created_at="created"))
TITLES = ("CEO", "Head of Sales", "Owner", "Buyer", "Sachbearbeiter")
START = 1_700_000_000
MOST_SECONDS = 10.0


def main() -> None:
    """Measure, print, and say whether it is fast enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--leads", type=int, default=100_000)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    leads = made_leads(rng, asked.leads)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.csv"
        csv.write_csv(made_changes(rng, asked.changes, leads), path)
        before = peak()
        print(f"{asked.changes:,} changes in {path.stat().st_size / 2**20:,.0f} MB; {before:,.0f} MB to write them")
        took = measure(path, leads)
    print(f"{took:.1f} s in all (to reach: {MOST_SECONDS:.0f} s); {peak():,.0f} MB at most")


def made_leads(rng: np.random.Generator, n: int) -> pa.Table:
    """Return n leads with ten fields."""
    columns = {field.name: values(rng, field.kind, n) for field in SCHEMA.fields}
    created = pa.array(np.full(n, START)).cast(pa.timestamp("s"))
    return pa.table({"id": pa.array(np.arange(n)).cast(pa.string()), "created": created, **columns})


def made_changes(rng: np.random.Generator, n: int, leads: pa.Table) -> pa.Table:
    """Return n changes, as many of each field, in order of time within a field."""
    tables = []
    for field in SCHEMA.fields:
        m = n // len(SCHEMA.fields)
        at = np.sort(START + rng.integers(-100, 100, m) * int(DAY) + rng.integers(0, int(DAY), m))
        columns = {
            "lead_id": leads["id"].take(pa.array(rng.integers(0, len(leads), m))),
            "field": pa.array([field.name] * m),
            "old_value": values(rng, field.kind, m),
            "value": values(rng, field.kind, m),
            "changed_at": pa.array(at).cast(pa.timestamp("s")),
        }
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)


def values(rng: np.random.Generator, kind: Kind, n: int) -> pa.Array:
    """Return n values of a kind as text; of numbers nearly all are distinct."""
    if kind == "number":
        return pa.array(np.round(rng.gamma(2.0, 20_000.0, n), 2)).cast(pa.string())
    if kind == "date":
        days = pa.array(START // int(DAY) - rng.integers(0, 2000, n)).cast(pa.int32())
        return days.cast(pa.date32()).cast(pa.string())
    known = {"category": [f"level {i}" for i in range(30)], "flag": ["yes", "no"], "job_title": [*TITLES]}[kind]
    return pa.array([*known, None]).take(pa.array(rng.integers(0, len(known) + 1, n)))


def measure(path: Path, leads: pa.Table) -> float:
    """Return the seconds from the file to the parts of all leads at one moment."""
    parts = Coercer(SCHEMA)(leads).parts
    start = time.perf_counter()
    changes = read_history(path, HistoryTable(old_value="old_value"))
    read = time.perf_counter()
    own = bind(changes, SCHEMA).of(leads["id"].combine_chunks())
    bound = time.perf_counter()
    moments = np.full(len(leads), float(START))
    found = replayed(parts, leads, own, moments, schema=SCHEMA)
    done = time.perf_counter()
    assert not changes.faults
    print(
        f"read in {read - start:.1f} s, bound in {bound - read:.1f} s; {len(found)} parts of {len(leads):,} leads "
        f"set back in {done - bound:.1f} s"
    )
    return done - start


if __name__ == "__main__":
    main()
