"""How the columns of a workbook look: widths, number formats, colours, bars, and which are folded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from leadml.leads.schema import AXES, Language
from leadml.model.axes import SCORES
from leadml.model.cells import Cell, excel_cells, is_day
from leadml.model.guide import COLUMNS, Facts

if TYPE_CHECKING:
    from leadml.model.output import Columns

Align = Literal["center", "left", "right", ""]

AXES_SHOWN = frozenset(AXES)
_HEAD, _NARROWEST, _WIDEST = 200, 8, 50
_NUMBERS: dict[str, str] = {
    "rank": "0",
    "day": "0",
    "propensity": "0.00",
    "expected_value": "#,##0",
    "probability": "[<0.095]0.0 %;0 %",  # a small chance is not none
    "logit": "0.00",
    "score": "0",
    "base": "0.00",
    **dict.fromkeys(SCORES, "0"),
    **dict.fromkeys(AXES, "[>=0.05]+0.0;[<=-0.05]-0.0;0.0"),
}
_WIDTHS: dict[str, float] = {
    "rank": 7,
    "day": 7,
    "expected_value": 15,
    "probability": 13,
    "score": 8,
    "grade": 8,
    **dict.fromkeys(SCORES, 17),
    **dict.fromkeys(AXES, 13),
    "summary": 42,
    "reasons": 80,
}
_CENTRED = frozenset({"rank", "day", "score", "grade", *SCORES})
_WRAPPED = frozenset({"summary", "reasons"})
_FOLDED = frozenset({"slot", "propensity", "logit", "other", "base", "model_version", "as_of", "horizon_days"})
_MOMENTS: Mapping[Language, tuple[str, str]] = {
    "en": ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"),
    "de": ("dd.mm.yyyy", "dd.mm.yyyy hh:mm"),
}
_GRADES: Sequence[Mapping[str, Any]] = (  # from dark to light, so that they differ in black and white too
    {"bg_color": "#1B7A4B", "font_color": "#FFFFFF"},
    {"bg_color": "#8FCBA6", "font_color": "#10301F"},
    {"bg_color": "#F6E3A6", "font_color": "#3D3208"},
    {"bg_color": "#E5E7EB", "font_color": "#4B5563"},
)


@dataclass(frozen=True, slots=True)
class Style:
    """How one column looks. ``own``: a column of a scored lead, not of the input; ``number``: of its numbers."""

    name: str
    own: bool
    width: float
    number: str = "General"
    align: Align = ""
    bold: bool = False
    wrapped: bool = False


class Layout:
    """The columns of one sheet, and what has been seen of them: it decides what is folded.

    ``usual_lines`` are enough for nearly all rows; ``most`` is the largest distance of an axis from 0.
    """

    def __init__(self, styles: Sequence[Style], usual_lines: int = 1) -> None:
        self.styles = styles
        self.usual_lines = usual_lines
        self.most = 0.0
        self.n_own = sum(style.own for style in styles)
        self._filled = [False] * len(styles)
        self._explores = self._scores_axes = False
        self._first: dict[str, Cell] = {}

    def lines(self, cells: Sequence[Cell]) -> int:
        """Return the lines that a row needs: programs do not all find out by themselves."""
        texts = [(cell, style.width) for cell, style in zip(cells, self.styles, strict=True) if style.wrapped]
        return max((lines(cell, width) for cell, width in texts if isinstance(cell, str)), default=1)

    @property
    def frozen(self) -> int:
        """The number of columns that stay in place: up to the id."""
        own = [style.name for style in self.styles if style.own]
        return own.index("lead_id") + 1 if "lead_id" in own else 0

    def notice(self, part: Sequence[list[Cell]]) -> None:
        """Take in the cells of some rows, by column."""
        for at, (style, cells) in enumerate(zip(self.styles, part, strict=True)):
            self._filled[at] = self._filled[at] or any(cell is not None for cell in cells)
            if not style.own:
                continue
            if cells:
                self._first.setdefault(style.name, cells[0])
            if style.name in AXES_SHOWN:
                self.most = max([self.most, *(abs(cell) for cell in cells if isinstance(cell, float))])
            elif style.name in SCORES:
                self._scores_axes = self._scores_axes or self._filled[at]
            elif style.name == "slot":
                self._explores = self._explores or any(cell not in (None, "ranked") for cell in cells)

    def facts(self, n: int) -> Facts:
        """Return what the guide says of a list of n leads."""
        model, as_of, horizon = (self._first.get(name) for name in ("model_version", "as_of", "horizon_days"))
        return Facts(
            n,
            model if isinstance(model, str) else None,
            as_of if isinstance(as_of, str) else None,
            horizon if isinstance(horizon, int) else None,
            self._explores,
        )

    def columns(self) -> list[tuple[float, dict[str, Any]]]:
        """Return (width, options) of each column, and of one more where the last is folded."""
        folded = [self._is_folded(at) for at in range(len(self.styles))]
        columns: list[tuple[float, dict[str, Any]]] = []
        for at, style in enumerate(self.styles):
            options: dict[str, Any] = {"level": 1, "hidden": True} if folded[at] else {}
            if at and folded[at - 1] and not folded[at]:
                options = {"collapsed": True}  # where Excel puts the + that opens the columns before
            columns.append((style.width, options))
        if folded and folded[-1]:
            columns.append((_NARROWEST, {"collapsed": True}))
        return columns

    def _is_folded(self, at: int) -> bool:
        style = self.styles[at]
        if not style.own or style.name in ("lead_id", "reasons"):
            return False
        if style.name in AXES_SHOWN and self._scores_axes:
            return True  # their scores say more to most people
        if style.name == "slot" and self._explores:
            return False
        return style.name in _FOLDED or not self._filled[at]


def layout(columns: "Columns", language: Language) -> Layout:
    """Return the layout for a table whose first batch this is; widths are those of its head."""
    names = list(columns)
    # what comes after the last column of a scored lead is the input's, whatever it is called
    n_own = names.index("horizon_days") + 1 if "horizon_days" in names else 0
    styles = []
    for at, (name, array) in enumerate(columns.items()):
        own = at < n_own and name in COLUMNS["en"]
        styles.append(_own_style(name, array) if own else _input_style(name, array, language))
    return Layout(styles, _usual_lines(columns, styles))


def _usual_lines(columns: "Columns", styles: Sequence[Style]) -> int:
    """Return the lines that nine of ten rows of the head have at most."""
    wrapped = [style for style in styles if style.wrapped]
    counts = sorted(
        lines(cell, style.width) if isinstance(cell, str) else 1
        for style in wrapped
        for cell in excel_cells(columns[style.name][:_HEAD])
    )
    return counts[len(counts) * 9 // 10] if counts else 1


def _own_style(name: str, array: pa.Array) -> Style:
    align: Align = "center" if name in _CENTRED else "right" if name in _NUMBERS else "left"
    width, number = _WIDTHS.get(name) or _width(name, array), _NUMBERS.get(name, "General")
    return Style(name, True, width, number, align, bold=name in ("rank", "grade"), wrapped=name in _WRAPPED)


def _input_style(name: str, array: pa.Array, language: Language) -> Style:
    day, moment = _MOMENTS[language]
    if is_day(array.type):
        return Style(name, False, max(12, _width(name, array[:0])), day, "left")
    if pa.types.is_timestamp(array.type):
        whole = pc.all(pc.equal(array, pc.floor_temporal(array, unit="day"))).as_py() is not False
        width = max(12 if whole else 17, _width(name, array[:0]))
        return Style(name, False, width, day if whole else moment, "left")
    return Style(name, False, _width(name, array))


def _width(name: str, array: pa.Array) -> float:
    """Return a width in characters that fits the name, with its arrow, and the head of the column."""
    texts = [str(cell) for cell in excel_cells(array[:_HEAD]) if cell is not None]
    longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
    return float(min(max(longest + 2, len(name) + 3, _NARROWEST), _WIDEST))


def lines(text: str, width: float) -> int:
    """Return how many lines a text takes when it is wrapped at a width, which counts digits: letters are narrower."""
    return max(-(-len(text) // int(width * 1.1)), 1)


def grade_colours(letters: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the colours of each grade, the best first: green to grey."""
    middle = range(1, len(letters) - 1)
    places = [0, *(min(at, len(_GRADES) - 2) for at in middle), len(_GRADES) - 1]
    return dict(zip(letters, (_GRADES[at] for at in places), strict=False))


def bars(low: float, high: float) -> dict[str, Any]:
    """Return the rule that draws bars on a fixed scale; what is below 0 goes to the left in another colour."""
    return {
        "type": "data_bar",
        "bar_solid": True,
        "bar_color": "#9CC3E6" if low == 0 else "#CFE8DF" if low > 0 else "#8CCFBB",
        "bar_negative_color": "#EBA99A",
        "bar_no_border": True,
        "bar_axis_color": "#6B7280",
        "bar_axis_position": "middle" if low < 0 else "none",
        "min_type": "num",
        "min_value": low,
        "max_type": "num",
        "max_value": high,
    }
