"""What the search may choose: a family and its settings, groups of fields, and how fast old leads count less.

To let it choose among more: an entry in ``RANGES``, and the family's line in ``SETTINGS``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadml.leads.schema import AXES, Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.candidates import Settings
from leadml.learning.recency import age, half_life
from leadml.learning.search import Trial, steady_parts
from leadml.learning.splits import Split

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial as Suggestions

Rows = NDArray[np.intp]
RANGES: Mapping[str, tuple[float, float]] = {  # all searched on a logarithmic scale
    "C": (0.001, 10.0),
    "min_samples_leaf": (4, 200),
    "reg_lambda": (0.1, 1000.0),
    "smoothing_rounds": (50, 1000),
}
WHOLE = frozenset({"min_samples_leaf", "smoothing_rounds"})
_MACHINE = ("min_samples_leaf", "reg_lambda", "smoothing_rounds")
SETTINGS: Mapping[str, tuple[str, ...]] = {"prior": (), "logistic": ("C",), "ebm": _MACHINE, "blend": ("C", *_MACHINE)}
SHORTEST = 1 / 20  # of the time that the leads span: the shortest half-life
DATING = "fields that date a lead"
DIGITS = 3  # a setting is written in few digits


@dataclass(frozen=True, slots=True)
class Choice:
    """A recipe to try: a family, its settings with a half-life perhaps, and the parts it may read."""

    family: str
    settings: Settings
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """All recipes that may be tried.

    ``groups`` are the parts by name of the group: the axes, where there are several, and the parts that date a lead.
    A part is read where all its groups are on; where nothing would be left, everything is. ``span`` is the age of the
    oldest lead in days, or in rows without dates; 0 where no half-life can be chosen.
    """

    families: tuple[str, ...]
    parts: tuple[Part, ...]
    groups: Mapping[str, frozenset[str]]
    span: float
    dated: bool

    def distributions(self) -> "dict[str, BaseDistribution]":
        """Return every parameter that a trial may have, and its range."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        found: dict[str, BaseDistribution] = {"family": CategoricalDistribution(self.families)}
        for family in self.families:
            for name in SETTINGS[family]:
                low, high = RANGES[name]
                found[f"{family} {name}"] = (
                    IntDistribution(int(low), int(high), log=True)
                    if name in WHOLE
                    else FloatDistribution(low, high, log=True)
                )
        for group in self.groups:
            found[group] = CategoricalDistribution((True, False))
        if self.span > 0:
            found["recency"] = CategoricalDistribution((False, True))
            found["half-life"] = FloatDistribution(SHORTEST * self.span, self.span, log=True)
        return found

    def ask(self, trial: "Suggestions") -> Choice:
        """Let a sampler choose."""
        known = self.distributions()

        def suggest(name: str) -> Any:
            return _suggest(trial, name, known[name])

        family = str(suggest("family"))
        settings = {name: _written(name, suggest(f"{family} {name}")) for name in SETTINGS[family]}
        off = [group for group in self.groups if not suggest(group)]
        if self.span > 0 and suggest("recency"):
            settings |= half_life(_written("half-life", suggest("half-life")), dated=self.dated)
        return Choice(family, settings, self.without(off))

    def without(self, off: Sequence[str]) -> tuple[Part, ...]:
        """Return the parts that are left where some groups are off."""
        gone = frozenset().union(*(self.groups[group] for group in off))
        return tuple(part for part in self.parts if part.name not in gone) or self.parts

    def params(self, trial: Trial) -> dict[str, Any] | None:
        """Return the parameters of a trial that was not asked for; None where it lies outside the space."""
        if trial.family not in self.families or set(trial.settings) != set(SETTINGS[trial.family]):
            return None
        read = {part.name for part in trial.parts}
        groups = {group: bool(names & read) for group, names in self.groups.items()}
        if {part.name for part in self.without([group for group, on in groups.items() if not on])} != read:
            return None
        settings = {f"{trial.family} {name}": value for name, value in trial.settings.items()}
        return {"family": trial.family, **settings, **groups, **({"recency": False} if self.span > 0 else {})}


def make_space(
    shots: Snapshots, parts: Sequence[Part], rows: Rows, folds: Sequence[Split], families: Sequence[str]
) -> Space:
    """Return the space for some leads: their axes, the parts that date them, and the time they span."""
    steady = {part.name for part in steady_parts(shots, parts, folds)}
    axes = {axis: frozenset(part.name for part in parts if part.axis == axis) for axis in AXES}
    groups: dict[str, frozenset[str]] = {axis: names for axis, names in axes.items() if names}
    groups = groups if len(groups) > 1 else {}
    dating = frozenset(part.name for part in parts) - steady
    if steady and dating:
        groups[DATING] = dating
    named = tuple(family for family in families if family in SETTINGS)
    return Space(named, tuple(parts), groups, float(age(shots, rows).max(initial=0.0)), shots.dated)


def _suggest(trial: "Suggestions", name: str, among: "BaseDistribution") -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(among, CategoricalDistribution):
        return trial.suggest_categorical(name, among.choices)
    if isinstance(among, IntDistribution):
        return trial.suggest_int(name, among.low, among.high, log=among.log)
    assert isinstance(among, FloatDistribution)
    return trial.suggest_float(name, among.low, among.high, log=among.log)


def _written(name: str, value: float) -> float:
    return int(value) if name in WHOLE else float(f"{value:.{DIGITS}g}")
