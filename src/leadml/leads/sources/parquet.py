"""Parquet files; types are as stored, and a row's line is its number."""

from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pa_parquet

from leadml.errors import SourceError
from leadml.leads.arrays import is_text
from leadml.leads.sources.dialect import check_names
from leadml.leads.sources.source import DEFAULT, Options, Reject, is_same

_ROW_BYTES = 32  # a guess, to turn a block size into rows


class ParquetSource:
    """A Parquet file."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq")
    takes: ClassVar[frozenset[str]] = frozenset()
    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, _options: Options = DEFAULT) -> None:
        self.path, self.name = path, str(path)
        with self._open() as file:
            self.schema: pa.Schema = file.schema_arrow
        self.columns = tuple(self.schema.names)
        check_names(path, self.columns)

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows."""
        with self._open() as file:
            return file.read(columns=list(columns)).select(columns)

    def batches(
        self, columns: tuple[str, ...], dictionary: Collection[str], numbers: Collection[str], block_size: int
    ) -> Generator[pa.RecordBatch]:
        """Yield these columns in file order; text columns named in ``dictionary`` come as dictionaries."""
        del numbers  # stored with their types
        text = [name for name in columns if name in dictionary and is_text(self.schema.field(name).type)]
        rows = max(1024, block_size // _ROW_BYTES)
        with self._open(read_dictionary=text) as file:
            for batch in file.iter_batches(rows, columns=list(columns)):
                yield batch.select(columns)

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the number of each of these rows, from 1."""
        return {row: row + 1 for row in rows}

    def rejects(self) -> Iterator[Reject]:
        """Yield nothing: a Parquet file has no ragged rows."""
        return iter(())

    def reads(self, path: Path) -> bool:
        """Return whether this is the file at a path."""
        return is_same(path, self.path)

    @contextmanager
    def _open(self, **options: Any) -> Iterator[Any]:
        try:
            with pa_parquet.ParquetFile(self.path, **options) as file:
                yield file
        except PermissionError:
            raise
        except (pa.ArrowException, OSError) as error:
            told = " ".join(str(error).split())  # Arrow's may have several lines
            raise SourceError(f"{self.path} must be a Parquet file, got: {told}; export it again") from None
