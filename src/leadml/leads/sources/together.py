"""Several files as one table: their columns put together, one after the other."""

from collections.abc import Collection, Generator, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

import pyarrow as pa

from leadml.errors import SourceError
from leadml.leads.sources.source import Line, Reject, Source
from leadml.leads.sources.values import cast, common_type, encoded

_NAMED = 3  # files that a note names


class Part(NamedTuple):
    """One of the files: how messages name it, and the source that reads it."""

    file: str
    source: Source


class Together:
    """Files with nearly the same columns, in their order.

    The columns are all that some file has, in order of their first appearance. A file that lacks one has nulls in it;
    names that differ only by case, outer spaces and ``_`` for a space are one column. Where types differ, the column
    is text. Lines are ``Line``s, which name their file.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, parts: Sequence[Part], notes: Sequence[str] = ()) -> None:
        self.name, self.parts = name, tuple(parts)
        self._own, renamed = _matched(parts)
        self.columns = tuple(dict.fromkeys(name for own in self._own for name in own))
        self.schema = pa.schema([(name, self._kind(name)) for name in self.columns])
        self.notes = (*notes, *_gathered(parts), *renamed, *_missing(self.columns, parts, self._own))
        self.takes = frozenset().union(*(part.source.takes for part in parts))
        self._starts: list[int] = []

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows."""
        tables = []
        self._starts = [0]
        for part, own in zip(self.parts, self._own, strict=True):
            there = [name for name in columns if name in own]
            read = part.source.read(tuple(own[name] for name in there) or part.source.columns[:1])
            arrays = [
                self._cast(part, name, read.column(there.index(name)))
                if name in own
                else pa.nulls(read.num_rows, self.schema.field(name).type)
                for name in columns
            ]
            tables.append(pa.table(arrays, names=list(columns)))
            self._starts.append(self._starts[-1] + read.num_rows)
        return pa.concat_tables(tables)

    def batches(
        self, columns: tuple[str, ...], dictionary: Collection[str], numbers: Collection[str], block_size: int
    ) -> Generator[pa.RecordBatch]:
        """Yield these columns of one file after the other."""
        self._starts = [0]
        for part, own in zip(self.parts, self._own, strict=True):
            there = [name for name in columns if name in own]
            wanted = tuple(own[name] for name in there) or part.source.columns[:1]
            texts, plain = ({own[name] for name in names if name in own} for names in (dictionary, numbers))
            self._starts.append(self._starts[-1])
            for batch in part.source.batches(wanted, texts, plain, block_size):
                self._starts[-1] += batch.num_rows
                arrays = [
                    self._fitted(part, name, batch.column(there.index(name)), dictionary, numbers)
                    if name in own
                    else pa.nulls(batch.num_rows, self.schema.field(name).type)
                    for name in columns
                ]
                yield pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the line of each of these rows, which names its file."""
        found: dict[int, int] = {}
        for place, (part, start, end) in enumerate(zip(self.parts, self._starts, self._starts[1:], strict=False)):
            own = [row - start for row in rows if start <= row < end]
            if own:
                lines = part.source.lines_of(own)
                found.update({row + start: Line.within(line, part.file, place) for row, line in lines.items()})
        return found

    def rejects(self) -> Iterator[Reject]:
        """Yield the rows that the last reading left out, file by file."""
        for place, (part, own) in enumerate(zip(self.parts, self._own, strict=True)):
            if place + 1 >= len(self._starts):
                return  # not read so far
            names = {theirs: name for name, theirs in own.items()}
            for reject in part.source.rejects():
                line = Line.within(reject.line, part.file, place)
                name, cell = reject.first
                yield Reject(line, reject.text, reject.reason, (names.get(name, name), cell))

    def reads(self, path: Path) -> bool:
        """Return whether one of the files is at a path."""
        return any(part.source.reads(path) for part in self.parts)

    def _kind(self, name: str) -> pa.DataType:
        pairs = zip(self.parts, self._own, strict=True)
        return common_type(part.source.schema.field(own[name]).type for part, own in pairs if name in own)

    def _fitted(
        self, part: Part, name: str, array: pa.Array, dictionary: Collection[str], numbers: Collection[str]
    ) -> pa.Array:
        """Return a column as the whole has it; one of numbers may be text in some batches, as it is in a text table."""
        kind = self.schema.field(name).type
        if name in numbers and pa.types.is_string(kind):
            return array
        if name in dictionary and pa.types.is_string(kind):
            is_done = pa.types.is_dictionary(array.type) and pa.types.is_string(array.type.value_type)
            return array if is_done else encoded(cast(array, kind), wanted=True)
        return self._cast(part, name, array)

    def _cast(self, part: Part, name: str, array: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        kind = self.schema.field(name).type
        try:
            if isinstance(array, pa.ChunkedArray):
                return pa.chunked_array([cast(chunk, kind) for chunk in array.chunks], kind)
            return cast(array, kind)
        except pa.ArrowInvalid as error:
            got = " ".join(str(error).split())
            must = f"column {name!r} must be {kind} as in the other files"
            raise SourceError(f"{self.name}: {must}, got in {part.file}: {got}; write it as in the others") from None


def left_out(name: str, others: Sequence[str]) -> tuple[str, ...]:
    """Return a note of what lies in a folder or archive and is not read."""
    return (f"not read in {name}, as no table: {_files(others)}",) if others else ()


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


def _matched(parts: Sequence[Part]) -> tuple[list[dict[str, str]], list[str]]:
    """Return for each file the columns of the whole with its own names for them, and notes of those that differ."""
    twice = set()  # told apart by their spelling alone
    for part in parts:
        keys = [_folded(name) for name in part.source.columns]
        twice |= {key for key in keys if keys.count(key) > 1}
    known: dict[str, str] = {}
    matched: list[dict[str, str]] = []
    others: dict[tuple[str, str], list[str]] = {}
    for part in parts:
        own = {}
        for name in part.source.columns:
            key = _folded(name)
            first = known.setdefault(name if key in twice else key, name)
            own[first] = name
            if first != name:
                others.setdefault((first, name), []).append(part.file)
        matched.append(own)
    return matched, [
        f"column {first!r} is written {name!r} in {_files(files)}; they are one column"
        for (first, name), files in others.items()
    ]


def _missing(columns: Sequence[str], parts: Sequence[Part], matched: Sequence[dict[str, str]]) -> Iterator[str]:
    for name in columns:
        files = [part.file for part, own in zip(parts, matched, strict=True) if name not in own]
        if files:
            yield f"column {name!r} is missing in {len(files):,} of {len(parts):,} files: {_files(files)}"


def _gathered(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the notes of the files, each once, with the files that it is about."""
    about: dict[str, list[str]] = {}
    for part in parts:
        for note in part.source.notes:
            about.setdefault(note, []).append(part.file)
    for note, files in about.items():
        yield f"{_files(files)}: {note}"


def _files(files: Sequence[str]) -> str:
    more = len(files) - _NAMED
    return ", ".join(files[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
