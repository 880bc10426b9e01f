"""Leads as JSON: what is one, and what is none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.model.bundle import Bundle
from leadml.serving.lead import LeadReader
from leadml.serving.problems import Problem


@pytest.fixture(scope="module")
def read(module_bundle: Bundle) -> LeadReader:
    return LeadReader(module_bundle.schema)


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"{",
            b"nul",
            b"[1,]",
            b'{"visits": NaN}',
            b'{"visits": 1e999}',
            b"{'visits': 1}",
            b"\xff\xfe{\x00}\x00",
        ),
        *(b'{"visits":' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"a":' * 100_000, b'{"source": "\xe4"}', b"{}{}"),
    ],
)
def test_what_is_no_json(read: LeadReader, body: bytes) -> None:
    with pytest.raises(Problem, match="the body must be JSON") as caught:
        read.read(body)
    assert caught.value.status == 400


@pytest.mark.parametrize("body", [b"5", b'"lead"', b"null", b"true"])
def test_json_that_is_no_lead(read: LeadReader, body: bytes) -> None:
    with pytest.raises(Problem, match="must be a lead or a list of leads") as caught:
        read.read(body)
    assert caught.value.status == 422


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        (b'{"visits":1,"visits":2}', ["/visits"]),
        (b'{"visits" : 1, "source": "a:b", "visits"\n:2}', ["/visits"]),
        (b'[{"visits":1},{"visits":2,"visits":2}]', ["/1/visits"]),
        (b'[{"source":":"},{"visits":2,"vis\\u0069ts":2}]', ["/1/visits"]),
        (b'[{"source":"\\"visits\\":"},{"visits":2,"visits":2}]', ["/1/visits"]),
        (b'[{"created_at":"2026-10-01T09:00:00","visits":2,"visits":2}]', ["/0/visits"]),
        (b'[{"created_at":"2026-10-01T09\\u003a00:00","visits":2,"visits":2}]', ["/0/visits"]),
    ],
)
def test_names_that_stand_twice(read: LeadReader, body: bytes, paths: list[str]) -> None:
    with pytest.raises(Problem) as caught:
        read.read(body)
    assert [error["path"] for error in caught.value.errors] == paths


LEADS = st.lists(
    st.dictionaries(
        st.sampled_from(["visits", "source", "created_at", "a:b", 'say "x":', "other", "é"]),
        st.one_of(
            st.none(),
            st.text(st.sampled_from('a":\\ \n{},é'), max_size=6),
            st.dictionaries(st.text(max_size=2), st.none(), max_size=2),
        ),
        max_size=5,
    ),
    min_size=1,
    max_size=4,
)


@given(leads=LEADS, spaced=st.booleans(), ascii_only=st.booleans())
def test_names_that_stand_once_are_never_refused(
    read: LeadReader, leads: list[dict[str, Any]], spaced: bool, ascii_only: bool
) -> None:
    separators = (" , ", " : ") if spaced else (",", ":")
    body = json.dumps(leads, separators=separators, ensure_ascii=ascii_only).encode()

    try:
        by_column = read.read(body).by_column(read.columns)
        found = read.read(body).rows
    except Problem as problem:
        errors = problem.errors
    else:
        errors = []
        assert found == leads
        nothing = [None] * len(leads)
        for name in read.columns:  # 1, 1.0 and true are not the same
            assert repr(list(by_column.get(name, nothing))) == repr([lead.get(name) for lead in leads])
    assert all("twice" not in error["detail"] for error in errors)


@given(leads=LEADS, at=st.integers(0, 3), name=st.sampled_from(["visits", "other"]))
def test_names_that_stand_twice_are_always_refused(
    read: LeadReader, leads: list[dict[str, Any]], at: int, name: str
) -> None:
    texts = [json.dumps({k: v for k, v in lead.items() if not isinstance(v, dict)}) for lead in leads]
    at %= len(texts)
    texts[at] = texts[at][:-1].rstrip("}") + (", " if len(texts[at]) > 2 else "") + f'"{name}": null, "{name}": null}}'
    if name in leads[at] and not isinstance(leads[at][name], dict):
        return

    with pytest.raises(Problem) as caught:
        read.read(f"[{', '.join(texts)}]".encode())
    found = [error for error in caught.value.errors if "twice" in error["detail"]]
    others = [error for error in caught.value.errors if "twice" not in error["detail"]]
    assert others or [error["path"] for error in found] == [f"/{at}/{name}"]


def test_columns_with_a_role_are_known(read: LeadReader) -> None:
    assert {"lead_id", "as_of", "created_at", "status", "visits", "job_title"} <= set(read.columns)
    assert read.read(b'{"status": "won", "lead_id": 5}').ignored == {}


def test_the_answer_lists_so_many_faults_and_no_more(read: LeadReader) -> None:
    with pytest.raises(Problem) as caught:
        read.read(json.dumps([{"visits": "x"}] * 3000).encode())
    assert len(caught.value.errors) == 1000
    assert caught.value.detail == "mend 3,000 values and send again; the first 1,000 are listed"
