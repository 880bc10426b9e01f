"""New leads that do not look like those that a model learned from: said in a note, for their scores mean little.

Looked for in the first leads of a file: numbers or dates written in another form than the model reads them in, numbers
outside the range of training, levels that training never saw.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from leadml.leads.coercion import Missing
from leadml.leads.columns import Coerced
from leadml.leads.forms import date_form, number_form
from leadml.leads.parts import Levels
from leadml.leads.reading import distinct_values, one_chunk
from leadml.leads.schema import Format, Kind
from leadml.model.scorecard import CategoryTerm, LinearTerm, StepTerm, Term
from leadml.model.scorer import Scorer

LOOKED_AT = 5_000  # leads
LEAST = 20  # known values from which a share says something
MOST = 0.5  # share of values outside the range of training
ENOUGH_CUTS = 8  # a step term with fewer does not tell the range of training
_READS: dict[Format, str] = {
    "decimal_point": "a decimal point",
    "decimal_comma": "a decimal comma",
    "day_first": "the day first",
    "month_first": "the month first",
}


def unlike(scorer: Scorer, batch: pa.RecordBatch) -> list[str]:
    """Return in words which columns of new leads (n,) do not look like those of the past leads."""
    sample = batch.slice(0, LOOKED_AT)
    forms = dict(_other_forms(scorer, sample))
    notes = list(forms.values())
    parts = {part.name: part.field for part in scorer.schema.parts}
    coerced = scorer.coercer()(sample)
    for term in scorer.bundle.scorecard.terms:
        if parts[term.part] not in forms and term.part in coerced.parts:
            notes += _outside(parts[term.part], term, coerced)
    return list(dict.fromkeys(notes))


def _other_forms(scorer: Scorer, batch: pa.RecordBatch) -> Iterator[tuple[str, str]]:
    """Yield (column, words) of columns whose values seem to be written in another form than the model reads."""
    schema = scorer.schema
    columns: dict[str, tuple[Kind, Format | None]] = {f.name: (f.kind, f.format) for f in scorer.fields}
    if schema.roles.created_at is not None:
        columns[schema.roles.created_at] = ("date", schema.formats.get(schema.roles.created_at))
    for name, (kind, form) in columns.items():
        if name not in batch.schema.names or kind not in ("number", "date") or form not in _READS:
            continue
        codes, distinct = distinct_values(one_chunk(batch.column(name)))
        counts = np.bincount(codes, minlength=len(distinct)).tolist()
        missing = Missing(schema.placeholders)
        pairs = [(value.strip(), n) for value, n in zip(distinct, counts, strict=True) if isinstance(value, str)]
        texts = [(text, n) for text, n in pairs if missing.text(text) is not None]
        seen = number_form(texts) if kind == "number" else date_form(texts)
        if seen.format is not None and seen.format != form and (seen.sure or sum(n for _, n in texts) >= LEAST):
            told = f"column {name!r}: {seen.why.partition(';')[0]}; but the model reads it with {_READS[form]}"
            yield name, f"{told}, as the past leads had it. If that is wrong, write it so"


def _outside(field: str, term: Term, coerced: Coerced) -> list[str]:
    column = coerced.parts[term.part]
    if isinstance(term, CategoryTerm):
        return _unseen(field, term, column) if isinstance(column, Levels) else []
    low, high = _range(term)
    if isinstance(column, Levels) or low is None or high is None:
        return []
    known = column[~np.isnan(column)]
    share = float(np.mean((known < low) | (known > high))) if known.size >= LEAST else 0.0
    if share <= MOST:
        return []
    days = " days before the lead came in" if term.part.endswith(".age_days") else ""
    return [
        f"column {field!r}: {share:.0%} of the values lie outside what the model learned from ({low:,.6g} to "
        f"{high:,.6g}{days}); their median is {np.median(known):,.6g}. Are they written as in the past leads?"
    ]


def _range(term: LinearTerm | StepTerm) -> tuple[float | None, float | None]:
    if isinstance(term, LinearTerm):
        return term.low, term.high
    return (term.cuts[0], term.cuts[-1]) if len(term.cuts) >= ENOUGH_CUTS else (None, None)


def _unseen(field: str, term: CategoryTerm, column: Levels) -> list[str]:
    known = column.codes[column.codes >= 0]
    if known.size < LEAST:
        return []
    unseen = np.array([level not in term.levels for level in column.levels])[known]
    share = float(unseen.mean())
    return [f"column {field!r}: {share:.0%} of the values were not seen in training"] if share > 0.9 else []
