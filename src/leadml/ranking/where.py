"""Which leads meet criteria, such as ``budget > 50000``; those that do not are left off a list."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.columns import Coercer
from leadml.leads.parts import Column
from leadml.leads.schema import Part, Schema


class Meets(Protocol):
    """A condition on a part, see ``selling.criterion``."""

    @property
    def part(self) -> Part: ...  # noqa: D102
    def met(self, column: Column) -> NDArray[np.bool_]: ...  # noqa: D102


class Where:
    """Criteria of a list of leads, all of which a lead must meet."""

    def __init__(self, schema: Schema, criteria: Sequence[Meets]) -> None:
        self._criteria = criteria
        self._coercer = Coercer(schema, parts=list(dict.fromkeys(one.part.name for one in criteria)))

    def met(self, batch: pa.RecordBatch) -> NDArray[np.bool_]:
        """Return which leads (n,) of a batch meet them."""
        result = np.ones(batch.num_rows, dtype=np.bool_)
        if self._criteria:
            parts = self._coercer(batch).parts
            for one in self._criteria:
                result &= one.met(parts[one.part.name])
        return result
