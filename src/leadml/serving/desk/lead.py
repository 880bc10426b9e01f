"""One lead of a list: what it is made of, what speaks for it and against it, and what is not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leadml.leads.coercion import CoercionError, plain_text
from leadml.leads.schema import AXES, Axis
from leadml.model.explain import explain
from leadml.model.scorer import Scorer, probability
from leadml.serving.desk.listed import IN, MADE, Listed
from leadml.serving.desk.view import Translation, leads

if TYPE_CHECKING:
    import pyarrow as pa

STEPS = 12  # of the waterfall; what counts least is put together
LEAST = 0.005  # log-odds: what counts less is left out
SAME = 1e-6  # log-odds by which what is explained may differ from what is listed
WEAK, CLEAR, STRONG = 0.1, 0.5, 1.2  # log-odds from which an axis counts a little, clearly, strongly
Piece = tuple[str | None, float, bool, int]  # what it says, its points, whether it is missing, how many it stands for


@dataclass(frozen=True, slots=True)
class Part:
    """What one field adds: ``points`` in log-odds; ``missing``: it is not known."""

    field: str
    axis: Axis
    points: float
    text: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the waterfall from one chance to the next; ``text`` None stands for ``n`` small ones together.

    ``start`` and ``end`` are where its bar begins and ends, in percent of the width of the picture.
    """

    text: str | None
    points: float
    before: float
    after: float
    start: float
    end: float
    missing: bool = False
    n: int = 1


@dataclass(frozen=True, slots=True)
class Detail:
    """One lead for a page. ``parts`` is None where the model that made the list does not serve."""

    lead: Mapping[str, Any]
    cells: Sequence[tuple[str, str]]
    base: float
    parts: tuple[Part, ...] | None
    steps: tuple[Step, ...]
    marks: tuple[float, float]

    @property
    def pro(self) -> list[Part]:
        """What speaks for the lead, the strongest first."""
        return [part for part in self.parts or () if part.points >= LEAST and not part.missing]

    @property
    def con(self) -> list[Part]:
        """What speaks against it, the strongest first."""
        return [part for part in self.parts or () if part.points <= -LEAST and not part.missing]

    @property
    def unknown(self) -> list[Part]:
        """What is not known: each field once, and no words twice."""
        parts = [part for part in self.parts or () if part.missing]
        by_field = {part.field: part for part in reversed(parts)}
        return list({part.text: part for part in reversed(by_field.values())}.values())

    def of_axis(self, axis: Axis) -> list[Part]:
        """Return what is known on an axis, the strongest first."""
        return [one for one in self.parts or () if one.axis == axis and abs(one.points) >= LEAST and not one.missing]

    def unknown_of(self, axis: Axis) -> list[Part]:
        """Return what is not known on an axis."""
        return [part for part in self.unknown if part.axis == axis]


def detail(
    table: "pa.Table", told: Listed, place: int, scorer: Scorer, translation: Translation | None = None
) -> Detail:
    """Return one lead of a list, ``place`` from 1, explained by the model if it is the one that made the list."""
    row = table.slice(place - 1, 1).to_pylist()[0]
    row |= leads(table, np.array([place - 1]), translation)[0]
    parts = _parts(row, told, scorer)
    base = float(row["base"])
    if parts is not None:
        told_of = [part for part in parts if abs(part.points) >= LEAST]
        pieces: list[Piece] = [(part.text, part.points, part.missing, 1) for part in told_of[:STEPS]]
        rest = sum(part.points for part in parts) - sum(points for _, points, _, _ in pieces)
        n_rest = len(parts) - len(pieces)
        pieces += [(None, rest, False, n_rest)] if n_rest and abs(rest) >= LEAST else []
    else:
        pieces = [(axis, float(row[axis]), False, 1) for axis in AXES if abs(float(row[axis])) >= LEAST]
    steps, marks = _waterfall(base, float(row["logit"]), pieces)
    return Detail(row, _cells(row), base, parts, steps, marks)


def _parts(row: Mapping[str, Any], told: Listed, scorer: Scorer) -> tuple[Part, ...] | None:
    """Return what each field adds, the strongest first; None where another model made the list."""
    if told.model_version != scorer.passport.model_version:
        return None
    try:
        found = explain(scorer, values(row, scorer))
    except CoercionError:
        return None
    if abs(scorer.bundle.scorecard.base + sum(one.contribution for one in found) - row["logit"]) > SAME:
        return None
    made = {field.name for field in scorer.schema.fields if field.measure is not None}  # nobody can be asked for these
    parts = [
        Part(one.field, one.axis, one.contribution, one.text, one.missing and one.field not in made) for one in found
    ]
    return tuple(sorted(parts, key=lambda part: -abs(part.points)))


def values(row: Mapping[str, Any], scorer: Scorer) -> dict[str, Any]:
    """Return a lead of a list as the model reads it."""
    roles = scorer.schema.roles
    lead = {name.removeprefix(IN): value for name, value in row.items() if name.startswith(IN)}
    lead |= {name.removeprefix(MADE): value for name, value in row.items() if name.startswith(MADE)}
    for name, column in (("lead_id", roles.id), ("owner", roles.owner)):
        if column is not None:
            lead.setdefault(column, row[name])
    return lead


def _cells(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the file says of the lead: (column, value), without empty cells."""
    cells = [(name.removeprefix(IN), value) for name, value in row.items() if name.startswith(IN)]
    told = [(name, plain_text(value) or "") for name, value in cells]
    return [(name, text[:500]) for name, text in told if text.strip()]


def _waterfall(base: float, logit: float, pieces: Sequence[Piece]) -> tuple[tuple[Step, ...], tuple[float, float]]:
    """Return the steps from the average lead to this one, and where these two lie, in percent of the width."""
    levels = [base]
    for _, points, _, _ in pieces:
        levels.append(levels[-1] + points)
    low, high = min(*levels, logit), max(*levels, logit)
    pad = 0.04 * max(high - low, 0.2)
    low, high = low - pad, high + pad

    def at(x: float) -> float:
        return 100 * (x - low) / (high - low)

    steps = []
    for (text, points, missing, n), before in zip(pieces, levels, strict=False):
        after = before + points
        chances = probability(before), probability(after)
        steps.append(Step(text, points, *chances, at(before), at(after), missing, n))
    return tuple(steps), (at(base), at(logit))


def strength(points: float) -> str:
    """Return how much an axis counts, as the key of its words: ``strong_for``, ``weak_against``, ``neutral`` ..."""
    size = abs(points)
    if size < WEAK:
        return "neutral"
    how = "strong" if size >= STRONG else "clear" if size >= CLEAR else "weak"
    return f"{how}_{'for' if points > 0 else 'against'}"
