"""Pairs of fields: a map of what each two values are worth together, in colours and in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp

from markupsafe import Markup, escape

from leadml.model.bundle import Bundle
from leadml.model.pairs import LevelSide, PairTerm, Side
from leadml.report.evidence import Evidence, PairFacts
from leadml.report.figures import Figure, Table
from leadml.report.svg import Drawing
from leadml.report.voice import Voice, cut

MOST = 12  # values of a side that are drawn: those that most leads have
MOST_ROWS = 40
ROW = 24
FAINT = 0.12  # how strongly a cell without points is coloured


@dataclass(frozen=True, slots=True)
class Cell:
    """Two values with their points together, and how many leads have both."""

    names: tuple[str, str]
    points: float
    leads: int


def pairs(evidence: Evidence, bundle: Bundle, voice: Voice) -> list[Figure]:
    """Return a figure per pair, the most important first."""
    known = {one.parts: one for one in evidence.pairs}
    there = [(pair, known[pair.parts]) for pair in bundle.scorecard.pairs if pair.parts in known]
    ranked = sorted(there, key=lambda one: -one[1].importance)
    return [_figure(f"pair-{i}", pair, facts, voice) for i, (pair, facts) in enumerate(ranked)]


def _figure(key: str, pair: PairTerm, facts: PairFacts, voice: Voice) -> Figure:
    words, numbers = voice.words, voice.numbers
    rows, columns = (_names(side, voice) for side in pair.sides)
    grid = [
        [Cell((a, b), pair.points[i][j], facts.leads[i][j]) for j, b in enumerate(columns)] for i, a in enumerate(rows)
    ]
    title = voice.say("pair_title", a=voice.labels.part(pair.parts[0]), b=voice.labels.part(pair.parts[1]))
    cells = sorted((one for row in grid for one in row if one.leads), key=lambda one: -abs(one.points) * one.leads)
    told = _told(cells, voice)
    table = Table(
        voice.say("pair_caption", pair=title),
        [*(voice.labels.part(part) for part in pair.parts), words["points_axis"], words["odds"], words["leads"]],
        [
            [
                *one.names,
                numbers.decimal(one.points, 2, signed=True),
                f"×{numbers.decimal(exp(one.points), 2)}",
                numbers.count(one.leads),
            ]
            for one in cells[:MOST_ROWS]
        ],
        left=frozenset({0, 1}),
    )
    tag = voice.say("importance_tag", x=numbers.decimal(facts.importance, 2))
    return Figure(key, title, _picture(key, title, _shown(grid), voice, told), told, table, tag)


def _names(side: Side, voice: Voice) -> list[str]:
    """Return the words of each code of a side."""
    words = voice.words
    if isinstance(side, LevelSide):
        levels = [voice.labels.level(side.part, level) for level in side.levels]
        return [*levels, words["other_levels"], words["missing"]]
    ends = [None, *side.cuts, None]
    return [*(voice.labels.band(a, b) for a, b in pairwise(ends)), words["missing"]]


def _told(cells: Sequence[Cell], voice: Voice) -> str:
    """Say which two values speak most for and most against together, among those that leads have."""
    if not cells:
        return voice.words["term_flat"]
    best, worst = max(cells, key=lambda one: one.points), min(cells, key=lambda one: one.points)
    a, b = (voice.numbers.decimal(one.points, 2, signed=True) for one in (best, worst))
    return voice.say("pair_alt", best=" + ".join(best.names), a=a, worst=" + ".join(worst.names), b=b)


def _shown(grid: list[list[Cell]]) -> list[list[Cell]]:
    """Return the rows and columns that leads have, at most ``MOST`` of either, the shorter side across."""
    for _ in range(2):
        held = [sum(one.leads for one in row) for row in grid]
        kept = sorted(sorted((i for i, n in enumerate(held) if n), key=lambda i, h=held: -h[i])[:MOST])  # type: ignore[misc]
        grid = [list(column) for column in zip(*(grid[i] for i in kept), strict=True)]
    if grid and len(grid) < len(grid[0]):
        grid = [list(column) for column in zip(*grid, strict=True)]
        grid = [[Cell((one.names[1], one.names[0]), one.points, one.leads) for one in row] for row in grid]
    return grid


def _picture(key: str, title: str, grid: list[list[Cell]], voice: Voice, told: str) -> Markup:
    """Draw the map: blue speaks for a conversion, orange against; the stronger the colour, the more."""
    if not grid:
        return Drawing((0, 1), (0, 1), height=40).render(key, title, told)
    most = max([abs(one.points) for row in grid for one in row if one.leads] + [0.01])
    foot = 20 + min(96.0, 5.0 * max(len(cut(one.names[1], 20)) for one in grid[0]))
    d = Drawing((0, 1), (0, 1), height=ROW * len(grid) + foot + 8, left=150, right=10, top=4, bottom=foot)
    wide = (d.x.end - d.x.start) / len(grid[0])
    for i, row in enumerate(grid):
        y = d.y.end + ROW * i
        d.text((d.x.start - 8, y + 16), cut(row[0].names[0], 22), anchor="end", style="ink")
        for j, one in enumerate(row):
            _cell(d, one, (d.x.start + wide * j, y, wide), one.points / most, voice)
    for j, one in enumerate(grid[0]):
        x, y = d.x.start + wide * (j + 0.5) + 4, d.y.end + ROW * len(grid) + 14
        words = escape(cut(one.names[1], 20))
        d.add(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="end" transform="rotate(-35 {x:.1f} {y:.1f})">{words}</text>')
    return d.render(key, title, told)


def _cell(d: Drawing, one: Cell, at: tuple[float, float, float], share: float, voice: Voice) -> None:
    """Fill one cell ``at`` its place and width; ``share`` is its part of the strongest."""
    x, y, wide = at
    style = "fill-model" if one.points >= 0 else "fill-neg"
    strength = 0.0 if not one.leads else FAINT + (0.85 - FAINT) * abs(share)
    size = f'x="{x + 1:.1f}" y="{y + 1:.1f}" width="{wide - 2:.1f}" height="{ROW - 2}"'
    said = voice.numbers.decimal(one.points, 2, signed=True)
    words = f"{one.names[0]}, {one.names[1]}: {said} ({voice.say('n_leads', n=voice.numbers.count(one.leads))})"
    d.add(f'<rect class="{style}" fill-opacity="{strength:.2f}" {size}><title>{escape(words)}</title></rect>')
    if one.leads and wide >= 34:
        d.text((x + wide / 2, y + 16), said, anchor="middle", style="ink")
