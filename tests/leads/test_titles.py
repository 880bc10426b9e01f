"""Job titles, one line each: the title as a CRM holds it, its seniority, its function."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.countries import country_code
from leadml.leads.emails import email_type
from leadml.leads.titles import FUNCTION_WORDS, SENIORITY_WORDS, parse_title

TITLES = """
Founder & CEO                             | owner       | general
Co-Founder                                | owner       | general
co founder and CTO                        | owner       | it
Owner                                     | owner       | general
Inhaberin                                 | owner       | general
Inhaber:in                                | owner       | general
Eigentümer                                | owner       | general
Eigentuemer                               | owner       | general
Geschäftsführender Gesellschafter         | owner       | general
Managing Partner                          | owner       | general
Partner                                   | owner       | general
Selbständig                               | owner       | general
selbstständige Grafikerin                 | owner       | general
Freelancer                                | owner       | general
Freelance Web Developer                   | owner       | it
Unternehmer                               | owner       | general
Businesswoman                             | owner       | general
CEO                                       | c_level     | general
C.E.O.                                    | c_level     | general
Chief Executive Officer                   | c_level     | general
CFO                                       | c_level     | finance
Chief Financial Officer                   | c_level     | finance
CTO                                       | c_level     | it
COO                                       | c_level     | operations
Chief Marketing Officer (CMO)             | c_level     | marketing
CHRO                                      | c_level     | hr
Geschäftsführer                           | c_level     | general
Geschäftsführerin                         | c_level     | general
Geschäftsführer*in                        | c_level     | general
Geschaeftsfuehrer                         | c_level     | general
Geschaftsfuhrer                           | c_level     | general
GF                                        | c_level     | general
Geschäftsführer Vertrieb                  | c_level     | sales
stellv. Geschäftsführer                   | c_level     | general
Mitglied der Geschäftsleitung             | c_level     | general
Vorstand                                  | c_level     | general
Vorstandsvorsitzender                     | c_level     | general
Mitglied des Vorstands                    | c_level     | general
Member of the Board                       | c_level     | general
Managing Director                         | c_level     | general
General Manager                           | c_level     | general
President                                 | c_level     | general
Präsidentin                               | c_level     | general
Vice President                            | vp_director | other
Vice President of Sales                   | vp_director | sales
Assistant Vice President                  | vp_director | other
SVP Operations                            | vp_director | operations
VP Marketing                              | vp_director | marketing
V.P. Engineering                          | vp_director | engineering
Director of Finance                       | vp_director | finance
Sales Director                            | vp_director | sales
Direktor                                  | vp_director | other
Vertriebsdirektorin                       | vp_director | sales
Prokurist                                 | vp_director | other
Prokuristin, Leiterin Einkauf             | vp_director | purchasing
Head of IT                                | head        | it
Deputy Head of Procurement                | head        | purchasing
Head of Trainee Programme                 | head        | other
Abteilungsleiter                          | head        | other
Abteilungsleiter/in Einkauf               | head        | purchasing
Leiter Vertrieb und Marketing             | head        | sales
Leiterin der Buchhaltung                  | head        | finance
stellv. Leiter Logistik                   | head        | operations
IT-Leiter                                 | head        | it
Leiter EDV                                | head        | it
EDV-Leitung (m/w/d)                       | head        | it
Leiter Forschung & Entwicklung            | head        | engineering
Personalleiterin                          | head        | hr
Produktionsleiter                         | head        | operations
Leitung Kundenservice                     | head        | service
Leiter Recht und Compliance               | head        | legal
Abt.-Ltr. Vertrieb                        | head        | sales
Kaufmännischer Leiter                     | head        | finance
Technische Leitung                        | head        | engineering
Chief Engineer                            | head        | engineering
Marketing Manager                         | manager     | marketing
HR Manager (f/m/d)                        | manager     | hr
Senior Manager Finance                    | manager     | finance
Assistant Manager                         | manager     | other
Teamleiter Kundendienst                   | manager     | service
Team Lead Customer Support                | manager     | service
Vertriebsmanager                          | manager     | sales
Supervisor                                | manager     | other
Industriemeister Metall                   | manager     | other
Senior Software Engineer                  | senior      | it
Sr. Consultant                            | senior      | other
Senior Product Manager                    | senior      | engineering
Lead Developer                            | senior      | it
Tech Lead                                 | senior      | engineering
Account Manager                           | staff       | sales
Key Account Managerin                     | staff       | sales
Product Manager                           | staff       | engineering
Projektmanager                            | staff       | other
Projektleiter                             | staff       | other
Product Owner                             | staff       | engineering
HR Business Partner                       | staff       | hr
Sachbearbeiter Einkauf                    | staff       | purchasing
Sachbearbeiter/-in Buchhaltung            | staff       | finance
Vertriebsmitarbeiter im Außendienst       | staff       | sales
Softwareentwickler                        | staff       | it
Entwicklungsingenieurin                   | staff       | engineering
Industriekauffrau                         | staff       | other
Rechtsanwältin                            | staff       | legal
Referent der Geschäftsführung             | staff       | general
Internal Auditor                          | staff       | finance
Lead Generation Specialist                | staff       | other
Data Protection Officer                   | staff       | legal
Dipl.-Ing.                                | staff       | other
Facharzt                                  | staff       | other
technician                                | staff       | engineering
Reisebegleiterin                          | other       | other
Assistant to the CEO                      | assistant   | other
Assistentin der Geschäftsführung          | assistant   | other
Assistenz GF                              | assistant   | other
Vorstandsassistent                        | assistant   | other
Executive Assistant                       | assistant   | other
Assistentin der Geschäftsleitung          | assistant   | other
Executive Assistant to the Managing Director | assistant   | other
Personal Assistant                        | assistant   | other
Office Manager                            | assistant   | other
Sekretariat                               | assistant   | other
Chefsekretärin                            | assistant   | other
Junior Account Manager                    | junior      | sales
Marketing Intern                          | junior      | marketing
Praktikantin Personal                     | junior      | hr
Werkstudent (w/m/d) IT                    | junior      | it
Azubi                                     | junior      | other
Auszubildende zur Industriekauffrau       | junior      | other
Sales Trainee                             | junior      | sales
Student                                   | junior      | other
Geschäftsführer a.D.                      | other       | general
Geschäftsführer a. D.                     | other       | general
former Head of Sales                      | other       | sales
Rentner                                   | other       | other
Hausfrau                                  | other       | other
x                                         | other       | other
"""
ROWS = [tuple(cell.strip() for cell in line.split("|")) for line in TITLES.strip().splitlines()]


@pytest.mark.parametrize(("text", "seniority", "function"), ROWS)
def test_titles(text: str, seniority: str, function: str) -> None:
    assert parse_title(text) == (seniority, function)


def test_decomposed_umlauts_and_case_make_no_difference() -> None:
    assert parse_title("GESCHA\u0308FTSFU\u0308HRERIN") == parse_title("Geschäftsführerin")


def test_the_table_covers_every_word() -> None:
    for language in ("en", "de"):
        assert {row[1] for row in ROWS} == set(SENIORITY_WORDS[language])
        assert {row[2] for row in ROWS} == set(FUNCTION_WORDS[language])


@given(st.text(max_size=40))
def test_any_text_has_a_level_and_a_function(text: str) -> None:
    title = parse_title(text)
    assert title.seniority in SENIORITY_WORDS["en"]
    assert title.function in FUNCTION_WORDS["en"]


def test_the_derived_kinds_load_nothing_heavy() -> None:
    code = (
        "import sys, leadml.leads.titles, leadml.leads.emails, leadml.leads.countries;"
        "print(*{'babel', 'pandas', 'pyarrow', 'numpy'} & set(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == ""


def test_a_text_of_megabytes_is_read_in_no_time_and_not_kept() -> None:
    start = time.perf_counter()
    for text in ("Head of Sales " * 200_000, "Head" + "\u0301\u0323" * 500_000, "C.E.O. " * 500_000):
        parse_title(text)
        country_code(text)
        email_type("kim@" + text.replace(" ", ""))
    assert time.perf_counter() - start < 5
    assert parse_title("Head of Sales " * 200_000) == parse_title("Head of Sales")
