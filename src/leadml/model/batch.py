"""A scored batch: numpy arrays by column, and the Arrow columns that are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.errors import Fault
from leadml.leads.columns import Coerced
from leadml.leads.reading import one_chunk, read_ids
from leadml.leads.schema import AXES
from leadml.model.axes import SCORED, SCORES, Mask, is_known
from leadml.model.reasons import AGAINST, BITS, FOR, UNIT, BestKeys, Keys, phrase_numbers
from leadml.model.scorecard import expit

if TYPE_CHECKING:
    from leadml.model.scorer import Scorer

Floats = NDArray[np.float64]
REASON_TYPE = pa.struct(
    [("field", pa.string()), ("axis", pa.string()), ("contribution", pa.float64()), ("text", pa.string())]
)


@dataclass(slots=True)
class ScoredBatch:
    """The scores of n leads in input order.

    ``axes`` (4, n) sums of contributions, in the order of ``AXES``, and ``known`` (4, n) whether anything is known of
    them; ``keys`` the reason keys by place, empty without reasons; ``rejected`` one fault per unreadable value, its
    ``line`` being the row number from 1.
    """

    scorer: "Scorer"
    logit: Floats
    axes: Floats
    known: Mask
    keys: list[Keys]
    rejected: list[Fault]
    absent: tuple[str, ...]
    created: Floats

    @property
    def n_rows(self) -> int:
        """The number of leads."""
        return len(self.logit)

    @property
    def probability(self) -> Floats:
        """The chance (n,) of converting within the horizon."""
        return expit(self.logit)

    @property
    def score(self) -> NDArray[np.intp]:
        """The score (n,), 1 to 100: 1 + the number of reference quantiles strictly below the logit."""
        return np.searchsorted(np.asarray(self.scorer.reference), self.logit, side="left") + 1

    def take(self, rows: NDArray[np.intp]) -> "ScoredBatch":
        """Return the same for some rows, without what was rejected."""
        keys = [place[rows] for place in self.keys]
        logit, axes, known, created = self.logit[rows], self.axes[:, rows], self.known[:, rows], self.created[rows]
        return ScoredBatch(self.scorer, logit, axes, known, keys, [], self.absent, created)

    @classmethod
    def joined(cls, batches: "Sequence[ScoredBatch]") -> "ScoredBatch":
        """Return several batches as one; at least one is needed."""
        keys = [np.concatenate(place) for place in zip(*(b.keys for b in batches), strict=True)]
        logit, axes = np.concatenate([b.logit for b in batches]), np.concatenate([b.axes for b in batches], axis=1)
        known, created = (
            np.concatenate([b.known for b in batches], axis=1),
            np.concatenate([b.created for b in batches]),
        )
        return cls(batches[0].scorer, logit, axes, known, keys, [], batches[0].absent, created)

    def columns(self, source: pa.Table | pa.RecordBatch, *, as_of: str, as_text: bool = False) -> dict[str, pa.Array]:
        """Return the columns of a scored lead in DESIGN's order; those of few values are dictionaries.

        ``source`` gives the ids. ``as_text``: reasons as one text per lead, for CSV and spreadsheets.
        """
        n, scorer, score = len(self.logit), self.scorer, self.score
        letters = scorer.grades.letters
        codes = np.asarray([letters.index(g) for g in scorer.grades.by_score], dtype=np.int8)[score]
        return {
            "lead_id": _ids(source, scorer.schema.roles.id),
            "probability": pa.array(self.probability),
            "logit": pa.array(self.logit),
            "score": _of_hundred(score, None),
            "grade": pa.DictionaryArray.from_arrays(codes, letters),
            **self._axis_scores(),
            **{name: pa.array(self.axes[i]) for i, name in enumerate(AXES)},
            "base": _constant(scorer.bundle.scorecard.base, n, pa.float64()),
            "summary": pa.DictionaryArray.from_arrays(scorer.scale.codes(self.axes, self.known), scorer.scale.words),
            "reasons": self.reason_texts() if as_text else self.reason_lists(),
            "model_version": _constant(scorer.passport.model_version, n, pa.string()),
            "as_of": _constant(as_of, n, pa.string()),
            "horizon_days": _constant(scorer.passport.horizon_days, n, pa.int64()),
        }

    def _axis_scores(self) -> dict[str, pa.Array]:
        found = self.scorer.scale.scores(self.axes, self.known)
        return {name: _of_hundred(score, none) for name, (score, none) in zip(SCORES, found, strict=True)}

    def table(self, source: pa.Table | pa.RecordBatch, *, as_of: str, as_text: bool = False) -> pa.Table:
        """Return ``columns`` as an Arrow table of n rows, without dictionaries."""
        columns = self.columns(source, as_of=as_of, as_text=as_text)
        return pa.table({name: decoded(array) for name, array in columns.items()})

    def reason_texts(self) -> pa.Array:
        """Return each lead's reasons as one text; empty without reasons."""
        if not self.keys:
            return pa.repeat("", len(self.logit))
        pieces, earlier = [], np.zeros(len(self.logit), dtype=bool)
        for place, keys in enumerate(self.keys):
            sign = "+ " if place < FOR else "- " if place < FOR + AGAINST else "* "
            first = ["", *(sign + phrase.text for phrase in self.scorer.book.phrases)]
            later = ["", *("; " + text for text in first[1:])]
            texts = pa.array([*first, *later])
            pieces.append(texts.take(pa.array(phrase_numbers(keys) + 1 + np.where(earlier, len(first), 0))))
            earlier |= keys != 0
        return pc.binary_join_element_wise(*pieces, "")

    def reason_lists(self) -> pa.Array:
        """Return each lead's reasons as a list of {field, axis, contribution, text}."""
        n = len(self.logit)
        keys = np.stack(self.keys, axis=1) if self.keys else np.zeros((n, 0), dtype=np.int64)
        there = keys != 0
        offsets = np.concatenate(([0], np.cumsum(there.sum(axis=1)))).astype(np.int32)
        flat = keys[there]
        numbers, phrases = pa.array(phrase_numbers(flat)), self.scorer.book.phrases
        structs = pa.StructArray.from_arrays(
            [
                pa.array([p.field for p in phrases], pa.string()).take(numbers),
                pa.array([p.axis for p in phrases], pa.string()).take(numbers),
                pa.array((flat >> BITS) / UNIT),
                pa.array([p.text for p in phrases], pa.string()).take(numbers),
            ],
            fields=list(REASON_TYPE),
        )
        return pa.ListArray.from_arrays(pa.array(offsets), structs)


