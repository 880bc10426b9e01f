"""Columns are understood by their names, English and German, and by what stands in them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from leadml.leads.coercion import Missing
from leadml.leads.guesses.outcomes import guess_outcome, place
from leadml.leads.guesses.portrait import portrait, portraits
from leadml.leads.guesses.roles import RoleGuesses, arrival_order, guess_roles
from leadml.leads.guesses.traps import credit, doubt, later, private, protected
from leadml.leads.guesses.vocabulary import axis_of, spoken, status_of
from leadml.leads.labels import read_outcomes
from leadml.leads.schema import Outcomes


@pytest.mark.parametrize(
    ("name", "words"),
    [
        *(("LeadSource", "lead source"), ("lead_source", "lead source"), ("Lead-Source", "lead source")),
        *(("Deal - Won time", "deal won time"), ("HasOptedOutOfEmail", "has opted out of email"), ("ID", "id")),
        *(("OwnerId", "owner id"), ("emp.var.rate", "emp var rate"), ("Größe", "grösse"), ("  Name ", "name")),
    ],
)
def test_names_are_spoken(name: str, words: str) -> None:
    assert spoken(name) == words


@pytest.mark.parametrize(
    ("name", "trait"),
    [
        *(("age", "age"), ("Alter", "age"), ("Geburtsdatum", "age"), ("date_of_birth", "age"), ("BirthYear", "age")),
        *(
            ("Gender", "gender"),
            ("Geschlecht", "gender"),
            ("marital", "marital status"),
            ("Familienstand", "marital status"),
        ),
        *(("Nationality", "nationality"), ("Staatsangehörigkeit", "nationality"), ("Religion", "religion")),
        *(
            ("Konfession", "religion"),
            ("ethnicity", "origin"),
            ("Schwerbehinderung", "health"),
            ("is_pregnant", "health"),
        ),
        *(("sexual_orientation", "sexual orientation"), ("union member", "politics or unions")),
        *(("Gewerkschaft", "politics or unions"), ("Anrede", "gender, through the form of address")),
        *(("Salutation", "gender, through the form of address"), ("age_group", "age")),
        *(("page_views", None), ("language", None), ("campaign", None), ("mileage", None), ("Stage", None)),
        *(
            ("European Union country", None),
            ("Package", None),
            ("Company Age", None),
            ("Account Health", None),
            ("Alternative", None),
        ),
    ],
)
def test_protected_traits(name: str, trait: str | None) -> None:
    assert protected(name) == trait


@pytest.mark.parametrize(
    "name",
    [
        *("credit_score", "CreditRating", "Schufa-Score", "Bonität", "Bonitätsindex", "default", "has_defaulted"),
        *("insolvency", "Insolvenzverfahren", "Mahnstufe", "dunning_level", "arrears", "bankrupt", "Debt", "Schulden"),
        *("Zahlungsverzug", "Inkasso", "overdue_invoices"),
    ],
)
def test_creditworthiness(name: str) -> None:
    assert credit(name)


@pytest.mark.parametrize(
    "name",
    ["credits_used", "default_language", "mahout", "accredited", "company_size", "Kreditkartenumsatz", "Mahlzeit"],
)
def test_what_is_not_creditworthiness(name: str) -> None:
    assert credit(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *("Lost Reason", "Verlustgrund", "close_date", "Abschlussdatum", "ConvertedAccountId", "Converted Date"),
        *("Probability", "Abschlusswahrscheinlichkeit", "Last Activity", "Letzte Aktivität", "LastModifiedDate"),
        *("Last Call Date", "Last Stage Update", "Kundennummer", "Days to close", "modified", "Geändert am"),
    ],
)
def test_what_is_filled_in_later(name: str) -> None:
    assert later(name)


@pytest.mark.parametrize(
    "name",
    [
        "visits",
        "source",
        "created_at",
        "last_name",
        "order_of_pages",
        "budget",
        "Branche",
        "Funding Stage",
        "Paid Search",
    ],
)
def test_what_is_known_in_time(name: str) -> None:
    assert later(name) is None


def test_doubtful_names_need_evidence() -> None:
    for name in ("Lead Quality", "Bewertung", "Lead Score", "call_duration", "Gesprächsdauer", "Basket Value"):
        assert doubt(name), name
    assert doubt("Session_Duration") is None
    assert private("Ansprechpartner") is False  # leads.kinds keeps it out
    assert private("LinkedIn")
    assert all(map(private, ("Referred by", "Empfohlen von", "Geworben durch")))
    assert not private("Referral")


@pytest.mark.parametrize(
    ("name", "axis"),
    [
        *(
            ("visits", "interest"),
            ("Quelle", "interest"),
            ("utm_campaign", "interest"),
            ("Webinar attended", "interest"),
        ),
        *(("Besuche", "interest"), ("budget", "ability"), ("Jahresumsatz", "ability"), ("Mitarbeiterzahl", "ability")),
        *(
            ("NumberOfEmployees", "ability"),
            ("Branche", "ability"),
            ("job_title", "authority"),
            ("Abteilung", "authority"),
        ),
        *(("Decision Maker?", "authority"), ("favourite_colour", None)),
        *(("Webseitenbesuche", "interest"), ("Website-Besuche", "interest"), ("Seitenaufrufe", "interest")),
        *(("Page Views", "interest"), ("Website visits", "interest"), ("Webvisits", "interest")),
        *(("Seats", "ability"), ("Lizenzen", "ability"), ("Nutzer", "ability"), ("Anzahl Nutzer", "ability")),
        *(("Organization - Number of employees", "ability"), ("Anzahl der Mitarbeiter", "ability")),
        *(("Haushaltsnettoeinkommen", "ability"), ("Jahresgehalt", "ability"), ("Betriebsgröße", "ability")),
        *(("loan", "ability"), ("Willingness to pay", "ability"), ("Marketingbudget", "ability")),
        *(("Entscheidungsbefugnis", "authority"), ("Führungsebene", "authority"), ("Budget Holder", "authority")),
        *(("Stellenbezeichnung", "authority"), ("Mitentscheider", "authority"), ("Karrierestufe", "authority")),
        *(("Purchase Timeframe", "interest"), ("Zeitrahmen", "interest"), ("Rückruf gewünscht", "interest")),
        *(("Wie sind Sie auf uns aufmerksam geworden?", "interest"), ("Informational_Duration", "interest")),
        *(("A free copy of the brochure", "interest"), ("Newspaper Article", "interest"), ("pdays", "interest")),
        *(
            ("Browser", None),
            ("Land", None),
            ("Weekend", None),
            ("Umsatzsteuer-ID", None),
            ("Inhaltsverzeichnis", None),
        ),
    ],
)
def test_axes(name: str, axis: str | None) -> None:
    found = axis_of(name)
    assert (found[0] if found else None) == axis


@pytest.mark.parametrize(
    ("value", "status"),
    [
        *(("won", "converted"), ("Closed Won", "converted"), ("Gewonnen", "converted"), ("Kunde", "converted")),
        *(("lost", "lost"), ("Nicht gewonnen", "lost"), ("Closed - Not Converted", "lost"), ("Kein Interesse", "lost")),
        *(
            ("Junk Lead", "lost"),
            ("unqualified", "lost"),
            ("Offen", "open"),
            ("new", "open"),
            ("In Bearbeitung", "open"),
        ),
        *(("Marketing Qualified Lead", "open"), ("pre-qualified", "open"), ("blue", None)),
    ],
)
def test_values_of_outcomes(value: str, status: str | None) -> None:
    assert status_of(value) == status


def outcome_of(**columns: Any) -> tuple[str, dict[str, list[str]]] | None:
    found = guess_outcome(portraits(pa.table(columns)), None)
    if found is None:
        return None
    lists = {"converted": found.placed.converted, "lost": found.placed.lost, "open": found.placed.open}
    return found.column, {status: [text for text, _ in values] for status, values in lists.items()}


def test_the_outcome_is_found() -> None:
    status = ["won", "lost", "new", "lost"] * 5
    yes_no = ["yes", "no", "no", "no"] * 5
    assert outcome_of(newsletter=yes_no, status=status) == (
        "status",
        {"converted": ["won"], "lost": ["lost"], "open": ["new"]},
    )
    assert outcome_of(loan=yes_no, y=yes_no[::-1]) == ("y", {"converted": ["yes"], "lost": ["no"], "open": []})
    assert outcome_of(Revenue=[True, False] * 5, Weekend=[True, False] * 5) is not None
    assert outcome_of(Verlauf=["gewonnen", "verloren", "offen"] * 4) is not None
    assert outcome_of(opted_out=yes_no, colour=["red", "blue"] * 10) is None
    previous = outcome_of(previous_outcome=["success", "failure"] * 10, bought=yes_no)
    assert previous is not None
    assert previous[0] == "bought"


def test_qualified_is_settled_by_its_company() -> None:
    def placed(*values: str) -> Any:
        return place(portrait("status", pa.array([*values] * 3)), None)

    end = placed("Qualified", "Disqualified", "New")
    assert [text for text, _ in end.converted] == ["Qualified"]
    step = placed("Qualified", "Won", "Lost")
    assert [text for text, _ in step.open] == ["Qualified"]
    assert "Qualified" in step.unsure
    assert "somewhere" in placed("won", "lost", "somewhere").unsure


def roles_of(table: pa.Table, outcome: str, outcomes: Outcomes) -> RoleGuesses:
    status, _ = read_outcomes(table.column(outcome).combine_chunks(), outcomes, Missing())
    return guess_roles(table, portraits(table), status, taken=(outcome,))


def german(n: int = 60) -> pa.Table:
    rng = np.random.default_rng(0)
    won = rng.random(n) < 0.4
    days = [f"{1 + i % 28:02}.{1 + i % 12:02}.2025" for i in range(n)]
    return pa.table(
        {
            "Kundennr": [f"K{i}" for i in range(n)],
            "Leadnummer": [f"L{i}" for i in range(n)],
            "Erstellt am": days,
            "Status": ["gewonnen" if w else "verloren" for w in won],
            "Gewonnen am": [day if w else None for day, w in zip(days, won, strict=True)],
            "Auftragswert": [f"{i}.500,00" for i in range(1, n + 1)],
            "Betreuer": [("Berg", "Holt")[i % 2] for i in range(n)],
            "Firma": [f"Firma {i % 20}" for i in range(n)],
            "Werbesperre": ["ja" if i % 9 == 0 else "nein" for i in range(n)],
        }
    )


def test_german_roles() -> None:
    found = roles_of(german(), "Status", Outcomes(("gewonnen",), ("verloren",)))
    assert {role: one.column for role, one in found.found.items()} == {
        "id": "Leadnummer",
        "created_at": "Erstellt am",
        "converted_at": "Gewonnen am",
        "value": "Auftragswert",
        "owner": "Betreuer",
        "group": "Firma",
        "do_not_contact": "Werbesperre",
    }
    assert all(one.why for one in found.found.values())


def test_contents_can_refuse_a_role() -> None:
    table = pa.table(
        {
            "lead_id": ["a", "a", "b", None] * 5,
            "created_at": ["soon"] * 20,
            "won_at": ["2025-01-01", *[None] * 19],
            "status": ["won", "won", "lost", "lost"] * 5,
            "opt_out": ["grade one", "grade two"] * 10,
            "deal_value": ["high", "low"] * 10,
        }
    )
    found = roles_of(table, "status", Outcomes(("won",), ("lost",)))
    assert found.found == {}
    assert found.refused.keys() == {"id", "created_at", "converted_at", "do_not_contact", "value"}
    assert "come again" in found.refused["id"].look


ENDED = Outcomes(("won",), ("lost",))


def test_every_column_that_says_whom_not_to_contact_is_found() -> None:
    table = pa.table(
        {
            "status": ["won", "lost"] * 10,
            "Do Not Call": ["yes", "no"] * 10,
            "Email Opt Out": ["STOP", None] * 10,
            "Werbesperre": ["gesperrt", "", "nein", "ja"] * 5,
            "Do Not Email": ["grade one", "grade two"] * 10,
            "visits": range(20),
        }
    )
    found = roles_of(table, "status", ENDED)
    assert {one.column for one in found.opt_outs} == {"Do Not Call", "Email Opt Out", "Werbesperre"}
    assert found.found["do_not_contact"] == found.opt_outs[0]
    assert [one.column for one in found.unread] == ["Do Not Email"]
    assert "yes for 10" in next(one.why for one in found.opt_outs if one.column == "Email Opt Out")


@pytest.mark.parametrize("name", ["Rep", "Sales Rep", "Account Executive"])
def test_words_for_owners(name: str) -> None:
    table = pa.table({"status": ["won", "lost"] * 10, name: ["A. Berg", "B. Holt"] * 10})
    assert roles_of(table, "status", ENDED).found["owner"].column == name


def test_a_count_of_employees_names_no_account() -> None:
    table = pa.table({"status": ["won", "lost"] * 10, "Organization - Number of employees": [3, 3, 5, 8] * 5})
    found = roles_of(table, "status", ENDED)
    assert "group" not in found.found
    assert "group" not in found.refused


def test_one_is_said_in_the_singular() -> None:
    table = pa.table({"status": ["won", "lost"] * 10, "lead_id": ["0", *map(str, range(18)), None]})
    assert roles_of(table, "status", ENDED).refused["id"].look == (
        "it must be unique, but 1 row has none and 1 comes again"
    )


def test_the_only_date_is_taken_with_a_mark() -> None:
    table = pa.table({"when": ["2025-01-01", "2025-01-02"] * 10, "status": ["won", "lost"] * 10})
    found = roles_of(table, "status", Outcomes(("won",), ("lost",))).found["created_at"]
    assert found.column == "when"
    assert found.look


def test_the_order_of_arrival() -> None:
    def order(values: list[int]) -> Any:
        table = pa.table({"Lead Number": values, "x": ["a"] * len(values)})
        return arrival_order(table, portraits(table))

    assert order(list(range(100, 300, 3))).rising == 1.0
    assert order(list(range(300, 100, -3))).rising == 0.0
    assert order([1, 1, 2]) is None
