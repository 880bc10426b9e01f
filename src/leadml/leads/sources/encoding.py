"""Which encoding a text is in: UTF-8, with or without a mark, UTF-16 with one, else Western European."""

import codecs
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from leadml.errors import Fault, SourceError

Chunks = Callable[[], Iterable[bytes]]
_CHUNK_BYTES = 1 << 20
MARKS = (  # byte order mark, encoding that reads past it
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (
    (b"PK\x03\x04", "a ZIP archive; rename it to end in .xlsx if it is an Excel workbook, else in .zip"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; rename it to end in .xls"),
    (b"PAR1", "a Parquet file; rename it to end in .parquet"),
    (b"\x1f\x8b", "a gzip archive; rename it to end in .csv.gz"),
    (b"BZh", "a bzip2 archive; rename it to end in .csv.bz2"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; rename it to end in .csv.zst"),
    (b"SQLite format 3", "an SQLite database; name it as sqlite:///FILE and give a query"),
    (b"%PDF-", "a PDF; export the table as CSV"),
)
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f\x1a")
_UNDEFINED_CP1252 = b"\x81\x8d\x8f\x90\x9d"


def refuse_binary(path: Path | str, head: bytes) -> None:
    """Refuse what begins like a file that is no text; raises SourceError."""
    for magic, what in _BINARY:
        if head.startswith(magic):
            raise SourceError(f"{path} must be text, got {what}")
    if head.startswith(tuple(mark for mark, _ in MARKS)):
        return
    if b"\0" in head:
        raise SourceError(f"{path} must be text, got NUL bytes (binary, or UTF-16?); save it as CSV in UTF-8")
    control = len(head) - len(head.translate(None, _CONTROL))
    if control * 20 > len(head):  # over 5 %
        raise SourceError(f"{path} must be text, got {control:,} control bytes; save it as CSV in UTF-8")


def find_encoding(path: Path | str, head: bytes, chunks: Chunks) -> tuple[str, bool]:
    """Return the encoding of a text, and whether it begins with a mark; ``chunks()`` goes through all its bytes.

    Raises SourceError where it has several.
    """
    for mark, encoding in MARKS:
        if head.startswith(mark):
            if encoding == "utf-8-sig":
                _wrong_byte(path, chunks, sure=True)
            return encoding, True
    if not _wrong_byte(path, chunks, sure=False):
        return "utf-8", False
    return western(chunks()), False


def western(chunks: Iterable[bytes]) -> str:
    """Return which of the Western European encodings a text that is not UTF-8 is read as."""
    return "latin-1" if any(byte in chunk for chunk in chunks for byte in _UNDEFINED_CP1252) else "cp1252"


def _wrong_byte(path: Path | str, chunks: Chunks, *, sure: bool) -> bool:
    """Return whether a byte of the file is not UTF-8, though all before it is plain ASCII.

    Raises:
        SourceError: the byte follows proper UTF-8 (``sure``, or text beyond ASCII), so the file is damaged.

    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    passed = 0
    for chunk in chunks():
        pending = decoder.getstate()[0]
        if pending or not chunk.isascii():
            try:
                sure = not decoder.decode(chunk).isascii() or sure
            except UnicodeDecodeError as error:
                if not sure and error.object[: error.start].isascii():
                    return True
                at = passed - len(pending) + error.start
                raise _damaged_at(path, chunks, at, error.object[error.start]) from None
        passed += len(chunk)
    cut = bool(decoder.getstate()[0])
    if cut and sure:
        raise SourceError(f"{path} must end with a whole character, got half of one; export it again")
    return cut


def _damaged_at(path: Path | str, chunks: Chunks, at: int, byte: int) -> SourceError:
    """Return the error for a byte that is not UTF-8 at this place in the file."""
    line = 1
    for chunk in chunks():
        line += chunk[: max(at, 0)].count(b"\n")
        at -= len(chunk)
    return damaged(path, line, byte)


def damaged(path: Path | str, line: int, byte: int) -> SourceError:
    """Return the error for a byte that is not UTF-8 in a text that is."""
    place = Fault(f"text must be UTF-8, got byte 0x{byte:02X}", line)
    return SourceError(f"{path} must have one encoding; save it as UTF-8", [place])


def chunks_of(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
