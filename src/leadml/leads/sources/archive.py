"""Packed tables: one file packed with gzip, bzip2 or zstd, and the tables of a ZIP archive.

They are unpacked into a temporary folder that lives as long as the source.
"""

import bz2
import errno
import gzip
import shutil
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from leadml.errors import SourceError
from leadml.leads.sources.files import FILES, ending, is_hidden, open_file
from leadml.leads.sources.source import DEFAULT, Options, Reject, Source, is_same
from leadml.leads.sources.together import Part, Together, left_out

MAX_BYTES = 20 << 30  # unpacked; larger tables are better kept as Parquet
MAX_RATIO, FREE_BYTES = 200, 1 << 30  # tables pack 3 to 50 times; up to this size any ratio is taken
_CHUNK = 1 << 20


class ArchiveSource:
    """A packed table, or the tables of a ZIP archive as those of a folder are read."""

    suffixes: ClassVar[tuple[str, ...]] = (".gz", ".bz2", ".zst", ".zip")

    def __init__(self, path: Path, options: Options = DEFAULT) -> None:
        self.path, self.name = path, str(path)
        self._names: dict[Path, str] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="leadml-"))
        clean = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        try:
            with self._renamed():
                is_zip = path.suffix.lower() == ".zip"
                self._inner = self._of_zip(options) if is_zip else self._of_packed(options)
        except BaseException:
            clean()
            raise
        inner = self._inner
        self.columns, self.notes, self.schema, self.takes = inner.columns, inner.notes, inner.schema, inner.takes

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows."""
        with self._renamed():
            return self._inner.read(columns)

    def batches(
        self, columns: tuple[str, ...], dictionary: Collection[str], numbers: Collection[str], block_size: int
    ) -> Generator[pa.RecordBatch]:
        """Yield these columns in file order."""
        with self._renamed():
            yield from self._inner.batches(columns, dictionary, numbers, block_size)

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the line in the unpacked file of each of these rows."""
        return self._inner.lines_of(rows)

    def rejects(self) -> Iterator[Reject]:
        """Yield the rows that the last reading left out."""
        with self._renamed():
            yield from self._inner.rejects()

    def reads(self, path: Path) -> bool:
        """Return whether this is the archive at a path."""
        return is_same(path, self.path)

    def _of_packed(self, options: Options) -> Source:
        name = self.path.stem
        if not Path(name).suffix:
            name += ".csv"
        if ending(name) not in FILES:
            known = ", ".join(f"{suffix}{self.path.suffix}" for suffix in FILES)
            raise SourceError(f"{self.path} must end in one of {known}, got {ending(name)!r}; unpack or rename it")
        unpacked = self._folder / f"1{ending(name)}"
        with _OPENERS[self.path.suffix.lower()](self.path) as packed:
            _Unpacker(self.path).copy(packed.read, unpacked)
        self._names = {unpacked: self.name}
        return open_file(unpacked, options)

    def _of_zip(self, options: Options) -> Source:
        tables: list[tuple[str, Path]] = []
        others: list[str] = []
        with zipfile.ZipFile(self.path) as archive:
            unpacker = _Unpacker(self.path)
            for member in sorted(archive.infolist(), key=lambda member: member.filename):
                name = member.filename
                if member.is_dir():
                    continue
                if ending(name) not in FILES or any(map(is_hidden, Path(name).parts)) or name.startswith("__MACOSX/"):
                    others.append(name)
                    continue
                if member.flag_bits & 1:
                    raise SourceError(f"{self.path} must have no password, got one for {name}; pack it without")
                unpacked = self._folder / f"{len(tables) + 1}{ending(name)}"
                with archive.open(member) as packed:
                    unpacker.copy(packed.read, unpacked)
                self._names[unpacked] = f"{self.name}/{name}"
                tables.append((name, unpacked))
        if not tables:
            known = ", ".join(FILES)
            raise SourceError(f"{self.path} must hold a table ({known}), got {_some(others)}; pack the table")
        opened = [Part(name, open_file(unpacked, options)) for name, unpacked in tables]
        notes = left_out(self.name, others)
        return Together(self.name, opened, notes) if len(opened) > 1 or notes else opened[0].source

    @contextmanager
    def _renamed(self) -> Iterator[None]:
        """Let errors name the archive, and what is in it, and not the unpacked file."""
        try:
            yield
        except SourceError as error:
            message = str(error).partition("\n  - ")[0]
            for unpacked, name in self._names.items():
                message = message.replace(str(unpacked), name)
            raise SourceError(message, error.faults) from None
        except (EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, OSError) as error:
            if isinstance(error, PermissionError):
                raise
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise SourceError(f"{self.path} must fit unpacked into {self._folder.parent}, got no room") from None
            told = " ".join(str(error).split())
            raise SourceError(f"{self.path} must be a whole archive, got: {told}; copy or pack it again") from None


@contextmanager
def _zstd(path: Path) -> Iterator[Any]:
    with pa.OSFile(str(path)) as file, pa.CompressedInputStream(file, "zstd") as stream:
        yield stream


_OPENERS: dict[str, Callable[[Path], AbstractContextManager[Any]]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".zst": _zstd,
}


class _Unpacker:
    """Copies what is unpacked to disk, and stops where it is more than any table: a small file may have no end."""

    def __init__(self, path: Path) -> None:
        self._path, self._n, self._packed = path, 0, max(1, path.stat().st_size)

    def copy(self, read: Callable[[int], bytes], target: Path) -> None:
        with target.open("wb") as file:
            while chunk := read(_CHUNK):
                self._n += len(chunk)
                if self._n > MAX_BYTES or (self._n > FREE_BYTES and self._n > MAX_RATIO * self._packed):
                    got = f"more than {self._n / 1e9:,.1f} GB of {self._packed / 1e9:,.3f} GB"
                    raise SourceError(f"{self._path} must unpack to a table, got {got}; check it, or unpack it first")
                file.write(chunk)


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" and more" if len(names) > 5 else "") if names else "nothing"
