"""How often clean tables are blocked, and how often planted leaks are found.

    python -m bench.leaks [TABLES]

Clean tables: every field is there when the lead comes in and stays as it is. Half of them hold a genuine field of ROC
AUC 0.9 or more: a number, a category, a flag, or one that is filled in for some leads only; in half of those it also
makes leads be decided sooner. All hold fields that began or ceased to be collected, and one that drifts. Leaks are
planted into tables of the same making. Printed are rates with Wilson 95 % intervals (Wilson, JASA 22, 1927).
"""

import math
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.errors import TrainingRefused
from leadml.leads.declared import Columns
from leadml.leads.raw import InMemory
from leadml.leads.schema import Outcomes, Roles
from leadml.leads.snapshots import snapshots
from leadml.leads.validation import validate
from leadml.learning.leaks.finding import Leak
from leadml.learning.leaks.power import SUSPECT, alone
from leadml.learning.leaks.search import find_leaks
from leadml.learning.splits import time_split

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rng = np.random.Generator
DAY = 86_400.0
AS_OF = 1.78e9
GENUINE = ("number", "category", "flag", "filled")


@dataclass(frozen=True)
class Made:
    """n leads: when they came in and were decided (seconds), whether they convert, and what is open now."""

    created: Floats
    decided: Floats
    won: Bools

    @property
    def open(self) -> Bools:
        """Which leads are not decided yet."""
        return self.decided > AS_OF


@dataclass(frozen=True)
class Table:
    """A table of leads and how it is to be read."""

    table: pa.Table
    columns: Columns
    horizon_days: int | None
    made: Made

    def leaks(self) -> tuple[Leak, ...]:
        """Look for leaks as training does."""
        leads = validate(InMemory(self.table), self.columns, now=AS_OF + DAY, horizon_days=self.horizon_days)
        shots = snapshots(leads, horizon_days=self.horizon_days).snapshots
        try:
            split = time_split(shots)
        except TrainingRefused:
            split = None
        return find_leaks(leads, shots, split=split)

    def power(self, field: str) -> float:
        """Return the ROC AUC of one field alone."""
        leads = validate(InMemory(self.table), self.columns, now=AS_OF + DAY, horizon_days=self.horizon_days)
        shots = snapshots(leads, horizon_days=self.horizon_days).snapshots
        return alone(shots.parts[field], shots.y)


def make_table(rng: Rng, *, genuine: str | None = None, leak: str | None = None) -> Table:
    """Draw a table; ``genuine`` is the kind of a strong honest field, ``leak`` what is planted."""
    n = int(rng.integers(800, 8000))
    created = np.sort(AS_OF - rng.uniform(0, rng.uniform(300, 1000) * DAY, n))
    won = rng.random(n) < rng.uniform(0.04, 0.35)
    fields, sooner = _honest(rng, created, won, genuine)
    delay = np.exp(rng.normal(np.log(rng.uniform(5, 40)), rng.uniform(0.8, 1.6), n)) * np.where(sooner, 0.2, 1.0)
    given_up = rng.uniform(20, 120, n) * np.where(sooner, 0.5, 1.0)
    made = Made(created, created + np.where(won, delay, given_up) * DAY, won)
    known_at = {}
    if leak is not None:
        fields |= LEAKS[leak](rng, made)
        known_at = {"planted": "seen"} if "seen" in fields else {}
    dated = rng.random() < 0.75 or bool(known_at)
    horizon = 90 if dated and rng.random() < 0.5 else None
    return _written(made, fields, known_at, dated=dated, horizon=horizon)


def _honest(rng: Rng, created: Floats, won: Bools, genuine: str | None) -> tuple[dict[str, Any], Bools]:
    """Return fields that are there from the start, and which leads are decided sooner."""
    n, clock = len(won), (created - created[0]) / (created[-1] - created[0])
    fields: dict[str, Any] = {f"number {i}": rng.normal(rng.uniform(0, 0.8) * won) for i in range(4)}
    for i in range(3):
        fields[f"category {i}"] = _levels(rng.normal(rng.uniform(0, 0.8) * won), int(rng.integers(3, 9)))
    fields["filled by some"] = _holes(fields["number 0"], rng.random(n) < rng.uniform(0.2, 0.9) + 0.1 * won)
    fields["began"] = _holes(rng.normal(size=n), clock > rng.uniform(0.5, 0.98))
    fields["ceased"] = _holes(rng.normal(size=n), clock < rng.uniform(0.5, 0.98))
    fields["drifts"] = _holes(rng.normal(size=n), rng.random(n) < 0.9 - rng.uniform(0, 0.7) * clock)
    if genuine is None:
        return fields, np.zeros(n, dtype=bool)
    column, high = _strong(rng, won, genuine)
    fields["genuine"] = column
    return fields, high & (rng.random() < 0.5)


def _strong(rng: Rng, won: Bools, kind: str) -> tuple[Any, Bools]:
    n = len(won)
    if kind in ("flag", "filled"):
        yes = rng.random(n) < np.where(won, rng.uniform(0.94, 0.99), rng.uniform(0.04, 0.12))
        yes = ~yes if kind == "flag" and rng.random() < 0.5 else yes
        column = np.where(yes, "yes", "no").astype(object) if kind == "flag" else _holes(rng.normal(size=n), yes)
        return column, yes
    x = rng.normal(rng.uniform(1.9, 2.8) * won)
    high = x > np.quantile(x, 0.8)
    return (x if kind == "number" else _levels(x, int(rng.integers(4, 12)))), high


