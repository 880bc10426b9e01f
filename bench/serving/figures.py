"""What is printed: each figure beside its aim, met or missed."""

from typing import NamedTuple


class Figure(NamedTuple):
    """A figure and its aim: the most it may be, or the least that it must be."""

    name: str
    value: float
    most: float | None = None
    least: float | None = None
    unit: str = "x"

    @property
    def is_met(self) -> bool:
        """Whether the aim is reached."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def line(self) -> str:
        """Return the figure as a line of a table."""
        aim = f"at most {self.most:g}" if self.most is not None else f"at least {self.least:g}"
        verdict = "met" if self.is_met else "MISSED"
        return f"{self.name:<66} {self.value:9.2f} {self.unit:<3} {aim} {self.unit:<4} {verdict}"


def show(figures: list[Figure]) -> None:
    """Print all figures and how many are met."""
    for figure in figures:
        print(figure.line())
    print(f"{sum(figure.is_met for figure in figures)} of {len(figures)} met")
