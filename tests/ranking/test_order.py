"""The order of a list, against a plain sort."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leadml.ranking.order import best_first, newest_of_each, past_horizon, worklists

values = st.sampled_from([-1.0, -0.0, 0.0, 0.5, 2.0])
maybe = values | st.just(math.nan)
LEAD = st.tuples(values, maybe, st.sampled_from(["a", "b", "B", "c", None]), maybe, st.booleans())


@given(st.lists(LEAD, max_size=30), st.booleans(), st.booleans())
def test_best_first(leads: list[tuple[float, float, str | None, float, bool]], with_by: bool, with_last: bool) -> None:
    logit, created = np.array([lead[0] for lead in leads]), np.array([lead[1] for lead in leads])
    ids, by = [lead[2] for lead in leads], np.array([lead[3] for lead in leads])
    last = np.array([lead[4] for lead in leads], dtype=bool)

    def falling(value: float) -> float:
        return math.inf if math.isnan(value) else -value

    def key(row: int) -> tuple[object, ...]:
        first = (bool(last[row]),) if with_last else ()
        second = (falling(by[row]),) if with_by else ()
        return (*first, *second, -logit[row], falling(created[row]), ids[row] or "")

    rows = best_first(logit, created, ids, by=by if with_by else None, last=last if with_last else None)

    assert [key(row) for row in rows] == sorted(key(row) for row in range(len(leads)))
    assert sorted(rows.tolist()) == list(range(len(leads)))


@given(st.lists(st.tuples(st.integers(-1, 3), maybe), max_size=20))
def test_newest_of_each(leads: list[tuple[int, float]]) -> None:
    kept = newest_of_each(np.array([c for c, _ in leads], dtype=np.intp), np.array([at for _, at in leads]))
    newest: dict[int, tuple[float, int]] = {}
    for row, (code, at) in enumerate(leads):
        newest[code] = max(newest.get(code, (-math.inf, -1)), (-math.inf if math.isnan(at) else at, row))
    expected = [code == -1 or newest[code][1] == row for row, (code, _) in enumerate(leads)]
    assert kept.tolist() == expected


def test_past_horizon() -> None:
    day = 86_400.0
    created = np.array([0.0, 10 * day, 11 * day, math.nan])
    assert past_horizon(created, as_of=100 * day, horizon_days=90).tolist() == [True, False, False, False]
    assert not past_horizon(created, as_of=100 * day, horizon_days=None).any()


def test_worklists_are_parts_of_the_list() -> None:
    owners = np.array([1, 0, 1, 1, 0])
    order = np.array([4, 3, 2, 1, 0])
    assert {code: rows.tolist() for code, rows in worklists(owners, order).items()} == {0: [4, 1], 1: [3, 2, 0]}
    assert worklists(owners, np.array([], dtype=np.intp)) == {}
