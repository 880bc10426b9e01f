"""Writes the made-up CRM exports: ``python tests/leads/make_crm_exports.py``. Nobody in them exists."""

import csv
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "crm_exports"
N = 100
FIRST = "Ada Ben Cleo Dan Eva Finn Gus Hedy Ida Jon Kai Lea Max Nora Otto Pia Rolf Sue Tom Uma".split()  # noqa: SIM905
LAST = "Abel Brook Cole Drew Esser Falk Gray Hart Ives Jung Kern Lowe Marsh Nagel Orth Penn".split()  # noqa: SIM905
PLACES = "North South Blue Oak Iron Lake Hill Stone River Sun Moon Star Wood Sand Snow Wind".split()  # noqa: SIM905
FIRMS = [f"{a} {b}" for a in PLACES for b in ("Works", "Foods", "Tools", "Air", "Lab")]
TITLES = [
    "CEO",
    "Head of Sales",
    "Buyer",
    "Marketing Manager",
    "CTO",
    "Sales Assistant",
    "Managing Director",
    "Analyst",
]
OWNERS = ["R. Berg", "S. Holt", "T. Cruz"]
SOURCES = ["Web", "Trade Show", "Partner Referral", "Phone Inquiry", "Purchased List"]
INDUSTRIES = ["Retail", "Manufacturing", "Healthcare", "Banking", "Education"]
START = datetime(2025, 1, 6, 8, 0)


class Lead:
    """One made-up lead; ``won`` and ``lost`` say how it ended, neither is open."""

    def __init__(self, i: int, rng: random.Random) -> None:
        self.i = i
        self.first, self.last = rng.choice(FIRST), rng.choice(LAST)
        self.firm = rng.choice(FIRMS)
        domain = self.firm.lower().replace(" ", "") + ".example"
        self.email = f"{self.first}.{self.last}{i}@{domain}".lower()
        self.phone = f"+1 555 01{i:02}"
        self.title, self.source = rng.choice(TITLES), rng.choice(SOURCES)
        self.industry, self.owner = rng.choice(INDUSTRIES), rng.choice(OWNERS)
        self.employees = rng.choice([3, 12, 40, 85, 220, 900, 4000])
        self.revenue = self.employees * rng.randrange(40, 120) * 1000
        self.visits = rng.randrange(0, 14)
        self.value = rng.randrange(8, 300) * 50
        self.created = START + timedelta(days=4 * i, minutes=rng.randrange(600))
        chance = 0.15 + 0.03 * self.visits
        self.won = rng.random() < chance
        self.lost = not self.won and rng.random() < 0.75
        self.closed = self.created + timedelta(days=rng.randrange(3, 80), minutes=rng.randrange(600))
        self.opt_out = rng.random() < 0.06
        self.calls = rng.randrange(1, 9) if self.won or self.lost else rng.randrange(0, 3)
        self.key = f"{rng.getrandbits(60):015x}"

    def day(self, at: datetime, form: str = "%Y-%m-%d") -> str:
        return at.strftime(form)

    def ended(self, form: str = "%Y-%m-%d") -> str:
        return self.closed.strftime(form) if self.won else ""

    def decided(self, form: str = "%Y-%m-%d") -> str:
        return self.closed.strftime(form) if self.won or self.lost else ""

    def say(self, won: str, lost: str, still: str) -> str:
        return won if self.won else lost if self.lost else still


Columns = dict[str, Callable[[Lead], object]]
ISO = "%Y-%m-%dT%H:%M:%S.000+0000"
GERMAN = "%d.%m.%Y %H:%M"

