"""Problem documents: each sort is told, and what an error of leadml becomes."""

import json
import re
from pathlib import Path

import pytest

from leadml.errors import BundleError, DataError, Fault, LeadmlError, OutputError, UsageError
from leadml.serving.problems import TITLES, Problem, of_error, pointer

PAGE = Path(__file__).parents[2] / "docs" / "http.md"


def test_every_sort_has_its_section_in_the_documents() -> None:
    assert set(re.findall(r"^### (\S+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)) == set(TITLES)


def test_a_problem_is_a_document() -> None:
    problem = Problem(422, "invalid-leads", "mend it", errors=[{"path": "/0/a", "detail": "no"}], headers={"X": "y"})

    response = problem.response("id-1")

    document = json.loads(bytes(response.body))
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x"] == "y"
    assert list(document) == ["type", "title", "status", "detail", "errors", "request_id"]
    assert document["type"].endswith("docs/http.md#invalid-leads")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DataError("no", [Fault("must be a number", 3, "visits", 2)]), 422),
        (UsageError("no"), 422),
        (OutputError("/secret/path is full"), 507),
        (BundleError("/secret/path is broken"), 503),
        (LeadmlError("/secret/path"), 503),
    ],
)
def test_errors_become_problems_that_tell_no_path(error: LeadmlError, status: int) -> None:
    problem = of_error(error)

    assert problem.status == status
    assert "secret" not in problem.detail
    assert problem.slug in TITLES


def test_faults_keep_their_place() -> None:
    errors = of_error(DataError("no", [Fault("must be a number", 3, "visits", 2), Fault("must be one", 4)])).errors

    assert errors == [
        {"line": 3, "column": "visits", "detail": "must be a number", "count": 2},
        {"line": 4, "detail": "must be one"},
    ]


def test_pointers_are_escaped() -> None:
    assert pointer(0, "a/b~c", "") == "/0/a~1b~0c/"
    assert pointer() == ""
