"""Outcomes and labels: who converted in time, who did not, and of whom nothing may be said yet."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.coercion import DAY, Missing
from leadml.leads.labels import CONVERTED, LOST, OPEN, UNLISTED, Labels, label, read_outcomes
from leadml.leads.schema import Outcomes

HORIZON = 90
AS_OF = 1000 * DAY
NEVER = float("nan")
LISTED = Outcomes(("Won",), ("lost", "-"), ("new",))


def one(status: int, created: float, converted: float = NEVER, *, horizon: int | None = HORIZON) -> tuple[bool, ...]:
    """Return (y, matured, open) of one lead; days before ``AS_OF`` count downwards from 0."""
    labels = label(
        np.array([status], dtype=np.int8),
        np.array([AS_OF + created * DAY]),
        np.array([AS_OF + converted * DAY]),
        as_of=AS_OF,
        horizon_days=horizon,
    )
    return bool(labels.y[0]), bool(labels.matured[0]), bool(labels.open[0])


@pytest.mark.parametrize(
    ("status", "created", "converted", "expected"),
    [
        (CONVERTED, -100, -20, (True, True, False)),
        (CONVERTED, -100, -10, (True, True, False)),  # on the last day of its horizon
        (CONVERTED, -100, -9, (False, True, False)),  # a day too late: not converted in time
        (LOST, -100, NEVER, (False, True, False)),
        (OPEN, -100, NEVER, (False, True, True)),  # its time is over: it counts as not converted
        (OPEN, -90, NEVER, (False, True, True)),  # the label is final on the last day
        (OPEN, -89, NEVER, (False, False, True)),
        (LOST, -89, NEVER, (False, False, False)),  # a young loss waits like a young win
        (CONVERTED, -89, -80, (False, False, False)),
        (CONVERTED, -100, 1, (False, True, True)),  # what happens tomorrow is not known
        (CONVERTED, -50, 1, (False, False, True)),
    ],
)
def test_with_a_horizon(status: int, created: float, converted: float, expected: tuple[bool, ...]) -> None:
    assert one(status, created, converted) == expected


@pytest.mark.parametrize(
    ("status", "converted", "expected"),
    [
        (CONVERTED, NEVER, (True, True, False)),
        (CONVERTED, -1, (True, True, False)),
        (LOST, NEVER, (False, True, False)),
        (OPEN, NEVER, (False, False, True)),
        (CONVERTED, 1, (False, False, True)),  # still open at as_of
    ],
)
def test_without_a_horizon(status: int, converted: float, expected: tuple[bool, ...]) -> None:
    assert one(status, -1, converted, horizon=None) == expected


STATES = st.lists(
    st.tuples(st.sampled_from([CONVERTED, LOST, OPEN]), st.integers(-300, 50), st.integers(0, 200)), min_size=1
)


def labels_at(leads: list[tuple[int, int, int]], as_of: int) -> Labels:
    created = np.array([float(day) for _, day, _ in leads]) * DAY
    lasted = np.array([after if status == CONVERTED else NEVER for status, _, after in leads]) * DAY
    status = np.array([status for status, _, _ in leads], dtype=np.int8)
    return label(status, created, created + lasted, as_of=as_of * DAY, horizon_days=HORIZON)


@given(STATES, st.integers(-300, 300), st.integers(0, 300))
def test_a_matured_label_never_changes(leads: list[tuple[int, int, int]], as_of: int, later: int) -> None:
    now, then = labels_at(leads, as_of), labels_at(leads, as_of + later)
    assert not np.any(now.y & ~now.matured)
    assert not np.any(now.matured & ~then.matured)
    assert np.array_equal(now.y[now.matured], then.y[now.matured])


def test_outcomes_are_compared_in_one_form() -> None:
    status, unnamed = read_outcomes(pa.array(["won", " WON ", "Lost", "NEW", None, "", "n/a"]), LISTED, Missing())
    assert status.tolist() == [CONVERTED, CONVERTED, LOST, OPEN, OPEN, OPEN, OPEN]
    assert unnamed == {}


def test_a_listed_outcome_is_no_placeholder() -> None:
    assert read_outcomes(pa.array(["-", "--"]), LISTED, Missing())[0].tolist() == [LOST, OPEN]


def test_outcomes_in_no_list() -> None:
    array = pa.array(["won", "stalled", "stalled", "new", None])
    status, unnamed = read_outcomes(array, LISTED, Missing())
    assert (status.tolist(), unnamed) == ([CONVERTED, UNLISTED, UNLISTED, OPEN, OPEN], {"stalled": 2})
    status, unnamed = read_outcomes(array, Outcomes(("won",), None, ("new",)), Missing())
    assert (status.tolist(), unnamed) == ([CONVERTED, LOST, LOST, OPEN, OPEN], {"stalled": 2})


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1, 0]),
        pa.array([1.0, 0.0]),
        pa.array(["1", "0"]),
        pa.array(["1.0", "0"]),
        pa.array(["1", "0"]).dictionary_encode(),
    ],
)
def test_outcomes_that_are_numbers(array: pa.Array) -> None:
    assert read_outcomes(array, Outcomes(("1",), ("0",)), Missing())[0].tolist() == [CONVERTED, LOST]


def test_outcomes_that_are_true_or_false() -> None:
    outcomes = Outcomes(("TRUE",), ("FALSE",))
    for array in (pa.array([True, False, None]), pa.array(["true", "False", None])):
        assert read_outcomes(array, outcomes, Missing())[0].tolist() == [CONVERTED, LOST, OPEN]
    assert read_outcomes(pa.array([1.0, float("nan")]), Outcomes(("1",)), Missing())[0].tolist() == [CONVERTED, OPEN]