SALESFORCE: Columns = {
    "Id": lambda x: f"00Q{x.key}",
    "LastName": lambda x: x.last,
    "FirstName": lambda x: x.first,
    "Salutation": lambda x: "Ms." if x.i % 2 else "Mr.",
    "Title": lambda x: x.title,
    "Company": lambda x: x.firm,
    "Street": lambda x: f"{x.i} Main St",
    "Country": lambda x: "Germany" if x.i % 3 else "France",
    "Phone": lambda x: x.phone,
    "Email": lambda x: x.email,
    "LeadSource": lambda x: x.source,
    "Status": lambda x: x.say("Closed - Converted", "Closed - Not Converted", "Working - Contacted"),
    "Industry": lambda x: x.industry,
    "Rating": lambda x: x.say("Hot", "Cold", "Warm"),
    "AnnualRevenue": lambda x: x.revenue,
    "NumberOfEmployees": lambda x: x.employees,
    "OwnerId": lambda x: f"005{OWNERS.index(x.owner):015d}",
    "HasOptedOutOfEmail": lambda x: str(x.opt_out).lower(),
    "IsConverted": lambda x: str(x.won).lower(),
    "ConvertedDate": lambda x: x.ended(),
    "ConvertedAccountId": lambda x: f"001{x.key}" if x.won else "",
    "ConvertedOpportunityId": lambda x: f"006{x.key}" if x.won else "",
    "CreatedDate": lambda x: x.day(x.created, ISO),
    "LastModifiedDate": lambda x: x.day(x.closed, ISO),
    "LastActivityDate": lambda x: x.day(x.closed),
    "DoNotCall": lambda x: "false" if x.i % 20 else "true",
    "Visits__c": lambda x: x.visits,
}
SALESFORCE_GERMAN: Columns = {
    "Lead-ID": lambda x: f"00Q{x.key}",
    "Vorname": lambda x: x.first,
    "Nachname": lambda x: x.last,
    "Anrede": lambda x: "Frau" if x.i % 2 else "Herr",
    "Titel": lambda x: x.title,
    "Firma / Account": lambda x: x.firm,
    "Telefon": lambda x: x.phone,
    "E-Mail": lambda x: x.email,
    "Lead-Quelle": lambda x: x.source,
    "Lead-Status": lambda x: x.say(
        "Geschlossen - konvertiert", "Geschlossen - nicht konvertiert", "Offen - nicht kontaktiert"
    ),
    "Branche": lambda x: x.industry,
    "Jahresumsatz": lambda x: f"{x.revenue:,}".replace(",", ".") + ",00",
    "Mitarbeiter": lambda x: x.employees,
    "Lead-Inhaber": lambda x: x.owner,
    "Erstelldatum": lambda x: x.day(x.created, "%d.%m.%Y"),
    "Konvertiertes Datum": lambda x: x.ended("%d.%m.%Y"),
    "Letzte Aktivität": lambda x: x.day(x.closed, "%d.%m.%Y"),
    "Besuche": lambda x: x.visits,
}
HUBSPOT: Columns = {
    "Record ID": lambda x: 5000 + x.i,
    "First Name": lambda x: x.first,
    "Last Name": lambda x: x.last,
    "Email": lambda x: x.email,
    "Phone Number": lambda x: x.phone,
    "Job Title": lambda x: x.title,
    "Company Name": lambda x: x.firm,
    "Contact owner": lambda x: x.owner,
    "Lifecycle Stage": lambda x: x.say("Customer", "Lead", "Marketing Qualified Lead"),
    "Lead Status": lambda x: x.say("Open deal", "Unqualified", "In progress"),
    "Create Date": lambda x: x.day(x.created, "%Y-%m-%d %H:%M"),
    "Became a Customer Date": lambda x: x.ended("%Y-%m-%d %H:%M"),
    "Became a Lead Date": lambda x: x.day(x.created, "%Y-%m-%d %H:%M"),
    "Last Activity Date": lambda x: x.day(x.closed, "%Y-%m-%d %H:%M"),
    "Number of Pageviews": lambda x: x.visits * 3,
    "Number of Sessions": lambda x: x.visits,
    "Original Source": lambda x: x.source,
    "Original Source Drill-Down 1": lambda x: x.industry,
    "Number of times contacted": lambda x: x.calls,
    "Recent Deal Amount": lambda x: x.value if x.won else "",
    "HubSpot Score": lambda x: x.say("90", "10", "40"),
    "Number of Employees": lambda x: x.employees,
    "Unsubscribed from all email": lambda x: "true" if x.opt_out else "false",
}
HUBSPOT_GERMAN: Columns = {
    "Datensatz-ID": lambda x: 5000 + x.i,
    "Vorname": lambda x: x.first,
    "Nachname": lambda x: x.last,
    "E-Mail": lambda x: x.email,
    "Jobtitel": lambda x: x.title,
    "Unternehmensname": lambda x: x.firm,
    "Zuständiger Mitarbeiter": lambda x: x.owner,
    "Lifecycle-Phase": lambda x: x.say("Kunde", "Lead", "Marketing-Qualified-Lead"),
    "Erstellungsdatum": lambda x: x.day(x.created, GERMAN),
    "Datum der Konversion zum Kunden": lambda x: x.ended(GERMAN),
    "Datum der letzten Aktivität": lambda x: x.day(x.closed, GERMAN),
    "Anzahl der Seitenaufrufe": lambda x: x.visits * 3,
    "Ursprüngliche Quelle": lambda x: x.source,
    "Jahresumsatz": lambda x: f"{x.revenue:,}".replace(",", "."),
}
DYNAMICS: Columns = {
    "(Do Not Modify) Lead": lambda x: f"{x.key[:8]}-{x.key[8:12]}-4a1b-9c3d-{x.i:012d}",
    "(Do Not Modify) Row Checksum": lambda x: x.key[::-1],
    "(Do Not Modify) Modified On": lambda x: x.day(x.closed, "%Y-%m-%d %H:%M"),
    "Topic": lambda x: f"{x.first} wants {x.visits} seats",
    "First Name": lambda x: x.first,
    "Last Name": lambda x: x.last,
    "Job Title": lambda x: x.title,
    "Company Name": lambda x: x.firm,
    "Email": lambda x: x.email,
    "Business Phone": lambda x: x.phone,
    "Lead Source": lambda x: x.source,
    "Industry": lambda x: x.industry,
    "Annual Revenue": lambda x: x.revenue,
    "No. of Employees": lambda x: x.employees,
    "Rating": lambda x: x.say("Hot", "Cold", "Warm"),
    "Status": lambda x: x.say("Qualified", "Disqualified", "Open"),
    "Status Reason": lambda x: x.say("Qualified", ("Cannot Contact", "No Longer Interested")[x.i % 2], "New"),
    "Created On": lambda x: x.day(x.created, "%Y-%m-%d %H:%M"),
    "Est. Value": lambda x: x.value,
    "Est. Close Date": lambda x: x.decided(),
    "Owner": lambda x: x.owner,
    "Do not allow Emails": lambda x: "Do Not Allow" if x.opt_out else "Allow",
    "Do not allow Phone Calls": lambda x: "No" if x.i % 25 else "Yes",
    "Decision Maker?": lambda x: "completed" if x.title in ("CEO", "CTO") else "mark complete",
}
PIPEDRIVE: Columns = {
    "Deal - ID": lambda x: x.i + 1,
    "Deal - Title": lambda x: f"{x.firm} deal",
    "Deal - Creator": lambda x: x.owner,
    "Deal - Owner": lambda x: x.owner,
    "Deal - Value": lambda x: x.value,
    "Deal - Currency of Value": lambda _x: "EUR",
    "Deal - Weighted value": lambda x: x.value if x.won else 0,
    "Deal - Probability": lambda x: x.say("100", "0", "40"),
    "Deal - Organization": lambda x: x.firm,
    "Deal - Pipeline": lambda _x: "Sales",
    "Deal - Contact person": lambda x: f"{x.first} {x.last}",
    "Deal - Stage": lambda x: x.say("Negotiations Started", "Qualified", "Demo Scheduled"),
    "Deal - Label": lambda x: x.industry,
    "Deal - Status": lambda x: x.say("Won", "Lost", "Open"),
    "Deal - Deal created": lambda x: x.day(x.created, "%Y-%m-%d %H:%M:%S"),
    "Deal - Update time": lambda x: x.day(x.closed, "%Y-%m-%d %H:%M:%S"),
    "Deal - Won time": lambda x: x.ended("%Y-%m-%d %H:%M:%S"),
    "Deal - Lost time": lambda x: x.day(x.closed, "%Y-%m-%d %H:%M:%S") if x.lost else "",
    "Deal - Deal closed on": lambda x: x.decided("%Y-%m-%d %H:%M:%S"),
    "Deal - Lost reason": lambda x: ("Price", "Timing")[x.i % 2] if x.lost else "",
    "Deal - Total activities": lambda x: x.calls,
    "Deal - Source channel": lambda x: x.source,
    "Person - Email": lambda x: x.email,
    "Person - Job title": lambda x: x.title,
    "Organization - Number of employees": lambda x: x.employees,
}
ZOHO: Columns = {
    "Record Id": lambda x: f"zcrm_41{x.i:016d}",
    "Lead Owner": lambda x: x.owner,
    "Company": lambda x: x.firm,
    "First Name": lambda x: x.first,
    "Last Name": lambda x: x.last,
    "Title": lambda x: x.title,
    "Email": lambda x: x.email,
    "Phone": lambda x: x.phone,
    "Lead Source": lambda x: x.source,
    "Lead Status": lambda x: x.say("Contacted", ("Junk Lead", "Lost Lead")[x.i % 2], "Attempted to Contact"),
    "Industry": lambda x: x.industry,
    "No. of Employees": lambda x: x.employees,
    "Annual Revenue": lambda x: x.revenue,
    "Rating": lambda x: x.say("Acquired", "Shut Down", "Active"),
    "Created Time": lambda x: x.day(x.created, "%Y-%m-%d %H:%M:%S"),
    "Modified Time": lambda x: x.day(x.closed, "%Y-%m-%d %H:%M:%S"),
    "Last Activity Time": lambda x: x.day(x.closed, "%Y-%m-%d %H:%M:%S"),
    "Is Converted": lambda x: str(x.won).lower(),
    "Converted Date Time": lambda x: x.ended("%Y-%m-%d %H:%M:%S"),
    "Converted Account": lambda x: x.firm if x.won else "",
    "Lead Conversion Time": lambda x: (x.closed - x.created).days if x.won else "",
    "Email Opt Out": lambda x: str(x.opt_out).lower(),
    "Days Visited": lambda x: x.visits,
    "Visitor Score": lambda x: x.say("80", "20", "30"),
}
ODOO: Columns = {
    "External ID": lambda x: f"__export__.crm_lead_{x.i}_{x.key[:6]}",
    "Opportunity": lambda x: f"{x.firm}: {x.visits} licences",
    "Contact Name": lambda x: f"{x.first} {x.last}",
    "Company Name": lambda x: x.firm,
    "Email": lambda x: x.email,
    "Phone": lambda x: x.phone,
    "Job Position": lambda x: x.title,
    "Stage": lambda x: x.say("Won", "Qualified", "New"),
    "Is Won": lambda x: x.say("Won", "Lost", "Pending"),
    "Probability": lambda x: x.say("100.0", "0.0", "37.5"),
    "Expected Revenue": lambda x: f"{x.value}.0",
    "Salesperson": lambda x: x.owner,
    "Sales Team": lambda x: "Europe" if x.i % 2 else "Overseas",
    "Source": lambda x: x.source,
    "Created on": lambda x: x.day(x.created, "%Y-%m-%d %H:%M:%S"),
    "Closed Date": lambda x: x.decided("%Y-%m-%d %H:%M:%S"),
    "Last Stage Update": lambda x: x.day(x.closed, "%Y-%m-%d %H:%M:%S"),
    "Lost Reason": lambda x: "Too expensive" if x.lost else "",
    "Active": lambda x: str(not x.lost).upper(),
    "Country": lambda x: "Belgium" if x.i % 3 else "Spain",
}
ODOO_GERMAN: Columns = {
    "Externe ID": lambda x: f"__export__.crm_lead_{x.i}_{x.key[:6]}",
    "Verkaufschance": lambda x: f"{x.firm}: {x.visits} Lizenzen",
    "Name des Kontakts": lambda x: f"{x.first} {x.last}",
    "E-Mail": lambda x: x.email,
    "Phase": lambda x: x.say("Gewonnen", "Qualifiziert", "Neu"),
    "Wahrscheinlichkeit": lambda x: x.say("100,0", "0,0", "37,5"),
    "Erwarteter Umsatz": lambda x: f"{x.value},0",
    "Vertriebsmitarbeiter": lambda x: x.owner,
    "Verkaufsteam": lambda x: "Europa" if x.i % 2 else "Übersee",
    "Quelle": lambda x: x.source,
    "Erstellt am": lambda x: x.day(x.created, "%Y-%m-%d %H:%M:%S"),
    "Abschlussdatum": lambda x: x.decided("%Y-%m-%d %H:%M:%S"),
    "Verlustgrund": lambda x: "Zu teuer" if x.lost else "",
    "Land": lambda x: "Belgien" if x.i % 3 else "Spanien",
}
EXPORTS: dict[str, tuple[Columns, str]] = {
    "salesforce": (SALESFORCE, ","),
    "salesforce_de": (SALESFORCE_GERMAN, ";"),
    "hubspot": (HUBSPOT, ","),
    "hubspot_de": (HUBSPOT_GERMAN, ","),
    "dynamics": (DYNAMICS, ","),
    "pipedrive": (PIPEDRIVE, ","),
    "zoho": (ZOHO, ","),
    "odoo": (ODOO, ","),
    "odoo_de": (ODOO_GERMAN, ","),
}


def make(columns: Columns, n: int = N) -> list[Sequence[object]]:
    """Return the rows of an export, the first one naming its columns."""
    rng = random.Random(7)
    leads = [Lead(i, rng) for i in range(n)]
    return [list(columns), *([read(lead) for read in columns.values()] for lead in leads)]


if __name__ == "__main__":
    for name, (columns, comma) in EXPORTS.items():
        with (FOLDER / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=comma).writerows(make(columns))
