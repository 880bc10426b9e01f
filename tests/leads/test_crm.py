"""Exports of the six CRMs are told apart by their columns, and nothing else is taken for one."""

import csv
import io
from pathlib import Path

import pytest
from make_crm_exports import EXPORTS, FOLDER, make

from leadml.leads.guesses.crm import CRMS, NEEDED, recognise
from leadml.leads.guesses.crm_entry import Crm
from leadml.leads.guesses.vocabulary import spoken
from leadml.leads.schema import Roles

NAMES = {
    "salesforce": "Salesforce",
    "hubspot": "HubSpot",
    "dynamics": "Dynamics 365",
    "pipedrive": "Pipedrive",
    "zoho": "Zoho CRM",
    "odoo": "Odoo",
}
API = {
    "Salesforce": ["Id", "LastName", "LeadSource", "Status", "IsConverted", "ConvertedDate", "OwnerId", "CreatedDate"],
    "HubSpot": ["hs_object_id", "createdate", "lifecyclestage", "hs_lead_status", "hubspot_owner_id", "email"],
    "Dynamics 365": ["leadid", "subject", "statuscode", "statecode", "createdon", "companyname", "ownerid"],
    "Odoo": ["id", "name", "stage_id", "user_id", "partner_name", "create_date", "date_closed", "expected_revenue"],
}


@pytest.mark.parametrize("name", EXPORTS)
def test_the_files_are_as_the_script_makes_them(name: str) -> None:
    columns, comma = EXPORTS[name]
    made = io.StringIO()
    csv.writer(made, delimiter=comma).writerows(make(columns))
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        assert file.read() == made.getvalue()


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_are_recognised(name: str) -> None:
    found = recognise(EXPORTS[name][0])
    assert found is not None
    assert found.name == NAMES[name.partition("_")[0]]


@pytest.mark.parametrize("name", API)
def test_names_of_the_programming_interface_are_recognised(name: str) -> None:
    found = recognise(API[name])
    assert found is not None
    assert found.name == name
    assert found.role("outcome", API[name])
    assert found.role("created_at", API[name])


REPORT = "Lead ID,First Name,Last Name,Title,Email,Lead Source,Lead Status,Rating,Lead Owner,Create Date,Converted"


@pytest.mark.parametrize(
    "more",
    [
        "Company / Account,No. of Employees,Converted Date,Email Opt Out,Do Not Call",
        "Company,No. of Employees,Email Opt Out,Do Not Call",
        "Company / Account,Employees,Last Modified,Unread By Lead Owner",
    ],
)
def test_a_report_of_salesforce_with_its_labels_is_recognised(more: str) -> None:
    columns = f"{REPORT},{more}".split(",")
    found = recognise(columns)
    assert found is not None
    assert found.name == "Salesforce"
    assert found.role("outcome", columns)[0] == "Lead Status"
    assert found.role("created_at", columns) == ("Create Date",)
    assert found.role("owner", columns) == ("Lead Owner",)
    assert found.role("group", columns)


@pytest.mark.parametrize(
    "columns",
    [
        ["lead_id", "created_at", "status", "won_at", "owner", "visits"],
        ["Lead Source", "Do Not Email", "Do Not Call", "Converted", "Last Activity", "Tags", "Lead Quality"],
        ["Name", "Email", "Phone", "Status", "Owner", "Created Date"],
        [],
    ],
)
def test_other_tables_are_of_no_crm(columns: list[str]) -> None:
    assert recognise(columns) is None


@pytest.mark.parametrize("crm", CRMS, ids=lambda crm: crm.name)
def test_each_entry_is_whole(crm: Crm) -> None:
    assert crm.source
    assert len(crm.own) >= NEEDED
    assert crm.roles.keys() <= set(Roles.__struct_fields__)
    for role in ("id", "created_at", "outcome", "owner", "group"):
        assert crm.roles[role]
    for texts in (crm.own, *crm.roles.values(), *crm.apart.values(), *crm.values.values(), crm.titles):
        assert all(spoken(text) for text in texts)
    said = [text for texts in crm.values.values() for text in set(map(spoken, texts))]
    assert len(said) == len(set(said)), "a value means one thing"
    others = {spoken(text) for other in CRMS if other is not crm for text in other.own}
    assert len({spoken(text) for text in crm.own} & others) < NEEDED


def test_the_outcome_is_never_a_field_of_a_crm() -> None:
    for crm in CRMS:
        for name in crm.roles["outcome"]:
            assert crm.why_apart(name), (crm.name, name)


def test_files_stay_small() -> None:
    files = sorted(Path(FOLDER).glob("*.csv"))
    assert len(files) == len(EXPORTS)
    assert all(40 <= len(make(columns)) - 1 <= 120 for columns, _ in EXPORTS.values())
