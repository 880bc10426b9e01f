"""Ten million events and a million snapshots: read, sorted, and made into fields; with the memory that it took.

``python -m bench.events [--events N] [--leads N] [--csv]``; the seconds include reading the file.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from pyarrow import csv

from leadml.leads.coercion import DAY
from leadml.leads.events.compute import compute
from leadml.leads.events.measures import measures
from leadml.leads.events.reading import read_events
from leadml.leads.schema import EventTable

KINDS = ("visit", "email_opened", "call", "meeting", "download", "payment")
SHARES = (0.5, 0.25, 0.1, 0.05, 0.07, 0.03)
YEAR = 365 * DAY
MOST_SECONDS = 90.0


def main() -> None:
    """Measure, print, and say whether it is fast enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--csv", action="store_true", help="a CSV instead of Parquet")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("events.csv" if asked.csv else "events.parquet")
        ids, created = write(path, asked.events, asked.leads)
        print(f"{asked.events:,} events in {path.stat().st_size / 2**20:,.0f} MB; {peak():,.0f} MB to write them")
        took = measure(path, ids, created)
    print(f"{took:.1f} s in all (to reach: {MOST_SECONDS:.0f} s); {peak():,.0f} MB at most")


def write(path: Path, n_events: int, n_leads: int) -> tuple[pa.Array, "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    """Write events in order of time, unevenly over the leads; return the ids and creation times (n,) of these."""
    rng = np.random.default_rng(0)
    ids = pa.array(np.arange(n_leads)).cast(pa.string())
    created = 1.7e9 + rng.random(n_leads) * YEAR
    lead = (rng.random(n_events) ** 2 * n_leads).astype(np.int64)
    at = np.round(created[lead] + (rng.random(n_events) - 0.3) * 120 * DAY)
    order = np.argsort(at)
    lead, at = lead[order], at[order]
    kind = pa.array(KINDS).take(pa.array(rng.choice(len(KINDS), n_events, p=SHARES)))
    moments = pa.array(at.astype(np.int64)).cast(pa.timestamp("s"))
    value = pa.array(np.round(rng.gamma(1.0, 100.0, n_events), 2))
    table = pa.table({"lead_id": ids.take(pa.array(lead)), "at": moments, "kind": kind, "value": value})
    if path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        pyarrow.parquet.write_table(table, path)
    return ids, created


def measure(path: Path, ids: pa.Array, created: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """Return the seconds from the file to the fields of one snapshot of each lead."""
    start = time.perf_counter()
    told = EventTable(value="value", kinds=KINDS)
    events = read_events(path, told)
    read = time.perf_counter()
    known = events.index.of(ids)
    wanted = measures(KINDS, told.windows, others=False, valued=True, aged=True)
    fields = compute(known.index, known.codes, created + 30 * DAY, wanted, kinds=KINDS, created=created)
    done = time.perf_counter()
    print(
        f"read and sorted in {read - start:.1f} s; "
        f"{len(fields)} fields of {len(ids):,} snapshots in {done - read:.1f} s"
    )
    return done - start


def peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