def _levels(x: Floats, k: int) -> NDArray[np.object_]:
    codes = np.searchsorted(np.quantile(x, np.arange(1, k) / k), x)
    return np.array([f"level {code}" for code in codes], dtype=object)


def _holes(x: Any, kept: Bools) -> NDArray[np.object_]:
    column = np.asarray(x, dtype=object).copy()
    column[~kept] = None
    return column


def _verdicts(rng: Rng, made: Made) -> dict[str, Any]:
    """Let reps judge the lead when it is decided, seldom before."""
    judged = rng.random(len(made.won)) < np.where(made.open, 0.15, 0.9)
    return {"planted": _holes(np.where(made.won ^ (rng.random(len(made.won)) < 0.15), "hot", "cold"), judged)}


def _stages(rng: Rng, made: Made) -> dict[str, Any]:
    """Let a stage leave "new" when the lead is decided, without saying how."""
    moved = rng.random(len(made.won)) < np.where(made.open, 0.1, 0.85)
    return {"planted": np.where(moved, rng.choice(["talks", "contract", "archive"], len(moved)), "new").astype(object)}


def _invoices(rng: Rng, made: Made) -> dict[str, Any]:
    """Fill in a number of what was sold, for converted leads only."""
    sold = made.won & ~made.open & (rng.random(len(made.won)) < 0.9)
    return {"planted": _holes(rng.normal(100, 10, len(sold)), sold)}


def _markers(rng: Rng, made: Made) -> dict[str, Any]:
    """Give one level of a busy column to half of the conversions, and to few others."""
    n = len(made.won)
    marked = ~made.open & (rng.random(n) < np.where(made.won, 0.5, 0.0005))
    return {"planted": np.where(marked, "welcome", rng.choice(["a", "b", "c", "d"], n)).astype(object)}


def _reasons(rng: Rng, made: Made) -> dict[str, Any]:
    """Say why the lead was lost."""
    lost = ~made.won & ~made.open & (rng.random(len(made.won)) < 0.95)
    return {"planted": _holes(rng.choice(["price", "time", "no need"], len(lost)), lost)}


def _reviews(rng: Rng, made: Made) -> dict[str, Any]:
    """Mark leads after the outcome, with the day."""
    n = len(made.won)
    seen = np.minimum(made.decided + rng.uniform(0, 5, n) * DAY, AS_OF)
    return {"planted": rng.normal(1.0 * made.won), "seen": _holes(_days(seen), ~made.open)}


LEAKS: Mapping[str, Callable[[Rng, Made], dict[str, Any]]] = {
    "judged when decided": _verdicts,
    "stage that moves": _stages,
    "invoice": _invoices,
    "level of conversions": _markers,
    "reason of loss": _reasons,
    "known later": _reviews,
}


def _days(at: Floats) -> NDArray[np.object_]:
    return np.datetime_as_string(at.astype("datetime64[s]")).astype(object)


def _written(
    made: Made, fields: dict[str, Any], known_at: dict[str, str], *, dated: bool, horizon: int | None
) -> Table:
    n = len(made.won)
    columns: dict[str, Any] = {"id": [f"L{i}" for i in range(n)]}
    if dated:
        columns |= {"created": _days(made.created), "won at": _holes(_days(made.decided), made.won & ~made.open)}
    columns |= fields | {"status": np.where(made.open, "open", np.where(made.won, "won", "lost"))}
    table = pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    roles = Roles("id", "created" if dated else None, "status", "won at" if dated else None)
    return Table(table, Columns(roles, Outcomes(("won",), ("lost",), ("open",)), known_at=known_at), horizon, made)


def clean_tables(n: int, seed: int = 0) -> list[Table]:
    """Draw n clean tables; every second one holds a genuine field of ROC AUC 0.9 or more."""
    rng = np.random.default_rng(seed)
    tables: list[Table] = []
    while len(tables) < n:
        kind = GENUINE[len(tables) // 2 % len(GENUINE)] if len(tables) % 2 else None
        made = make_table(rng, genuine=kind)
        if kind is None or made.power("genuine") >= SUSPECT:
            tables.append(made)
    return tables


def is_blocked(table: Table) -> bool:
    """Return whether training would refuse a table for a leak."""
    return any(leak.verdict == "proven" for leak in table.leaks())


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval of a rate."""
    middle, wide = (k + z * z / 2) / (n + z * z), z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
    return max(0.0, middle - wide), min(1.0, middle + wide)


def _said(k: int, n: int) -> str:
    low, high = wilson(k, n)
    return f"{k:4d} of {n:4d} = {k / n:6.1%} ({low:.1%} to {high:.1%})"


def main(n: int = 1000) -> None:
    """Measure and print."""
    start = perf_counter()
    tables = clean_tables(n)
    found = [[leak for leak in table.leaks() if leak.verdict == "proven"] for table in tables]
    strong = [leaks for table, leaks in zip(tables, found, strict=True) if "genuine" in table.table.column_names]
    print(f"clean tables blocked:               {_said(sum(map(bool, found)), n)}")
    print(f"  those with a genuine strong field {_said(sum(map(bool, strong)), len(strong))}")
    print("  by field and test:", dict(Counter((leak.field, leak.evidence.test) for some in found for leak in some)))
    rng = np.random.default_rng(1)
    for name in LEAKS:
        verdicts = Counter(
            next((leak.verdict for leak in make_table(rng, leak=name).leaks() if leak.field == "planted"), "none")
            for _ in range(max(1, n // 5))
        )
        proven = _said(verdicts["proven"], verdicts.total())
        print(f"planted, {name:22s} proven     {proven}, suspected {verdicts['suspect']}")
    print(f"{perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
