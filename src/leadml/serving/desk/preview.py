"""How the columns of a file were understood: what the model uses each for, and how its values are read.

Personal data is shown masked: whoever looks at a preview wants to know whether the right column is read, no more.
"""

import difflib
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime

import pyarrow as pa

from leadml.leads.arrays import python_values
from leadml.leads.coercion import CoercionError, Missing, number, plain_text, reader, seconds
from leadml.leads.profile import mask
from leadml.leads.schema import LANGUAGES, Field, Format, Kind, Schema
from leadml.leads.sources import Source
from leadml.model.scorer import Scorer
from leadml.report.voice import Voice
from leadml.serving.desk.listed import Absent, ColumnUse, Sample, Told

LOOKED_AT = 2_000  # rows
SAMPLES, SHOWN = 3, 40  # values of a column, and letters of each
_BLOCK = 1 << 20
_PLAIN_ROLES = ("id", "created_at", "outcome", "converted_at", "value", "group", "do_not_contact")
Read = Callable[[object], Told | None]


class Preview:
    """Looks at the first rows of a source."""

    def __init__(self, scorer: Scorer, source: Source) -> None:
        self._schema: Schema = scorer.schema
        self._voices = {language: Voice.of(scorer.bundle, language) for language in LANGUAGES}
        self._fields = {field.name: field for field in scorer.fields}
        self._roles = {name: role for role, name in self._schema.roles.named()}
        self._persons = set(self._schema.identity.columns())
        self._source = source

    def columns(self) -> tuple[ColumnUse, ...]:
        """Return how each column is understood, in the order of the file."""
        head = _head(self._source)
        return tuple(self._column(name, python_values(head.column(name))) for name in head.schema.names)

    def absent(self, names: Iterable[str]) -> tuple[Absent, ...]:
        """Return the columns that are not there, with the one of the file that is named nearly so."""
        used = {*self._roles, *self._fields}
        free = {_folded(name): name for name in self._source.columns if name not in used}
        told = []
        for name in names:
            near = difflib.get_close_matches(_folded(name), free, 1, 0.75)
            label = {language: voice.labels.field(name) for language, voice in self._voices.items()}
            told.append(Absent(name, label, free[near[0]] if near else None))
        return tuple(told)

    def _column(self, name: str, values: Sequence[object]) -> ColumnUse:
        field, role = self._fields.get(name), self._roles.get(name)
        use = role or ("field" if field else "person" if name in self._persons else "unused")
        kind, form = self._kind(name, field, role)
        missing = Missing(self._schema.placeholders, kind=kind or "category")
        blank = [missing.text(value) is None for value in values]
        is_plain = role in _PLAIN_ROLES or (field is not None and field.kind != "email")
        return ColumnUse(
            name=name,
            use=use,
            kind=kind,
            axis=field.axis if field else None,
            format=form,
            samples=self._samples(
                values, missing, self._reader(field, kind, form, missing), plain=is_plain and name not in self._persons
            ),
            missing=sum(blank) / len(blank) if blank else 0.0,
        )

    def _kind(self, name: str, field: Field | None, role: str | None) -> tuple[Kind | None, Format | None]:
        if field is not None:
            return field.kind, field.format
        kinds: dict[str | None, Kind] = {"created_at": "date", "converted_at": "date", "value": "number"}
        return kinds.get(role), self._schema.formats.get(name)

    def _samples(self, values: Sequence[object], missing: Missing, read: Read, *, plain: bool) -> tuple[Sample, ...]:
        found: dict[str, Sample] = {}
        for value in values:
            text = plain_text(value)
            if text is None or not text.strip() or text in found:
                continue
            shown = text[:SHOWN] if plain and "@" not in text else mask(text.strip())
            try:
                found[text] = Sample(shown, None if missing.text(value) is None else read(value))
            except CoercionError:
                continue  # told among the faults
            if len(found) == SAMPLES:
                break
        return tuple(found.values())

    def _reader(self, field: Field | None, kind: Kind | None, form: Format | None, missing: Missing) -> Read:
        if kind == "date":
            return lambda value: self._day(seconds(value, missing, form))
        if field is None:
            return (lambda value: self._number(number(value, missing, form))) if kind == "number" else lambda _: {}
        read, parts = reader(field, self._schema.placeholders), [part.name for part in field.parts]
        if kind == "number":
            return lambda value: self._number(read(value, 0.0)[0])
        return lambda value: self._levels(parts, read(value, 0.0))

    def _day(self, at: float | None) -> Told | None:
        if at is None:
            return None
        iso = datetime.fromtimestamp(at, UTC).isoformat()
        return {language: voice.numbers.day(iso) for language, voice in self._voices.items()}

    def _number(self, value: object) -> Told | None:
        if not isinstance(value, (int, float)):
            return None
        return {language: voice.numbers.compact(value) for language, voice in self._voices.items()}

    def _levels(self, parts: Sequence[str], values: Sequence[object]) -> Told | None:
        """Return the levels that a value has; of a list, the items that are known."""
        told = {}
        for language, voice in self._voices.items():
            words = [
                part.rpartition(".has.")[2] if ".has." in part else voice.labels.level(part, value)
                for part, value in zip(parts, values, strict=False)
                if isinstance(value, str) and not (".has." in part and value != "yes")
            ]
            told[language] = ", ".join(dict.fromkeys(words))
        return told if any(told.values()) else None


def _head(source: Source) -> pa.RecordBatch:
    with closing(source.batches(source.columns, (), (), _BLOCK)) as batches:
        for batch in batches:
            return batch.slice(0, LOOKED_AT)
    return pa.record_batch({name: pa.array([], pa.string()) for name in source.columns})


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
