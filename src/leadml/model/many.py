"""A list of leads scored column by column: as ``Scorer.score_one`` scores each, bit for bit, but faster.

Nothing of Arrow is loaded. Numbers and dates go through numpy at once, texts through the reader once for each distinct
one.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from leadml.errors import DataError, Fault
from leadml.leads.coercion import DAY, FIRST, CoercionError, Missing, PartValue, identity, reader, seconds
from leadml.leads.parts import Column, Floats, date_levels, floats_of, levels_of
from leadml.leads.schema import AXES, Field, Format
from leadml.model.reasons import BestKeys, Reason
from leadml.model.scorecard import expit
from leadml.model.scorer import REMEMBERED, ScoredLead, Scorer, stamp

Values = Sequence[object]
Wrong = list[tuple[int, str, str]]  # row, column, message
_PLAIN = frozenset({str, type(None)})
_NUMBERS = frozenset({int, float, type(None)})
_MOMENTS = re.compile(r"(?:(?:\d{4}-\d\d-\d\d(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)?|NaT)\n)*", re.ASCII)


class ListScorer:
    """Scores lists of leads with one scorer. Safe for several threads."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        placeholders = scorer.schema.placeholders
        self._missing = Missing(placeholders)
        self._read = {field.name: reader(field, placeholders) for field in scorer.fields}
        self._known: dict[str, dict[object, tuple[PartValue, ...]]] = {field.name: {} for field in scorer.fields}
        self._reasons: dict[int, Reason] = {}

    def __call__(self, columns: Mapping[str, Values], n: int, *, as_of: datetime | None = None) -> list[ScoredLead]:
        """Return the scores of n leads, given by column; a column that is not there counts as missing.

        Raises DataError naming every value that cannot be read; the line of a fault is the place in the list, from 1.
        """
        wrong: Wrong = []
        nothing = (None,) * n
        schema = self.scorer.schema
        created = self._created(
            schema.roles.created_at or "", columns.get(schema.roles.created_at or "", nothing), wrong
        )
        parts: dict[str, Column] = {}
        for field in self.scorer.fields:
            parts |= self._parts(field, columns.get(field.name, nothing), created, wrong)
        if wrong:
            faults = [Fault(message, row + 1, column) for row, column, message in sorted(wrong)]
            raise DataError("the leads must be readable; mend these values:", faults)
        return self._scored(columns.get(schema.roles.id or "", nothing), parts, stamp(as_of))

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
        held = set(map(type, values))
        if not held <= _PLAIN:
            return None
        texts = [value or "NaT" for value in values] if held != {str} else values
        joined = ("\n".join(texts) + "\n").replace("Z\n", "\n")  # type: ignore[arg-type]
        if not _MOMENTS.fullmatch(joined) or len(texts := joined.split("\n")) != len(values) + 1:
            return None
        try:
            found = np.array(texts[:-1], dtype="datetime64[s]")
        except ValueError:  # the 31st of February
            return None
        known = ~np.isnat(found)
        at = np.where(known, found.astype(np.int64).astype(np.float64), np.nan)
        if (at < FIRST).any():
            return None
        blank = self._missing.moments(form)
        return np.where(np.isin(at, list(blank)), np.nan, at) if blank else at

    def _parts(self, field: Field, values: Values, created: Floats, wrong: Wrong) -> dict[str, Column]:
        names = [part.name for part in field.parts]
        if field.kind == "date" and (at := self._moments(values, field.format)) is not None:
            at = np.where(at > created, np.nan, at)  # not known when the lead came in
            return dict(zip(names, ((created - at) / DAY, *date_levels(at)), strict=True))
        if field.kind == "number" and (numbers := self._numbers(values)) is not None:
            return {names[0]: numbers}
        if field.kind in ("number", "date"):  # few values are alike, or what they mean depends on the lead
            codes, read = np.arange(len(values)), self._each(field, values, created.tolist(), wrong)
        else:
            codes, read = self._texts(field, values, wrong)
        makers = [floats_of if part.numeric else levels_of for part in field.parts]
        return {
            name: make(codes, [one[i] for one in read])
            for i, (name, make) in enumerate(zip(names, makers, strict=True))
        }

    def _numbers(self, values: Values) -> Floats | None:
        """Return values (n,) as numbers, NaN for None; None where one of them needs a closer look."""
        if not set(map(type, values)) <= _NUMBERS:
            return None
        try:
            numbers = np.array(values, dtype=np.float64)
        except OverflowError:
            return None
        if np.isinf(numbers).any():
            return None
        blank = self._missing.numbers
        return np.where(np.isin(numbers, list(blank)), np.nan, numbers) if blank else numbers

    def _each(
        self, field: Field, values: Values, created: Sequence[float], wrong: Wrong
    ) -> list[tuple[PartValue, ...]]:
        read, nothing = self._read[field.name], (None,) * len(field.parts)
        found = []
        for row, (value, at) in enumerate(zip(values, created, strict=True)):
            try:
                found.append(read(value, at))
            except CoercionError as error:
                wrong.append((row, field.name, str(error)))
                found.append(nothing)
        return found

    def _texts(
        self, field: Field, values: Values, wrong: Wrong
    ) -> tuple[NDArray[np.intp], list[tuple[PartValue, ...]]]:
        """Return the code (n,) of each value, and what each distinct one reads as."""
        keys = values if set(map(type, values)) <= _PLAIN else [_key(value) for value in values]
        index = {key: code for code, key in enumerate(dict.fromkeys(keys))}
        codes = np.fromiter(map(index.__getitem__, keys), np.intp, len(keys))
        known, read = self._known[field.name], []
        for key, code in index.items():
            one = known.get(key)
            if one is None:
                rows = np.flatnonzero(codes == code).tolist()
                found: Wrong = []
                (one,) = self._each(field, [values[rows[0]]], [np.nan], found)
                wrong += [(row, field.name, found[0][2]) for row in rows if found]
                if not found and len(known) < REMEMBERED:
                    known[key] = one
            read.append(one)
        return codes, read

    def _scored(self, ids: Values, parts: Mapping[str, Column], as_of: str) -> list[ScoredLead]:
        n, scorer, passport = len(ids), self.scorer, self.scorer.passport
        base, by_score = scorer.bundle.scorecard.base, scorer.grades.by_score
        logit, axes, best = np.full(n, base), np.zeros((len(AXES), n)), BestKeys(n)
        for term in scorer.terms:
            contributions, keys = term.batch(parts[term.part], True)
            logit += contributions
            axes[term.axis] += contributions
            if keys is not None:
                best.add(keys)
        scores = (np.searchsorted(np.asarray(scorer.reference), logit, side="left") + 1).tolist()
        chosen = self._reasons_of([place.tolist() for place in best.chosen()])
        return list(
            map(
                ScoredLead,
                [key or None for key in ids] if set(map(type, ids)) <= _PLAIN else map(identity, ids),
                expit(logit).tolist(),
                logit.tolist(),
                scores,
                [by_score[score] for score in scores],
                *axes.tolist(),
                repeat(base),
                chosen,
                repeat(passport.model_version),
                repeat(as_of),
                repeat(passport.horizon_days),
            )
        )

    def _reasons_of(self, places: list[list[int]]) -> list[list[Reason]]:
        """Return the reasons of each lead by their keys in each place (n,); 0 is none."""
        known = self._reasons
        wanted = {key: known.get(key) or self.scorer.reason(key) for key in set().union(*places) if key}
        if len(known) < REMEMBERED:
            known.update(wanted)
        get = wanted.get
        return [[reason for key in keys if (reason := get(key))] for keys in zip(*places, strict=True)]


def _key(value: object) -> object:
    """Return what tells values apart: 1, 1.0 and true are equal to Python, but not the same text."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, (list, tuple)):
        return tuple(map(_key, value))
    return type(value), repr(value) if isinstance(value, dict) else value
