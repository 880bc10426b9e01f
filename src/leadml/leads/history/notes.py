"""What a history holds and what it does not, in words: a person should see at once where it does not fit the leads."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from leadml.leads.events.index import Floats
from leadml.leads.history.index import LeadHistory
from leadml.leads.history.reading import Changes
from leadml.leads.history.replay import replayed
from leadml.leads.labels import CONVERTED
from leadml.leads.parts import Column, Levels, there
from leadml.leads.snapshots import day
from leadml.leads.validation import LeadTable

NAMED = 5  # columns named in one note
APART = 0.05  # share of the leads that do not fit, from which that is said
LATE = 0.9  # share of the values of converted leads that came with the conversion or after it, from which that is said
FEWEST = 10  # such leads
Bools = NDArray[np.bool_]


def notes(leads: LeadTable, changes: Changes, own: LeadHistory) -> list[str]:
    """Return what a person should know of the history of some leads."""
    return [
        *_of_changes(changes, own),
        *_of_begin(leads, changes),
        *_of_names(leads, changes, own),
        *(note for name in own.history.fields for note in _of_field(leads, own, name)),
    ]


def _of_changes(changes: Changes, own: LeadHistory) -> Iterator[str]:
    fields = own.history.fields
    here = np.zeros(len(changes.ids) + 1, dtype=bool)
    here[own.codes] = True
    n = sum(int(np.diff(field.starts)[here[:-1]].sum()) for field in fields.values())
    if n:
        names = ", ".join(map(repr, fields))
        yield f"{n:,} changes in the history set back {names}: each lead counts with the values that it had then"
    if changes.found.n_rows:
        yield f"{changes.found.n_rows:,} changes could not be read and are left out"
    others = int(np.count_nonzero(~here[changes.lead]))
    if others:
        none = "; check history.lead_id" if others == len(changes) else ""
        yield f"{others:,} of {len(changes):,} changes are of no lead in the table and do not count{none}"


def _of_begin(leads: LeadTable, changes: Changes) -> Iterator[str]:
    """Say where leads are older than the history: what it does not reach back to is taken for unchanged."""
    if changes.old is None or not len(changes):
        return
    begin, n = float(changes.at.min()), len(leads.created)
    older = int(np.count_nonzero(leads.created < begin))
    if older > APART * n:
        yield (
            f"the history begins on {day(begin)}, after {older:,} of {n:,} leads came in; what was changed on them "
            "before is not known, so their values may be later ones: export the whole history, or leave these leads out"
        )


def _of_names(leads: LeadTable, changes: Changes, own: LeadHistory) -> Iterator[str]:
    """Say which columns are not set back, with the number of their changes."""
    counts = np.bincount(changes.field, minlength=len(changes.names))
    unused = [code for code in np.argsort(-counts, kind="stable") if changes.names[code] not in own.history.fields]
    if not unused:
        return
    columns = set(leads.table.column_names)
    told = [
        f"{changes.names[code]!r} ({counts[code]:,}{'' if changes.names[code] in columns else ', no column'})"
        for code in unused[:NAMED]
    ]
    more = f" and {len(unused) - NAMED:,} more" if len(unused) > NAMED else ""
    none = "" if own.history.fields else "; history.field must name fields as the table of leads does"
    yield f"changes in the history of what is no field are not used: {', '.join(told)}{more}{none}"


def _of_field(leads: LeadTable, own: LeadHistory, name: str) -> Iterator[str]:
    """Say where the history of a field does not fit the table, and where its values come with the conversion."""
    now = _parts(leads, own, name, np.full(len(own.codes), np.inf))
    table = {part: leads.coerced.parts[part] for part in now}
    changes, codes = own.history.fields[name], own.codes
    changed = (codes >= 0) & (changes.starts[codes + 1] > changes.starts[codes])
    filled = _filled(table)
    lost = int(np.count_nonzero(filled & ~changed))
    if changes.old is None and lost:
        yield (
            f"column {name!r}: {lost:,} leads have a value but no change in the history, which does not say what was "
            "there before a change, so it counts as missing; name that column in history.old_value if there is one"
        )
    apart = int(np.count_nonzero(changed & ~np.all([_same(now[part], table[part]) for part in now], axis=0)))
    if apart > APART * np.count_nonzero(changed):
        yield (
            f"column {name!r}: for {apart:,} of {np.count_nonzero(changed):,} leads the table does not say what their "
            "newest change says; export both on the same day, and see that both write it alike"
        )
    won = filled & (leads.status == CONVERTED) & ~np.isnan(leads.converted)
    before = _filled(_parts(leads, own, name, np.nextafter(leads.converted, -np.inf)))
    n, late = int(np.count_nonzero(won)), int(np.count_nonzero(won & ~before))
    if n >= FEWEST and late >= LATE * n:
        yield (
            f"column {name!r} is filled in with the conversion or after it, for {late:,} of the {n:,} converted leads "
            "that have it; set back it is empty before, so it tells next to nothing"
        )


def _parts(leads: LeadTable, own: LeadHistory, name: str, moments: Floats) -> dict[str, Column]:
    (field,) = (field for field in leads.schema.fields if field.name == name)
    parts = {part.name: leads.coerced.parts[part.name] for part in field.parts}
    return replayed(parts, leads.table, own, moments, schema=leads.schema)


def _filled(parts: dict[str, Column]) -> Bools:
    return np.asarray(np.any([there(column) for column in parts.values()], axis=0))


def _same(one: Column, other: Column) -> Bools:
    """Return where two columns (n,) hold the same, or both nothing."""
    if isinstance(one, Levels):
        assert isinstance(other, Levels)
        place = {level: code for code, level in enumerate(other.levels)}
        codes = np.array([*(place.get(level, -2) for level in one.levels), -1], dtype=np.intp)
        return np.asarray(codes[one.codes] == other.codes)
    return np.asarray((one == other) | (np.isnan(one) & ~there(other)))
