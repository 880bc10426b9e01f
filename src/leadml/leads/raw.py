"""A table as it was read, before anything in it is typed: from a file, or from memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from leadml.errors import Fault


class Raw(Protocol):
    """A table as it was read: see ``leads.sources.RawTable``."""

    @property
    def table(self) -> pa.Table: ...  # noqa: D102
    @property
    def faults(self) -> tuple[Fault, ...]: ...  # noqa: D102
    @property
    def notes(self) -> tuple[str, ...]: ...  # noqa: D102
    def lines_of(self, rows: Collection[int]) -> Mapping[int, int]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class InMemory:
    """A table that never was a file: a row's line is its number."""

    table: pa.Table
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the number of each row, from 1."""
        return {row: row + 1 for row in rows}
