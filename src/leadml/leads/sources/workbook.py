"""What lies in the ZIP of a workbook: how large it is unpacked, and how many of its cells hold an error."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from leadml.errors import SourceError

MAX_BYTES = 2 << 30  # unpacked; a full sheet of a million rows by 30 columns is about this large
MAX_RATIO, FREE_BYTES = 250, 200 << 20  # no larger than this, a workbook may be packed as tightly as it is
_CHUNK = 1 << 20
_ERROR_CELL = re.compile(rb'<c [^<>]*\bt="e"')
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


def count_errors(file: IO[bytes], sheet: str) -> int:
    """Return how many cells of a worksheet hold an error such as #DIV/0!; 0 where the file's format hides it."""
    try:
        with zipfile.ZipFile(file) as archive:
            part = _part_of(archive, sheet)
            return 0 if part is None else sum(_hits(archive, part))
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, ElementTree.ParseError):
        return 0  # the cells were read all the same


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


def _hits(archive: zipfile.ZipFile, part: str) -> Iterator[int]:
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            text = rest + chunk
            cut = text.rfind(b"<")  # the last tag may go on in the next chunk
            rest = text[cut:]
            if b't="e"' in text:
                yield len(_ERROR_CELL.findall(text, 0, cut))
    yield len(_ERROR_CELL.findall(rest))
