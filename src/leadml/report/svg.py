"""Drawing: a picture of fixed size in plain SVG, coloured by the page's style, with words for those who cannot see it.

Colours are CSS classes, so that one picture is right in light, in dark and on paper.
"""

from collections.abc import Callable, Iterable, Sequence
from math import ceil, floor, log10

from markupsafe import Markup, escape

WIDTH = 420
Point = tuple[float, float]


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers from low to high, at most about ``most``."""
    if not high > low:
        return [low]
    raw = (high - low) / max(most - 1, 1)
    size = 10.0 ** floor(log10(raw))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= raw * (1 - 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


class Scale:
    """A straight map of numbers from [low, high] to [start, end]."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = low, high if high > low else low + 1.0
        self.start, self.end = start, end

    def __call__(self, x: float) -> float:
        """Return the place of a number; beyond the ends it is at the end."""
        share = (min(max(x, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


class Drawing:
    """A picture that is filled piece by piece. ``x`` and ``y`` are scales of its frame."""

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        width: float = WIDTH,
        height: float = 280,
        left: float = 48,
        right: float = 14,
        top: float = 14,
        bottom: float = 44,
    ) -> None:
        self.width, self.height = width, height
        self.x = Scale(*x, left, width - right)
        self.y = Scale(*y, height - bottom, top)
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        """Add a piece of SVG."""
        self._pieces.append(piece)

    def line(self, points: Iterable[Point], style: str) -> None:
        """Draw a line through points of the scales."""
        path = " ".join(f"{self.x(a):.1f},{self.y(b):.1f}" for a, b in points)
        self.add(f'<polyline class="{style}" points="{path}"/>')

    def area(self, lower: Sequence[Point], upper: Sequence[Point], style: str) -> None:
        """Fill the band between two lines."""
        path = " ".join(f"{self.x(a):.1f},{self.y(b):.1f}" for a, b in [*lower, *reversed(upper)])
        self.add(f'<polygon class="{style}" points="{path}"/>')

    def box(self, left: float, bottom: float, right: float, top: float, style: str, *, words: str = "") -> None:
        """Fill a box between places of the scales; ``words`` show where a pointer rests on it."""
        a, b = sorted((self.x(left), self.x(right)))
        c, d = sorted((self.y(bottom), self.y(top)))
        self.bar(a, c, b - a, d - c, style, words=words)

    def bar(self, x: float, y: float, width: float, height: float, style: str, *, words: str = "") -> None:
        """Fill a box at places of the picture."""
        end = f"><title>{escape(words)}</title></rect>" if words else "/>"
        size = f'width="{max(width, 0.0):.1f}" height="{max(height, 0.0):.1f}"'
        self.add(f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" {size}{end}')

    def dot(self, x: float, y: float, style: str, *, size: float = 4, words: str = "") -> None:
        """Set a dot."""
        end = f"><title>{escape(words)}</title></circle>" if words else "/>"
        self.add(f'<circle class="{style}" cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="{size:g}"{end}')

    def rule(self, a: Point, b: Point, style: str) -> None:
        """Draw a straight line between two places of the picture."""
        self.add(f'<line class="{style}" x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}"/>')

    def text(self, at: Point, words: str, *, anchor: str = "start", style: str = "") -> None:
        """Write at a place of the picture."""
        kind = f' class="{style}"' if style else ""
        self.add(f'<text{kind} x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}">{escape(words)}</text>')

    def x_axis(self, at: Iterable[float], write: Callable[[float], str], title: str, *, grid: bool = False) -> None:
        """Draw the axis below the frame."""
        foot = self.y.start
        for value in at:
            x = self.x(value)
            self.rule((x, self.y.end if grid else foot), (x, foot + 4), "grid")
            self.text((x, foot + 17), write(value), anchor="middle")
        self.rule((self.x.start, foot), (self.x.end, foot), "axis")
        self.text(((self.x.start + self.x.end) / 2, foot + 36), title, anchor="middle", style="title")

    def y_axis(self, at: Iterable[float], write: Callable[[float], str], title: str) -> None:
        """Draw the lines of the frame with their numbers; the title stands above them."""
        for value in at:
            y = self.y(value)
            self.rule((self.x.start, y), (self.x.end, y), "grid")
            self.text((self.x.start - 6, y + 4), write(value), anchor="end")
        if title:
            self.text((4, self.y.end - 12), title, style="title")

    def render(self, key: str, title: str, words: str) -> Markup:
        """Return the picture with its name and its words; ``key`` must be the only one of the page."""
        head = (
            f'<svg class="chart" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'aria-labelledby="{key}-t {key}-d" focusable="false">'
            f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(words)}</desc>'
        )
        return Markup(head + "".join(self._pieces) + "</svg>")
