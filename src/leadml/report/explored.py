"""The leads that were drawn by lot: what the report knows of them, and says in words and tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from leadml.model.bundle import Interval
from leadml.report.figures import Table
from leadml.report.rates import Rate
from leadml.report.voice import Voice

TINY = 0.0001  # chances are not told more finely


class Missed(msgspec.Struct, frozen=True):
    """A group of explored leads that the model misses, as in ``learning.explored``."""

    part: str
    level: str | None
    band: tuple[float | None, float | None] | None
    rate: Rate
    expected: float
    chance: float


class Explored(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the explored leads, as in ``learning.explored``; ``below`` is the rate of all below the cut."""

    rate: Rate
    below: Interval
    said: float
    excess: bool
    needed: int
    missed: tuple[Missed, ...]
    n_groups: int
    group_size: int
    group_times: float
    n_listed: int
    n_effective: float
    weighted: dict[str, Interval]
    plain: dict[str, Interval]

    @property
    def few(self) -> bool:
        """Whether there are too few outcomes to say anything."""
        return not self.excess and not self.missed and self.rate.n < self.needed


def sentences(facts: Explored, voice: Voice) -> list[str]:
    """Return what the explored leads say: how often they converted, and what the model misses."""
    numbers = voice.numbers
    below, said = voice.rate(facts.below), numbers.rate(facts.said)
    rates = voice.say("explored_rate", n=numbers.count(facts.rate.n), rate=below, said=said)
    if facts.few:
        return [rates, voice.say("explored_few", needed=numbers.count(facts.needed))]
    if facts.missed:
        return [rates, voice.say("explored_missing", groups="; ".join(group(one, voice) for one in facts.missed))]
    if facts.excess:
        return [rates, voice.words["explored_excess"]]
    size, times = numbers.count(facts.group_size), numbers.compact(round(facts.group_times, 1))
    return [rates, voice.say("explored_fits", n=size, times=times)]


def group(one: Missed, voice: Voice) -> str:
    """Return the name of a group: ``industry = Handwerk``, ``budget: 1,000 or more``."""
    labels, part = voice.labels, voice.labels.part(one.part)
    if one.level is not None:
        return f"{part} = {labels.level(one.part, one.level)}"
    return f"{part}: {labels.band(*one.band) if one.band is not None else voice.words['missing']}"


@dataclass(frozen=True, slots=True)
class Section:
    """What the report says of them: a few sentences, tables, and how it was found out."""

    told: str
    tables: Sequence[Table]
    method: str


def section(facts: Explored | None, voice: Voice) -> Section | None:
    """Return what the report says of explored leads; None where there are none."""
    if facts is None:
        return None
    tables = [_missed(facts, voice)] if facts.missed else []
    method = voice.say("explored_method", n=voice.numbers.count(facts.n_groups))
    return Section(" ".join(sentences(facts, voice)), [*tables, _ranking(facts, voice)], method)


def _missed(facts: Explored, voice: Voice) -> Table:
    numbers, words = voice.numbers, voice.words
    rows = [
        [
            group(one, voice),
            numbers.count(one.rate.n),
            numbers.count(one.rate.converted),
            numbers.decimal(one.expected, 1),
            numbers.decimal(one.chance, 4) if one.chance >= TINY else f"< {numbers.decimal(TINY, 4)}",
        ]
        for one in facts.missed
    ]
    heads = ["explored_group", "leads", "conversions", "explored_expected", "explored_chance"]
    return Table(words["explored_missed_caption"], [words[head] for head in heads], rows)


def _ranking(facts: Explored, voice: Voice) -> Table:
    numbers, words = voice.numbers, voice.words
    rows = []
    for name, weighted in facts.weighted.items():
        both = (weighted, facts.plain[name])
        cells = [voice.within(numbers.decimal(found.value, 3), voice.decimal_span(found)) for found in both]
        rows.append([voice.known(f"metric_{name}", name), *cells])
    caption = voice.say(
        "explored_ranking_caption", n=numbers.count(facts.n_listed), effective=numbers.count(facts.n_effective)
    )
    return Table(caption, [words["metric"], words["explored_weighted"], words["explored_plain"]], rows)
