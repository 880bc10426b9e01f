"""The events of one lead, given as plain Python: the same fields as in a batch, to the bit; no Arrow, no arrays."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from leadml.errors import DataError, Fault
from leadml.leads.coercion import DAY, CoercionError, Missing, level, number, seconds
from leadml.leads.events.measures import LARGEST, UNIT
from leadml.leads.schema import EventTable, Field, Format, Measure, Schema

NOTHING = "must be given, got nothing"
Event = tuple[float, str, int]  # when, in seconds since 1970; of what kind; its value in units of UNIT


def event_fields(
    schema: Schema,
    events: Iterable[Mapping[str, object]],
    *,
    as_of: float,
    created: float | None = None,
    wanted: Collection[Field] | None = None,
) -> dict[str, float | None]:
    """Return the fields that a lead's events make, by name, as they were known at ``as_of``.

    An event is a mapping with ``at`` (a date, as it is read anywhere), ``kind`` and, where the model adds values up,
    ``value``. ``as_of`` and ``created`` (when the lead came in) are seconds since 1970; ``wanted`` are the fields, by
    default all that are made of events. None is a missing value. Raises DataError naming every fault, ``line`` being
    the place of the event, from 1.
    """
    table = schema.events or EventTable()
    fields = [one for one in (schema.fields if wanted is None else wanted) if one.measure is not None]
    at = looked_at(table, as_of, created)
    known = [
        event for event in read_all(events, schema.placeholders, form=table.formats.get(table.at)) if event[0] <= at
    ]
    runs: dict[str | None, _Run] = {None: _Run(known)}
    for kind in {one.measure.kind for one in fields if one.measure} | {*table.kinds}:
        if kind is not None:
            runs[kind] = _Run([event for event in known if event[1] == kind])
    return {one.name: _told(one.measure, runs, table.kinds, at, created) for one in fields if one.measure}


def looked_at(table: EventTable, as_of: float, created: float | None) -> float:
    """Return the moment at which a lead's events are looked at, in seconds since 1970.

    A model that has only seen leads as they came in is told what was known then: later acts would mean nothing to it.
    """
    if table.snapshots == (0,) and created is not None and created < as_of:  # NaN is not less
        return created
    return as_of


def read_all(
    events: Iterable[Mapping[str, object]], placeholders: Iterable[str] = (), *, form: Format | None = None
) -> list[Event]:
    """Return events as (at, kind, value); ``form`` is how moments are written. Raises DataError naming every fault."""
    missing, found, faults = Missing(placeholders), list[Event](), list[Fault]()
    for line, event in enumerate(events, start=1):
        read: dict[str, Callable[[object], object]] = {
            "at": lambda value: _given(seconds(value, missing, form)),
            "kind": lambda value: _given(kind_of(value, missing)),
            "value": lambda value: units(number(value, missing)),
        }
        values: list[Any] = []
        for name, one in read.items():
            try:
                values.append(one(event.get(name)))
            except CoercionError as error:
                faults.append(Fault(str(error), line, name))
        if len(values) == len(read):
            found.append((values[0], values[1], values[2]))
    if faults:
        raise DataError("the events must be readable; mend these values:", faults)
    return found


def kind_of(value: object, missing: Missing) -> str | None:
    """Return a kind of event in the one form in which kinds are told apart; None where it is missing."""
    text = missing.text(value)
    return None if text is None else level(text)


def units(value: float | None) -> int:
    """Return a value in units; a missing one adds nothing. Raises CoercionError where it is too large."""
    if value is None:
        return 0
    if not -LARGEST < value < LARGEST:
        raise CoercionError(too_large(value))
    return round(value * UNIT)


def too_large(value: float) -> str:
    """Return what is wrong with a value that cannot be added up."""
    return f"must be between -100 and 100 billion, got {value:g}"


def _given(value: object) -> object:
    if value is None:
        raise CoercionError(NOTHING)
    return value


class _Run:
    """Some events of one lead, in order of time."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = sorted(events)
        self.at = [event[0] for event in self.events]

    def since(self, moment: float) -> list[Event]:
        """Return the events after a moment."""
        return self.events[bisect_right(self.at, moment) :]


def _told(
    measure: Measure, runs: Mapping[str | None, _Run], kinds: Sequence[str], at: float, created: float | None
) -> float | None:
    run = runs[measure.kind]
    if measure.what == "age":
        return None if created is None or created != created else (at - created) / DAY  # noqa: PLR0124
    if measure.what == "kinds":
        return float(sum(1 for kind in kinds if runs[kind].at))
    if measure.what in ("count", "sum"):
        events = run.events if measure.days is None else run.since(at - measure.days * DAY)
        return float(len(events)) if measure.what == "count" else float(sum(event[2] for event in events)) / UNIT
    if measure.what == "trend":
        days = measure.days or 0
        recent, both = len(run.since(at - days * DAY)), len(run.since(at - 2 * days * DAY))
        return float(recent - (both - recent))
    if not run.at:
        return None
    if measure.what == "last":
        return (at - run.at[-1]) / DAY
    first = (at - run.at[0]) / DAY
    return first if measure.what == "first" else len(run.at) / max(first, 1.0)
