"""``leadml init``: look at a table of past leads, and draft the leadml.toml that says what its columns are."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.errors import DataError, Fault
from leadml.leads.coercion import DAY, Missing
from leadml.leads.duplicates import guess_identity
from leadml.leads.guesses.crm import recognise
from leadml.leads.guesses.crm_entry import Crm
from leadml.leads.guesses.outcomes import OutcomeGuess, Placed, guess_outcome, place, rarest_as_converted
from leadml.leads.guesses.portrait import Portrait, counted, portrait, portraits
from leadml.leads.guesses.roles import Found, RoleGuesses, arrival_order, guess_roles
from leadml.leads.guesses.vocabulary import Status
from leadml.leads.labels import CONVERTED, read_outcomes
from leadml.leads.listed import written
from leadml.leads.reading import one_chunk, read_dates
from leadml.leads.schema import Format, Outcomes
from leadml.leads.sources import read_table, shown
from leadml.training.draft import Draft, Note
from leadml.training.fieldwork import Sorted, odd_numbers, sort_columns, texts_for_missing
from leadml.training.horizon import Horizon, propose
from leadml.training.rehearsal import Rehearsal, rehearse

SAMPLE, BLOCKS = 40_000, 200  # leads looked at closely, in blocks spread over the table


Progress = Callable[[str, float], None]
Floats = NDArray[np.float64]


def draft(
    path: Path | str,
    *,
    folder: Path,
    outcome: str | None = None,
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
    progress: Progress | None = None,
    now: datetime,
) -> Draft:
    """Look at a table and draft a leadml.toml that will lie in ``folder``.

    ``outcome`` names the column of the outcome, by default it is guessed; ``query``, ``sheet`` and ``header_row`` are
    as in ``read_table``. Raises SourceError where the table cannot be read, and DataError where it has no leads, two
    columns of one name, or no outcome that could be learned from.
    """
    say = progress or (lambda _what, _share: None)
    say("reading the table", 0.0)
    table = read_table(path, query=query, sheet=sheet, header_row=header_row).table
    _refuse_unfit(table, shown(str(path)), outcome)
    reading = {"query": query, "sheet": sheet, "header_row": header_row}
    told = {key: value for key, value in reading.items() if value is not None}
    return _Look(table, _relative(path, folder), told, now, say).draft(outcome)


def _refuse_unfit(table: pa.Table, path: str, outcome: str | None) -> None:
    names = table.column_names
    again = sorted({name for name in names if names.count(name) > 1})
    if again:
        faults = [
            Fault("must be the name of one column, got several; rename all but one", column=name) for name in again
        ]
        raise DataError(f"{path} must have columns of different names:", faults)
    if table.num_rows == 0:
        raise DataError(f"{path} must have at least one lead, got none; export past leads with their outcomes")
    if outcome is not None and outcome not in names:
        raise DataError(f"--outcome must be a column of {path}, got {outcome!r}; it has {', '.join(names)}")


def _relative(path: Path | str, folder: Path) -> str:
    """Return a path as a leadml.toml in a folder names it; an address of a database stays."""
    sqlite = "sqlite:///"
    if str(path).startswith(sqlite):
        return sqlite + _relative(str(path).removeprefix(sqlite), folder)
    if "://" in str(path):
        return str(path)
    try:
        return Path(os.path.relpath(Path(path).resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return Path(path).resolve().as_posix()


def _sampled(table: pa.Table) -> pa.Table:
    """Return a large table's sample of SAMPLE rows, in order; slices are much faster than single rows."""
    n, size = table.num_rows, SAMPLE // BLOCKS
    if n <= SAMPLE:
        return table
    starts = np.linspace(0, n - size, BLOCKS).astype(int)
    return pa.concat_tables([table.slice(int(start), size) for start in starts]).combine_chunks()


