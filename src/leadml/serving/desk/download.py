"""A view of a list as a file: CSV or Excel, with the columns that ``leadml rank`` writes."""

from pathlib import Path
from typing import TYPE_CHECKING

from leadml.model.axes import SCORES
from leadml.serving.desk.listed import IN, open_table, read_phrases, read_told
from leadml.serving.desk.view import Query, Translation, places_of, rows, translation

if TYPE_CHECKING:
    import pyarrow as pa

    from leadml.model.guide import Legend

_LOT = ("slot", "propensity")
_FIRST = ("rank", "owner", "expected_value", "lead_id", "probability", "logit", "score", "grade", *SCORES)
_SECOND = ("interest", "ability", "authority", "other", "base", "summary")
MEDIA_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def write_view(path: Path, folder: Path, query: Query, legend: "Legend") -> int:
    """Write the leads that are asked for of the list in a folder to ``path``, which ends in .csv or .xlsx.

    Reasons and summaries are in the language of the legend, where their words are known. Returns the number of leads;
    raises OutputError.
    """
    import pyarrow as pa

    from leadml.leads.reading import one_chunk
    from leadml.model.output import free_name, write_table

    table, told = open_table(folder), read_told(folder)
    taken = table.take(places_of(rows(table, query)))
    arrays = {name: one_chunk(taken.column(name)) for name in taken.column_names}
    lot = _LOT if told.n_explored else ()
    columns = {name: arrays[name] for name in (*_FIRST[:2], *lot, *_FIRST[2:], *_SECOND) if name in told.has}
    words = translation(read_phrases(folder), legend.language)
    if "summary" in columns:
        said = columns["summary"].dictionary_encode()
        texts = [words.get(text, text) for text in said.dictionary.to_pylist()]
        columns["summary"] = pa.array(texts, pa.string()).take(said.indices)
    columns["reasons"] = reason_texts(arrays["reasons"], words)
    constants = {"model_version": told.model_version, "as_of": told.as_of, "horizon_days": told.horizon_days}
    n = int(taken.num_rows)
    columns |= {name: pa.repeat(value, n) if value is not None else pa.nulls(n) for name, value in constants.items()}
    if "duplicates" in told.has:
        columns["duplicates"] = arrays["duplicates"]
    for name in told.carried:
        columns[free_name(name, columns)] = arrays[IN + name]
    write_table(path, columns, legend)
    return n


def reason_texts(array: "pa.Array", words: Translation) -> "pa.Array":
    """Return each lead's reasons as one text, as ``model.reasons.text`` does."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    n = len(array)
    flat = array.flatten()
    points, texts = flat.field("contribution"), flat.field("text").dictionary_encode()
    said = [words.get(text, text) for text in texts.dictionary.to_pylist()]
    spoken = pa.array(said, pa.string()).take(texts.indices)
    signs = pc.if_else(pc.greater(points, 0), "+ ", pc.if_else(pc.less(points, 0), "- ", "* "))
    marked = pc.binary_join_element_wise(signs, spoken, "")
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy()
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), marked)
    return pc.binary_join(lists, "; ") if n else pa.array([], pa.string())
