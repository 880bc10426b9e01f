"""What the report shows of time: the delay to a conversion, what moved, and the months."""

from typing import Literal

import msgspec

from leadml.model.bundle import Interval
from leadml.report.rates import Rate

RIPE = 0.995  # of the conversions of a month: then its rate is told as final


class HorizonCost(msgspec.Struct, frozen=True):
    """A horizon and what it costs: conversions ``in_time`` of all, and the ``rate`` of leads that have matured."""

    days: int
    in_time: Interval
    matured: float
    rate: Rate
    proposed: bool


class Delay(msgspec.Struct, frozen=True):
    """The delay to a conversion, over ``n`` leads of which ``n_converted`` have.

    ``curve`` (k,) are (days, share of leads that converted by then), until it ends: then ``ever`` have. It has
    ``levelled_off`` where ``chance`` is small that nobody converts in the last ``flat_days`` otherwise. Half of these
    conversions come within ``median_days``, nine in ten within ``late_days``.
    """

    n: int
    n_converted: int
    curve: tuple[tuple[float, Interval], ...]
    ever: Interval
    levelled_off: bool
    flat_days: float
    chance: float
    median_days: float
    late_days: float
    horizons: tuple[HorizonCost, ...]


class Move(msgspec.Struct, frozen=True):
    """How far a part lies from the older leads to the test leads; ``part`` is empty for the score itself.

    ``psi`` is the population stability index, ``chance`` what it would be by chance alone. What moved most: the
    share of a ``level`` (``kind`` "level"), of missing values ("missing"), or the median of a number ("median"),
    from ``old`` to ``new``.
    """

    part: str
    psi: float
    chance: float
    kind: Literal["level", "missing", "median"]
    level: str | None
    old: float | None
    new: float | None


class Month(msgspec.Struct, frozen=True):
    """The matured leads that came in in one month (``2026-09``) or year.

    With a horizon, ``so_far`` are all leads of the month and their conversions in time until now, ``ripe`` the share of
    them that should have come by now, and ``expected`` the rate they will come to; None while nothing can be said.
    """

    label: str
    rate: Rate
    part: Literal["older", "between", "test", "young"]
    so_far: Rate | None = None
    ripe: float = 1.0
    expected: Interval | None = None

    @property
    def is_young(self) -> bool:
        """Whether conversions are yet to come, so that the rate so far is too low."""
        return self.so_far is not None and self.ripe < RIPE

    @property
    def best(self) -> Interval:
        """The rate that is to be believed."""
        return self.expected or Interval(None, None, None) if self.is_young else self.rate.interval
