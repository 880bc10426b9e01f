"""What past leads say of a field: whether it was filled in with or after the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass

from leadml.leads.guesses.crm_entry import VISITS, Crm
from leadml.leads.guesses.portrait import Portrait
from leadml.leads.guesses.roles import known_rows
from leadml.leads.guesses.traps import doubt, later
from leadml.leads.snapshots import Snapshots
from leadml.leads.validation import LeadTable
from leadml.learning.leaks.doubts import is_telling
from leadml.learning.leaks.power import SUSPECT, alone
from leadml.learning.leaks.search import find_proven


@dataclass(frozen=True, slots=True)
class Evidence:
    """One field: the ROC AUC of it alone, and the shares of converted and of other leads that have a value.

    ``telling``: whether the difference of the shares is suspicious; ``proven`` says what proves a leak, if anything.
    """

    roc_auc: float
    converted: float
    others: float
    telling: bool
    proven: str = ""

    def __str__(self) -> str:
        """Return it in words; empty where nothing is suspicious."""
        said = [f"it alone has a ROC AUC of {self.roc_auc:.2f}"] if self.roc_auc >= SUSPECT - 0.1 else []
        if self.telling:
            said.append(f"filled in for {self.converted:.0%} of converted leads, but {self.others:.0%} of the others")
        return "; ".join(said)


NOTHING = Evidence(0.5, 1.0, 1.0, telling=False)


def gather(shots: Snapshots, leads: LeadTable) -> dict[str, Evidence]:
    """Return what n snapshots say of each field; ``leads`` are those that they were taken from."""
    if not 0 < shots.n_converted < len(shots):
        return {}
    result = {}
    proven = {leak.field: leak.evidence.sentence for leak in find_proven(leads, shots)}
    for field in leads.schema.fields:
        parts = [shots.parts[part.name] for part in field.parts]
        known = known_rows(leads.table, field.name)[shots.rows]
        filled, others = float(known[shots.y].mean()), float(known[~shots.y].mean())
        telling, power = is_telling(filled, others, shots.y), max(alone(part, shots.y) for part in parts)
        result[field.name] = Evidence(power, filled, others, telling, proven.get(field.name, ""))
    return result


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
    if evidence.proven:
        return Suspicion(f"it {evidence.proven}")
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
