"""Which columns are not fields but say who a lead is, when it came in, and whose it is: by name and by content."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.coercion import CoercionError, Missing, asks_out
from leadml.leads.guesses.crm_entry import Crm
from leadml.leads.guesses.portrait import Portrait, counted, number_text, reading
from leadml.leads.guesses.traps import later, protected
from leadml.leads.guesses.vocabulary import HEADCOUNT, ORDER, ROLES
from leadml.leads.labels import CONVERTED
from leadml.leads.listed import EXPLORE, RANKED
from leadml.leads.reading import distinct_values, one_chunk, read_numbers

# each column has one role, so those that are told apart most surely come first
ORDERED = ("id", "created_at", "converted_at", "do_not_contact", "owner", "value", "group", "slot", "propensity")
FILLED = 0.9  # share of converted leads that have the date of converting
UNSHARED = "no two leads share one"


@dataclass(frozen=True, slots=True)
class Found:
    """A column for a role, why, and what a person should look at, if anything."""

    column: str
    why: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class RoleGuesses:
    """Role -> column; ``refused``: role -> a column whose name fits, and why it does not serve.

    ``opt_outs`` are all columns that say who is not to be contacted, of which ``found`` has the first; ``unread`` are
    those that are so called, but whose values do not say yes or no.
    """

    found: Mapping[str, Found]
    refused: Mapping[str, Found]
    opt_outs: Sequence[Found] = ()
    unread: Sequence[Found] = ()


@dataclass
class _Search:
    table: pa.Table
    columns: Sequence[Portrait]
    status: NDArray[np.int8]
    crm: Crm | None
    taken: set[str]
    found: dict[str, Found] = field(default_factory=dict)
    refused: dict[str, Found] = field(default_factory=dict)
    opt_outs: list[Found] = field(default_factory=list)
    unread: list[Found] = field(default_factory=list)

    def role(self, role: str) -> None:
        for one, why in self._named(role):
            problem = _CHECKS[role](one, self)
            if problem is not None:  # an account for each lead is no fault, and nothing to look at
                refused = Found(one.name, problem) if problem == UNSHARED else Found(one.name, why, problem)
                self.refused.setdefault(role, refused)
            else:
                look = reading(one) if role in ("created_at", "converted_at", "value") else ""
                self.found[role] = Found(one.name, f"{why}; {_TOLD[role](one, self)}", look)
                self.taken.add(one.name)
                self.refused.pop(role, None)
                break

    def do_not_contact(self) -> None:
        """Find every column that says who is not to be contacted."""
        role = "do_not_contact"
        for one, why in self._named(role):
            if (problem := _CHECKS[role](one, self)) is not None:
                self.unread.append(Found(one.name, why, problem))
            else:
                self.opt_outs.append(Found(one.name, f"{why}; {_TOLD[role](one, self)}"))
        self.taken |= {one.column for one in (*self.opt_outs, *self.unread)}
        if self.opt_outs:
            self.found[role] = self.opt_outs[0]
        elif self.unread:
            self.refused[role] = self.unread[0]

    def _named(self, role: str) -> list[tuple[Portrait, str]]:
        """Return the free columns whose name fits a role, the best first."""
        by_name = {one.name: one for one in self.columns if one.name not in self.taken}
        listed: dict[str, str] = {}
        if self.crm is not None:
            why = f"so called in {self.crm.name}"
            listed = dict.fromkeys((name for name in self.crm.role(role, by_name)), why)
        for pattern in ROLES[role]:
            for name, one in by_name.items():
                apart = (self.crm is not None and self.crm.why_apart(name)) or (role == "id" and later(name))
                counts = role == "group" and HEADCOUNT.search(one.words)
                if pattern.search(one.words) and not apart and not counts:
                    listed.setdefault(name, "its name")
        return [(by_name[name], why) for name, why in listed.items()]

    def known(self, name: str) -> NDArray[np.bool_]:
        """Return where a column has a value (n,)."""
        return known_rows(self.table, name)


def guess_roles(
    table: pa.Table,
    columns: Sequence[Portrait],
    status: NDArray[np.int8],
    *,
    crm: Crm | None = None,
    taken: Sequence[str] = (),
) -> RoleGuesses:
    """Guess the roles in a table of n rows; ``status`` (n,) is what became of each lead, as ``leads.labels`` says."""
    search = _Search(table, columns, status, crm, set(taken))
    for role in ORDERED:
        if role == "do_not_contact":
            search.do_not_contact()
        else:
            search.role(role)
    if "propensity" not in search.found and (alone := search.found.pop("slot", None)):
        search.taken.discard(alone.column)
        search.refused["slot"] = Found(alone.column, "there is no propensity to go with it")
    if "created_at" not in search.found:
        _only_date(search)
    return RoleGuesses(search.found, search.refused, search.opt_outs, search.unread)


def known_rows(table: pa.Table, name: str) -> NDArray[np.bool_]:
    """Return where a column of a table has a value (n,)."""
    codes, distinct = distinct_values(one_chunk(table.column(name)))
    missing = Missing()
    return np.array([missing.text(value) is not None for value in distinct], dtype=bool)[codes]


def _only_date(search: _Search) -> None:
    """Take the one date that every lead has for the day on which it came in."""
    dates = [
        one
        for one in search.columns
        if one.guess.kind == "date" and one.name not in search.taken and one.known >= 0.999
        if not later(one.name) and not protected(one.name)
    ]
    if len(dates) == 1:
        look = "; ".join(filter(None, ("is it the day on which the lead came in?", reading(dates[0]))))
        search.found["created_at"] = Found(dates[0].name, "the only date that every lead has", look)
        search.taken.add(dates[0].name)


def _check_id(one: Portrait, _search: _Search) -> str | None:
    if one.is_unique:
        return None
    missing, again = one.n - one.n_known, one.n_known - one.n_levels
    what = [counted(missing, "row has none", "rows have none")] if missing else []
    what += [counted(again, "comes again", "come again")] if again else []
    return f"it must be unique, but {' and '.join(what)}"


def _check_created(one: Portrait, _search: _Search) -> str | None:
    if one.guess.kind != "date":
        return "its values are no dates"
    return None if one.known >= 0.5 else f"{1 - one.known:.0%} of the leads have none"


def _check_converted(one: Portrait, search: _Search) -> str | None:
    if one.guess.kind != "date":
        return "its values are no dates"
    share = _share_converted(search, one.name)
    return None if share >= FILLED else f"only {share:.0%} of the converted leads have one"


def _check_do_not_contact(one: Portrait, _search: _Search) -> str | None:
    readable = one.n_levels <= len(one.levels) and all(_asks_out(text) is not None for text, _ in one.levels)
    return None if readable else "its values must be yes or no"


def _asks_out(text: str) -> bool | None:
    """Return whether a value says that a lead is not to be contacted, or None where it cannot be read."""
    try:
        return asks_out(text, Missing())
    except CoercionError:
        return None


def _check_owner(one: Portrait, _search: _Search) -> str | None:
    if one.guess.kind == "date" or one.is_binary or one.n_levels < 2:
        return "its values name nobody"
    return None if one.n_levels <= max(50, 0.2 * one.n) else "nearly every lead has another one"


def _check_value(one: Portrait, _search: _Search) -> str | None:
    return None if one.guess.kind == "number" and one.n_levels > 2 else "its values are no numbers"


def _check_group(one: Portrait, _search: _Search) -> str | None:
    if one.guess.kind == "date":
        return "its values are dates"
    if one.n_levels == one.n_known:
        return UNSHARED
    return None if one.top_share < 0.5 else "most leads share one, or have none"


def _check_slot(one: Portrait, _search: _Search) -> str | None:
    fits = one.levels and all(text.strip().casefold() in (RANKED, EXPLORE) for text, _ in one.levels)
    return None if fits else f"its values are not {RANKED} and {EXPLORE}, as on lists of leadml"


def _check_propensity(one: Portrait, search: _Search) -> str | None:
    if "slot" not in search.found:
        return "there is no slot to go with it"
    values = read_numbers(one_chunk(search.table.column(one.name)), Missing(), one.name, [], one.guess.format)
    known = values[~np.isnan(values)]
    fits = known.size and known.min() > 0 and known.max() <= 1
    return None if fits else "its values are no numbers above 0 and at most 1"


_CHECKS: Mapping[str, Callable[[Portrait, _Search], str | None]] = {
    "id": _check_id,
    "created_at": _check_created,
    "converted_at": _check_converted,
    "do_not_contact": _check_do_not_contact,
    "owner": _check_owner,
    "value": _check_value,
    "group": _check_group,
    "slot": _check_slot,
    "propensity": _check_propensity,
}


def _share_converted(search: _Search, name: str) -> float:
    converted = search.status == CONVERTED
    return float(search.known(name)[converted].mean()) if converted.any() else 0.0


_TOLD: Mapping[str, Callable[[Portrait, _Search], str]] = {
    "id": lambda _one, _search: UNSHARED,
    "created_at": lambda one, _search: f"dates, for {_percent(one.known)} of the leads",
    "converted_at": lambda one, search: f"dates, for {_percent(_share_converted(search, one.name))} of the converted",
    "do_not_contact": lambda one, _search: f"yes for {sum(n for text, n in one.levels if _asks_out(text)):,}",
    "owner": lambda one, _search: f"{one.n_levels:,} of them",
    "value": lambda one, _search: f"{number_text(one.values[0])} to {number_text(one.values[-1])}",
    "group": lambda one, _search: f"{one.n_levels:,} of them",
    "slot": lambda one, _search: f"how a lead came on a list, for {_percent(one.known)} of the leads",
    "propensity": lambda one, _search: f"with what chance, for {_percent(one.known)} of the leads",
}


def _percent(share: float) -> str:
    return "all" if share == 1.0 else f"{share:.0%}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A column that numbers the leads as they come in; ``rising`` is the share of rows above the row before."""

    column: str
    rising: float


def arrival_order(table: pa.Table, columns: Sequence[Portrait]) -> Arrival | None:
    """Return the column that numbers the leads, if there is one: whole numbers, each once, so called."""
    for one in columns:
        if not (one.is_unique and ORDER.search(one.words) and all(text.isdigit() for text, _ in one.levels)):
            continue
        values = [str(value) for value in one_chunk(table.column(one.name)).to_pylist()]
        if len(values) > 1 and all(value.strip().isdigit() for value in values):
            steps = np.diff(np.array([float(value) for value in values]))
            return Arrival(one.name, float((steps > 0).mean()))
    return None
