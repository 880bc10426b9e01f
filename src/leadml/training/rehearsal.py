"""A rehearsal of training with what was guessed: what it would refuse, and what each field gives away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa

from leadml.config import Config
from leadml.errors import Fault, TrainingRefused
from leadml.leads.guesses.portrait import Portrait
from leadml.leads.raw import InMemory
from leadml.leads.snapshots import Snapshots
from leadml.learning.cold import check_trainable
from leadml.training.draft import Note
from leadml.training.evidence import Evidence, gather
from leadml.training.fieldwork import odd_texts
from leadml.training.read import examined, labelled


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it: evidence by field, texts that are to mean missing, and what training would refuse.

    ``refused``: there are too few leads or conversions; ``without_group``: training works only if leads of one account
    may lie on both sides of a split.
    """

    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    placeholders: Sequence[Note] = ()
    refusals: Sequence[Note] = ()
    refused: bool = False
    without_group: bool = False


def rehearse(
    leads: Mapping[str, Any],
    horizon_days: int | None,
    sample: pa.Table,
    columns: Sequence[Portrait],
    *,
    whole: bool,
    now: datetime,
) -> Rehearsal:
    """Label a sample as training would; ``leads`` are the keys of [leads], ``whole``: the sample is the table."""
    config = Config.of({"leads": leads, "label": {} if horizon_days is None else {"horizon_days": horizon_days}})
    found = examined(config, InMemory(sample), now)
    if found.leads is None:
        return Rehearsal(refusals=[_refused(_unplaced(fault)) for fault in found.faults])
    fields = [one.name for one in found.leads.schema.fields]
    texts, mended = odd_texts(columns, sample, found.rows, fields=fields)
    refusals = [_refused(_unplaced(fault)) for fault in found.faults if fault.column not in mended]
    shots = labelled(config, found.leads, now).snapshots
    refusal = partial(_refusal, families=config.training.families)
    why = refusal(shots)
    without_group = why is not None and shots.groups is not None and refusal(replace(shots, groups=None)) is None
    if why is not None and whole and not without_group:  # a sample may have too few where the table has enough
        refusals.append(_refused(why))
    refused = why is not None and not without_group
    return Rehearsal(gather(shots, found.leads), texts, refusals, refused, without_group)


def _refusal(shots: Snapshots, families: Sequence[str]) -> str | None:
    try:
        check_trainable(shots, families=families)
    except TrainingRefused as error:
        return str(error)
    return None


def _unplaced(fault: Fault) -> str:
    """Return a fault without its line, which is one of the sample, not of the file."""
    more = f" ({fault.count:,} times)" if fault.count > 1 else ""
    where = "; `leadml check` names the lines" if fault.line is not None else ""
    return f"{replace(fault, line=None, count=1)}{more}{where}"


def _refused(why: str) -> Note:
    return Note("", "", f"training would refuse: {why}")
