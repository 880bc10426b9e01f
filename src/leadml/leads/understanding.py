"""What each column of a table is taken for: a role, a field of some kind, or not used; and why."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import msgspec
import pyarrow as pa

from leadml.errors import Fault
from leadml.leads.declared import FORMATS, Columns
from leadml.leads.duplicates import guess_identity
from leadml.leads.kinds import Guess, guess_kind, read_as
from leadml.leads.listed import written
from leadml.leads.reading import one_chunk
from leadml.leads.schema import Field, Format, Kind, Schema

BY_LEADML = "written by leadml with the list"
Use = Literal["field", "role", "ignored", "protected", "not used"]


@dataclass(frozen=True, slots=True)
class Understood:
    """One column: what it is used as (``role`` names the role), its kind and format, why, and whether that is sure."""

    name: str
    use: Use
    role: str | None
    kind: Kind | None
    format: Format | None
    why: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Understanding:
    """The schema of a table, every column of it in order, and the formats that do not fit their column."""

    schema: Schema
    columns: tuple[Understood, ...]
    faults: tuple[Fault, ...]

    def format(self, name: str) -> Format | None:
        """Return how a column writes its values."""
        return next((one.format for one in self.columns if one.name == name), None)


def understand(table: pa.Table, columns: Columns) -> Understanding:
    """Take each column of a table for what the user says it is, or for what it looks like."""
    told = _Told(table, columns)
    guesses = {name: told.guess(name) for name in table.column_names if told.is_read(name)}
    if any(guess.format == "decimal_comma" and guess.sure for guess in guesses.values()):
        for name, guess in guesses.items():
            if guess.kind == "number" and name not in columns.formats and guess.format != "decimal_comma":
                guesses[name] = told.guess(name, default="decimal_comma")
    understood = tuple(told.column(name, guesses.get(name)) for name in table.column_names)
    fields = tuple(told.field(one, guesses[one.name]) for one in understood if one.use == "field")
    identity = guess_identity(table) if columns.identity is None else columns.identity
    schema = Schema(
        fields,
        columns.roles,
        columns.outcomes,
        columns.placeholders,
        formats={one.name: one.format for one in understood if one.use != "field" and one.format is not None},
        identity=identity,
        events=columns.events,
        answers=tuple(field.name for field in fields if field.name in columns.answers),
    )
    return Understanding(schema, understood, tuple(told.faults(understood)))


class _Told:
    """What the user says of the columns of one table."""

    def __init__(self, table: pa.Table, columns: Columns) -> None:
        self._table = table
        self._columns = columns
        self._roles = {name: role for role, name in columns.roles.named()}
        self._written = written(table.column_names)
        self._roles |= {at: f"known_at of {name}" for name, at in columns.known_at.items() if at not in self._roles}

    def _use(self, name: str) -> Use:
        if name in self._roles:
            return "role"
        if name in self._columns.protected:
            return "protected"
        return "ignored" if name in self._columns.ignore or name in self._written else "field"

    def _role_kind(self, name: str) -> Kind | None:
        role = self._roles[name]
        if role in ("created_at", "converted_at") or role.startswith("known_at"):
            return "date"
        return "number" if role in ("value", "propensity") else None

    def is_read(self, name: str) -> bool:
        """Return whether a column's values must be read, so that its format counts."""
        use = self._use(name)
        return use == "field" or (use == "role" and self._role_kind(name) is not None)

    def guess(self, name: str, *, default: Format | None = None) -> Guess:
        """Return what a column is: its kind where it is told, else as it looks; its format likewise."""
        told = self._columns.formats.get(name)
        kind = self._columns.kinds.get(name) or _kind_of(told)
        if kind is not None and told not in FORMATS.get(kind, ()):
            told = None  # a fault of the table
        if name in self._roles:
            kind = self._role_kind(name)
        array, placeholders = one_chunk(self._table.column(name)), self._columns.placeholders
        if kind is None:
            return guess_kind(name, array, placeholders, default=default)
        return read_as(kind, array, placeholders, form=told, default=default)

    def column(self, name: str, guess: Guess | None) -> Understood:
        """Return how one column is understood."""
        use, role = self._use(name), self._roles.get(name)
        if name in self._columns.made and use == "field":
            return Understood(name, use, role, "number", None, "made of the events")
        if guess is None:
            why = "set in leadml.toml" if use in ("ignored", "protected") else ""
            why = BY_LEADML if name in self._written and name not in self._columns.ignore and why else why
            return Understood(name, use, role, None, None, why)
        if guess.kind is None:
            return Understood(name, "not used", None, None, None, guess.why)
        return Understood(name, use, role, guess.kind, guess.format, guess.why, guess.sure)

    def field(self, one: Understood, guess: Guess) -> Field:
        """Return the field of a column."""
        assert one.kind is not None
        if one.name in self._columns.made:
            made = self._columns.made[one.name]
            axis, words = self._columns.axes.get(one.name, made.axis), self._columns.words.get(one.name, made.words)
            return msgspec.structs.replace(made, axis=axis, words=words, way=self._columns.ways.get(one.name))
        axis = self._columns.axes.get(one.name, "authority" if one.kind == "job_title" else "other")
        words, way = self._columns.words.get(one.name, {}), self._columns.ways.get(one.name)
        return Field(
            one.name, one.kind, axis, words, one.format, guess.levels, way=way if one.kind == "number" else None
        )

    def faults(self, understood: Collection[Understood]) -> list[Fault]:
        """Return a fault for each format, and each way to go, that does not fit the kind of its column."""
        kinds = {one.name: one.kind for one in understood}
        faults = []
        for name, form in self._columns.formats.items():
            kind = kinds.get(name)
            if kind is not None and form not in FORMATS.get(kind, ()):
                fit = f"be {' or '.join(FORMATS[kind])}" if kind in FORMATS else "not be set"
                message = f"is a {kind.replace('_', ' ')}, so its format must {fit}, got {form!r}; mend leads.formats"
                faults.append(Fault(message, column=name))
        for name, way in self._columns.ways.items():
            kind = kinds.get(name)
            if kind is not None and kind != "number":
                told = f"is a {kind.replace('_', ' ')}, and must be a number to be {way}"
                faults.append(Fault(f"{told}; take it out of leads.{way}, or mend leads.kinds", column=name))
        return faults


def _kind_of(form: Format | None) -> Kind | None:
    return next((kind for kind, forms in FORMATS.items() if form in forms), None)
