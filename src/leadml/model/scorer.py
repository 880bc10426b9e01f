"""The scorer: leads in; probability, score, grade, axes and reasons out. No training library is loaded."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, overload

import msgspec
import numpy as np

from leadml.errors import DataError, Fault
from leadml.leads.coercion import CoercionError, Missing, Reader, identity, reader, seconds
from leadml.leads.schema import AXES, Field, Format, Language
from leadml.model.axes import SCORES, Scale
from leadml.model.bundle import Bundle, load
from leadml.model.credit import Credit, ready_sides
from leadml.model.grades import Grades
from leadml.model.guide import Legend
from leadml.model.reasons import BITS, UNIT, Phrasebook, Reason, choose
from leadml.model.terms import ReadyTerm, ready

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from leadml.leads.columns import Coercer
    from leadml.model.batch import ScoredBatch

OneField = Callable[[object, float], tuple[tuple[float, int], ...]]
TEXTS: frozenset[Any] = frozenset({str, type(None)})
NUMBERS: frozenset[Any] = frozenset({int, float, type(None)})
FLAGS: frozenset[Any] = frozenset({bool, type(None)})
REMEMBERED = 4096  # distinct texts of one field whose contributions are kept
LONGEST = 300  # characters of such a text: one of megabytes is not worth its memory


class ScoredLead(msgspec.Struct, gc=False):
    """One scored lead; the columns of a scored table alike. The score of an axis that is unknown is None."""

    lead_id: str | None
    probability: float
    logit: float
    score: int
    grade: str
    interest_score: int | None
    ability_score: int | None
    authority_score: int | None
    interest: float
    ability: float
    authority: float
    other: float
    base: float
    summary: str
    reasons: list[Reason]
    model_version: str
    as_of: str
    horizon_days: int | None


class Scorer:
    """Scores leads with one bundle. Safe for several threads once made.

    ``language`` is that of the reasons and summaries, by default the bundle's. ``fields`` are the fields that terms
    read; ``legend`` explains a written list. ``read`` are the terms and the sides of pairs, in the order in which they
    are read; ``credit`` adds pairs to their terms, and is None without pairs. ``scale`` scores and words the axes.
    """

    def __init__(self, bundle: Bundle, *, language: Language | None = None) -> None:
        self.bundle = bundle
        self.schema = bundle.schema
        self.passport = bundle.passport
        self.reference = list(bundle.passport.reference)
        self.grades = Grades(bundle.passport.grades)
        self.legend = Legend(
            language or bundle.passport.language,
            bundle.passport.grades,
            self._numbers(),
            scores_axes=bool(bundle.passport.axis_reference),
        )
        self.book = Phrasebook(bundle.scorecard, bundle.schema, self.legend.language)
        axis_of = {part.name: AXES.index(part.axis) for part in bundle.schema.parts}
        place = {part.name: i for i, part in enumerate(bundle.schema.parts)}
        terms = zip(bundle.scorecard.terms, self.book.keys, strict=True)
        # one order of adding for one lead and for a batch: that of the fields
        self.terms = [
            ready(term, axis_of[term.part], keys) for term, keys in sorted(terms, key=lambda pair: place[pair[0].part])
        ]
        self.fields = self._used()
        pairs = bundle.scorecard.pairs
        sides = ready_sides(pairs, axis_of.__getitem__)
        self.read = sorted([*self.terms, *sides], key=lambda term: place[term.part]) if pairs else self.terms
        self.credit = Credit(pairs, sides, self.read) if pairs else None
        self.scale = Scale(bundle.passport.axis_reference, [term.axis for term in self.terms], self.legend.language)
        self._fields = [(f.name, AXES.index(f.axis), self._one_field(f)) for f in self.fields]
        self._missing = Missing(bundle.schema.placeholders)
        self.columns = (*(name for name, _, _ in self._fields), *bundle.schema.roles.columns())

    def _numbers(self) -> dict[str, Format | None]:
        """Return the columns that hold numbers, and how they are written."""
        value = self.schema.roles.value
        numbers = {field.name: field.format for field in self.schema.fields if field.kind == "number"}
        return numbers | ({} if value is None else {value: self.schema.formats.get(value)})

    def _used(self) -> tuple[Field, ...]:
        scored = {term.part for term in self.terms}
        return tuple(f for f in self.schema.fields if any(part.name in scored for part in f.parts))

    def _one_field(self, field: Field) -> OneField:
        parts = {part.name: i for i, part in enumerate(field.parts)}
        read = reader(field, self.schema.placeholders)
        terms = [(parts[term.part], term) for term in self.read if term.part in parts]
        if field.kind in ("date", "email"):
            return _fresh(read, terms)
        if field.kind == "number":
            return _remembered(read, terms, NUMBERS)
        return _remembered(read, terms, TEXTS)

    def score_one(
        self,
        lead: Mapping[str, object],
        *,
        as_of: datetime | None = None,
        events: Iterable[Mapping[str, object]] | None = None,
    ) -> ScoredLead:
        """Score one lead given as a dict of its columns; a column that is not there counts as missing.

        ``events`` are what the lead did: dicts of at, kind and, if the model adds it up, value; looked at at ``as_of``,
        by default now. Raises DataError naming every value that cannot be read.
        """
        if events is not None:
            lead = {**lead, **self.event_fields(lead, events, as_of=as_of)}
        created, logit, axes, keys = self.created(lead), self.bundle.scorecard.base, [0.0, 0.0, 0.0, 0.0], []
        get = lead.get
        try:
            if self.credit is None:
                for name, axis, one in self._fields:
                    for contribution, key in one(get(name), created):
                        logit += contribution
                        axes[axis] += contribution
                        keys.append(key)
            else:
                read = [found for name, _, one in self._fields for found in one(get(name), created)]
                for term, (contribution, key) in zip(self.terms, self.credit.one(read), strict=True):
                    logit += contribution
                    axes[term.axis] += contribution
                    keys.append(key)
        except CoercionError:
            raise DataError("the lead must be readable; mend these values:", self._faults(lead)) from None
        score = bisect_left(self.reference, logit) + 1
        interest, ability, authority, summary = self.scale.one(axes, keys)
        passport = self.passport
        return ScoredLead(
            lead_id=identity(get(self.schema.roles.id or "")),
            probability=probability(logit),
            logit=logit,
            score=score,
            grade=self.grades.by_score[score],
            interest_score=interest,
            ability_score=ability,
            authority_score=authority,
            interest=axes[0],
            ability=axes[1],
            authority=axes[2],
            other=axes[3],
            base=self.bundle.scorecard.base,
            summary=summary,
            reasons=[self.reason(key) for key in choose(keys)],
            model_version=passport.model_version,
            as_of=stamp(as_of),
            horizon_days=passport.horizon_days,
        )

    def event_fields(
        self, lead: Mapping[str, object], events: Iterable[Mapping[str, object]], *, as_of: datetime | None = None
    ) -> dict[str, float | None]:
        """Return the fields, by name, that the model makes of a lead's events, as known at ``as_of``."""
        from leadml.leads.events.one import event_fields

        at, created = utc(as_of).timestamp(), self.created(lead)
        return event_fields(self.schema, events, as_of=at, created=created, wanted=self.fields)

    def created(self, lead: Mapping[str, object]) -> float:
        """Return when a lead came in, in seconds since 1970; NaN where that is not known. Raises DataError."""
        name = self.schema.roles.created_at
        value = lead.get(name) if name is not None else None
        if value is None:
            return float("nan")
        try:
            at = seconds(value, self._missing, self.schema.formats.get(name or ""))
        except CoercionError:
            raise DataError("the lead must be readable; mend these values:", self._faults(lead)) from None
        return float("nan") if at is None else at

    def _faults(self, lead: Mapping[str, object]) -> list[Fault]:
        """Return every value of a lead that cannot be read."""
        faults = []
        name = self.schema.roles.created_at
        readers: list[tuple[str, Callable[[object], object]]] = []
        if name is not None:
            form = self.schema.formats.get(name)
            readers.append((name, lambda value: seconds(value, self._missing, form)))
        for field in self.fields:
            read = reader(field, self.schema.placeholders)
            readers.append((field.name, lambda value, read=read: read(value, 0.0)))  # type: ignore[misc]
        for column, check in readers:
            try:
                check(lead.get(column))
            except CoercionError as error:
                faults.append(Fault(str(error), column=column))
        return faults

    def reason(self, key: int) -> Reason:
        """Return the reason that a key stands for."""
        phrase = self.book.phrase(key)
        return Reason(phrase.field, phrase.axis, (key >> BITS) / UNIT, phrase.text)

    def coercer(self) -> "Coercer":
        """Return a coercer for one stream of batches."""
        from leadml.leads.columns import Coercer

        schema = msgspec.structs.replace(self.schema, fields=self.fields)
        return Coercer(schema, parts=[term.part for term in self.terms])

    def score_batch(
        self,
        table: "pa.Table | pa.RecordBatch",
        *,
        reasons: bool = True,
        coercer: "Coercer | None" = None,
    ) -> "ScoredBatch":
        """Score an Arrow table or batch; rows that cannot be read are in ``rejected`` and keep their place."""
        from leadml.model.batch import score_parts

        return score_parts(self, (coercer or self.coercer())(table), reasons=reasons)

    @overload
    def score(
        self, table: "pd.DataFrame", *, events: Any = None, as_of: datetime | None = None, reasons: bool = True
    ) -> "pd.DataFrame": ...
    @overload
    def score(
        self, table: "pa.Table", *, events: Any = None, as_of: datetime | None = None, reasons: bool = True
    ) -> "pa.Table": ...
    def score(self, table: Any, *, events: Any = None, as_of: datetime | None = None, reasons: bool = True) -> Any:
        """Score a pandas frame or an Arrow table; the same kind comes back, rows in input order.

        ``as_of`` is the moment at which the leads are looked at, by default now (UTC). ``events`` are those of the
        leads, a frame, an Arrow table or a path, with the columns of the events that the model learned from; a lead
        without any did nothing. Raises DataError with every value that cannot be read; nothing is scored then.
        """
        import pyarrow as pa

        arrow = table if isinstance(table, (pa.Table, pa.RecordBatch)) else self._from_pandas(table)
        if events is not None:
            from leadml.model.feed import open_feed

            feed = open_feed(self, events, as_of=utc(as_of))
            arrow = arrow if feed is None else feed(arrow)
        batch = self.score_batch(arrow, reasons=reasons)
        if batch.rejected:
            raise DataError("the table must be readable; mend these rows:", batch.rejected)
        scored = batch.table(arrow, as_of=stamp(as_of))
        if isinstance(table, (pa.Table, pa.RecordBatch)):
            return scored
        frame = scored.to_pandas().astype(dict.fromkeys(SCORES, "Int64"))  # unknown is <NA>, whether any is or not
        frame.index = table.index
        return frame

    def _from_pandas(self, frame: "pd.DataFrame") -> "pa.Table":
        import pyarrow as pa

        names = [name for name in dict.fromkeys(self.columns) if name in frame.columns]
        if any(frame.columns.tolist().count(name) > 1 for name in names):
            raise DataError("the columns of the table must have distinct names; rename those that occur twice")
        commas = {field.name for field in self.fields if field.format == "decimal_comma"}
        columns = {name: series_array(frame[name], decimal_comma=name in commas) for name in names}
        return pa.table(columns or {"": pa.nulls(len(frame))})


