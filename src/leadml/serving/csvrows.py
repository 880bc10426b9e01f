"""Leads as rows of a CSV: a table like any file, read in blocks, and one row of the answer for each, in order."""

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from leadml.errors import Fault
from leadml.leads.guard import unguarded
from leadml.leads.reading import total_rows
from leadml.leads.sources.dialect import first_cell
from leadml.leads.sources.text import convert_options, parse_options, unguarded_rows, with_numbers
from leadml.model.batch import ScoredBatch
from leadml.model.output import Columns, csv_header, csv_rows
from leadml.model.scorer import Scorer, stamp
from leadml.model.stream import Needed, needed
from leadml.serving.csvtext import Block, CsvText
from leadml.serving.stream import BODY, Piece

ERROR = "error"  # the last column
Errors = dict[int, str]  # row -> what is wrong with it
Ragged = dict[int, tuple[str | None, str]]  # row -> its id, what is wrong with it


class CsvRows:
    """Scores a CSV.

    The answer has the columns of a scored lead and ``error``, in UTF-8, with commas between. Where a row cannot be read
    it is empty but for ``lead_id`` and ``error``.
    """

    def __init__(self, scorer: Scorer, *, as_of: datetime | None = None, reasons: bool = True) -> None:
        self._scorer, self._as_of, self._reasons = scorer, stamp(as_of), reasons
        self._coercer = scorer.coercer()
        self._text = CsvText()
        self._needed: Needed | None = None

    def feed(self, data: bytes, *, last: bool) -> Piece:
        """Take in the next bytes; see ``stream.Format``."""
        block = self._text.feed(data, last=last)
        first = self._needed is None
        wanted = self._needed or needed(self._scorer, BODY, self._text.dialect.header)
        self._needed = wanted
        batch, ragged, broken = self._read(block, wanted)
        columns, scores, n_unread = self._answers(batch, ragged)
        pieces = [csv_header(columns) if first else b"", csv_rows(columns)]
        if broken is not None:
            pieces.append(csv_rows(_one_error(columns, broken)))
        return Piece(b"".join(pieces), scores.tolist(), n_unread + (broken is not None), last=broken is not None)

    def _read(self, block: Block, wanted: Needed) -> tuple[pa.RecordBatch, Ragged, Fault | None]:
        """Return the rows of a block, the ragged ones by their place as (id, what is wrong), and why it ends."""
        names, seen = self._text.dialect.header, list[Any]()
        empty = pa.record_batch({name: pa.array([], pa.string()) for name in wanted.columns})
        if not block.data:
            return empty, {}, block.broken

        def skip(row: Any) -> str:
            seen.append(row)
            return "skip"

        read = pa_csv.ReadOptions(block_size=len(block.data) + 1, column_names=list(names), use_threads=False)
        parse = parse_options(self._text.dialect.delimiter, skip)
        try:
            table = pa_csv.read_csv(
                pa.py_buffer(block.data), read, parse, convert_options(wanted.columns, wanted.dictionary)
            )
        except pa.ArrowInvalid as error:
            return empty, {}, Fault(f"the rows from here on must be a readable table, got: {error}", block.line)
        batches = table.combine_chunks().to_batches()
        batch = with_numbers(unguarded_rows(batches[0]), wanted.numbers) if batches else empty
        return batch, self._ragged(block) if seen else {}, block.broken

    def _ragged(self, block: Block) -> Ragged:
        names, found = self._text.dialect.header, Ragged()
        own = self._scorer.schema.roles.id
        for place, row in enumerate(self._text.rows(block.data.decode())):
            if row.cells != len(names):
                told = f"a row must have {len(names)} cells, got {row.cells}"
                if row.last_line > row.line:
                    told += "; it spans several lines, so a quote may be left open"
                cell = unguarded(first_cell(row.text, self._text.dialect.delimiter)) if names[0] == own else None
                found[place] = (cell or None, f"line {block.line + row.line - 1}: {told}")
        return found

    def _answers(self, batch: pa.RecordBatch, ragged: Ragged) -> tuple[Columns, NDArray[np.intp], int]:
        """Return the columns of the answer, ragged rows at their places; the scores; how many have an error."""
        scored = self._scorer.score_batch(batch, reasons=self._reasons, coercer=self._coercer)
        columns = scored.columns(batch, as_of=self._as_of, as_text=True)
        errors = self._errors(scored, columns["lead_id"])
        n, score = batch.num_rows + len(ragged), scored.score
        if not errors and not ragged:
            nothing = pa.DictionaryArray.from_arrays(np.zeros(n, dtype=np.int8), pa.array([None], pa.string()))
            return {**columns, ERROR: nothing}, score, 0
        places = np.setdiff1d(np.arange(n), list(ragged))
        rows = np.full(n, -1)  # of the batch; none at the place of a ragged one
        rows[places] = np.arange(batch.num_rows)
        ids: list[str | None] = columns["lead_id"].take(_known(rows)).to_pylist()
        told: list[str | None] = [None] * n
        for place, (lead_id, why) in ragged.items():
            ids[place], told[place] = lead_id, why
        for row, why in errors.items():
            told[places[row]], rows[places[row]] = why, -1
        taken = {name: array.take(_known(rows)) for name, array in columns.items()}
        own = {"lead_id": pa.array(ids, pa.string()), ERROR: pa.array(told, pa.string())}
        return taken | own, score[rows[rows >= 0]], len(ragged) + len(errors)

    def _errors(self, scored: ScoredBatch, ids: pa.Array) -> Errors:
        """Return what is wrong with each row of a batch that cannot be read."""
        own = self._scorer.schema.roles.id
        faults = [*scored.rejected, *(Fault(message, row + 1, own) for row, message in total_rows(ids))]
        errors: Errors = {}
        for fault in faults:
            row, text = (fault.line or 1) - 1, f"{fault.column}: {fault.message}"
            errors[row] = f"{errors[row]}; {text}" if row in errors else text
        return errors


def _known(rows: NDArray[np.intp]) -> pa.Array:
    """Return places to take, null where there is none."""
    return pa.array(rows, mask=rows < 0)


def _one_error(like: Columns, fault: Fault) -> Columns:
    """Return one row that holds nothing but an error."""
    columns = {name: pa.nulls(1, array.type) for name, array in like.items()}
    return columns | {ERROR: pa.array([f"{fault}; the rest was not read"])}
