"""The history put beside the leads that it is of."""

import difflib
from dataclasses import replace

from leadml.errors import Fault
from leadml.leads.history.bind import bind
from leadml.leads.history.notes import notes
from leadml.leads.history.reading import Changes
from leadml.leads.reading import one_chunk, read_ids
from leadml.leads.validation import Examined, LeadTable


def put_history_beside(found: Examined, changes: Changes, *, now: float) -> Examined:
    """Return leads as they were examined with their history, its faults and its notes beside theirs.

    ``now`` (seconds since 1970): a later change is a fault.
    """
    leads = found.leads
    if leads is None or leads.schema.roles.id is None or leads.schema.roles.created_at is None:
        return replace(found, row_faults=(*found.row_faults, *changes.faults))
    history = bind(changes, leads.schema, now=now)
    own = history.of(read_ids(one_chunk(leads.table.column(leads.schema.roles.id))))
    told = (*leads.table_notes, *notes(leads, changes, own))
    return replace(
        found,
        leads=replace(leads, history=own if history.fields else None, table_notes=told),
        table_faults=(*found.table_faults, *_no_fields(leads, changes)),
        row_faults=(*found.row_faults, *changes.faults),
    )


def _no_fields(leads: LeadTable, changes: Changes) -> list[Fault]:
    """Return a fault for each name in history.fields that is no field of the leads."""
    fields = [field.name for field in leads.schema.fields if field.measure is None]
    faults = []
    for name in changes.told.fields or ():
        if name not in fields:
            near = difflib.get_close_matches(name, fields, n=1) if name not in leads.table.column_names else []
            mend = f"did you mean {near[0]!r}?" if near else "take it out there"
            faults.append(Fault(f"must be a field of the leads, as history.fields names it; {mend}", column=name))
    return faults
