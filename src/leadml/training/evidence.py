"""What past leads say of a field: whether it was filled in with or after the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.guesses.crm_entry import VISITS, Crm
from leadml.leads.guesses.portrait import Portrait
from leadml.leads.guesses.roles import known_rows
from leadml.leads.guesses.traps import doubt, later
from leadml.leads.schema import Schema
from leadml.leads.snapshots import Snapshots
from leadml.learning.leaks import SUSPECT, alone

TIMES, POINTS, SIGMA = 2.0, 0.2, 4.0  # by how much more often converted leads have a value, to be suspicious

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One field: the ROC AUC of it alone, and the shares of converted and of other leads that have a value.

    ``telling``: whether the difference of the shares is suspicious.
    """

    roc_auc: float
    converted: float
    others: float
    telling: bool

    def __str__(self) -> str:
        """Return it in words; empty where nothing is suspicious."""
        said = [f"it alone has a ROC AUC of {self.roc_auc:.2f}"] if self.roc_auc >= SUSPECT - 0.1 else []
        if self.telling:
            said.append(f"filled in for {self.converted:.0%} of converted leads, but {self.others:.0%} of the others")
        return "; ".join(said)


NOTHING = Evidence(0.5, 1.0, 1.0, telling=False)


def gather(shots: Snapshots, schema: Schema, table: pa.Table) -> dict[str, Evidence]:
    """Return what n snapshots say of each field; ``table`` is the one that they were taken from."""
    if not 0 < shots.n_converted < len(shots):
        return {}
    result = {}
    for field in schema.fields:
        parts = [shots.parts[part.name] for part in field.parts]
        known = known_rows(table, field.name)[shots.rows]
        filled, others = float(known[shots.y].mean()), float(known[~shots.y].mean())
        telling = _is_telling(filled, others, shots.y)
        result[field.name] = Evidence(max(alone(part, shots.y) for part in parts), filled, others, telling)
    return result


def _is_telling(converted: float, others: float, y: Bools) -> bool:
    n, m = int(y.sum()), int((~y).sum())
    pooled = (converted * n + others * m) / (n + m)
    error = float(np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)))
    more = converted - others
    return converted >= TIMES * others and more >= POINTS and more >= SIGMA * error


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why a column is taken out, or (``out`` False) why a person should look at it though it stays in.

    ``sure``: it is known of this CRM, and needs no look.
    """

    why: str
    out: bool = True
    sure: bool = False


def suspicion(one: Portrait, found: Mapping[str, Evidence], crm: Crm | None) -> Suspicion | None:
    """Say whether a column looks as if it were filled in with or after the outcome; None where it does not."""
    evidence = found.get(one.name, NOTHING)
    said = f"; {evidence}" if str(evidence) else ""
    if crm is not None and (why := crm.why_apart(one.name)):
        return Suspicion(f"it {why} ({crm.name})" if why != VISITS else f"it {why}{said}", sure=why != VISITS)
    if why := later(one.name):
        return Suspicion(f"by its name, {why}{said}")
    if evidence.roc_auc >= SUSPECT:
        return Suspicion(f"{evidence}; honest fields stay below {SUSPECT}")
    doubted = doubt(one.name)
    out = doubted is not None and (evidence.roc_auc >= doubted.least or evidence.telling)
    if doubted is not None and (out or doubted.marked):
        told = f" (ROC AUC {evidence.roc_auc:.2f})" if one.name in found and not said else said
        return Suspicion(f"{doubted.why}{told}", out=out)
    if evidence.telling:
        return Suspicion(str(evidence))
    if evidence.roc_auc >= SUSPECT - 0.1:
        return Suspicion(str(evidence), out=False)
    return None
