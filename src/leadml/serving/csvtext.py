"""The text of a CSV that comes in pieces: its encoding and its header from the first one, then blocks of whole rows.

The encoding is settled by the first text beyond ASCII: where that is not UTF-8, all is Western European. A file is told
apart the same way, but looked at whole.
"""

import codecs
from collections import deque
from typing import NamedTuple

from leadml.errors import Fault
from leadml.leads.sources.dialect import HEAD_BYTES, Dialect, FileRow, dialect_of, lines_of, scan_lines
from leadml.leads.sources.encoding import find_encoding, refuse_binary, western
from leadml.serving.stream import BODY, MOST_ROW

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_OPEN = "a quoted cell must be closed, got a quote that opens here and never closes"
_LONG = f"a row must have at most {MOST_ROW >> 20} MB, got more; a quote that opens here may never close"


class Block(NamedTuple):
    """Whole rows in UTF-8, and the line of the first; ``broken`` says why nothing can be read after them."""

    data: bytes
    line: int
    broken: Fault | None = None


class CsvText:
    """Cuts the bytes of a CSV into blocks of whole rows; ``dialect`` is known after the first piece."""

    dialect: Dialect

    def __init__(self) -> None:
        self._begun = False
        self._utf16: codecs.IncrementalDecoder | None = None
        self._western = ""  # the encoding, where it is Western European
        self._is_utf8 = False  # whether text beyond ASCII has shown that it is
        self._rest, self._line = b"", 1

    def feed(self, data: bytes, *, last: bool) -> Block:
        """Take in the next bytes; return the rows that are whole now.

        Raises SourceError for the first bytes where they are no table: empty, binary, without a header.
        """
        data, broken = (self._plain if self._begun else self._begin)(data, last=last)
        self._begun = True
        data, quote = self._cut(self._rest + data, last=last or broken is not None)
        start = self._line
        block, damage = self._utf8(data)
        self._line += _n_lines(data)
        broken = damage or quote or broken
        if broken is None and len(self._rest) > MOST_ROW:
            broken = Fault(_LONG, self._line)
        return Block(block, start, broken)

    def _begin(self, data: bytes, *, last: bool) -> tuple[bytes, Fault | None]:
        """Find out how the table is written; return what comes after the header, as ``_plain`` does."""
        broken = None
        refuse_binary(BODY, data[:HEAD_BYTES])
        mark = next((mark for mark in _UTF16 if data.startswith(mark)), None)
        if mark is not None:
            self._utf16 = codecs.getincrementaldecoder(_UTF16[mark])()
            data, broken = self._plain(data.removeprefix(mark), last=last)
        whole = last and len(data) <= HEAD_BYTES
        head = data if whole else data[:HEAD_BYTES]
        if not whole:  # no half of a character
            head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
        encoding, has_bom = find_encoding(BODY, head, lambda: [head])
        if has_bom:
            data, head = data.removeprefix(codecs.BOM_UTF8), head.removeprefix(codecs.BOM_UTF8)
            encoding = "utf-8"
        self._western = "" if encoding == "utf-8" else encoding
        self._is_utf8 = not self._western and (has_bom or not head.isascii())
        self.dialect = dialect_of(BODY, head, encoding, has_bom=has_bom, whole=whole)
        self._line = self.dialect.header_end + 1
        above = "".join(lines_of(head.decode(encoding))[: self.dialect.header_end])
        return data[len(above.encode(encoding)) :], broken

    def _plain(self, data: bytes, *, last: bool) -> tuple[bytes, Fault | None]:
        """Return the bytes of UTF-16 as UTF-8, up to one that is none."""
        if self._utf16 is None:
            return data, None
        try:
            return self._utf16.decode(data, final=last).encode(), None
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(error.encoding).encode()
            line = self._line + _n_lines(self._rest + good)
            return good, Fault("text must be UTF-16, as it begins, got half a character or a broken one", line)

    def _cut(self, data: bytes, *, last: bool) -> tuple[bytes, Fault | None]:
        """Return the whole rows, and the fault of a quote that is never closed; keep the rest."""
        half = b"\r" if not last and data.endswith(b"\r") else b""  # it may be half a line end
        data = data.removesuffix(half)
        end, fault = len(data), None
        if b'"' in data:
            rows = deque(self.rows(data.decode("latin-1")), maxlen=1)  # a byte, a letter
            if rows and (rows[0].cells < 0 or not (last or rows[0].text.endswith(("\n", "\r")))):
                end -= len(rows[0].text)
                fault = Fault(_OPEN, self._line + rows[0].line - 1) if last else None
        elif not last:
            end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        self._rest = data[end:] + half
        return data[:end], fault

    def rows(self, text: str) -> list[FileRow]:
        """Return the rows of a text; their lines count from 1."""
        return list(scan_lines(lines_of(text), self.dialect.delimiter))

    def _utf8(self, data: bytes) -> tuple[bytes, Fault | None]:
        """Return rows in UTF-8, up to the one with a byte that is none."""
        if not self._western:
            if data.isascii():
                return data, None
            try:
                data.decode()
            except UnicodeDecodeError as error:
                if self._is_utf8 or not data[: error.start].isascii():
                    return self._before(data, error.start)
                self._western = "cp1252"
            else:
                self._is_utf8 = True
                return data, None
        if self._western == "cp1252":
            self._western = western([data])
        return data.decode(self._western).encode(), None

    def _before(self, data: bytes, at: int) -> tuple[bytes, Fault]:
        """Return the rows before the one with the byte at a place, and the fault of that byte."""
        line = _n_lines(data[:at]) + 1
        first = next(row.line for row in self.rows(data.decode("latin-1")) if row.last_line >= line)
        text = "".join(lines_of(data.decode("latin-1"))[: first - 1])
        fault = Fault(f"text must be UTF-8, as it begins, got byte 0x{data[at]:02X}", self._line + line - 1)
        return text.encode("latin-1"), fault


def _n_lines(data: bytes) -> int:
    """Return how many lines end in a text."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
