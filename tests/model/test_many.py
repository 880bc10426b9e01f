"""Lists of leads scored by column: the same, bit for bit, as each lead by itself."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import DataError
from leadml.leads.schema import Field, Roles, Schema
from leadml.model.bundle import Bundle
from leadml.model.many import ListScorer
from leadml.model.scorecard import CategoryTerm, Scorecard, StepTerm
from leadml.model.scorer import ScoredLead, Scorer

NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["web", "Web ", "7", "", "n/a", "nan", "Head of Sales", "a@gmail.com", "DE", "yes", "no"]),
    st.text(max_size=8),
)
NUMBERS = st.one_of(
    st.none(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=True, allow_infinity=False),
    st.sampled_from([-0.0, 7]),
)
DATES = st.one_of(
    st.none(),
    st.dates().map(str),
    st.datetimes().map(lambda at: at.isoformat(timespec="seconds")),
    st.datetimes().map(lambda at: at.isoformat(timespec="seconds") + "Z"),
    st.sampled_from(
        ["", "31.12.2025", "2026-10-01T09:00:00+02:00", "2026-10-01 09:00", "n/a", "0001-01-01", "9999-12-31"]
    ),
)
FLAGS = st.sampled_from([None, True, False, "yes", "Nein", 1, 0, ""])
LEADS = st.fixed_dictionaries(
    {},
    optional={
        "lead_id": st.one_of(st.none(), st.text(max_size=4), st.integers(0, 99)),
        "created_at": DATES,
        "visits": NUMBERS,
        "source": st.one_of(TEXTS, st.integers(0, 9), st.floats(0, 9), st.booleans()),
        "newsletter": FLAGS,
        "income": NUMBERS,
        "country": TEXTS,
        "job_title": TEXTS,
        "email": TEXTS,
        "last_call": DATES,
    },
)


def by_column(leads: Sequence[dict[str, object]]) -> dict[str, list[object]]:
    names = dict.fromkeys(name for lead in leads for name in lead)
    return {name: [lead.get(name) for lead in leads] for name in names}


def one_by_one(scorer: Scorer, leads: Sequence[dict[str, object]]) -> list[ScoredLead] | set[tuple[Any, ...]]:
    """Return the scores, or else every fault as (place from 1, column, message)."""
    scored, faults = [], set()
    for place, lead in enumerate(leads, start=1):
        try:
            scored.append(scorer.score_one(lead, as_of=NOW))
        except DataError as error:
            faults |= {(place, fault.column, fault.message) for fault in error.faults}
    return faults or scored


@given(leads=st.lists(LEADS, max_size=12))
def test_a_list_scores_as_its_leads_do(module_bundle: Bundle, leads: list[dict[str, object]]) -> None:
    scorer = Scorer(module_bundle)

    expected = one_by_one(scorer, leads)

    try:
        found: Any = ListScorer(scorer)(by_column(leads), len(leads), as_of=NOW)
    except DataError as error:
        found = {(fault.line, fault.column, fault.message) for fault in error.faults}
    assert found == expected


def test_what_was_read_once_is_not_mixed_up_with_what_is_equal_to_it() -> None:
    field = Field("code", "category")
    levels = CategoryTerm("code", ("1", "true"), (1.0, 2.0), missing=0.0, unseen=-1.0)
    scorer = Scorer(of(field, Scorecard(0.0, (levels,))))
    values: list[object] = [1, True, 1.0, "1", "true", None, 0, False]

    scored = ListScorer(scorer)({"code": values}, len(values))

    assert [one.logit for one in scored] == [1.0, 2.0, 1.0, 1.0, 2.0, 0.0, -1.0, -1.0]


def test_lists_and_objects_do_not_stop_it() -> None:
    field = Field("topics", "list", levels=("api",))
    terms = (
        StepTerm("topics.count", (2.0,), (-1.0, 1.0), missing=0.0),
        CategoryTerm("topics.has.api", ("yes", "no"), (0.5, -0.5), missing=0.0, unseen=0.0),
    )
    scorer = Scorer(of(field, Scorecard(0.0, terms)))
    values: list[object] = [["API", "Pricing"], "api; pricing", ["x"], [], None]

    scored = ListScorer(scorer)({"topics": values}, len(values))

    assert [one.logit for one in scored] == [1.5, 1.5, -1.5, 0.0, 0.0]


def test_placeholders_of_numbers_and_dates_are_missing(module_bundle: Bundle) -> None:
    schema = msgspec.structs.replace(module_bundle.schema, placeholders=("-999", "1900-01-01"))
    scorer = Scorer(msgspec.structs.replace(module_bundle, schema=schema))
    leads: list[dict[str, object]] = [
        {"visits": -999, "created_at": "1900-01-01", "last_call": "2026-01-01"},
        {"visits": 3, "created_at": "2026-01-31", "last_call": "1900-01-01"},
    ]

    assert ListScorer(scorer)(by_column(leads), 2, as_of=NOW) == one_by_one(scorer, leads)


def test_every_fault_is_named_with_its_place(module_bundle: Bundle) -> None:
    columns: dict[str, list[object]] = {"visits": [1, "many", "many"], "newsletter": ["yes", "perhaps", "no"]}

    with pytest.raises(DataError) as caught:
        ListScorer(Scorer(module_bundle))(columns, 3)

    places = [(fault.line, fault.column) for fault in caught.value.faults]
    assert places == [(2, "newsletter"), (2, "visits"), (3, "visits")]


def test_no_leads_have_no_scores(module_bundle: Bundle) -> None:
    assert ListScorer(Scorer(module_bundle))({}, 0) == []


def of(field: Field, scorecard: Scorecard) -> Bundle:
    passport: Any = msgspec.convert(
        {
            "model_version": "1",
            "created": "2026-11-01T12:00:00Z",
            "data_digest": "0",
            "n_leads": 1,
            "n_converted": 1,
            "as_of": None,
            "trained_until": None,
            "horizon_days": None,
            "recipe": {"family": "logistic", "settings": {}, "fields": [field.name]},
            "test": {"n": 1, "n_converted": 1, "base_rate": 0.5, "metrics": {}},
            "reference": [0.0] * 99,
            "grades": {"A": 90},
            "language": "en",
            "promoted": True,
            "verdict": "",
            "libraries": {},
        },
        type=Bundle.__annotations__["passport"],
    )
    return Bundle(scorecard, Schema((field,), Roles()), passport)
