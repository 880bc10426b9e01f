"""A list of leads as an Excel workbook for the person who calls them: colours, bars, filters, and a guide."""

import math
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from leadml.errors import OutputError
from leadml.model.axes import SCORES
from leadml.model.cells import Cell, clean, excel_cells, number_cells
from leadml.model.guide import COLUMNS, SHEETS, TITLES, UNKNOWN, Legend, Section, sections
from leadml.model.layout import AXES_SHOWN, Layout, Style, bars, grade_colours, layout, lines

if TYPE_CHECKING:
    from leadml.model.output import Columns

ROWS_MOST, COLUMNS_MOST = 1_048_575, 16_384  # of one sheet, below its header
_GUIDE_WIDTH = 96
# Where a text is cut in two, because in one piece it would not be written as it is: xlsxwriter takes a text from <r> to
# </r> for markup of its own, formulas included, and of _x0041_x0042_ it escapes the first character only.
_TRAPS = re.compile("(?<=^<)(?=r>)|(?<=_)(?=x[0-9a-fA-F]{4}_)")
_AT_ONCE = 2_048  # rows that are Python values at the same time


class WorkbookOutput:
    """An Excel workbook: a sheet of leads in the order given, or several, and a sheet that explains them.

    Texts are written as texts, whatever they look like: no formulas, no links; numbers only where the column is known
    to hold numbers. At most 1,048,575 rows.
    """

    as_text: ClassVar[bool] = True

    def __init__(self, path: Path, legend: Legend) -> None:
        import xlsxwriter

        self._legend = legend
        self._file: IO[bytes] = path.open("wb")
        self._folder = tempfile.TemporaryDirectory(prefix="leadml-")
        # rows go to a file in the folder as they come
        options = {"constant_memory": True, "tmpdir": self._folder.name, "use_zip64": True}
        self._book: Any = xlsxwriter.Workbook(self._file, options)
        self._formats: dict[str, Any] = {}
        self._leads: Any = None
        self._layout = Layout(())
        self._n = self._before = 0  # leads on this sheet, and on those before it

    def begin(self, name: str) -> None:
        """Begin a sheet of leads of its own; without it, there is one."""
        if self._leads is not None:
            self._dress()
        self._leads, self._layout = self._book.add_worksheet(name), Layout(())
        self._before, self._n = self._before + self._n, 0

    def write(self, columns: "Columns") -> None:
        """Append a batch to the sheet; raises OutputError where it cannot hold it."""
        if self._leads is None:
            self.begin(SHEETS[self._legend.language][0])
        n = len(next(iter(columns.values()))) if columns else 0
        if self._n + n > ROWS_MOST or len(columns) > COLUMNS_MOST:
            raise OutputError(
                f"an Excel sheet must have at most {ROWS_MOST:,} leads and {COLUMNS_MOST:,} columns, got "
                f"{self._n + n:,} leads or more and {len(columns):,} columns; name a .csv or .parquet file instead"
            )
        if not self._layout.styles:
            self._layout = layout(columns, self._legend.language)
            self._write_header()
        for first in range(0, n, _AT_ONCE):
            part = [self._cells(name, array.slice(first, _AT_ONCE)) for name, array in columns.items()]
            self._layout.notice(part)
            self._write_rows(part)

    def _cells(self, name: str, array: pa.Array) -> list[Cell]:
        cells, column = excel_cells(array), name.removeprefix("input_")
        if name in SCORES and self._legend.scores_axes:
            return [UNKNOWN[self._legend.language] if cell is None else cell for cell in cells]
        is_number = column in self._legend.numbers and name not in COLUMNS["en"]
        return number_cells(cells, self._legend.numbers[column]) if is_number else cells

    def close(self) -> None:
        """Finish the file."""
        from xlsxwriter.exceptions import XlsxWriterException

        try:
            if self._leads is None:
                self.begin(SHEETS[self._legend.language][0])
            self._dress()
            self._write_guide()
            self._book.set_properties({"title": TITLES[self._legend.language]})
            self._book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error
        finally:
            self.drop()

    def drop(self) -> None:
        """Let go of the file, finished or not."""
        for sheet in self._book.worksheets():
            with suppress(OSError):  # the disk may be full
                sheet.row_data_fh.close()
        self._folder.cleanup()
        self._file.close()

    def _format(self, **properties: Any) -> Any:
        """Return a cell format; the same one for the same properties."""
        key = repr(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def _cell_format(self, style: Style, number: str) -> Any:
        look: dict[str, Any] = {"valign": "vcenter", "bottom": 1, "bottom_color": "#E5E7EB", "num_format": number}
        return self._format(**look, **_aligned(style), text_wrap=style.wrapped, bold=style.bold)

    def _write_header(self) -> None:
        self._leads.set_default_row(_height(self._layout.usual_lines))
        self._leads.set_row(0, 32)
        for at, style in enumerate(self._layout.styles):
            fill, ink = ("#DCE6F1", "#1F3A5F") if style.own else ("#EEF0F2", "#374151")
            look = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 2, "bottom_color": "#8CA3BD"}
            header = self._format(**look, **_aligned(style), bg_color=fill, font_color=ink, num_format="@")
            self._put_text(self._leads, 0, at, clean(style.name), header)

    def _write_rows(self, part: list[list[Cell]]) -> None:
        sheet, put_text, usual = self._leads, self._put_text, self._layout.usual_lines
        number, truth, blank = sheet.write_number, sheet.write_boolean, sheet.write_blank
        formats = [
            (self._cell_format(style, style.number), self._cell_format(style, "@")) for style in self._layout.styles
        ]
        columns = [(at, *formats[at]) for at in range(len(part))]
        for row, cells in enumerate(zip(*part, strict=True), start=self._n + 1):
            if (needed := self._layout.lines(cells)) > usual:  # a row of its own height is held until the end
                sheet.set_row(row, _height(needed))
            for value, (at, as_number, as_text) in zip(cells, columns, strict=True):
                if value is None:
                    blank(row, at, None, as_number)  # its line goes on
                elif isinstance(value, str):
                    put_text(sheet, row, at, value, as_text)
                elif isinstance(value, bool):
                    truth(row, at, value, as_number)
                else:
                    number(row, at, value, as_number)
        self._n += len(part[0])

    def _put_text(self, sheet: Any, row: int, column: int, text: str, look: Any) -> None:
        if (text[:3] == "<r>" or "_x" in text) and len(pieces := _TRAPS.split(text)) > 1:
            runs = [run for piece in pieces[1:] for run in (self._format(), piece)]
            sheet.write_rich_string(row, column, pieces[0], *runs, look)
        else:
            sheet.write_string(row, column, text, look)

    def _dress(self) -> None:
        """Set widths, folded columns, filters, the frozen header, colours, bars and the printed page."""
        from xlsxwriter.utility import xl_range

        if not self._layout.styles:
            return
        sheet, plan, last = self._leads, self._layout, max(self._n, 1)
        for at, (width, options) in enumerate(plan.columns()):
            sheet.set_column(at, at, width, None, options)
        sheet.freeze_panes(1, plan.frozen)
        sheet.autofilter(0, 0, self._n, len(plan.styles) - 1)
        sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, last, len(plan.styles) - 1)})
        for at, style in enumerate(plan.styles):
            for rule in self._rules(style):
                sheet.conditional_format(1, at, last, at, rule)
        sheet.hide_gridlines(2)
        _page(sheet, last, plan.n_own or len(plan.styles))

    def _rules(self, style: Style) -> list[Mapping[str, Any]]:
        if not style.own:
            return []
        if style.name == "grade":
            return [
                {"type": "cell", "criteria": "==", "value": _quoted(letter), "format": self._format(**colour)}
                for letter, colour in grade_colours(self._legend.letters).items()
            ]
        if style.name == "probability":
            return [bars(0.0, 1.0)]
        if style.name in SCORES:
            return [bars(1.0, 100.0)]
        if style.name in AXES_SHOWN:
            most = max(math.ceil(self._layout.most * 2) / 2, 0.5)  # one scale for all axes
            return [bars(-most, most)]
        return []

    def _write_guide(self) -> None:
        sheet, plan = self._book.add_worksheet(SHEETS[self._legend.language][1]), self._layout
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, _GUIDE_WIDTH)
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, TITLES[self._legend.language], self._format(bold=True, font_size=16))
        own = [style.name for style in plan.styles if style.own]
        row = 2
        for section in sections(
            self._legend, plan.facts(self._before + self._n), own, has_others=len(own) < len(plan.styles)
        ):
            row = self._write_section(sheet, row, section) + 1
        _page(sheet, row, 2)
        sheet.set_portrait()
        sheet.fit_to_pages(1, 1)

    def _write_section(self, sheet: Any, row: int, section: Section) -> int:
        """Write one section of the guide from a row on; return the first row after it."""
        colours = grade_colours(self._legend.letters)
        heading = self._format(bold=True, font_size=12, font_color="#1F3A5F", bottom=2, bottom_color="#8CA3BD")
        look: dict[str, Any] = {"valign": "top", "num_format": "@"}
        words = self._format(**look, text_wrap=True, align="left", indent=1)
        sheet.set_row(row, 20)
        sheet.write_string(row, 0, section.heading, heading)
        sheet.write_blank(row, 1, None, heading)
        for at, (label, text) in enumerate(section.rows, start=row + 1):
            colour = {**colours[label], "align": "center"} if section.of_grades else {}
            name = self._format(**look, **colour, bold=True)
            sheet.set_row(at, _height(lines(text, _GUIDE_WIDTH)))
            self._put_text(sheet, at, 0, clean(label), name)
            self._put_text(sheet, at, 1, clean(text), words)
        return row + 1 + len(section.rows)


def _height(n_lines: int) -> int:
    return 15 * n_lines + 3  # points


def _aligned(style: Style) -> dict[str, Any]:
    if style.align in ("left", "right"):
        return {"align": style.align, "indent": 1}  # a number does not touch the text in the next column
    return {"align": style.align} if style.align else {}


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _page(sheet: Any, last: int, columns: int) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, last, columns - 1)
    sheet.set_footer("&L&A&R&P / &N")
