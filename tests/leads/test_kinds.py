"""Kinds are guessed from names and values; nothing personal and no free text becomes a field."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from bench.public import FOLDER, SETS

from leadml.leads.kinds import guess_kind
from leadml.leads.reading import one_chunk
from leadml.leads.sources import read_table

SAMPLE = Path(__file__).parents[2] / "data" / "leads.csv"
PUBLIC = {one.name: one for one in SETS if one.name != "bank, leads"}


def kind(name: str, values: Sequence[object]) -> str | None:
    return guess_kind(name, pa.array(values)).kind


def kinds_of(path: Path, placeholders: Sequence[str] = ()) -> dict[str, str | None]:
    table = read_table(path).table
    return {name: guess_kind(name, one_chunk(table.column(name)), placeholders).kind for name in table.column_names}


def test_the_kinds_of_the_sample() -> None:
    guessed = kinds_of(SAMPLE)
    by_kind: dict[str | None, set[str]] = {}
    for name, found in guessed.items():
        by_kind.setdefault(found, set()).add(name)
    assert by_kind == {
        "email": {"email"},
        "job_title": {"job_title"},
        "country": {"country"},
        "flag": {"demo_requested", "opted_out"},
        "date": {"created_at", "won_at", "first_seen_on"},
        "number": {*("budget", "visits", "pricing_page_visits", "emails_opened", "newsletter", "age", "deal_value")},
        "category": {
            *("company_size", "industry", "source", "campaign", "language", "preferred_channel", "lead_quality"),
            *("owner", "status"),
        },
        None: {"lead_id", "account_id"},
    }


@pytest.mark.parametrize("name", PUBLIC)
def test_the_kinds_of_public_sets(name: str) -> None:
    one = PUBLIC[name]
    if not (FOLDER / one.file).exists():
        pytest.skip(f"{one.file} is not in {FOLDER}; see bench/public.py")
    guessed = kinds_of(FOLDER / one.file, one.columns.placeholders)
    expected = {
        "bank": {
            "number": "age duration campaign pdays previous emp.var.rate cons.price.idx euribor3m nr.employed",
            "category": "job marital education contact month day_of_week poutcome",
            "flag": "default housing loan y",
        },
        "shoppers": {
            "number": "Administrative Administrative_Duration BounceRates ExitRates PageValues SpecialDay",
            "category": "Month VisitorType",
            "flag": "Weekend Revenue",
        },
        "x_education": {
            "number": "Converted TotalVisits",
            "category": "Specialization City Tags",
            "country": "Country",
            "flag": "Search Magazine Newspaper",
        },
    }[name]
    for wanted, names in expected.items():
        assert {column: guessed[column] for column in names.split()} == dict.fromkeys(names.split(), wanted)
    if name == "x_education":
        assert guessed["Prospect ID"] is None
        assert guessed["Lead Number"] is None
        assert guessed["Total Time Spent on Website"] == "number"


PERSONAL = [
    *("name", "Name", "full_name", "First Name", "LastName", "ContactName", "company name", "Vorname", "Nachname"),
    *("Firmenname", "phone", "Phone Number", "MobilePhone", "mobile", "Telefon", "tel", "Handynummer", "fax", "street"),
    *("Straße", "Billing Street", "BillingStreet", "address", "Mailing_Address", "Anschrift", "Ansprechpartner"),
]


@pytest.mark.parametrize("name", PERSONAL)
def test_personal_columns_are_never_fields(name: str) -> None:
    assert kind(name, ["Ann", "Ben", "Ann", None]) is None
    assert kind(name, [4930123456, 4930123457, 4930123456]) is None
    assert kind(name, ["+49 30 123456", "030 123456", "030 123456"]) is None
    assert "[leads.kinds]" in guess_kind(name, pa.array(["Ann"])).why


@pytest.mark.parametrize("name", ["campaign_name", "Product Name", "hostname_type", "renamed", "street_type_known"])
def test_other_names_are_no_personal_data(name: str) -> None:
    assert kind(name, ["yes", "no", "no"]) == "flag"


def test_campaigns_with_names_are_categories() -> None:
    assert kind("campaign_name", ["Spring", "Fair", "Spring"]) == "category"
    assert kind("country_name", ["Germany", "Austria"]) == "country"


def test_what_only_speaks_of_a_phone_is_a_field() -> None:
    assert kind("phone_calls", [0, 3, 12]) == "number"
    assert kind("phone_verified", ["yes", "no"]) == "flag"
    assert kind("has_phone", [True, False]) == "flag"


def test_free_text_is_never_a_field() -> None:
    notes = [f"called on day {i}, wants {i * 7} seats" for i in range(200)]
    guess = guess_kind("note", pa.array(notes))
    assert guess.kind is None
    assert "200 in 200" in guess.why
    assert kind("note", ["hello"] * 60 + notes) is None


def test_addresses_are_an_email_column_or_none_at_all() -> None:
    addresses = [f"person{i}@acme.example" for i in range(9)]
    assert kind("contact", addresses) == "email"
    assert kind("contact", [*addresses, "none given", "by phone"]) == "email"  # slips
    assert kind("contact", ["phone", "letter"] * 8 + addresses) is None
    assert kind("remark", ["phone"] * 9 + [f"write to {addresses[0]} please"]) is None


def test_identifiers_are_no_numbers() -> None:
    assert kind("customer_id", list(range(1000, 1200))) is None
    assert kind("campaignId", [17, 18, 17, 18]) == "category"
    assert kind("zip code", ["01067", "10115", "01067"]) == "category"
    assert kind("number of employees", [5, 7, 5]) == "number"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        *(([1, 2], "number"), ([1.5, None], "number"), (["1", "2.5", "n/a"], "number"), (["0", "1"], "number")),
        *(([0.0, 1.0], "number"), (["0.0", "1.0"], "number"), ([True, None], "flag"), (["ja", "Nein"], "flag")),
        *((["yes", "maybe"], "category"), (["2026-01-31", "2026-02-01T10:00Z"], "date"), (["a", "b"], "category")),
        *((["1"] * 19 + ["many"], "number"), (["1"] * 9 + ["many"], "category"), ([None, "", "n/a", "-"], None)),
    ],
)
def test_values_decide(values: list[object], expected: str | None) -> None:
    assert kind("x", values) == expected


def test_stored_types_decide() -> None:
    assert guess_kind("x", pa.array([0], pa.timestamp("us"))).kind == "date"
    assert guess_kind("x", pa.array([0], pa.date32())).kind == "date"
    assert guess_kind("x", pa.array([0], pa.time32("s"))).kind == "category"
    assert guess_kind("x", pa.array(["1", "2"]).dictionary_encode()).kind == "number"
    assert guess_kind("x", pa.nulls(3)).kind is None
    assert guess_kind("x", pa.array([b"web", b"fair"])).kind == "category"


@pytest.mark.parametrize("name", ["job_title", "JobTitle", "Title", "Position", "Berufsbezeichnung"])
def test_job_titles_are_known_by_name(name: str) -> None:
    assert kind(name, ["CEO", "Head of Sales"]) == "job_title"


def test_a_placeholder_of_the_user_does_not_count() -> None:
    assert guess_kind("x", pa.array(["never"] * 9 + ["3"]), ["never"]).kind == "number"
