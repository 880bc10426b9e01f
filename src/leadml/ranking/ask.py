"""What to ask a lead that is called first: the answers that are not known yet, the most telling first."""

import numpy as np
import pyarrow as pa

from leadml.leads.coercion import Missing
from leadml.leads.reading import one_chunk, read_ids
from leadml.leads.texts import known_texts
from leadml.model.first import MOST, questions
from leadml.model.scorer import Scorer


class Questions:
    """The questions of one model."""

    def __init__(self, scorer: Scorer) -> None:
        self._asked = questions(scorer)
        self._missing = Missing(scorer.schema.placeholders)

    def of(self, table: pa.Table) -> pa.Array:
        """Return what to ask each lead (n,), at most three things; empty where all is known."""
        open_ = [self._unknown(table, name) for name, _ in self._asked]
        told = [
            ", ".join([called for (_, called), one in zip(self._asked, row, strict=True) if one][:MOST])
            for row in zip(*open_, strict=True)
        ]
        return pa.array(told or [""] * table.num_rows, pa.string())

    def _unknown(self, table: pa.Table, name: str) -> list[bool]:
        if name not in table.column_names:
            return [True] * table.num_rows
        texts = known_texts(read_ids(one_chunk(table.column(name))), self._missing)
        unknown: list[bool] = np.asarray(texts.is_null()).tolist()
        return unknown
