"""What a file may hold, looked at before it is read: tighter than for a file that a user names on their own machine."""

import zipfile
import zlib
from pathlib import Path

from leadml.errors import DataError

MAX_ROWS, MAX_COLUMNS = 1_000_000, 1_000
UNPACKED = 10  # times the size that an upload may have
_CHUNK = 1 << 20
_ZIP = b"PK\x03\x04"


def check_file(path: Path, max_bytes: int) -> None:
    """Refuse a file that would unpack to more than ``UNPACKED * max_bytes``, or has too many rows; raises DataError.

    A ZIP is really unpacked up to there, for what it says of itself may be a lie.
    """
    with path.open("rb") as file:
        head = file.read(4)
    most = UNPACKED * max_bytes
    if head == _ZIP:
        _check_zip(path, most)
    elif path.suffix.lower() == ".parquet":
        _check_parquet(path, most)
    else:
        check_rows(path.name, _count_lines(path) - 1)


def check_rows(name: str, n_rows: int) -> None:
    """Refuse a table that is too long; raises DataError."""
    if n_rows > MAX_ROWS:
        raise DataError(f"{name} must have at most {MAX_ROWS:,} rows, got {n_rows:,}; upload it in parts")


def check_columns(name: str, n_columns: int) -> None:
    """Refuse a table that is too wide; raises DataError."""
    if n_columns > MAX_COLUMNS:
        raise DataError(
            f"{name} must have at most {MAX_COLUMNS:,} columns, got {n_columns:,}; leave out what is not needed"
        )


def _count_lines(path: Path) -> int:
    n = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            n += chunk.count(b"\n")
    return n


def _check_zip(path: Path, most: int) -> None:
    left = most
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                member.file_size = most + 2 * _CHUNK  # what it says of itself counts for nothing
                with archive.open(member) as file:
                    while left >= 0 and (chunk := file.read(_CHUNK)):
                        left -= len(chunk)
                if left < 0:
                    must = f"{path.name} must unpack to at most {most / 1e6:,.0f} MB, got more"
                    raise DataError(f"{must}; save the table as CSV")
    except RuntimeError:  # a member with a password
        raise DataError(f"{path.name} must be open to read, got one with a password; save it without one") from None
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise DataError(f"{path.name} must be a workbook, got a damaged one ({error}); save it again") from None


def _check_parquet(path: Path, most: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pa_parquet

    try:
        with pa_parquet.ParquetFile(path) as file:
            told = file.metadata
            size = sum(told.row_group(i).total_byte_size for i in range(told.num_row_groups))
            n_rows = told.num_rows
    except (pa.ArrowException, OSError) as error:
        got = " ".join(str(error).split())
        raise DataError(f"{path.name} must be a Parquet file, got: {got}; export it again") from None
    check_rows(path.name, n_rows)
    if size > most:
        raise DataError(f"{path.name} must unpack to at most {most / 1e6:,.0f} MB, got {size / 1e6:,.0f} MB")
