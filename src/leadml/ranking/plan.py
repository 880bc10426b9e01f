"""How a list is made: how long it is, what counts, and which share of it is drawn by lot."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from leadml.errors import UsageError
from leadml.ranking.chance import Slots, slots
from leadml.ranking.order import Rows

By = Literal["probability", "expected_value"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of a list.

    ``capacity`` is how many leads one list may hold for one day, ``days`` for how many days it is made. ``by`` is what
    counts: the expected value is the probability times the value of the lead, less ``contact_cost``. ``explore`` is the
    share of slots that is drawn by lot below the cut (without a capacity, nobody is below it). The same ``seed`` draws
    the same; without one, each day of ``as_of`` has a draw of its own.
    """

    capacity: int | None = None
    by: By = "probability"
    contact_cost: float = 0.0
    explore: float = 0.0
    seed: int | None = None
    days: int = 1

    def __post_init__(self) -> None:
        if self.capacity is not None and self.capacity < 1:
            raise UsageError(f"capacity must be at least 1, got {self.capacity}; leave it out to rank all leads")
        if self.by not in get_args(By):
            raise UsageError(f"by must be one of {', '.join(get_args(By))}, got {self.by!r}; choose one of them")
        if not 0 <= self.contact_cost < float("inf"):
            raise UsageError(f"contact_cost must be a number of at least 0, got {self.contact_cost}")
        if not 0 <= self.explore < 1:
            raise UsageError(f"explore must fulfil 0 <= explore < 1, got {self.explore}; 0.1 is one slot in ten")
        if self.days < 1:
            raise UsageError(f"days must be at least 1, got {self.days}")
        if self.days > 1 and self.capacity is None:
            raise UsageError("days must come with a capacity, which is that of one day; give both")

    @property
    def length(self) -> int | None:
        """How many leads one list may hold."""
        return None if self.capacity is None else self.capacity * self.days

    def slots(self, order: Rows, *, as_of: datetime, strata: Rows | None = None, name: str | None = None) -> Slots:
        """Return the list that these ranked rows (n,) make; lists of other names have draws of their own."""
        seed = as_of.date().isoformat() if self.seed is None else self.seed
        return slots(order, capacity=self.length, share=self.explore, seed=(seed, name), strata=strata)