@dataclass
class _Look:
    """One look at one table; each step leaves what the next ones need."""

    table: pa.Table
    path: str
    reading: Mapping[str, str | int]
    now: datetime
    say: Progress
    sample: pa.Table = field(init=False)
    columns: list[Portrait] = field(init=False)
    crm: Crm | None = field(init=False)

    def __post_init__(self) -> None:
        self.sample = _sampled(self.table)
        self.crm = recognise(self.table.column_names)

    def draft(self, outcome: str | None) -> Draft:
        """Go through all steps."""
        self.say("looking at the columns", 0.3)
        own = written(self.table.column_names) - {"slot", "propensity"}
        self.columns = [one for one in portraits(self.sample) if one.name not in own]
        guess = self._outcome(outcome)
        outcomes = guess.placed.outcomes
        status, _ = read_outcomes(one_chunk(self.sample.column(guess.column)), outcomes, Missing())
        roles = guess_roles(self.sample, self.columns, status, crm=self.crm, taken=(guess.column,))
        notes, absent = self._roles(guess, roles)
        horizons, every, horizon_note = self._horizons(guess, notes)
        placed, placed_notes = _placed(guess.placed, dated=bool(horizons))
        opt_outs = [Note(one.column, one.why) for one in roles.opt_outs]
        told: dict[str, str | list[str]] = {role: note.name for role, note in notes.items()}
        if opt_outs:
            told["do_not_contact"] = [note.name for note in opt_outs]
        taken = {*(note.name for note in (*notes.values(), *opt_outs)), *(one.column for one in roles.unread)}
        placeholders = odd_numbers(self.columns, taken=taken)
        formats = self._formats(notes)
        self.say("looking for what was filled in after the outcome", 0.6)
        trial, horizon = self._rehearse(told, placed, placeholders, formats, horizons)
        if horizon is not None:
            horizon_note = Note(str(horizon.days), str(horizon), horizon_note.look or horizon.doubt)
        fields = sort_columns(self.columns, trial.evidence, self.crm, taken=taken, dated="created_at" in told)
        fields.ignore += [_unread(one, absent) for one in roles.unread]
        if trial.without_group:
            group = notes.pop("group")
            look = "its leads come back so often that too few new ones are left to test on; are they one account?"
            absent["group"] = Note(group.name, "", look)
            fields.ignore.append(Note(group.name, "it names accounts; see group above"))
        identity = guess_identity(self.table)
        self.say("done", 1.0)
        return Draft(
            path=self.path,
            n_leads=self.table.num_rows,
            n_columns=self.table.num_columns,
            crm=self.crm.name if self.crm else None,
            roles=notes,
            opt_outs=opt_outs,
            outcomes=placed_notes,
            head=[*self._head(told, fields), *trial.refusals],
            reading=self.reading,
            absent=absent,
            protected=fields.protected,
            ignore=fields.ignore,
            placeholders=[*placeholders, *trial.placeholders],
            unused=fields.unused,
            fields=fields.fields,
            formats=formats,
            duplicates={kind: getattr(identity, kind) for kind in ("email", "phone", "name", "company")},
            horizon=horizon_note,
            horizons=every,
        )

    def _outcome(self, told: str | None) -> OutcomeGuess:
        if told is not None:
            one = portrait(told, self.table.column(told))
            placed = place(one, self.crm)
            if not placed.converted and one.n_levels > 1:
                placed = rarest_as_converted(one)
            guess: OutcomeGuess | None = OutcomeGuess(told, "you named it", placed)
        else:
            guess = guess_outcome(self.columns, self.crm)
        if guess is None:
            raise DataError(
                "a column must say what became of each lead, but none looks so (a status such as won and lost, or yes "
                "and no under a name such as converted); name it with --outcome, or add it to the table"
            )
        if self.sample is not self.table and told is None:  # rare values are in the whole table only
            whole = place(portrait(guess.column, self.table.column(guess.column)), self.crm)
            guess = OutcomeGuess(guess.column, guess.why, whole, guess.others)
        if not guess.placed.is_usable:
            got = ", ".join(f"{text!r} ({n:,})" for text, n in one_sided(guess.placed)[:5]) or "nothing"
            raise DataError(
                f"column {guess.column!r} must tell leads that converted from leads that did not, got only {got}; "
                "export all leads, won and lost, or name another column with --outcome"
            )
        return guess

    def _roles(self, guess: OutcomeGuess, roles: RoleGuesses) -> tuple[dict[str, Note], dict[str, Note]]:
        look = f"or is it {' or '.join(map(repr, guess.others))}?" if guess.others else ""
        notes = {"outcome": Note(guess.column, guess.why, look)}
        absent = {role: Note(one.column, "" if one.look else one.why, one.look) for role, one in roles.refused.items()}
        for role, one in roles.found.items():
            problem = self._problem(role, one.column)
            if role == "id" and problem:
                absent[role] = Note(one.column, "", problem)
            elif role == "do_not_contact":
                notes[role] = Note(", ".join(every.column for every in roles.opt_outs), one.why)
            else:
                notes[role] = Note(one.column, one.why, "; ".join(filter(None, (problem, one.look))))
        if "created_at" not in notes and "converted_at" in notes:
            absent["converted_at"] = Note(notes.pop("converted_at").name, "it serves only together with created_at")
        if "created_at" not in notes:
            absent.setdefault("created_at", Note("", "", "no column tells when a lead came in; " + self._order()))
        return notes, absent

    def _problem(self, role: str, name: str) -> str:
        """Return what is wrong with a role's column in the whole table."""
        n = self.table.num_rows
        if role == "id":
            again = n - int(pc.count_distinct(self.table.column(name)).as_py())
            return f"it must be unique, but {counted(again, 'row repeats', 'rows repeat')} one" if again else ""
        if role == "created_at":
            at = self._dates(name)
            none, ahead = int(np.isnan(at).sum()), int((at > self.now.timestamp() + DAY).sum())
            said = [counted(none, "lead has none", "leads have none")] if none else []
            said += [counted(ahead, "lies ahead of today", "lie ahead of today")] if ahead else []
            return f"{' and '.join(said)}; mend them, or train with --skip-faulty" if said else ""
        return ""

    def _dates(self, name: str) -> Floats:
        form = next((one.guess.format for one in self.columns if one.name == name), None)
        return read_dates(one_chunk(self.table.column(name)), Missing(), name, [], form)

    def _order(self) -> str:
        arrival = arrival_order(self.table, self.columns)
        if arrival is None:
            return "the rows are taken to be in time order, the oldest first"
        if arrival.rising > 0.5:
            return f"the rows are taken to be in time order, and {arrival.column!r} rises with them"
        return f"the rows are taken to be in time order, but {arrival.column!r} falls: turn the table around"

    def _horizons(self, guess: OutcomeGuess, notes: dict[str, Note]) -> tuple[list[Horizon], list[Horizon], Note]:
        """Return the horizons to try, the best first; all with their costs; and what is to be said, or why not."""
        if "created_at" not in notes or "converted_at" not in notes:
            lacking = "created_at" if "created_at" not in notes else "the date of converting"
            why = f"days within which a conversion counts; it needs {lacking}, so outcomes count as they are"
            return [], [], Note("", why)
        created, converted = self._dates(notes["created_at"].name), self._dates(notes["converted_at"].name)
        won = one_chunk(self.table.column(guess.column))
        status, _ = read_outcomes(won, guess.placed.outcomes, Missing())
        is_won = status == CONVERTED
        undated = int((is_won & np.isnan(converted)).sum())
        backwards = int((converted < np.floor(created / DAY) * DAY).sum())
        if backwards:
            old = notes["converted_at"]
            mend, lie = "mend them, or train with --skip-faulty", counted(backwards, "lies", "lie")
            notes["converted_at"] = Note(old.name, old.why, f"{lie} before the lead came in; {mend}")
        both = np.concatenate((created, converted[is_won]))
        as_of = min(float(np.nanmax(both)) if not np.isnan(both).all() else math.nan, self.now.timestamp())
        found, every = propose(created, np.where(is_won, converted, np.nan), as_of)
        if not found:
            return [], every, Note("", "", "no horizon leaves half of the leads; the table covers too short a time")
        lack = counted(undated, "converted lead has no date", "converted leads have no date")
        if undated and guess.placed.lost:
            return [], [], Note("", "", f"{lack}, so no horizon can be used; add it")
        return found, every, Note("", "", f"{lack}; train with --skip-faulty" if undated else "")

    def _formats(self, notes: Mapping[str, Note]) -> dict[str, Format]:
        dated = {notes[role].name for role in ("created_at", "converted_at", "value") if role in notes}
        return {one.name: one.guess.format for one in self.columns if one.name in dated and one.guess.format}

    def _rehearse(
        self,
        roles: Mapping[str, str | list[str]],
        placed: Outcomes,
        placeholders: Sequence[Note],
        formats: Mapping[str, Format],
        horizons: Sequence[Horizon],
    ) -> tuple[Rehearsal, Horizon | None]:
        """Try the best horizon, and shorter ones while training would refuse; return the first where none does."""
        leads = {
            "path": self.path,
            **self.reading,
            **roles,
            "converted": list(placed.converted),
            "lost": list(placed.lost or ()),
            "open": list(placed.open),
            "placeholders": [note.name for note in placeholders],
            "formats": dict(formats),
        }
        whole = self.sample is self.table
        trials: list[tuple[Rehearsal, Horizon | None]] = []
        options: Sequence[Horizon | None] = horizons or [None]
        for horizon in options:
            days = None if horizon is None else horizon.days
            trials.append((rehearse(leads, days, self.sample, self.columns, whole=whole, now=self.now), horizon))
            if not trials[-1][0].refused:
                return trials[-1]
        return trials[0]

    def _head(self, roles: Mapping[str, object], fields: Sorted) -> list[Note]:
        head = []
        if "://" in self.path and shown(self.path) != self.path and "@" in self.path:
            head.append(Note("", "", "the path may hold a password: keep this file to yourself"))
        if missing := texts_for_missing(self.columns):
            head.append(Note("", f"Read as missing: {missing}."))
        if "created_at" not in roles and fields.calendar:
            names = ", ".join(map(repr, fields.calendar))
            head.append(Note("", "", f"{names} tells the time of year or week, not the lead: is it to be a field?"))
        return head


