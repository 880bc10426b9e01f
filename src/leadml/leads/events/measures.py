"""What is told of a lead's events: the measures, their names, and their fields with words."""

from collections.abc import Sequence

from leadml.leads.events.words import unknown_words, words
from leadml.leads.schema import Axis, Field, Measure

UNIT = 10_000  # a value is added up in ten-thousandths, as a whole number
LARGEST = 1e11  # a value's size, so that sums of many fit
TREND_DAYS = 30  # compared with as many days before, where no window is nearer


def measures(kinds: Sequence[str], windows: Sequence[int], *, others: bool, valued: bool, aged: bool) -> list[Measure]:
    """Return all measures of these kinds and windows (days), those of all kinds together first.

    ``others``: there are events of other kinds, too; without them, counts of all kinds are but the sum of the counts by
    kind. ``valued``: events have values to add up; ``aged``: leads are looked at at several ages.
    """
    found = [Measure("age")] if aged else []
    found += _of_kind(None, windows, valued=valued) if others or len(kinds) < 2 else [Measure("last"), Measure("first")]
    found += [Measure("kinds")] if len(kinds) > 1 else []
    found += [Measure("trend", days=trend_days(windows)), Measure("pace")]
    for kind in kinds if len(kinds) > 1 else ():
        found += _of_kind(kind, windows, valued=valued)
    return found


def trend_days(windows: Sequence[int]) -> int:
    """Return the window that is compared with the one before it: the one nearest to 30 days."""
    return min(windows, key=lambda days: (abs(days - TREND_DAYS), days), default=TREND_DAYS)


def _of_kind(kind: str | None, windows: Sequence[int], *, valued: bool) -> list[Measure]:
    found = [Measure("count", kind), *(Measure("count", kind, days) for days in windows)]
    if valued:
        found += [Measure("sum", kind), *(Measure("sum", kind, days) for days in windows)]
    return [*found, Measure("last", kind), Measure("first", kind)]


def field_name(measure: Measure) -> str:
    """Return the name of a measure's field: ``events.visit.count_30d``, ``events.last_days``."""
    what = f"{measure.what}_days" if measure.what in ("last", "first", "age") else measure.what
    end = "" if measure.days is None else f"_{measure.days}d"
    return ".".join(["events", *([] if measure.kind is None else [measure.kind]), what + end])


def field(measure: Measure, axis: Axis = "interest") -> Field:
    """Return the field of a measure."""
    return Field(
        field_name(measure),
        "number",
        "other" if measure.what == "age" else axis,
        words(measure),
        unknown=unknown_words(measure),
        measure=measure,
    )