def score_parts(scorer: "Scorer", coerced: Coerced, *, reasons: bool) -> ScoredBatch:
    """Score coerced leads term by term, in the order in which one lead is scored."""
    n = coerced.n_rows
    logit, axes = np.full(n, scorer.bundle.scorecard.base), np.zeros((len(AXES), n))
    known = np.zeros((len(AXES), n), dtype=bool)
    for term in scorer.terms:
        if term.axis < len(SCORED) and not known[term.axis].all():
            known[term.axis] |= is_known(coerced.parts[term.part])
    best = BestKeys(n) if reasons else None
    added = ((term.axis, *term.batch(coerced.parts[term.part], reasons)) for term in scorer.read)
    for axis, contributions, keys in added if scorer.credit is None else scorer.credit.many(list(added)):
        logit += contributions
        axes[axis] += contributions
        if best is not None and keys is not None:
            best.add(keys)
    rejected = [Fault(message, row + 1, column) for row, column, message in sorted(coerced.faults)]
    chosen = best.chosen() if best is not None else []
    return ScoredBatch(scorer, logit, axes, known, chosen, rejected, coerced.absent, coerced.created)


def _of_hundred(score: NDArray[np.integer], none: Mask | None) -> pa.DictionaryArray:
    """Return scores (n,) from 1 to 100; null where there is none."""
    hundred = pa.array(np.arange(1, 101), pa.int64())
    return pa.DictionaryArray.from_arrays(pa.array((score - 1).astype(np.int8), mask=none), hundred)


def _constant(value: float | str | None, n: int, kind: pa.DataType) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.zeros(n, dtype=np.int8), pa.array([value], kind))


def decoded(array: pa.Array) -> pa.Array:
    """Return a column as values, if it is a dictionary."""
    return array.dictionary.take(array.indices) if pa.types.is_dictionary(array.type) else array


def _ids(source: pa.Table | pa.RecordBatch, name: str | None) -> pa.Array:
    if name is None or name not in source.schema.names:
        return pa.nulls(source.num_rows, pa.string())
    return read_ids(one_chunk(source.column(name)))
