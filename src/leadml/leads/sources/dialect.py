"""How a text table is written: its encoding, its separator, its header, and on which line each row starts.

Quoting follows the CSV rules: a cell that opens with ``"`` ends at the next lone ``"`` and may hold
separators and line breaks; a quote elsewhere in a cell is plain text. Arrow reads cells the same way, so
the rows counted here are the rows read there.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from leadml.errors import Fault, SourceError
from leadml.leads.guard import unguarded
from leadml.leads.sources.encoding import chunks_of, find_encoding, refuse_binary

HEAD_BYTES = 256 * 1024
TITLES = 20  # rows that may stand above the header
SEPARATORS = (",", ";", "\t", "|")
_BLANK = frozenset({"\n", "\r\n", "\r"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one text table is written.

    ``header_line`` is the line the header starts on, ``header_end`` the line it ends on; ``n_titles`` rows stand
    above it. ``has_rows`` is False where nothing follows.
    """

    delimiter: str
    encoding: str
    has_bom: bool
    header: tuple[str, ...]
    header_line: int
    header_end: int
    has_rows: bool
    n_titles: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what was guessed and a person should know."""
        notes = []
        if self.encoding in ("cp1252", "latin-1"):
            notes.append(f"the file is not UTF-8; it is read as {self.encoding} (Western European)")
        if self.n_titles:
            notes.append(f"the column names are taken from line {self.header_line}; what stands above is a title")
        return tuple(notes)


class FileRow(NamedTuple):
    """One row as it stands in the file: its first and last line, how many cells it has, and its text."""

    line: int
    last_line: int
    cells: int
    text: str


def detect_dialect(path: Path | str) -> Dialect:
    """Return how the text table at ``path`` is written.

    Separator and header come from the first 256 KB. The encoding is checked over the whole file, since
    one umlaut in the last row decides it.

    Raises:
        SourceError: the file is empty, binary or of mixed encodings, or its header has faults.

    """
    path = Path(path)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    refuse_binary(path, head)
    encoding, has_bom = find_encoding(path, head, partial(chunks_of, path))
    return dialect_of(path, head, encoding, has_bom=has_bom, whole=path.stat().st_size <= len(head))


def dialect_of(path: Path | str, head: bytes, encoding: str, *, has_bom: bool, whole: bool) -> Dialect:
    """Return how a text table is written that begins with ``head``, or is ``whole``; raises as ``detect_dialect``."""
    text = codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
    lines = lines_of(text)
    first = next((line for line in lines if line.strip("\r\n")), None)
    if first is None:
        raise SourceError(f"{path} must hold a header and rows, got an empty file; export the table again")
    hint = _excel_hint(first)
    delimiter = hint or _separator(lines, whole=whole)
    body = scan_lines(lines, delimiter)
    if hint:
        next(body)
    rows = list(islice(body, TITLES + 3))
    at = _header_at(rows, delimiter)
    header = rows[at] if rows else None
    if header is None or header.cells < 0 or (not whole and header.last_line == len(lines)):
        raise SourceError(f"{path} must have a header within its first 256 KB, got none; check its quotes")
    return Dialect(
        delimiter=delimiter,
        encoding=encoding,
        has_bom=has_bom,
        header=_names(path, header, delimiter),
        header_line=header.line,
        header_end=header.last_line,
        has_rows=not whole or len(rows) > at + 1,
        n_titles=at,
    )


def scan_rows(path: Path | str, dialect: Dialect) -> Iterator[FileRow]:
    """Yield every row after the header, ragged ones too; blank lines are no rows.

    Raises:
        SourceError: a quote is left open and swallows the rest of the file.

    """
    with Path(path).open(encoding=dialect.encoding, newline="") as file:
        for row in scan_lines(file, dialect.delimiter):
            if row.cells < 0:
                raise open_quote(path, row.line)
            if row.line > dialect.header_end:
                yield row


def open_quote(path: Path | str, line: int) -> SourceError:
    """Return the error for a quote that swallows the rest of the file."""
    message = "a quoted cell must be closed, got a quote that opens here and never closes; close or remove it"
    return SourceError(f"{path} cannot be read as a table", [Fault(message, line=line)])


def scan_lines(lines: Iterable[str], delimiter: str) -> Iterator[FileRow]:
    """Yield the rows in ``lines``; ``cells`` is -1 for a last row whose open quote swallowed lines."""
    held: list[str] = []
    cells, number, quoted = 0, 0, False
    for number, line in enumerate(lines, start=1):
        if not quoted and _quotes_are_idle(line, delimiter):
            if line not in _BLANK:
                yield FileRow(number, number, line.count(delimiter) + 1, line)
            continue
        held.append(line)
        more, quoted = _cells(line, delimiter, quoted=quoted)
        cells += more
        if not quoted:
            yield FileRow(number - len(held) + 1, number, cells, "".join(held))
            held, cells = [], 0
    if held:
        swallowed = held[-1].endswith(("\r", "\n")) or (len(held) > 1 and _closing(held[-1], 0) < 0)
        yield FileRow(number - len(held) + 1, number, -1 if swallowed else cells + 1, "".join(held))


def _quotes_are_idle(line: str, delimiter: str) -> bool:
    """Return whether every separator of a line counts: quotes come in pairs with none between."""
    if '"' not in line:
        return True
    parts = line.split('"')
    return len(parts) % 2 == 1 and delimiter not in "".join(parts[1::2])


def _cells(line: str, delimiter: str, *, quoted: bool) -> tuple[int, bool]:
    """Return how many cells end on this line, and whether a quote is still open at its end."""
    cells, at = 0, 0
    while True:
        if quoted or line.startswith('"', at):
            at = _closing(line, at if quoted else at + 1)
            if at < 0:
                return cells, True
            quoted = False
        at = line.find(delimiter, at)
        cells += 1
        if at < 0:
            return cells, False
        at += 1


def _closing(line: str, at: int) -> int:
    """Return the place after the quote that closes a cell, or -1; a doubled quote is text."""
    while (at := line.find('"', at)) >= 0:
        if not line.startswith('""', at):
            return at + 1
        at += 2
    return -1


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their ends, broken at CR and LF alone, as in a file."""
    return list(io.StringIO(text, newline=""))


