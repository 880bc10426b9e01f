"""``leadml check``: what training would make of the leads, and what a person should look at first."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leadml.config import Config
from leadml.errors import Fault, TrainingRefused
from leadml.leads.duplicates import masked_row
from leadml.leads.profile import ColumnProfile, profile
from leadml.leads.raw import Raw
from leadml.leads.snapshots import Labelled, Snapshots, snapshots
from leadml.leads.validation import LeadTable
from leadml.learning.cold import check_trainable
from leadml.learning.leaks.finding import Leak
from leadml.training.delays import Delays, delays
from leadml.training.leakage import leak_refusal, leaks_of
from leadml.training.read import examined, labelled, raw_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Same:
    """How many leads are the same person or company as another, by which ``columns`` and rules (rows by rule).

    ``examples`` are groups of (line of the file, what tells who the lead is, masked); ``skipped`` says what was not
    compared.
    """

    columns: tuple[str, ...]
    n_groups: int
    n_rows: int
    rules: dict[str, int]
    examples: tuple[tuple[tuple[int, dict[str, str]], ...], ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a look at past leads found.

    ``columns`` says what each column is taken for and what stands in it; ``duplicates`` is None where no column tells
    who a lead is. ``n_matured`` leads have a final label, ``n_converted`` of them converted; both None where faults
    keep from labelling. ``refusal`` is why training would refuse, None where it would not; ``skippable`` says that the
    faults lie in single rows, which ``--skip-faulty`` leaves out. ``delay`` is None with too few dates of conversions.
    """

    n_leads: int
    n_matured: int | None
    n_converted: int | None
    columns: tuple[ColumnProfile, ...]
    duplicates: Same | None
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]
    leaks: tuple[Leak, ...]
    refusal: str | None
    skippable: bool
    delay: Delays | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        columns = [_flat(one) for one in self.columns]
        fields = [{key: one[key] for key in ("name", "kind", "axis")} for one in columns if one["use"] == "field"]
        leaks = [
            {"field": leak.field, "verdict": leak.verdict, "allowed": leak.allowed, "evidence": asdict(leak.evidence)}
            for leak in self.leaks
        ]
        return asdict(self) | {"columns": columns, "fields": fields, "leaks": leaks}


def _flat(one: ColumnProfile) -> dict[str, Any]:
    flat = asdict(one)
    column: dict[str, Any] = flat.pop("column")
    return column | flat


def check(config: Config, leads: "pd.DataFrame | pa.Table | None" = None, *, now: datetime) -> Report:
    """Look at past leads as training would, without refusing them."""
    raw = raw_table(config, leads)
    found = examined(config, raw, now)
    n = raw.table.num_rows
    columns = () if found.leads is None else profile(found.leads)
    same = None if found.leads is None else _same(found.leads, raw)
    notes = raw.notes if found.leads is None else found.leads.table_notes
    if found.faults or found.leads is None:
        why = "the leads have faults"
        return Report(n, None, None, columns, same, notes, found.faults, (), why, skippable=not found.table_faults)
    try:
        label = labelled(config, found.leads, now)
    except TrainingRefused as error:
        return Report(n, None, None, columns, same, notes, (), (), str(error), skippable=False)
    shots, leaks = label.snapshots, leaks_of(config, found.leads, label)
    refusals = [_refusal(label, found.leads, config), leak_refusal(leaks)]
    return Report(
        n,
        shots.n_leads,
        shots.n_leads_converted,
        columns,
        same,
        (*notes, *label.notes),
        (),
        leaks,
        "\n".join(filter(None, refusals)) or None,
        skippable=False,
        delay=delays(found.leads, label.labels),
    )


def _same(leads: LeadTable, raw: Raw) -> Same | None:
    found, identity = leads.duplicates, leads.schema.identity
    if not identity.columns():
        return None
    groups = [example.rows[:3] for example in found.examples()]
    lines = raw.lines_of([row for rows in groups for row in rows])

    def told(row: int) -> dict[str, str]:
        return masked_row(leads.table, identity, row, placeholders=leads.schema.placeholders)

    examples = tuple(tuple((lines[row], told(row)) for row in rows) for rows in groups)
    rules = {str(rule): n for rule, n in found.by_rule.items()}
    return Same(identity.columns(), found.n_groups, found.n_rows, rules, examples, found.skipped)


def _refusal(label: Labelled, leads: LeadTable, config: Config) -> str | None:
    def relabel(days: int) -> Snapshots:
        return snapshots(leads, horizon_days=days, as_of=label.labels.as_of).snapshots

    try:
        training = config.training
        check_trainable(
            label.snapshots, families=training.families, test_fraction=training.test_fraction, relabel=relabel
        )
    except TrainingRefused as error:
        return str(error)
    return None
