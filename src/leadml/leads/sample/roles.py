"""The job titles of the sample: each role has a true seniority and function, and many spellings.

Seniorities, from the bottom: trainee, staff, lead, head, top. The first spelling of a role is the one a
tidy CRM holds. Titles hold no comma, so that files need no quotes.
"""

from typing import NamedTuple


class Role(NamedTuple):
    """One job: how often it is met (relative weight), and how people write it."""

    seniority: str
    function: str
    weight: float
    titles: tuple[str, ...]


ROLES: tuple[Role, ...] = (
    Role("top", "general", 9, (
        "Managing Director", "CEO", "Geschäftsführer", "Geschäftsführerin", "GF", "Chief Executive Officer",
        "Geschäftsführende Gesellschafterin", "Geschaeftsfuehrer", "Vorstand", "Mitglied des Vorstands",
        "Vorstandsvorsitzende", "President", "Managing Partner",
    )),
    Role("top", "owner", 8, (
        "Owner", "Inhaber", "Inhaberin", "Founder", "Gründer", "Gründerin", "Co-Founder", "Founder & CEO",
        "Business Owner", "Inh.",
    )),
    Role("top", "sales", 2, (
        "Chief Sales Officer", "CSO", "Vertriebsvorstand", "Chief Revenue Officer", "CRO",
    )),
    Role("top", "marketing", 2, ("Chief Marketing Officer", "CMO", "Marketingvorstand")),
    Role("top", "it", 3, (
        "Chief Technology Officer", "CTO", "CIO", "Chief Information Officer", "IT-Vorstand",
    )),
    Role("top", "finance", 3, (
        "Chief Financial Officer", "CFO", "Kaufmännischer Geschäftsführer", "Kaufm. Geschäftsführerin",
        "Finanzvorstand",
    )),
    Role("top", "operations", 2, ("Chief Operating Officer", "COO", "Technischer Geschäftsführer")),
    Role("head", "general", 4, (
        "General Manager", "Prokurist", "Prokuristin", "ppa.", "Niederlassungsleiter",
        "Niederlassungsleiterin", "Bereichsleiter", "Branch Manager", "Authorised Signatory",
    )),
    Role("head", "sales", 8, (
        "Head of Sales", "Vertriebsleiter", "Vertriebsleiterin", "Leiter Vertrieb", "Leiterin Vertrieb",
        "Leitung Vertrieb", "Sales Director", "VP Sales", "Vice President Sales", "Verkaufsleiter", "VL",
    )),
    Role("head", "marketing", 6, (
        "Head of Marketing", "VP Marketing", "Marketingleiter", "Marketingleiterin", "Leiterin Marketing",
        "Leitung Marketing & Kommunikation", "Marketing Director", "Director Marketing EMEA",
    )),
    Role("head", "it", 7, (
        "Head of IT", "IT-Leiter", "IT-Leiterin", "Leiter IT", "Leiter EDV", "IT Director", "VP Engineering",
        "Leiter Informationstechnologie", "Director of IT",
    )),
    Role("head", "purchasing", 4, (
        "Head of Purchasing", "Leiterin Einkauf", "Leiter Einkauf", "Einkaufsleiter", "Einkaufsleiterin",
        "Head of Procurement", "Procurement Director",
    )),
    Role("head", "finance", 3, (
        "Head of Finance", "Leiter Rechnungswesen", "Leiterin Controlling", "Finance Director",
        "Kaufm. Leiter", "Kaufmännische Leiterin",
    )),
    Role("head", "hr", 3, (
        "Head of HR", "Personalleiter", "Personalleiterin", "Leitung Personal", "HR Director",
        "Head of People",
    )),
    Role("head", "operations", 4, (
        "Head of Operations", "Betriebsleiter", "Betriebsleiterin", "Produktionsleiter", "Werkleiter",
        "Leiter Produktion", "Operations Director", "Leiterin Logistik",
    )),
    Role("lead", "sales", 5, (
        "Sales Team Lead", "Teamleiter Vertrieb", "Teamleiterin Vertrieb", "Senior Sales Manager",
        "Gruppenleiter Verkauf", "Key Account Manager", "Key-Account-Managerin",
    )),
    Role("lead", "marketing", 4, (
        "Marketing Manager", "Marketingmanagerin", "Teamlead Marketing", "Senior Marketing Manager",
        "Teamleitung Online-Marketing",
    )),
    Role("lead", "it", 5, (
        "IT Manager", "Teamleiter IT", "IT-Teamleiterin", "Senior Software Architect", "Projektleiter IT",
        "IT Team Lead",
    )),
    Role("lead", "purchasing", 3, (
        "Purchasing Manager", "Teamleiter Einkauf", "Strategische Einkäuferin", "Senior Buyer", "Lead Buyer",
    )),
    Role("lead", "operations", 3, (
        "Operations Manager", "Projektleiter", "Projektleiterin", "Meister", "Schichtleiter",
        "Team Lead Operations",
    )),
    Role("staff", "sales", 6, (
        "Sales Representative", "Vertriebsmitarbeiter", "Vertriebsmitarbeiterin", "Außendienst",
        "Vertriebsinnendienst", "Account Executive", "Sales Rep", "Mitarbeiter im Verkauf",
    )),
    Role("staff", "marketing", 4, (
        "Marketing Specialist", "Marketingreferentin", "Marketing-Referent", "Content Manager",
        "Referentin Kommunikation", "Social Media Manager",
    )),
    Role("staff", "it", 6, (
        "Software Developer", "Systemadministrator", "Systemadministratorin", "Softwareentwickler",
        "SysAdmin", "Fachinformatiker", "DevOps Engineer", "IT-Mitarbeiter",
    )),
    Role("staff", "purchasing", 4, (
        "Buyer", "Einkäufer", "Einkäuferin", "Sachbearbeiter Einkauf", "Procurement Officer",
    )),
    Role("staff", "finance", 4, (
        "Accountant", "Buchhalter", "Buchhalterin", "Controller", "Controllerin",
        "Sachbearbeiterin Buchhaltung",
    )),
    Role("staff", "hr", 3, (
        "HR Specialist", "Personalreferent", "Personalreferentin", "HR Generalist", "Recruiter",
    )),
    Role("staff", "general", 8, (
        "Assistant", "Sachbearbeiter", "Sachbearbeiterin", "Assistenz der Geschäftsführung",
        "Assistentin der GF", "Office Manager", "Executive Assistant", "Sekretariat", "Kaufm. Angestellte",
        "Consultant",
    )),
    Role("trainee", "general", 5, (
        "Intern", "Praktikant", "Praktikantin", "Werkstudent", "Werkstudentin", "Student", "Auszubildende",
        "Azubi", "Trainee", "Volontärin",
    )),
    Role("trainee", "marketing", 2, ("Marketing Intern", "Werkstudentin Marketing", "Praktikant Marketing")),
    Role("trainee", "it", 2, (
        "IT Intern", "Werkstudent IT", "Werkstudent Softwareentwicklung", "Azubi Fachinformatiker",
    )),
)  # fmt: skip
SENIORITIES = ("trainee", "staff", "lead", "head", "top")
