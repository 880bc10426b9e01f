"""Leaks of the leads that a training is to learn from, and whether it may."""

from collections.abc import Sequence

from leadml.config import Config
from leadml.errors import TrainingRefused
from leadml.leads.snapshots import Labelled
from leadml.leads.validation import LeadTable
from leadml.learning.leaks.finding import Leak
from leadml.learning.leaks.search import find_leaks
from leadml.learning.splits import Split, time_split


def leaks_of(config: Config, leads: LeadTable, labelled: Labelled) -> tuple[Leak, ...]:
    """Look for leaks in labelled leads, the proven ones first."""
    split = _split(labelled, config.training.test_fraction)
    return find_leaks(leads, labelled.snapshots, allow=config.leads.allow, split=split)


def allowed_leaks(config: Config, leads: LeadTable, labelled: Labelled) -> tuple[Leak, ...]:
    """Return the leaks with which a training may go on; raises TrainingRefused naming those that forbid it."""
    leaks = leaks_of(config, leads, labelled)
    if why := leak_refusal(leaks):
        raise TrainingRefused(why)
    return leaks


def _split(labelled: Labelled, test_fraction: float) -> Split | None:
    try:
        return time_split(labelled.snapshots, test_fraction=test_fraction)
    except TrainingRefused:
        return None


def leak_refusal(leaks: Sequence[Leak]) -> str | None:
    """Return why leaks keep from training, naming every proven one with its evidence; None where none does."""
    proven = [leak for leak in leaks if leak.verdict == "proven"]
    if not proven:
        return None
    named = "\n".join(f"  - {leak}" for leak in proven)
    fields = ", ".join(f'"{leak.field}"' for leak in proven)
    return (
        f"fields must hold what is known before the outcome, got {len(proven)} proven not to:\n{named}\n"
        f"list them under leads.ignore ({fields}), or under leads.allow if you know that new leads will have them too"
    )
