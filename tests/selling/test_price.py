"""What a list is worth: properties of the value of pools, and of the deal that a list is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from leadml.errors import UsageError
from leadml.selling.price import Terms, best, checked, deal, value

CHANCES = st.lists(st.floats(0, 1), max_size=30).map(np.array)
MONEY = st.builds(Terms, st.floats(1, 1000), st.floats(0, 100), st.integers(1, 40))
Floats = NDArray[np.float64]


@given(CHANCES, CHANCES, MONEY)
def test_the_price_is_what_the_list_adds(listed: Floats, backlog: Floats, terms: Terms) -> None:
    done = deal(listed, backlog, terms)
    both = value(np.concatenate((backlog, listed)), terms)
    assert done.price == pytest.approx(both - value(backlog, terms), abs=1e-9)
    bought = listed[done.entering].sum() - backlog[done.displaced].sum()
    calls = len(done.entering) - len(done.displaced)
    assert done.price == pytest.approx(terms.margin * bought - terms.cost * calls, abs=1e-7)
    assert len(done.displaced) <= len(done.entering) <= terms.capacity


@given(CHANCES, st.floats(0, 1), MONEY)
def test_a_lead_never_lowers_the_value(pool: Floats, one: float, terms: Terms) -> None:
    assert value(np.append(pool, one), terms) >= value(pool, terms) - 1e-9


@given(CHANCES, CHANCES, MONEY, st.randoms())
def test_the_order_of_rows_changes_nothing(listed: Floats, backlog: Floats, terms: Terms, random: object) -> None:
    mixed = [list(listed), list(backlog)]
    for rows in mixed:
        random.shuffle(rows)  # type: ignore[attr-defined]
    again = deal(np.array(mixed[0]), np.array(mixed[1]), terms)
    done = deal(listed, backlog, terms)
    assert (again.price, len(again.entering), len(again.displaced)) == (
        done.price,
        len(done.entering),
        len(done.displaced),
    )


@given(CHANCES, MONEY)
def test_without_a_backlog_it_is_the_value_of_the_list(listed: Floats, terms: Terms) -> None:
    assert deal(listed, np.empty(0), terms).price == pytest.approx(value(listed, terms))
    assert deal(np.empty(0), listed, terms).price == 0.0, "a list without new leads"


def test_by_hand() -> None:
    terms = Terms(margin=100.0, cost=10.0, capacity=3)
    done = deal(np.array([0.05, 0.5, 0.3]), np.array([0.3, 0.2, 0.4]), terms)
    assert done.entering.tolist() == [1], "of equal leads, that of the backlog is called"
    assert done.displaced.tolist() == [1]
    assert done.price == pytest.approx(30.0)
    assert best(np.array([0.1, 0.09]), terms).size == 0, "no call that only pays its cost"
    assert deal(np.array([0.05, 0.09]), np.array([0.2]), terms).price == 0.0


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        (Terms(0.0, 1.0, 1), "margin must be a number above 0, got 0.0"),
        (Terms(1.0, -1.0, 1), "contact_cost must be a number of at least 0, got -1.0"),
        (Terms(1.0, 1.0, 0), "capacity must be at least 1, got 0"),
        (Terms(float("nan"), 1.0, 1), "margin"),
    ],
)
def test_what_cannot_be(terms: Terms, wanted: str) -> None:
    with pytest.raises(UsageError, match=wanted):
        checked(terms)