def one_sided(placed: Placed) -> tuple[tuple[str, int], ...]:
    """Return all values of an outcome, the most frequent first."""
    return tuple(sorted((*placed.converted, *placed.lost, *placed.open), key=lambda pair: -pair[1]))


def _unread(one: Found, absent: Mapping[str, Note]) -> Note:
    """Return why a column is no field that is called as if it said who is not to be contacted."""
    role = absent.get("do_not_contact")
    if role is not None and role.name == one.column:
        return Note(one.column, "see do_not_contact above")
    return Note(one.column, "", f"does it say who is not to be contacted? If so, {one.look}")


def _placed(placed: Placed, *, dated: bool) -> tuple[Outcomes, dict[Status, list[Note]]]:
    """Put the values where training works: without a horizon some must be lost, with one "no" may mean not yet."""
    lists: dict[Status, tuple[tuple[str, int], ...]] = {
        "converted": placed.converted,
        "lost": placed.lost,
        "open": placed.open,
    }
    looks = dict(placed.unsure)
    if dated and placed.yes_no:
        lists = {"converted": placed.converted, "lost": (), "open": placed.lost}
        looks |= dict.fromkeys((text for text, _ in placed.lost), "not yet, or never? If never, put it under lost")
    if not dated and not placed.lost:
        lists = {"converted": placed.converted, "lost": placed.open, "open": ()}
        looks |= dict.fromkeys((text for text, _ in placed.open), "no value says lost, so all others count as lost")
    notes: dict[Status, list[Note]] = {
        status: [Note(text, counted(n, "lead", "leads"), looks.get(text, "")) for text, n in values]
        for status, values in lists.items()
    }
    return Placed(lists["converted"], lists["lost"], lists["open"], {}).outcomes, notes
