"""Criteria of leads: what they mean, and what is said where they mean nothing."""

import numpy as np
import pytest

from leadml.errors import UsageError
from leadml.leads.parts import Levels
from leadml.leads.schema import Field, Roles, Schema
from leadml.selling.criterion import parse

SCHEMA = Schema(
    (
        Field("budget", "number"),
        Field("a = b", "number"),
        Field("job_title", "job_title"),
        Field("country", "country"),
        Field("seen", "date"),
    ),
    Roles(),
)
LEVELS = {"country": ("DE", "AT"), "job_title.seniority": ("top", "staff")}
NUMBERS = np.array([10.0, 50.0, 90.0, np.nan])


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("budget > 50", [2]),
        ("budget>=50", [1, 2]),
        ("budget < 50", [0]),
        ("budget <= 50", [0, 1]),
        ("budget = 50", [1]),
        ("budget != 50", [0, 2]),
        ("budget > 1e9", []),
    ],
)
def test_numbers(text: str, met: list[int]) -> None:
    criterion = parse(text, SCHEMA, LEVELS)
    assert np.flatnonzero(criterion.met(NUMBERS)).tolist() == met
    assert criterion.text == text


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("country = DE", [0]),
        ("country = germany", [0]),
        ("country != 'de'", [1]),
        ("country = Österreich", [1]),
    ],
)
def test_levels(text: str, met: list[int]) -> None:
    column = Levels(np.array([0, 1, -1]), ("DE", "AT"))
    assert np.flatnonzero(parse(text, SCHEMA, LEVELS).met(column)).tolist() == met


def test_parts_and_odd_names() -> None:
    assert parse("job_title.seniority = TOP", SCHEMA, LEVELS).value == "top"
    assert parse("a = b > 3", SCHEMA, LEVELS)[1:] == (SCHEMA.parts[1], ">", 3.0)
    assert parse("seen.age_days < 30", SCHEMA, LEVELS).value == 30.0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("rich people", "must be a field, one of"),
        ("> 5", "must be a field"),
        ("budgte > 5", "got 'budgte'; did you mean budget"),
        ("job_title = CEO", "did you mean job_title.seniority or job_title.function"),
        ("budget > lots", "must compare 'budget' with a number"),
        ("budget >", "must name a value"),
        ("country > DE", "by = or !="),
        ("country = Atlantis", r"that occurs \(AT, DE\), got 'Atlantis'"),
        ("job_title.seniority = tops", "did you mean top"),
    ],
)
def test_what_means_nothing(text: str, wanted: str) -> None:
    with pytest.raises(UsageError, match=wanted):
        parse(text, SCHEMA, LEVELS)