def _separator(lines: list[str], *, whole: bool) -> str:
    """Return the separator under which the most rows have as many cells as the header."""
    best, found = (0.0, 1), ","
    for candidate in SEPARATORS:
        counts = [row.cells for row in scan_lines(lines, candidate)]
        if not whole:
            counts = counts[:-1] or counts  # the last row may be cut
        counts = counts[_n_short(counts) :]
        width, body = counts[0], counts[1:]
        share = sum(count == width for count in body) / len(body) if body else 1.0
        if width > 1 and (share, width) > best:
            best, found = (share, width), candidate
    return found


def _n_short(counts: list[int]) -> int:
    """Return how many rows of a table stand above its header: titles, of at most half as many cells."""
    width = max(set(counts), key=counts.count)
    first = counts.index(width)
    short = first <= TITLES and width >= 3 and all(0 < 2 * count <= width for count in counts[:first])
    return first if short and counts.count(width) >= 3 else 0


def _header_at(rows: Sequence[FileRow], delimiter: str) -> int:
    """Return the place of the row of column names.

    It is the first row, unless that one is a title: a few cells above a row of words that is as wide as those below.
    """
    widths = [row.cells for row in rows]
    width = max(set(widths), key=widths.count, default=0)
    if width < 3:
        return 0
    at = next((i for i, row in enumerate(rows[: TITLES + 1]) if _may_head(row, width, delimiter)), 0)
    return at if all(2 * len(_filled(row, delimiter)) <= width for row in rows[:at]) else 0


def _filled(row: FileRow, delimiter: str) -> list[str]:
    cells = next(csv.reader(lines_of(row.text), delimiter=delimiter), [])
    return [cell.strip() for cell in cells if cell.strip()]


def _may_head(row: FileRow, width: int, delimiter: str) -> bool:
    """Return whether a row may hold column names: nearly all cells filled, all different, none a number."""
    filled = _filled(row, delimiter)
    words = len(set(filled)) == len(filled) and not any(cell[0].isdigit() for cell in filled)
    return row.cells == width and 3 * len(filled) >= 2 * width and words


def _excel_hint(line: str) -> str:
    """Return the separator that Excel's own first line ``sep=;`` names, or an empty text."""
    text = line.rstrip("\r\n")
    return text[4:] if len(text) == 5 and text.isascii() and text.lower().startswith("sep=") else ""


def _names(path: Path | str, row: FileRow, delimiter: str) -> tuple[str, ...]:
    """Return the column names; an empty one is called after its place, as spreadsheets leave them empty."""
    cells = next(csv.reader(lines_of(row.text), delimiter=delimiter))
    stripped = (unguarded(cell.strip("\ufeff \t\r\n")) for cell in cells)
    names = tuple(name or f"column_{at}" for at, name in enumerate(stripped, start=1))
    check_names(path, names, line=row.line)
    return names


def first_cell(text: str, delimiter: str) -> str:
    """Return what the first cell of a row holds."""
    return next(iter(next(csv.reader(lines_of(text), delimiter=delimiter), [])), "")


def check_names(path: Path | str, names: Iterable[str], *, line: int | None = None) -> None:
    """Refuse two columns of one name, naming all their places."""
    places: dict[str, list[int]] = {}
    for at, name in enumerate(names, start=1):
        places.setdefault(name, []).append(at)
    faults = [
        Fault(f"column names must be unique, got this one in places {', '.join(map(str, at))}", line, name)
        for name, at in places.items()
        if len(at) > 1
    ]
    if faults:
        raise SourceError(f"{path} must name each column once; rename or remove the doubles", faults)
