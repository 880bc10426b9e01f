"""How a list is made: how long it is, what counts, and which share of it is drawn by lot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from leadml.errors import UsageError
from leadml.model.first import First
from leadml.ranking.chance import Slots, slots
from leadml.ranking.order import Rows

By = Literal["probability", "expected_value"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of a list.

    ``capacity`` is how many leads one list may hold for one day, and ``capacities`` how many that of an owner may,
    where that differs; ``days`` is for how many days a list is made. ``by`` is what counts: the expected value is the
    probability times the value of the lead, less ``contact_cost``. ``explore`` is the share of slots that is drawn by
    lot below the cut (without a capacity, nobody is below it). The same ``seed`` draws the same; without one, each day
    of ``as_of`` has a draw of its own. ``first``: whether leads are checked before the first contact, on what is known
    without asking, or called first and asked; see ``model.first``.
    """

    capacity: int | None = None
    by: By = "probability"
    contact_cost: float = 0.0
    explore: float = 0.0
    seed: int | None = None
    days: int = 1
    capacities: Mapping[str, int] = field(default_factory=dict)
    first: First | None = None

    def __post_init__(self) -> None:
        if self.capacity is not None and self.capacity < 1:
            raise UsageError(f"capacity must be at least 1, got {self.capacity}; leave it out to rank all leads")
        for owner, capacity in self.capacities.items():
            if capacity < 1:
                raise UsageError(f"the capacity of {owner!r} must be at least 1, got {capacity}; leave out who is away")
        if self.by not in get_args(By):
            raise UsageError(f"by must be one of {', '.join(get_args(By))}, got {self.by!r}; choose one of them")
        if self.first not in (None, *get_args(First)):
            raise UsageError(f"first must be one of {', '.join(get_args(First))}, got {self.first!r}")
        if not 0 <= self.contact_cost < float("inf"):
            raise UsageError(f"contact_cost must be a number of at least 0, got {self.contact_cost}")
        if not 0 <= self.explore < 1:
            raise UsageError(f"explore must fulfil 0 <= explore < 1, got {self.explore}; 0.1 is one slot in ten")
        if self.days < 1:
            raise UsageError(f"days must be at least 1, got {self.days}")
        if self.days > 1 and self.capacity is None:
            raise UsageError("days must come with a capacity, which is that of one day; give both")

    def a_day(self, owner: str | None = None) -> int | None:
        """Return how many leads a list may hold for one day: that of an owner, or the whole list."""
        return self.capacity if owner is None else self.capacities.get(owner, self.capacity)

    def slots(self, order: Rows, *, as_of: datetime, strata: Rows | None = None, name: str | None = None) -> Slots:
        """Return the list that these ranked rows (n,) make; that of each owner's ``name`` has a draw of its own."""
        capacity = self.a_day(name)
        seed = as_of.date().isoformat() if self.seed is None else self.seed
        room = None if capacity is None else capacity * self.days
        return slots(order, capacity=room, share=self.explore, seed=(seed, name), strata=strata)
