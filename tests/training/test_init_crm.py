"""Drafts of the made-up CRM exports: roles, outcomes, traps, and nothing personal among the fields."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leadml.config import Config
from leadml.leads.guesses.vocabulary import spoken
from leadml.training.check import check
from leadml.training.draft import Draft
from leadml.training.init import draft

NOW = datetime(2026, 12, 1, tzinfo=UTC)
EXPORTS = Path(__file__).parents[1] / "crm_exports"


def drafted(path: Path, folder: Path) -> Draft:
    return draft(path, folder=folder, now=NOW)


def written(made: Draft, folder: Path) -> Config:
    (folder / "leadml.toml").write_text(made.to_toml(), encoding="utf-8")
    return Config.load(folder / "leadml.toml")


def names(notes: Sequence[Any]) -> set[str]:
    return {note.name for note in notes}


ROLES = {
    "salesforce": "Id CreatedDate Status ConvertedDate - OwnerId Company DoNotCall,HasOptedOutOfEmail",
    "salesforce_de": "Lead-ID|Erstelldatum|Lead-Status|Konvertiertes Datum|-|Lead-Inhaber|Firma / Account|-",
    "hubspot": "Record ID|Create Date|Lifecycle Stage|Became a Customer Date|-|Contact owner|Company Name|"
    "Unsubscribed from all email",
    "hubspot_de": "Datensatz-ID|Erstellungsdatum|Lifecycle-Phase|Datum der Konversion zum Kunden|-|"
    "Zuständiger Mitarbeiter|Unternehmensname|-",
    "dynamics": "(Do Not Modify) Lead|Created On|Status|-|Est. Value|Owner|Company Name|"
    "Do not allow Phone Calls,Do not allow Emails",
    "pipedrive": "Deal - ID|Deal - Deal created|Deal - Status|Deal - Won time|Deal - Value|Deal - Owner|"
    "Deal - Organization|-",
    "zoho": "Record Id|Created Time|Is Converted|Converted Date Time|-|Lead Owner|Company|Email Opt Out",
    "odoo": "External ID|Created on|Is Won|Closed Date|Expected Revenue|Salesperson|Company Name|-",
    "odoo_de": "Externe ID|Erstellt am|Phase|Abschlussdatum|Erwarteter Umsatz|Vertriebsmitarbeiter|-|-",
}
OUTCOMES = {
    "salesforce": ("Closed - Converted", "Closed - Not Converted", "Working - Contacted"),
    "salesforce_de": ("Geschlossen - konvertiert", "Geschlossen - nicht konvertiert", "Offen - nicht kontaktiert"),
    "hubspot": ("Customer", "", "Lead"),
    "hubspot_de": ("Kunde", "", "Lead"),
    "dynamics": ("Qualified", "Disqualified", "Open"),
    "pipedrive": ("Won", "Lost", "Open"),
    "zoho": ("true", "", "false"),
    "odoo": ("Won", "Lost", "Pending"),
    "odoo_de": ("Gewonnen", "", "Neu"),
}
TRAPS = {
    "salesforce": "IsConverted ConvertedAccountId ConvertedOpportunityId LastModifiedDate LastActivityDate Rating",
    "salesforce_de": "Letzte Aktivität|",
    "hubspot": "Lead Status|Became a Lead Date|Last Activity Date|Number of times contacted|Recent Deal Amount|"
    "HubSpot Score",
    "hubspot_de": "Datum der letzten Aktivität|",
    "dynamics": "(Do Not Modify) Modified On|Rating|Status Reason|Est. Close Date",
    "pipedrive": "Deal - Weighted value|Deal - Probability|Deal - Stage|Deal - Lost time|Deal - Deal closed on|"
    "Deal - Lost reason|Deal - Total activities|Deal - Title",
    "zoho": "Lead Status|Rating|Modified Time|Last Activity Time|Converted Account|Lead Conversion Time|Visitor Score",
    "odoo": "Stage|Probability|Last Stage Update|Lost Reason|Active",
    "odoo_de": "Wahrscheinlichkeit|Verlustgrund",
}
PERSONAL = (
    "first",
    "last",
    "phone",
    "street",
    "vorname",
    "nachname",
    "telefon",
    "contact",
    "kontakt",
    "topic",
    "title",
)


def listed(text: str) -> list[str]:
    return text.strip("|").split("|" if "|" in text else " ")


SAID = {  # words of a field's name -> its axis
    "authority": ("decision maker", "position"),
    "ability": ("industry", "branche", "revenue", "umsatz", "employees", "mitarbeiter"),
    "interest": ("source", "quelle", "visit", "besuche"),
}


@pytest.mark.parametrize("name", ROLES)
def test_exports_of_crms(name: str, tmp_path: Path) -> None:
    made = drafted(EXPORTS / f"{name}.csv", tmp_path)
    wanted = zip(
        ("id", "created_at", "outcome", "converted_at", "value", "owner", "group", "do_not_contact"),
        listed(ROLES[name]),
        strict=True,
    )
    assert {role: note.name.replace(", ", ",") for role, note in made.roles.items()} == {
        r: column for r, column in wanted if column != "-"
    }
    for status, value in zip(("converted", "lost", "open"), OUTCOMES[name], strict=True):
        texts = [note.name for note in made.outcomes[status]]  # type: ignore[index]
        assert (value in texts) if value else not texts
    assert set(listed(TRAPS[name])) <= names(made.ignore) | names(made.unused)
    for one in made.fields:
        plain = one.note.name.lower().split(" - ")[-1]
        assert one.kind in ("email", "job_title") or not plain.startswith(PERSONAL), one.note.name
    report = check(written(made, tmp_path), now=NOW)
    assert not report.faults, report.faults
    assert report.n_converted


@pytest.mark.parametrize("name", ROLES)
def test_axes_of_the_exports(name: str, tmp_path: Path) -> None:
    fields = drafted(EXPORTS / f"{name}.csv", tmp_path).fields
    for one in fields:
        said = spoken(one.note.name)
        wanted = next((axis for axis, words in SAID.items() if any(word in said for word in words)), None)
        wanted = {"job_title": "authority", "email": "other", "country": "other"}.get(one.kind, wanted)
        assert wanted is None or one.axis == wanted, one.note.name
    assert {"interest", "other"} <= {one.axis for one in fields}


def test_counts_of_visits_in_hubspot_are_kept_out_with_a_mark(tmp_path: Path) -> None:
    made = drafted(EXPORTS / "hubspot.csv", tmp_path)
    looks = {note.name: note.look for note in made.ignore}
    assert "until the lead is decided" in looks["Number of Pageviews"]
    assert "until the lead is decided" in looks["Number of Sessions"]


def test_german_exports_have_their_formats(tmp_path: Path) -> None:
    made = drafted(EXPORTS / "salesforce_de.csv", tmp_path)
    config = written(made, tmp_path)
    assert config.leads.formats["Erstelldatum"] == "day_first"
    assert config.leads.formats["Jahresumsatz"] == "decimal_comma"
    assert config.leads.kinds["Titel"] == "job_title"
    assert config.leads.protected == ("Anrede",)
