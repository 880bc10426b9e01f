"""A leadml.toml in the making: what was guessed of a table, why, and where a person should look."""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from leadml.leads.guesses.vocabulary import Status
from leadml.leads.schema import AXES, Axis, Format, Kind
from leadml.leads.sources import shown
from leadml.training.horizon import Horizon

LOOK = "LOOK:"
WIDTH = 118
ALIGNED = 46  # comments stand in one column up to here
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Note:
    """A column, value or number that was put somewhere, why, and what a person should look at, if anything."""

    name: str
    why: str = ""
    look: str = ""

    @property
    def comment(self) -> str:
        """The reason and the mark, as a comment says them."""
        return "; ".join(filter(None, (self.why, f"{LOOK} {self.look}" if self.look else "")))


@dataclass(frozen=True, slots=True)
class FieldNote:
    """A field with what was guessed of it; ``speaks`` are the words of its name that speak for the axis."""

    note: Note
    kind: Kind
    axis: Axis = "other"
    speaks: str = ""
    format: Format | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A leadml.toml with its reasons.

    ``path`` is the table as the file names it; ``head`` are sentences on top; ``reading`` are further keys of
    [leads] that say how the table is read; ``opt_outs`` are all columns that say who is not to be contacted, while
    ``roles`` names them in one note; ``absent``: role -> why no column has it; ``unused`` are columns that are
    no field and need no key; ``formats`` are those of columns with a role; ``horizon`` has an empty name where none
    is proposed, and ``horizons`` are all that were looked at.
    """

    path: str
    n_leads: int
    n_columns: int
    crm: str | None
    roles: Mapping[str, Note]
    outcomes: Mapping[Status, Sequence[Note]]
    head: Sequence[Note] = ()
    reading: Mapping[str, str | int] = field(default_factory=dict)
    opt_outs: Sequence[Note] = ()
    absent: Mapping[str, Note] = field(default_factory=dict)
    protected: Sequence[Note] = ()
    ignore: Sequence[Note] = ()
    placeholders: Sequence[Note] = ()
    unused: Sequence[Note] = ()
    fields: Sequence[FieldNote] = ()
    formats: Mapping[str, Format] = field(default_factory=dict)
    duplicates: Mapping[str, Sequence[str]] = field(default_factory=dict)
    horizon: Note = Note("")
    horizons: Sequence[Horizon] = ()

    @property
    def marks(self) -> list[str]:
        """What a person should look at, in the order of the file."""
        return [f"{place}{note.look}" for place, note in self._notes() if note.look]

    def _notes(self) -> Iterator[tuple[str, Note]]:
        yield from (("", note) for note in self.head)
        yield from ((f"{role} = {note.name}: ", note) for role, note in self.roles.items())
        for role, note in self.absent.items():
            yield f"{role}, {note.name!r}: " if note.name else f"{role}: ", note
        for status, values in self.outcomes.items():
            yield from ((f"{status}, {note.name!r}: ", note) for note in values)
        for key in ("protected", "ignore", "placeholders"):
            yield from ((f"{key}, {note.name!r}: ", note) for note in getattr(self, key))
        yield from ((f"{one.note.name!r}: ", one.note) for one in self.fields)
        yield "horizon_days: ", self.horizon

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        lists = {name: [asdict(note) for note in getattr(self, name)] for name in _LISTS}
        return {
            "path": self.path,
            "crm": self.crm,
            "n_leads": self.n_leads,
            "roles": {role: asdict(note) for role, note in self.roles.items()},
            "do_not_contact": [note.name for note in self.opt_outs],
            "absent": {role: asdict(note) for role, note in self.absent.items()},
            "outcomes": {status: [asdict(note) for note in notes] for status, notes in self.outcomes.items()},
            **lists,
            "kinds": {one.note.name: one.kind for one in self.fields},
            "axes": {axis: [one.note.name for one in notes] for axis, notes in self._by_axis().items()},
            "formats": self._all_formats(),
            "duplicates": {kind: list(names) for kind, names in self.duplicates.items()},
            "horizon_days": int(self.horizon.name) if self.horizon.name else None,
            "horizons": [asdict(one) for one in self.horizons],
            "marks": self.marks,
        }

    def _by_axis(self) -> dict[Axis, list[FieldNote]]:
        axes = {axis: [one for one in self.fields if one.axis == axis] for axis in AXES if axis != "other"}
        return {axis: notes for axis, notes in axes.items() if notes}

    def _all_formats(self) -> dict[str, Format]:
        return {**self.formats, **{one.note.name: one.format for one in self.fields if one.format is not None}}

    def to_toml(self) -> str:
        """Return the file."""
        parts = [self._top(), self._leads(), self._kinds(), self._axes(), self._formats(), self._duplicates()]
        return "\n".join(part for part in (*parts, self._label(), _RANKING) if part)

    def _top(self) -> str:
        made = f"Drafted by `leadml init` from {shown(self.path)}: {self.n_leads:,} leads, {self.n_columns} columns"
        crm = f", an export of {self.crm}" if self.crm else ""
        told = [
            f"{made}{crm}.",
            f"Look at the lines with {LOOK}, then run `leadml check`. docs/config.md explains each key.",
        ]
        return "\n".join(_wrapped(line) for line in (*told, *(note.comment for note in self.head))) + "\n"

    def _leads(self) -> str:
        first = [("path = " + text(self.path), "")]
        first += [
            (f"{key} = {text(value) if isinstance(value, str) else value}", "") for key, value in self.reading.items()
        ]
        for role in ("id", "created_at", "outcome"):
            first += self._role(role)
        first += [
            line for status in ("converted", "lost", "open") for line in _list(status, self.outcomes.get(status, ()))
        ]
        if self.outcomes.get("lost") and not self.outcomes.get("open"):
            first.append(
                ("# open = []", "no lead is open here: name what new leads have, or their lists will be empty")
            )
        for role in ("converted_at", "value", "owner", "group", "do_not_contact", "slot", "propensity"):
            first += self._role(role)
        lists = [_list(key, getattr(self, key), each=True) for key in ("protected", "ignore", "placeholders")]
        unused = f"Not used: {_by_reason(self.unused)}." if self.unused else ""
        blocks = [_block(lines) for lines in (first, *lists) if lines]
        return "[leads]\n" + "\n".join(blocks) + (_wrapped(unused) + "\n" if unused else "")

    def _role(self, role: str) -> list[tuple[str, str]]:
        if role == "do_not_contact" and len(self.opt_outs) > 1:
            return _list(role, self.opt_outs, each=True)
        if note := self.roles.get(role):
            return [(f"{role} = {text(note.name)}", note.comment)]
        if note := self.absent.get(role):
            return [(f"# {role} = {text(note.name)}" if note.name else f"# {role} =", note.comment)]
        return []

    def _kinds(self) -> str:
        lines = [(f"{key(one.note.name)} = {text(one.kind)}", one.note.comment) for one in self.fields]
        return "[leads.kinds]\n" + _block(lines) if lines else ""

    def _axes(self) -> str:
        lines: list[tuple[str, str]] = []
        for axis, fields in self._by_axis().items():
            lines += _list(axis, [Note(one.note.name, one.speaks) for one in fields], each=True)
        return (
            "[leads.axes]" + _ASIDE + "# what a column tells about; all else is other\n" + _block(lines)
            if lines
            else ""
        )

    def _formats(self) -> str:
        lines = [(f"{key(name)} = {text(form)}", "") for name, form in self._all_formats().items()]
        return "[leads.formats]" + _ASIDE + "# how a column writes its values\n" + _block(lines) if lines else ""

    def _duplicates(self) -> str:
        lines = [(f"{kind} = [{', '.join(map(text, names))}]", "") for kind, names in self.duplicates.items() if names]
        return "[duplicates]" + _ASIDE + "# by which two rows are known for one lead\n" + _block(lines) if lines else ""

    def _label(self) -> str:
        code = f"horizon_days = {self.horizon.name}" if self.horizon.name else "# horizon_days ="
        every = "".join(f"# {one.cost}\n" for one in self.horizons)
        return "[label]\n" + every + _block([(code, self.horizon.comment)])


_LISTS = ("protected", "ignore", "placeholders", "unused", "head")
_ASIDE = " " * 16
_RANKING = """\
[ranking]
# capacity = 50                # how many leads the team can work at a time
"""


def text(value: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def key(name: str) -> str:
    """Return a key as TOML writes it, quoted where it must be."""
    return name if _BARE.fullmatch(name) else text(name)


def _by_reason(notes: Sequence[Note]) -> str:
    """Return the names of notes after their reason, each reason once."""
    names: dict[str, list[str]] = {}
    for note in notes:
        names.setdefault(note.why.partition(" (")[0], []).append(note.name)
    return "; ".join(f"{', '.join(some)} ({why})" for why, some in names.items())


def _list(name: str, notes: Sequence[Note], *, each: bool = False) -> list[tuple[str, str]]:
    """Return the lines of a list with a comment for each member, on one line where it has but one."""
    if not notes:
        return []
    code = f"{name} = [{', '.join(text(note.name) for note in notes)}]"
    if not each and len(code) <= ALIGNED and not any(note.look for note in notes):
        return [(code, ", ".join(note.why for note in notes))]
    if len(notes) == 1 and not (each and len(notes[0].comment) > 60):
        return [(f"{name} = [{text(notes[0].name)}]", notes[0].comment)]
    return [(f"{name} = [", ""), *((f"  {text(note.name)},", note.comment) for note in notes), ("]", "")]


def _block(lines: Iterable[tuple[str, str]]) -> str:
    """Return (code, comment) lines with the comments in one column; a long one stands above its line."""
    lines = [(code, _plain(comment)) for code, comment in lines]
    column = max((len(code) for code, comment in lines if comment and len(code) <= ALIGNED), default=0) + 2
    result = []
    for code, comment in lines:
        aligned = f"{code:<{column}}# {comment}" if comment else code
        if comment and len(aligned) > WIDTH:
            result += [_wrapped(comment, " " * (len(code) - len(code.lstrip()))), code]
        else:
            result.append(aligned if len(code) < column or not comment else f"{code}  # {comment}")
    return "\n".join(result) + "\n"


def _wrapped(comment: str, indent: str = "") -> str:
    start = f"{indent}# "
    return "\n".join(textwrap.wrap(_plain(comment), WIDTH, initial_indent=start, subsequent_indent=start))


def _plain(comment: str) -> str:
    """Return a comment as TOML allows it: on one line, without control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in comment).split())
