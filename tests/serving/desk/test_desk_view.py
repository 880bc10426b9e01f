"""Views of a list: what Python would filter and sort, page by page."""

import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.model.axes import SCORES
from leadml.model.batch import REASON_TYPE
from leadml.serving.desk.view import NOBODY, PAGE, SORTS, Query, beside, rows, translation, view

OWNERS = [None, "Kim", "lee", "Ángel", "Zoë"]
TITLES = [None, "ada", "Ada", "bo", "Çem", "ada bo"]
Lead = dict[str, Any]

leads_of_a_list = st.lists(
    st.fixed_dictionaries(
        {
            "owner": st.sampled_from(OWNERS),
            "title": st.sampled_from(TITLES),
            "grade": st.sampled_from(["A", "B", "C"]),
            "probability": st.floats(0, 1),
            "interest": st.sampled_from([-1.5, 0.0, 0.25, 2.0]),
            "interest_score": st.sampled_from([None, 50]),
            "expected_value": st.one_of(st.none(), st.floats(0, 1e6)),
        }
    ),
    max_size=40,
)
queries = st.builds(
    Query,
    owner=st.sampled_from(["", NOBODY, "Kim", "lee", "who"]),
    grade=st.sampled_from(["", "A", "C", "X"]),
    text=st.sampled_from(["", "ada", "ADA", "çem", "ada bo", "l00", "zz", ".", "%", "bo  ada"]),
    sort=st.sampled_from(sorted(SORTS)),
    largest_first=st.sampled_from([None, True, False]),
)


def table_of(leads: list[Lead]) -> pa.Table:
    full = [
        {
            "rank": i,
            "slot": "ranked",
            "lead_id": f"L{i:03}",
            "company": None,
            "score": 50,
            "logit": 0.0,
            "ability": 0.5,
            "authority": -0.5,
            "reasons": [{"field": "f", "axis": "other", "contribution": 0.5, "text": f"text {i % 2}"}],
            "ability_score": 70,
            "authority_score": 30,
            "summary": "keen",
            "search": f"L{i:03} {lead['title'] or ''} {lead['owner'] or ''}".lower(),
            **lead,
        }
        for i, lead in enumerate(leads, 1)
    ]
    names = "rank slot owner lead_id title company grade score probability expected_value interest ability authority"
    texts = dict.fromkeys(("slot", "owner", "lead_id", "title", "company", "grade", "search"), pa.string())
    numbers = dict.fromkeys(("probability", "expected_value", "interest", "ability", "authority"), pa.float64())
    kinds = {"rank": pa.int64(), "score": pa.int64(), "reasons": pa.list_(REASON_TYPE), **texts, **numbers}
    kinds |= dict.fromkeys(SCORES, pa.int64()) | {"summary": pa.string()}
    columns = [*names.split(), "reasons", "search", *SCORES, "summary"]
    return pa.table({name: pa.array([lead[name] for lead in full], kinds[name]) for name in columns})


def in_python(leads: list[Lead], query: Query) -> list[int]:
    """Return the places of the leads that are asked for, from 1, as a plain sort has them."""
    found = []
    for place, lead in enumerate(leads, 1):
        search = f"l{place:03} {lead['title'] or ''} {lead['owner'] or ''}".lower()
        owner = lead["owner"] is None if query.owner == NOBODY else query.owner in ("", lead["owner"])
        if owner and query.grade in ("", lead["grade"]) and all(w in search for w in query.text.lower().split()):
            known = {"rank": place, "lead_id": f"l{place:03}", "score": 50, "ability": 0.5, "authority": -0.5, **lead}
            value = known[SORTS[query.sort][0]]
            if query.sort == "interest" and any(one["interest_score"] for one in leads):
                value = value if lead["interest_score"] else None  # an unknown axis comes last
            found.append((value.lower() if isinstance(value, str) else value, place))
    there = [pair for pair in found if pair[0] is not None]
    missing = [pair for pair in found if pair[0] is None]
    values = sorted({value for value, _ in there}, reverse=query.falls)
    ordered = sorted(there, key=lambda pair: (values.index(pair[0]), pair[1]))
    return [place for _, place in (*ordered, *missing)]


@given(leads_of_a_list, queries)
def test_a_view_is_what_python_would_do(leads: list[Lead], query: Query) -> None:
    found = rows(table_of(leads), query)

    assert (found + 1).tolist() == in_python(leads, query)


@given(leads_of_a_list, queries)
def test_a_lead_has_its_neighbours_in_the_view(leads: list[Lead], query: Query) -> None:
    table, places = table_of(leads), in_python(leads, query)

    for place in range(1, len(leads) + 1):
        before, after, at, n = beside(table, query, place)
        assert n == len(places)
        if place not in places:
            assert (before, after, at) == (None, None, 0)
            continue
        i = places.index(place)
        assert at == i + 1
        assert before == (places[i - 1] if i else None)
        assert after == (places[i + 1] if i + 1 < n else None)


def lead(**changes: Any) -> Lead:
    known = {"owner": "Kim", "title": "Ada", "grade": "A", "probability": 0.5, "interest": 0.1, "expected_value": None}
    return {**known, "interest_score": 60, **changes}


@pytest.mark.parametrize(
    ("page", "first", "n", "shown"), [(1, 1, 50, 1), (2, 51, 50, 2), (3, 101, 20, 3), (9, 101, 20, 3), (0, 1, 50, 1)]
)
def test_pages(page: int, first: int, n: int, shown: int) -> None:
    found = view(table_of([lead() for _ in range(2 * PAGE + 20)]), Query(page=page))

    assert (found.first, len(found.leads), found.page, found.pages, found.n) == (first, n, shown, 3, 120)
    assert [one["place"] for one in found.leads] == list(range(first, first + n))


def test_an_empty_list() -> None:
    found = view(table_of([]), Query(sort="lead", text="x"))

    assert (found.leads, found.n, found.page, found.pages) == ([], 0, 1, 1)


def test_reasons_are_for_against_or_marks_in_the_wanted_language() -> None:
    table = table_of([lead()])
    reasons = [("up", 0.4), ("down", -0.2), ("past the horizon", 0.0)]
    told = [[{"field": "f", "axis": "other", "contribution": points, "text": text} for text, points in reasons]]
    table = table.set_column(table.column_names.index("reasons"), "reasons", pa.array(told, pa.list_(REASON_TYPE)))
    words = translation({"en": ["up", "down"], "de": ["auf", "ab"]}, "de")

    (one,) = view(table, Query(), words).leads

    assert (one["pro"], one["con"], one["marks"]) == (["auf"], ["ab"], ["past the horizon"])
    assert translation({}, "de") == {}
    assert translation({"en": ["up"], "de": ["auf"]}, "en") == {"auf": "up"}


def test_a_search_that_is_no_text() -> None:
    assert len(rows(table_of([lead()]), Query(text="\ud800"))) == 1


def test_a_long_list_is_viewed_fast() -> None:
    table = table_of([lead(title=f"ada {i * 7919 % 1000}", probability=i / 1000) for i in range(1000)])
    long = pa.concat_tables([table] * 100).combine_chunks()
    times = []
    for query in (Query(sort="lead"), Query(text="ada 9", sort="probability"), Query(owner="Kim", sort="id", page=900)):
        start = time.perf_counter()
        assert view(long, query).n
        times.append(time.perf_counter() - start)

    assert np.median(times) < 0.5, "some 50 ms on an idle machine"
