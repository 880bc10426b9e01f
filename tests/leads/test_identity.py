"""Which columns are taken to tell who a lead is: English and German, by name and by contents."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from leadml.leads.duplicates import guess_identity
from leadml.leads.sample import make_sample
from leadml.leads.schema import Identity
from leadml.leads.sources import read_table

EXPORTS = Path(__file__).parents[1] / "crm_exports"
FIRST = ["Anna", "Bernd", "Carla", "Dieter", "Eva", "Frank", "Gerda", "Hans"]
LAST = ["Meier", "Schulz", "Berg", "von Alt", "Weiß", "O'Brien", "Lang", "Kurz"]
FULL = [f"{a} {b}" for a, b in zip(FIRST, LAST, strict=True)]
MAILS = [
    f"{a.lower()}.{b.lower().replace(' ', '').replace(chr(39), '')}@x.de" for a, b in zip(FIRST, LAST, strict=True)
]
PHONES = [f"+49 30 12345{i}7" for i in range(8)]
FIRMS = ["Nordwerk", "Südwerk AG", "Oak & Sons", "Müller Bau", "Blue Tools", "3M", "Acme Inc.", "Handel 24 KG"]


def guess(**columns: Sequence[Any]) -> Identity:
    return guess_identity(pa.table({name: pa.array(list(values)) for name, values in columns.items()}))


def named(name: str, values: Sequence[Any]) -> Identity:
    return guess_identity(pa.table({name: pa.array(list(values))}))


@pytest.mark.parametrize(
    "name", ["email", "E-Mail-Adresse", "eMail", "EmailAddress1", "contact", "whatever", "Work Email"]
)
def test_a_column_of_addresses_is_email_by_its_contents(name: str) -> None:
    assert named(name, MAILS) == Identity(email=(name,))
    assert named(name, [*MAILS[:5], "n/a", None, "keine"]) == Identity(email=(name,))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Do Not Email", ["No", "Yes"] * 4),
        ("Email Opened", [1, 2, 3, 4, 0, 0, 0, 1]),
        ("email_opt_out", [True, False] * 4),
        ("Owner Email", MAILS),
        ("Sales Rep E-Mail", MAILS),
        ("Betreuer E-Mail", MAILS),
        ("email", [f"rep{i % 2}@x.de" for i in range(40)]),
        ("Email Domain", ["x.de", "y.de"] * 4),
        ("email", [None] * 8),
    ],
)
def test_what_is_no_address(name: str, values: Sequence[Any]) -> None:
    assert named(name, values) == Identity()


@pytest.mark.parametrize(
    "name",
    [
        *("phone", "Phone Number", "MobilePhone", "work_phone", "Telephone", "Business Phone", "Phone 2", "Cell Phone"),
        *("Telefon", "Telefonnummer", "Handy", "Rufnummer", "Mobiltelefon", "Telefon dienstlich", "Kontakt Telefon"),
    ],
)
def test_phones(name: str) -> None:
    assert named(name, PHONES) == Identity(phone=(name,))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("phone", [3, 1, 0, 2, 7, 4, 4, 1]),
        ("Phone Calls", PHONES),
        ("Do Not Phone", ["Yes", "No"] * 4),
        ("Owner Phone", PHONES),
        ("phone", ["iPhone", "Android"] * 4),
        ("Fax", PHONES),
        ("Customer Number", PHONES),
    ],
)
def test_what_is_no_phone(name: str, values: Sequence[Any]) -> None:
    assert named(name, values) == Identity()


def test_phones_that_are_whole_numbers() -> None:
    assert named("Telefon", [301234567 + i for i in range(8)]) == Identity(phone=("Telefon",))


@pytest.mark.parametrize(
    "names",
    [
        *(("FirstName", "LastName"), ("first_name", "last_name"), ("Vorname", "Nachname"), ("Given Name", "Surname")),
        *(
            ("contact_first_name", "contact_last_name"),
            ("vorname", "Familienname"),
            ("Kontakt Vorname", "Kontakt Nachname"),
        ),
    ],
)
def test_first_and_last_name(names: tuple[str, str]) -> None:
    found = guess_identity(pa.table({names[1]: LAST, names[0]: FIRST}))
    assert found == Identity(name=names)
    assert named(names[0], FIRST) == Identity()  # a first name is nobody
    assert named(names[1], LAST) == Identity(name=(names[1],))


@pytest.mark.parametrize(
    "name", ["Full Name", "fullName", "Contact Name", "Ansprechpartner", "Kontaktperson", "contact_person"]
)
def test_whole_names(name: str) -> None:
    found = guess_identity(pa.table({"First Name": FIRST, "Last Name": LAST, name: FULL}))
    assert found == Identity(name=(name,))


@pytest.mark.parametrize(
    "name",
    ["Owner Name", "Sales Rep First Name", "Campaign Name", "product name", "User Name", "File Name", "Kampagne Name"],
)
def test_other_names(name: str) -> None:
    assert named(name, FULL) == Identity()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Company",
            "company_name",
            "AccountName",
            "Organisation",
            "organization",
            "Employer",
            "Business Name",
            "firm",
        ),
        *("Firma", "Firmenname", "Unternehmen", "Unternehmensname", "Kunde Firma", "Firma / Account", "Arbeitgeber"),
    ],
)
def test_companies(name: str) -> None:
    assert named(name, FIRMS) == Identity(company=(name,))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Company Size", ["1-10", "11-50"] * 4),
        ("company", [True, False] * 4),
        ("Account", [f"A{i:05}" for i in range(8)]),
        ("Account ID", FIRMS),
        ("Company Industry", FIRMS),
        ("company", ["yes", "no"] * 4),
    ],
)
def test_what_is_no_company(name: str, values: Sequence[Any]) -> None:
    assert named(name, values) == Identity()


def test_a_mere_name_is_whose() -> None:
    assert guess(name=FULL) == Identity()  # nobody can tell
    assert guess(name=FULL, company=FIRMS) == Identity(name=("name",), company=("company",))
    assert guess(name=FULL, mail=MAILS) == Identity(name=("name",), email=("mail",))
    assert guess(name=["Nordwerk", "Südwerk"] * 4, mail=MAILS) == Identity(email=("mail",))
    firms = ["Nordwerk GmbH", "Blue Tools Inc", "Oak"]
    assert guess(Kundenname=firms, mail=MAILS[:3]) == Identity(email=("mail",), company=("Kundenname",))
    assert guess(name=FULL, vorname=FIRST, nachname=LAST, firma=FIRMS).name == ("vorname", "nachname")


def test_the_sample_and_tables_with_nothing() -> None:
    assert guess_identity(make_sample(500, events=False).leads) == Identity(email=("email",))
    assert guess_identity(pa.table({"x": [1, 2], "source": ["web", "fair"]})) == Identity()
    assert guess_identity(pa.table({"email": pa.nulls(3), "phone": pa.nulls(3)})) == Identity()
    twice = pa.Table.from_arrays([pa.array(MAILS), pa.array(MAILS)], names=["email", "email"])
    assert guess_identity(twice) == Identity()


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("salesforce", Identity(("Email",), ("Phone",), ("FirstName", "LastName"), ("Company",))),
        ("salesforce_de", Identity(("E-Mail",), ("Telefon",), ("Vorname", "Nachname"), ("Firma / Account",))),
        ("hubspot", Identity(("Email",), ("Phone Number",), ("First Name", "Last Name"), ("Company Name",))),
        ("hubspot_de", Identity(("E-Mail",), (), ("Vorname", "Nachname"), ("Unternehmensname",))),
        ("dynamics", Identity(("Email",), ("Business Phone",), ("First Name", "Last Name"), ("Company Name",))),
        ("odoo", Identity(("Email",), ("Phone",), ("Contact Name",), ("Company Name",))),
        ("odoo_de", Identity(("E-Mail",), (), ("Name des Kontakts",), ())),
        ("pipedrive", Identity(("Person - Email",), (), ("Deal - Contact person",), ("Deal - Organization",))),
        ("zoho", Identity(("Email",), ("Phone",), ("First Name", "Last Name"), ("Company",))),
    ],
)
def test_exports_of_crms(file: str, expected: Identity) -> None:
    assert guess_identity(read_table(EXPORTS / f"{file}.csv").table) == expected
