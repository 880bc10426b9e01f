"""Fields of events: as known at a moment, alike for one lead and for many, and nothing of what came later."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import DataError
from leadml.leads.coercion import DAY
from leadml.leads.events.choice import frequent_kinds
from leadml.leads.events.compute import compute
from leadml.leads.events.index import EventIndex
from leadml.leads.events.measures import field, field_name, measures
from leadml.leads.events.one import event_fields
from leadml.leads.events.reading import index_table
from leadml.leads.schema import EventTable, Field, Measure, Roles, Schema

KINDS, WINDOWS = ("visit", "call"), (7, 30)
TOLD = EventTable(value="value", kinds=KINDS, windows=WINDOWS, snapshots=(0, 7))
FIELDS = [field(one) for one in measures(KINDS, WINDOWS, others=True, valued=True, aged=True)]
SCHEMA = Schema(tuple(FIELDS), Roles(id="lead_id", created_at="created_at"), events=TOLD)
LEADS = ("a", "b", "c")
START = 1_700_000_000.0
# moments on a coarse grid, so that many are the same, and to the microsecond
MOMENTS = st.one_of(
    st.integers(0, 60).map(lambda days: START + days * DAY),
    st.integers(0, 60 * 86_400_000_000).map(lambda micros: (1_700_000_000_000_000 + micros) / 1e6),
)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(LEADS),
        MOMENTS,
        st.sampled_from((*KINDS, "other")),
        st.one_of(st.none(), st.floats(-1e6, 1e6)),
    ),
    max_size=30,
)
Event = tuple[str, float, str, float | None]


def table(events: Sequence[Event]) -> pa.Table:
    micros = pa.array([round(event[1] * 1e6) for event in events], pa.int64())
    return pa.table(
        {
            "lead_id": pa.array([event[0] for event in events], pa.string()),
            "at": micros.cast(pa.timestamp("us", "UTC")),
            "kind": pa.array([event[2] for event in events], pa.string()),
            "value": pa.array([event[3] for event in events], pa.float64()),
        }
    )


def index(events: Sequence[Event]) -> EventIndex:
    read = index_table(table(events), TOLD)
    assert not read.faults
    return read.index


def told(events: Sequence[Event], at: float, created: float = START) -> dict[str, bytes]:
    """Return the fields of all leads in a batch, as bytes."""
    known = index(events).of(pa.array(LEADS))
    moments, came = np.full(len(LEADS), at), np.full(len(LEADS), created)
    wanted = [one.measure for one in FIELDS if one.measure is not None]
    columns = compute(known.index, known.codes, moments, wanted, kinds=KINDS, created=came)
    return {field_name(measure): column.tobytes() for measure, column in columns.items()}


def fields_of_one(events: Sequence[Event], lead: str, at: float) -> dict[str, float]:
    own: list[dict[str, object]] = [
        {"at": event[1], "kind": event[2], "value": event[3]} for event in events if event[0] == lead
    ]
    schema = Schema(SCHEMA.fields, SCHEMA.roles, events=EventTable(**{**_dict(TOLD), "formats": {"at": "seconds"}}))
    values = event_fields(schema, own, as_of=at, created=START)
    return {name: np.nan if value is None else value for name, value in values.items()}


def _dict(told: EventTable) -> dict[str, Any]:
    return {name: getattr(told, name) for name in EventTable.__struct_fields__}


@given(EVENTS, EVENTS, MOMENTS)
def test_what_comes_after_the_moment_changes_nothing(events: list[Event], more: list[Event], at: float) -> None:
    later = [(lead, at + 1e-6 + (moment - START), kind, value) for lead, moment, kind, value in more]
    later = [event for event in later if round(event[1] * 1e6) > round(at * 1e6)]
    assert told(events, at) == told([*events, *later], at)


@given(st.data())
def test_the_order_of_the_table_does_not_matter(data: st.DataObject) -> None:
    events, at = data.draw(EVENTS), data.draw(MOMENTS)
    assert told(events, at) == told(data.draw(st.permutations(events)), at)


@given(EVENTS, MOMENTS)
def test_one_lead_is_as_in_a_batch(events: list[Event], at: float) -> None:
    batch = {name: np.frombuffer(column) for name, column in told(events, at).items()}
    for place, lead in enumerate(LEADS):
        one = fields_of_one(events, lead, at)
        assert one.keys() == batch.keys()
        for name, value in one.items():
            assert np.float64(value).tobytes() == batch[name][place].tobytes(), name


def test_by_hand() -> None:
    events: list[Event] = [
        ("a", START, "visit", 10.0),
        ("a", START + 20 * DAY, "visit", 2.5),
        ("a", START + 30 * DAY, "call", None),
        ("a", START + 37 * DAY, "visit", 0.1),
        ("b", START, "visit", 1.0),
    ]
    one = fields_of_one(events, "a", START + 37 * DAY)
    assert one["events.age_days"] == 37
    assert (one["events.visit.count"], one["events.visit.count_7d"], one["events.visit.count_30d"]) == (3, 1, 2)
    assert (one["events.visit.sum"], one["events.visit.sum_30d"], one["events.call.sum"]) == (12.6, 2.6, 0)
    assert (one["events.visit.last_days"], one["events.visit.first_days"]) == (0, 37)
    assert (one["events.call.last_days"], one["events.call.count_7d"]) == (7, 0)  # a window is open at its far end
    assert (one["events.kinds"], one["events.trend_30d"]) == (2, 3 - 1)
    assert one["events.pace"] == 4 / 37
    nobody = fields_of_one(events, "c", START)
    assert (nobody["events.count"], nobody["events.kinds"], nobody["events.trend_30d"]) == (0, 0, 0)
    assert np.isnan([nobody["events.last_days"], nobody["events.call.first_days"], nobody["events.pace"]]).all()


def test_a_model_of_new_leads_is_told_what_was_known_then() -> None:
    schema = Schema(SCHEMA.fields, SCHEMA.roles, events=EventTable(kinds=KINDS, windows=WINDOWS))
    visits = [{"at": "2026-01-01", "kind": "visit"}, {"at": "2026-01-03", "kind": "Visit "}]
    second = event_fields(schema, visits, as_of=1.8e9, created=1767312000.0)  # 2026-01-02
    assert (second["events.visit.count"], second["events.last_days"], second["events.age_days"]) == (1, 1, 0)
    assert event_fields(schema, visits, as_of=1.8e9)["events.visit.count"] == 2
    assert event_fields(schema, visits, as_of=1767225599.0, created=1767312000.0)["events.visit.count"] == 0


def test_events_of_one_lead_that_cannot_be_read() -> None:
    wrong: list[dict[str, object]] = [
        {"at": "soon", "kind": "visit"},
        {"at": "2026-01-01"},
        {"at": "2026-01-01", "kind": "a", "value": 1e12},
    ]
    with pytest.raises(DataError) as caught:
        event_fields(SCHEMA, wrong, as_of=START)
    found = [(fault.line, fault.column, fault.message) for fault in caught.value.faults]
    assert found[0][:2] == (1, "at")
    assert found[1:] == [
        (2, "kind", "must be given, got nothing"),
        (3, "value", "must be between -100 and 100 billion, got 1e+12"),
    ]


def test_the_most_frequent_kinds_that_were_known() -> None:
    leads = [f"L{i}" for i in range(20)]
    events: list[Event] = []
    for at, lead in enumerate(leads):
        events += [(lead, START + 5 * DAY, "later", None)] * 5
        events += [(lead, START, "visit", None)] * 3
        events += [(lead, START, "call", None)] if at < 10 else []
        events += [(lead, START, "seldom", None)] * 4 if at < 9 else []
    known = index(events).of(pa.array(leads))
    created = np.full(len(leads), START)
    assert frequent_kinds(known, created, 5) == (("visit", "call"), True)
    assert frequent_kinds(known, created, 1) == (("visit",), True)
    assert frequent_kinds(known, created + 5 * DAY, 3) == (("later", "visit", "call"), True)
    assert frequent_kinds(index(events[:8]).of(pa.array(["x"])), created[:1], 3) == ((), False)


def test_a_table_with_faults() -> None:
    read = index_table(
        pa.table(
            {
                "lead_id": ["a", "", "a", "a", "a", "a", " "],
                "at": ["2026-01-01", "2026-01-01", "", "soon", "2026-01-02", "2026-01-03", "2026-01-04"],
                "kind": ["Visit", "visit", "visit", "visit", "n/a", "call", "call"],
                "value": ["1,5", "1", "1", "1", "1", "x", "1"],
            }
        ),
        TOLD,
    )
    assert (len(read.index), read.n_faulty, read.index.kinds) == (1, 6, ("visit", "call"))
    found = {(int(fault.line or 0), fault.column): fault.count for fault in read.faults}
    assert found == {(2, "lead_id"): 2, (3, "at"): 1, (4, "at"): 1, (5, "kind"): 1, (6, "value"): 1}
    with pytest.raises(DataError, match="must have this column"):
        index_table(pa.table({"lead_id": ["a"]}), TOLD)


def test_the_words_of_every_measure() -> None:
    for one in FIELDS:
        assert isinstance(one, Field)
        for words in one.words.values():
            assert words.count("{") == words.count("}") <= 1
            assert "None" not in words
    visits = field(Measure("count", "visit", 30))
    assert (visits.name, visits.axis) == ("events.visit.count_30d", "interest")
    assert visits.words == {"en": "{} visit(s) in 30 days", "de": "{} Besuch(e) in 30 Tagen"}
    last = field(Measure("last", "visit"))
    assert last.words["de"] == "letzter Besuch vor {} Tag(en)"
    assert last.unknown == {"en": "no visit so far", "de": "bisher kein Besuch"}
    assert field(Measure("sum", "odd {kind}", 7)).words["en"] == 'value of times "odd kind" in 7 days'
