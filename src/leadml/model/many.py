"""A list of leads scored column by column: as ``Scorer.score_one`` scores each, bit for bit, but faster.

Nothing of Arrow is loaded. Numbers and dates go through numpy at once; of a text it is remembered what it scores.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadml.errors import DataError, Fault
from leadml.leads.coercion import DAY, FIRST, CoercionError, Missing, Reader, identity, reader, seconds
from leadml.leads.emails import stand_in
from leadml.leads.parts import Column, Floats, date_levels
from leadml.leads.schema import AXES, Field, Format
from leadml.model.axes import Mask
from leadml.model.credit import Added
from leadml.model.reasons import MISSING, BestKeys, Keys
from leadml.model.scorecard import expit
from leadml.model.scorer import FLAGS, LONGEST, NUMBERS, REMEMBERED, TEXTS, ScoredLead, Scorer, stamp
from leadml.model.terms import ReadyTerm

Values = Sequence[Any]
Wrong = list[tuple[int, str, str]]  # row, column, message
Part = tuple[int, Floats, Keys]  # what one term adds: its axis, the contributions (n,), the keys of their reasons (n,)
_MOMENTS = re.compile(r"(?:(?:\d{4}-\d\d-\d\d(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)?|NaT)\n)*", re.ASCII)


class ListScorer:
    """Scores lists of leads with one scorer. Safe for several threads.

    ``reason`` makes of a key what stands in the lists of reasons, by default the scorer's ``Reason``: what sends them
    on as JSON takes each as the JSON that it will be.
    """

    def __init__(self, scorer: Scorer, *, reason: Callable[[int], Any] | None = None) -> None:
        self.scorer = scorer
        self._reason = reason or scorer.reason
        self._missing = Missing(scorer.schema.placeholders)
        self._fields = [_ReadyField(scorer, field) for field in scorer.fields]
        self._reasons = _Reasons(self._reason)

    def __call__(self, columns: Mapping[str, Values], n: int, *, as_of: datetime | None = None) -> list[ScoredLead]:
        """Return the scores of n leads, given by column; a column that is not there counts as missing.

        Raises DataError naming every value that cannot be read; the line of a fault is the place in the list, from 1.
        """
        wrong: Wrong = []
        nothing = (None,) * n
        roles = self.scorer.schema.roles
        created = self._created(roles.created_at or "", columns.get(roles.created_at or "", nothing), wrong)
        logit, axes, best = np.full(n, self.scorer.bundle.scorecard.base), np.zeros((len(AXES), n)), BestKeys(n)
        missing = np.full((len(AXES), n), MISSING)  # as long as only missing values were met
        credit = self.scorer.credit
        added: Iterable[Added] = (
            part
            for field in self._fields
            for part in self._parts(field, columns.get(field.name, nothing), created, wrong)
        )
        for axis, contributions, keys in added if credit is None else credit.many(list(added)):
            assert keys is not None  # asked for
            logit += contributions
            axes[axis] += contributions
            missing[axis] &= keys
            best.add(keys)
        if wrong:
            faults = [Fault(message, row + 1, column) for row, column, message in sorted(wrong)]
            raise DataError("the leads must be readable; mend these values:", faults)
        sums = _Sums(logit, axes, missing == 0, best)
        return self._scored(columns.get(roles.id or "", nothing), sums, stamp(as_of))

    def _created(self, name: str, values: Values, wrong: Wrong) -> Floats:
        """Return when the leads came in (n,), in seconds since 1970; NaN where that is not known."""
        form = self.scorer.schema.formats.get(name)
        found = self._moments(values, form)
        if found is not None:
            return found
        found = np.full(len(values), np.nan)
        for row, value in enumerate(values):
            try:
                at = None if value is None else seconds(value, self._missing, form)
            except CoercionError as error:
                wrong.append((row, name, str(error)))
            else:
                found[row] = np.nan if at is None else at
        return found

    def _moments(self, values: Values, form: Format | None) -> Floats | None:
        """Return texts (n,) such as 2026-10-01T06:13:56 in seconds since 1970; None where one is no such text."""
        if not set(map(type, values)) <= TEXTS:
            return None
        joined = ("\n".join([value or "NaT" for value in values]) + "\n").replace("Z\n", "\n")
        if not _MOMENTS.fullmatch(joined) or len(texts := joined.split("\n")) != len(values) + 1:
            return None
        try:
            found = np.array(texts[:-1], dtype="datetime64[s]")
        except ValueError:  # the 31st of February
            return None
        at = np.where(np.isnat(found), np.nan, found.astype(np.int64).astype(np.float64))
        if (at < FIRST).any():
            return None
        blank = self._missing.moments(form)
        return np.where(np.isin(at, list(blank)), np.nan, at) if blank else at

    def _numbers(self, values: Values) -> Floats | None:
        """Return values (n,) as numbers, NaN for None; None where one of them needs a closer look."""
        if not set(map(type, values)) <= NUMBERS:
            return None
        try:
            numbers = np.array(values, dtype=np.float64)
        except OverflowError:
            return None
        if np.isinf(numbers).any():
            return None
        blank = self._missing.numbers
        return np.where(np.isin(numbers, list(blank)), np.nan, numbers) if blank else numbers

    def _parts(self, field: "_ReadyField", values: Values, created: Floats, wrong: Wrong) -> Iterator[Part]:
        """Yield what the terms of a field add to n leads, in their order."""
        columns: tuple[Column, ...] | None = None
        if field.kind == "date" and (at := self._moments(values, field.format)) is not None:
            at = np.where(at > created, np.nan, at)  # not known when the lead came in
            columns = ((created - at) / DAY, *date_levels(at))
        elif field.kind == "number" and (numbers := self._numbers(values)) is not None:
            columns = (numbers,)
        elif field.kind not in ("date", "number"):
            yield from field.remembered(values, wrong)
            return
        if columns is None:
            yield from field.each(values, created.tolist(), wrong)
            return
        for index, term in field.terms:
            contributions, keys = term.batch(columns[index], True)
            assert keys is not None  # asked for
            yield term.axis, contributions, keys

    def _scored(self, ids: Values, sums: "_Sums", as_of: str) -> list[ScoredLead]:
        scorer, passport, scale = self.scorer, self.scorer.passport, self.scorer.scale
        logit, axes, known, best = sums
        scores = (np.searchsorted(np.asarray(scorer.reference), logit, side="left") + 1).tolist()
        by_score = scorer.grades.by_score
        return list(
            map(
                ScoredLead,
                [key or None for key in ids] if set(map(type, ids)) <= TEXTS else map(identity, ids),
                expit(logit).tolist(),
                logit.tolist(),
                scores,
                [by_score[score] for score in scores],
                *(_listed(score, none) for score, none in scale.scores(axes, known)),
                *axes.tolist(),
                repeat(scorer.bundle.scorecard.base),
                map(scale.words.__getitem__, scale.codes(axes, known).tolist()),
                self._reasons_of([place.tolist() for place in best.chosen()]),
                repeat(passport.model_version),
                repeat(as_of),
                repeat(passport.horizon_days),
            )
        )

    def _reasons_of(self, places: list[list[int]]) -> list[list[Any]]:
        """Return the reasons of each lead by their keys in each place (n,); 0 is none."""
        known = self._reasons
        if len(known) > REMEMBERED:
            known = self._reasons = _Reasons(self._reason)
        return [[known[key] for key in keys if key] for keys in zip(*places, strict=True)]


def _listed(values: NDArray[np.int64], none: Mask) -> list[int | None]:
    """Return values (n,) as Python has them, None where there is none."""
    listed: list[int | None] = values.tolist()
    for row in np.flatnonzero(none).tolist():
        listed[row] = None
    return listed


class _Sums(NamedTuple):
    """What was added up of n leads: the logit (n,), the axes (4, n) and whether they are known, the reasons."""

    logit: Floats
    axes: Floats
    known: Mask
    best: BestKeys


class _Reasons(dict[int, Any]):
    """The reasons that were needed so far, by their keys."""

    def __init__(self, make: Callable[[int], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: int) -> Any:
        reason = self[key] = self._make(key)
        return reason


@dataclass(frozen=True, slots=True)
class _Known:
    """What texts score: ``codes`` by text, and by code, for each term, the contribution and the key of its reason."""

    codes: dict[object, int]
    points: tuple[Floats, ...]
    keys: tuple[Keys, ...]


class _ReadyField:
    """A field with the terms that read it, each with the place of its part."""

    def __init__(self, scorer: Scorer, field: Field) -> None:
        places = {part.name: i for i, part in enumerate(field.parts)}
        self.name, self.kind, self.format = field.name, field.kind, field.format
        self.terms: list[tuple[int, ReadyTerm]] = [
            (places[term.part], term) for term in scorer.read if term.part in places
        ]
        self._read: Reader = reader(field, scorer.schema.placeholders)
        own = Missing(scorer.schema.placeholders).texts
        self._is_email = field.kind == "email" and not any("@" in text for text in own)
        none, no_keys = np.empty(0), np.empty(0, dtype=np.int64)
        self._known = _Known({}, (none,) * len(self.terms), (no_keys,) * len(self.terms))

    def each(self, values: Values, created: Sequence[float], wrong: Wrong) -> list[Part]:
        """Return what the terms add to values (n,), one by one; what cannot be read adds nothing."""
        found: list[list[tuple[float, int]]] = []
        for row, (value, at) in enumerate(zip(values, created, strict=True)):
            try:
                read = self._read(value, at)
            except CoercionError as error:
                wrong.append((row, self.name, str(error)))
                found.append([(0.0, 0)] * len(self.terms))
            else:
                found.append([term.one(read[index]) for index, term in self.terms])
        return [
            (term.axis, np.array([one[i][0] for one in found]), np.array([one[i][1] for one in found], dtype=np.int64))
            for i, (_, term) in enumerate(self.terms)
        ]

    def remembered(self, values: Values, wrong: Wrong) -> Iterator[Part]:
        """Yield what the terms add to values (n,), of which equal ones are read once."""
        kinds = set(map(type, values))
        if kinds <= TEXTS:
            if self._is_email:  # hardly two leads have the same address, but few types are told apart
                values = [value and stand_in(value) for value in values]
            keys = values
        elif kinds <= FLAGS:
            keys = [_FLAG_KEYS[value] for value in values]
        else:
            keys = [_key(value) for value in values]
        known = self._known
        try:
            codes = _codes(known, keys)
        except KeyError:
            known, bad = self._learnt(dict(zip(reversed(keys), reversed(values), strict=True)))
            codes = _codes(known, keys)
            wrong += [(row, self.name, bad[key]) for row, key in enumerate(keys) if key in bad]
        for (_, term), points, reasons in zip(self.terms, known.points, known.keys, strict=True):
            yield term.axis, points.take(codes), reasons.take(codes)

    def _learnt(self, values: Mapping[object, Any]) -> tuple[_Known, dict[object, str]]:
        """Return what is known of at least these values, by their keys, and what is wrong with some of them.

        What is known is replaced as a whole, never changed: other threads may be at it. Where it becomes too much,
        it starts anew.
        """
        old = self._known
        new = [key for key in values if key not in old.codes]
        wrong: Wrong = []
        parts = self.each([values[key] for key in new], [np.nan] * len(new), wrong)
        codes = old.codes | {key: len(old.codes) + i for i, key in enumerate(new)}
        points = tuple(np.concatenate((a, b[1])) for a, b in zip(old.points, parts, strict=True))
        keys = tuple(np.concatenate((a, b[2])) for a, b in zip(old.keys, parts, strict=True))
        known = _Known(codes, points, keys)
        bad = {new[row]: message for row, _, message in wrong}
        if not bad:
            none = tuple(part[:0] for part in points), tuple(part[:0] for part in keys)
            if all(map(_is_short, new)):
                self._known = known if len(codes) <= REMEMBERED else _Known({}, *none)
        return known, bad


def _key(value: object) -> object:
    """Return what tells values apart: 1, 1.0 and true are equal to Python, but not the same text."""
    if type(value) in TEXTS:
        return value
    if isinstance(value, (list, tuple)):
        return tuple(map(_key, value))
    return type(value), repr(value) if isinstance(value, dict) else value


_FLAG_KEYS = {value: _key(value) for value in (True, False, None)}


def _codes(known: _Known, keys: Sequence[object]) -> NDArray[np.intp]:
    return np.fromiter(map(known.codes.__getitem__, keys), np.intp, len(keys))


def _is_short(key: object) -> bool:
    """Return whether a key is worth its memory: a text of megabytes is not."""
    if isinstance(key, tuple):
        return len(key) <= LONGEST and all(map(_is_short, key))
    return not isinstance(key, str) or len(key) <= LONGEST
