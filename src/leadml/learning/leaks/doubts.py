"""Doubts: what makes a field or a table suspicious without proving anything."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.leads.guesses.crm_entry import VISITS, Crm
from leadml.leads.guesses.traps import doubt, later
from leadml.leads.parts import Column, Levels
from leadml.leads.reading import distinct_values, one_chunk, read_ids
from leadml.leads.snapshots import Snapshots
from leadml.learning.leaks.finding import Bools, Leak, finding
from leadml.learning.leaks.power import alone
from leadml.learning.metrics import Ranked, roc_auc
from leadml.learning.splits import Split

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

TIMES, POINTS, SIGMA = 2.0, 0.2, 4.0  # by how much more often one outcome has a value, to be suspicious
WELL, COLLAPSED = 0.7, 0.5  # power as it stands, and the part of it (beyond chance) left of it at the start
ORDERED, SORTED, STRATUM = 0.75, 0.85, 500  # power of ids within leads of one time, and of the order of rows
ALIKE, REPEATED, FEWEST = 0.9, 0.01, 5  # distinct rows from which equal ones are odd; newest leads that repeat older
MOST_COPIES = 3  # equal rows that are copies; more are a common pattern


def is_telling(converted: float, others: float, y: Bools) -> bool:
    """Return whether the shares of converted and of other leads that have a value differ suspiciously."""
    n, m = int(y.sum()), int((~y).sum())
    pooled = (converted * n + others * m) / (n + m)
    error = float(np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)))
    more = abs(converted - others)
    return max(converted, others) >= TIMES * min(converted, others) and more >= POINTS and more >= SIGMA * error


def telling_gaps(field: str, filled: Bools, y: Bools) -> Leak | None:
    """Return a suspicion where having a value (n,) at all tells the outcome."""
    converted, others = float(filled[y].mean()), float(filled[~y].mean())
    if not is_telling(converted, others, y):
        return None
    words = "is filled in for {converted} of converted leads, but for {others} of the others"
    return finding("suspect", "missing", words, converted - others, converted=converted, others=others)(field)


def telling_name(field: str, power: float, *, telling: bool, crm: Crm | None) -> Leak | None:
    """Return a suspicion where a field's name speaks of what comes with or after the outcome."""
    why = crm.why_apart(field) if crm is not None else None
    if crm is not None and why is not None and why != VISITS:
        why = f"{why} ({crm.name})"
    else:
        why = later(field)
        doubted = doubt(field)
        if why is None and doubted is not None and (power >= doubted.least or telling):
            why = doubted.why
    if why is None:
        return None
    words = "may be filled in late, by its name: {why} (ROC AUC {auc})"
    return finding("suspect", "name", words, power, why=why.removeprefix("it "), auc=power)(field)


def collapses(field: str, as_it_stands: float, as_known: float) -> Leak | None:
    """Return a suspicion where a field's power is gone once only what was known at the start counts."""
    if as_it_stands < WELL or as_known - 0.5 > COLLAPSED * (as_it_stands - 0.5):
        return None
    words = "tells the outcome as it stands (ROC AUC {auc}), but not as it was known at first ({auc_known})"
    return finding("suspect", "collapse", words, as_it_stands, auc=as_it_stands, auc_known=as_known)(field)


def telling_rows(shots: Snapshots) -> Leak | None:
    """Return a suspicion where the order of the rows tells the outcome, beyond what time does."""
    if shots.dated:
        auc, least = _within(shots.rows.astype(np.float64), shots.y), ORDERED
    else:
        auc, least = alone(shots.rows.astype(np.float64), shots.y), SORTED
    if auc < least:
        return None
    words = "tells converted from other leads (ROC AUC {auc}): the table may be sorted by what came later"
    return finding("suspect", "order", words, auc, auc=auc)("row order")


def telling_ids(name: str, table: pa.Table, shots: Snapshots) -> Leak | None:
    """Return a suspicion where the numbers or the letters of ids tell the outcome, beyond what time does."""
    ids = read_ids(one_chunk(table.column(name))).take(pa.array(shots.rows))
    letters = pc.replace_substring_regex(ids, "[0-9]+", "0")
    codes, distinct = distinct_values(letters)
    powers = [alone(Levels(codes, tuple(map(str, distinct))), shots.y)] if len(distinct) < len(codes) / 2 else []
    digits = pc.extract_regex(ids, "(?P<number>[0-9]{1,15})$")
    numbers = pc.cast(pc.struct_field(digits, "number"), pa.float64())
    if numbers.null_count < len(numbers) / 10:
        powers.append(_within(np.nan_to_num(numbers.to_numpy(zero_copy_only=False)), shots.y))
    auc = max(powers, default=0.5)
    if auc < ORDERED:
        return None
    words = "is an id, but tells converted from other leads of the same time (ROC AUC {auc}): it may be given late"
    return finding("suspect", "id", words, auc, auc=auc)(name)


def _within(x: Floats, y: Bools) -> float:
    """Return the ROC AUC of numbers (n,) in order of time, each held against those of the same time, either way."""
    strata = np.arange(len(x)) // STRATUM
    order = np.lexsort((x, strata))
    place = np.empty(len(x))
    place[order] = np.arange(len(x))
    auc = roc_auc(Ranked(y, place - strata * STRATUM).tally())
    return max(auc, 1 - auc)


def repeated(columns: Sequence[Column], shots: Snapshots, split: Split) -> Leak | None:
    """Return a suspicion where newest leads are the same, value for value, as older ones that are not held together.

    Only tables in which rows differ can tell: where few fields hold few values, equal leads are no copies.
    """
    keys = np.zeros(len(shots), dtype=np.uint64)
    for column in columns:
        values = column.codes if isinstance(column, Levels) else np.nan_to_num(column, nan=-1.5).view(np.int64)
        keys = (keys ^ values.astype(np.int64).view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    distinct, place, n = np.unique(keys, return_inverse=True, return_counts=True)
    if len(distinct) < ALIKE * len(keys):
        return None
    copies = split.test[n[place[split.test]] <= MOST_COPIES]
    again = int(np.isin(keys[copies], keys[split.train]).sum())
    if again < max(FEWEST, REPEATED * len(split.test)):
        return None
    words = "stand in both parts: {n} of the newest leads are the same, value for value, as older ones"
    return finding("suspect", "duplicates", words, again / len(split.test), n=again)("duplicates")
