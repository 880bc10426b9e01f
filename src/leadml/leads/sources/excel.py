"""Excel workbooks, old and new, and OpenDocument sheets: one worksheet of them as a table."""

import difflib
import zipfile
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from leadml.errors import SourceError, UsageError
from leadml.leads.sources.sheet import read_sheet
from leadml.leads.sources.source import DEFAULT, Options, Reject, is_same
from leadml.leads.sources.values import encoded
from leadml.leads.sources.workbook import check_size, survey

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_ROW_BYTES = 64  # a guess, to turn a block size into rows
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class ExcelSource:
    """A worksheet: the first visible one that holds a table, or the one that is named; it is held in memory.

    A column of dates is a timestamp, of numbers float64 (durations are days), of booleans bool, any other text. Cells
    with an error such as #N/A are missing. A row's line is its number in the sheet.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
    takes: ClassVar[frozenset[str]] = frozenset({"sheet", "header_row"})

    def __init__(self, path: Path, options: Options = DEFAULT) -> None:
        if options.header_row is not None and options.header_row < 1:
            raise UsageError(f"header_row must be at least 1, got {options.header_row}; the first row of a sheet is 1")
        self.path, self.name = path, str(path)
        with path.open("rb") as file:
            name, told, rows, n_errors = _sheet(path, file, options.sheet)
            with _worded(path):
                sheet = read_sheet(
                    f"{path}, sheet {name!r}",
                    rows.iter_rows(),
                    first_column=(rows.start or (0, 0))[1] + 1,
                    header_row=options.header_row,
                )
        self._table, self._numbers = sheet.table, sheet.numbers
        self.schema: pa.Schema = sheet.table.schema
        self.columns = tuple(self.schema.names)
        self.notes = _notes(
            told, name, sheet.header_row if options.header_row is None else 1, n_errors + sheet.n_errors
        )

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows."""
        return self._table.select(columns)

    def batches(
        self, columns: tuple[str, ...], dictionary: Collection[str], numbers: Collection[str], block_size: int
    ) -> Generator[pa.RecordBatch]:
        """Yield these columns in the order of the rows."""
        del numbers  # typed already
        for batch in self._table.select(columns).to_batches(max(1024, block_size // _ROW_BYTES)):
            arrays = [encoded(batch.column(name), wanted=name in dictionary) for name in columns]
            yield pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the number in the sheet of each of these rows."""
        return {row: int(self._numbers[row]) for row in rows}

    def rejects(self) -> Iterator[Reject]:
        """Yield nothing: a sheet has no ragged rows."""
        return iter(())

    def reads(self, path: Path) -> bool:
        """Return whether this is the file at a path."""
        return is_same(path, self.path)


def _check(path: Path, file: IO[bytes]) -> bool:
    """Refuse what is no workbook, by its first bytes; return whether it is a ZIP, as all but old workbooks are."""
    head = file.read(8)
    if head.startswith(_ZIP):
        check_size(path, file)
        return True
    if head.startswith(_OLD):
        if path.suffix.lower() != ".xls":
            got = "one with a password, or an old one"
            raise SourceError(f"{path} must be an open workbook, got {got}; save it without one, as .xlsx")
        return False
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise SourceError(f"{path} must be a workbook, got a web page or XML; open it and save it as .xlsx")
    if not head:
        raise SourceError(f"{path} must be a workbook, got an empty file; export it again")
    what = "other bytes" if b"\0" in head else "text; rename it to end in .csv, or export it again"
    raise SourceError(f"{path} must be a workbook, got {what}")


def _sheet(path: Path, file: IO[bytes], wanted: str | int | None) -> tuple[str, str, "CalamineSheet", int]:
    """Return the name of the worksheet to read, what to say of the choice, its cells, and how many hold an error."""
    is_zip = _check(path, file)
    file.seek(0)
    with _worded(path):
        workbook = _open_workbook(file)
    names, told = _choose(path, workbook, wanted)
    small = None
    for name in names:
        n_errors = survey(path, file, name) if is_zip else 0
        with _worded(path):
            rows = workbook.get_sheet_by_name(name)
        if wanted is not None or _is_table(rows):
            return name, told, rows, n_errors
        if rows.start is not None and small is None:
            small = name, told, rows, n_errors
    if small is not None:
        return small
    raise SourceError(f"{path} must have a visible sheet with cells, got none; check the workbook")


def _is_table(rows: "CalamineSheet") -> bool:
    """Return whether a sheet holds more than a cover page or a note: three rows and columns at least."""
    return rows.start is not None and rows.height >= 3 and rows.width >= 3


def _open_workbook(file: IO[bytes]) -> "CalamineWorkbook":
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(file)


def _choose(path: Path, workbook: "CalamineWorkbook", wanted: str | int | None) -> tuple[list[str], str]:
    """Return the names of the worksheets of which the first with cells is read, and what to say of the choice."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    tabs = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    if wanted is None:
        told = f"of the sheets {_listed(tabs)} the first with a table is read; sheet names another"
        return tabs, told if len(tabs) > 1 else ""
    names = [sheet.name for sheet in sheets]
    if wanted in names:
        return [str(wanted)], ""
    if str(wanted).strip().isdecimal():
        if 1 <= int(wanted) <= len(tabs):
            return [tabs[int(wanted) - 1]], ""
        raise SourceError(f"{path} must have the sheet {wanted}, got {len(tabs)} sheets: {_listed(tabs)}; name one")
    folded = {name.casefold().strip(): name for name in names}
    near = difflib.get_close_matches(str(wanted).casefold().strip(), folded, 1)
    hint = f" (did you mean {folded[near[0]]!r}?)" if near else ""
    raise SourceError(f"{path} must have the sheet {wanted!r}, got {_listed(names)}{hint}; name one of them")


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names[:20])) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _notes(told: str, name: str, header_row: int, n_errors: int) -> tuple[str, ...]:
    notes = [told] if told else []
    if header_row > 1:
        notes.append(f"the column names of sheet {name!r} are taken from row {header_row}; header_row names another")
    if n_errors:
        notes.append(f"cells of sheet {name!r} with an error such as #N/A count as missing: {n_errors:,}")
    return tuple(notes)


@contextmanager
def _worded(path: Path) -> Iterator[Any]:
    """Turn what the reader of workbooks raises into one error; on badly damaged files it panics."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError:
        raise SourceError(f"{path} must be open to read, got a workbook with a password; save it without one") from None
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        if isinstance(error, PermissionError):
            raise
        told = " ".join(str(error).split())
        raise SourceError(f"{path} must be a workbook, got a damaged one ({told}); save it again") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise SourceError(f"{path} must be a workbook, got a damaged one; save it again") from None
