"""A file that is a list already, made by ``leadml rank`` or ``leadml score``: it is shown as it is."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadml.errors import DataError
from leadml.leads.arrays import is_text
from leadml.leads.reading import one_chunk, read_ids
from leadml.leads.schema import AXES
from leadml.leads.sources import Source
from leadml.model.axes import SCORES
from leadml.model.batch import REASON_TYPE
from leadml.model.cells import as_texts
from leadml.model.guide import UNKNOWN
from leadml.serving.desk.listed import NUMBERS

NEEDED = frozenset({"lead_id", "probability", "logit", "score", "grade", "model_version", "reasons", *AXES, "base"})
OWN = NEEDED | {"rank", "day", "owner", "slot", "propensity", "expected_value", "as_of", "horizon_days", "duplicates"}
OWN |= {*SCORES, "summary"}  # lists of before do without
_TEXTS = ("lead_id", "slot", "owner", "duplicates")
_SIGN = re.compile(r"(?:^|; )([+*-]) ")
_POINTS = {"+": 1.0, "-": -1.0, "*": 0.0}
_LETTERS = 3  # that a grade may have


@dataclass(frozen=True, slots=True)
class Ready:
    """A list as read: its own columns, those of the leads, and what the first row says of the model."""

    own: Mapping[str, pa.Array]
    carried: Mapping[str, pa.Array]
    model_version: str | None
    as_of: str | None
    horizon_days: int | None


def is_ready(columns: Collection[str]) -> bool:
    """Return whether a table with these columns is a list of leadml."""
    return NEEDED.issubset(columns)


def ready_table(source: Source, name: str, *, letters: Sequence[str]) -> Ready:
    """Read a list; without ranks the most probable lead comes first. Raises DataError where it was changed by hand."""
    table = source.read(source.columns)
    columns = {column: one_chunk(table.column(column)) for column in source.columns}
    own: dict[str, pa.Array] = {column: _number(columns, column, name) for column in NUMBERS if column in columns}
    own |= {
        column: read_ids(columns[column]) for column in ("lead_id", "slot", "owner", "duplicates") if column in columns
    }
    own |= {column: _axis_scores(columns[column], column, name) for column in SCORES if column in columns}
    own |= {"summary": columns["summary"].cast(pa.string())} if "summary" in columns else {}
    own |= {"grade": _grades(columns["grade"], letters, name), "reasons": _reasons(columns["reasons"])}
    by = _number(columns, "rank", name) if "rank" in columns else pc.negate(own["logit"])
    order = pa.array(np.argsort(by.to_numpy(zero_copy_only=False), kind="stable"))
    own["rank"] = pc.add(pa.array(np.arange(len(order)), pa.int64()), 1)
    own = {column: array if column == "rank" else array.take(order) for column, array in own.items()}
    if len(order):
        own["rank"] = pc.cast(by.take(order), pa.int64()) if "rank" in columns else own["rank"]
    carried = {column: array.take(order) for column, array in columns.items() if column not in OWN}
    told = {column: _first(columns.get(column)) for column in ("model_version", "as_of", "horizon_days")}
    days = told["horizon_days"]
    return Ready(own, carried, told["model_version"], told["as_of"], _days(days))


def _number(columns: Mapping[str, pa.Array], column: str, name: str) -> pa.Array:
    """Return a column of numbers; only an expected value may be missing."""
    try:
        values = pc.cast(columns[column], pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise _changed(name, column, "values that are no numbers") from None
    if column != "expected_value" and values.null_count:
        raise _changed(name, column, "empty cells")
    if not pc.all(pc.is_finite(values)).as_py() and len(values.drop_null()):
        raise _changed(name, column, "numbers without end")
    return values


def _axis_scores(array: pa.Array, column: str, name: str) -> pa.Array:
    """Return the scores of an axis, null where it is unknown."""
    texts = pc.utf8_trim_whitespace(as_texts(array))
    blank = pa.array(["", *UNKNOWN.values()], pa.string())
    try:
        return pc.cast(pc.cast(pc.if_else(pc.is_in(texts, blank), None, texts), pa.float64()), pa.int64())
    except pa.ArrowInvalid:
        raise _changed(name, column, "values that are no whole numbers") from None


def _grades(array: pa.Array, letters: Sequence[str], name: str) -> pa.Array:
    grades = read_ids(array)
    known = set(grades.unique().to_pylist())
    if not all(grade is not None and (grade in letters or len(grade) <= _LETTERS) for grade in known):
        raise _changed(name, "grade", "values that are no grades")
    return grades


def _changed(name: str, column: str, got: str) -> DataError:
    return DataError(f"{name}, column {column!r} must be as leadml wrote it, got {got}; upload the list as it was")


def _reasons(array: pa.Array) -> pa.Array:
    """Return reasons as lists; of a text the contributions are not known, only their signs."""
    if not is_text(array.type):
        try:
            return array.cast(pa.list_(REASON_TYPE))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
            return pa.array([[]] * len(array), pa.list_(REASON_TYPE))
    encoded = array.dictionary_encode()
    lists = pa.array([_parsed(text) for text in encoded.dictionary.to_pylist()] + [[]], pa.list_(REASON_TYPE))
    return lists.take(pc.fill_null(encoded.indices, len(lists) - 1))


def _parsed(text: str) -> list[dict[str, object]]:
    """Split ``+ visited the website 4 times; - job title unknown`` at its signs."""
    pieces = _SIGN.split(text)
    return [
        {"field": None, "axis": None, "contribution": _POINTS[sign], "text": words}
        for sign, words in zip(pieces[1::2], pieces[2::2], strict=True)
    ]


def _first(array: pa.Array | None) -> str | None:
    known = None if array is None else array.drop_null()
    return str(known[0].as_py())[:80] if known is not None and len(known) else None


def _days(text: str | None) -> int | None:
    try:
        return None if text is None else int(float(text))
    except (ValueError, OverflowError):
        return None
