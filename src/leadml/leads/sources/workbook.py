"""What lies in the ZIP of a workbook: how large it is unpacked, and how many of its cells hold an error."""

import re
import zipfile
import zlib
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from leadml.errors import SourceError

MAX_BYTES = 2 << 30  # unpacked; a full sheet of a million rows by 30 columns is about this large
MAX_RATIO, FREE_BYTES = 250, 200 << 20  # no larger than this, a workbook may be packed as tightly as it is
MAX_CELLS = 1 << 27  # the reader holds every cell of the rectangle, in 32 bytes each: 4 GB
_CHUNK = 1 << 20
_ERROR_CELL = re.compile(rb'<c [^<>]*\bt="e"')
_ROW = re.compile(rb'<row [^<>]*?\br="(\d+)"')
_COLUMN = re.compile(rb'<c [^<>]*?\br="([A-Z]+)')
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def check_size(path: Path, file: IO[bytes]) -> None:
    """Refuse a ZIP that says it would fill the memory; raises SourceError, also for one that is damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SourceError(f"{path} must be a workbook, got a damaged one ({error}); save it again") from None
    packed = max(1, path.stat().st_size)
    if unpacked > MAX_BYTES or (unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed):
        got = f"{unpacked / 1e9:,.1f} GB, {unpacked // packed:,} times its size"
        raise SourceError(f"{path} must unpack to at most {MAX_BYTES / 1e9:.1f} GB, got {got}; export it as CSV")


def survey(path: Path, file: IO[bytes], sheet: str) -> int:
    """Return how many cells of a worksheet hold an error such as #DIV/0!; 0 where the file's format hides it.

    Raises SourceError where a cell lies so far out that all cells up to it would fill the memory.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            part = _part_of(archive, sheet)
            n_errors, n_rows, letters = (0, 0, b"") if part is None else _surveyed(archive, part)
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, ValueError, ElementTree.ParseError):
        return 0  # what is damaged shows when the cells are read
    n_columns = 0
    for letter in letters:
        n_columns = n_columns * 26 + letter - 64
    if n_rows * n_columns > MAX_CELLS:
        got = f"one in column {letters.decode()} and one in row {n_rows:,}"
        raise SourceError(
            f"{path}, sheet {sheet!r} must have cells close together, got {got}; delete what lies far out"
        )
    return n_errors


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the file in the workbook that holds a sheet."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for entry in book.iter(f"{_MAIN}sheet"):
        if entry.get("name") == sheet:
            target = targets[entry.get(_RELATION)]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _surveyed(archive: zipfile.ZipFile, part: str) -> tuple[int, int, bytes]:
    """Return the number of cells with an error, the last row, and the letters of the last column."""
    n_errors, n_rows, letters, rest = 0, 0, b"", b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            text = rest + chunk
            cut = text.rfind(b"<") + 1  # the last tag may go on in the next chunk
            rest = text[cut - 1 :]
            n_errors += len(_ERROR_CELL.findall(text, 0, cut)) if b't="e"' in text else 0
            n_rows = max([n_rows, *map(int, _ROW.findall(text, 0, cut))])
            letters = max({letters, *_COLUMN.findall(text, 0, cut)}, key=lambda name: (len(name), name))
    return n_errors, n_rows, letters  # the very last tag closes the sheet