def series_array(series: "pd.Series[Any]", *, decimal_comma: bool = False) -> "pa.Array":
    """Return a pandas column as an Arrow array; a column of Python objects value by value.

    ``decimal_comma``: where it mixes numbers and texts, its texts write numbers so.
    """
    import pyarrow as pa

    from leadml.leads.reading import one_chunk, values_array

    if series.dtype == object:
        return values_array(series.tolist(), decimal_comma=decimal_comma)
    if getattr(series.dtype, "tz", None) is not None:
        series = series.dt.tz_convert(None)
    return one_chunk(pa.array(series, from_pandas=True))


def load_model(path: str, *, language: Language | None = None) -> Scorer:
    """Load a bundle folder, such as ``models/champion``, ready to score."""
    return Scorer(load(path), language=language)


def probability(logit: float) -> float:
    """Return expit(logit), bit for bit as the batch does."""
    e = float(np.exp(-abs(logit)))
    return (1.0 if logit >= 0 else e) / (1.0 + e)


def utc(moment: datetime | None = None) -> datetime:
    """Return a moment, by default now, in UTC; a naive one is UTC."""
    moment = datetime.now(UTC) if moment is None else moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def stamp(as_of: datetime | None = None) -> str:
    """Return a moment, by default now, as ISO text in UTC to the second."""
    return utc(as_of).isoformat(timespec="seconds")[:19] + "Z"


def _fresh(read: Reader, terms: list[tuple[int, ReadyTerm]]) -> OneField:
    if len(terms) == 1:
        index, only = terms[0][0], terms[0][1].one
        return lambda value, created: (only(read(value, created)[index]),)
    ones = [(index, term.one) for index, term in terms]

    def one(value: object, created: float) -> tuple[tuple[float, int], ...]:
        values = read(value, created)
        return tuple([one(values[index]) for index, one in ones])

    return one


def _remembered(read: Reader, terms: list[tuple[int, ReadyTerm]], kinds: frozenset[Any]) -> OneField:
    """Keep what a value scores, by its raw spelling; ``kinds`` are the types of those that are kept.

    They are told apart by their type: to Python, true is the number 1.
    """
    known: dict[object, tuple[tuple[float, int], ...]] = {}
    fresh = _fresh(read, terms)

    def one(value: object, created: float) -> tuple[tuple[float, int], ...]:
        if type(value) not in kinds:
            return fresh(value, created)
        result = known.get(value)
        if result is None:
            result = fresh(value, created)
            if len(known) < REMEMBERED and (type(value) is not str or len(value) <= LONGEST):
                known[value] = result
        return result

    return one
