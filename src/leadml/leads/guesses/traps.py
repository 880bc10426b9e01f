"""Names that warn: traits that are protected, creditworthiness, and what is filled in with or after the outcome."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from leadml.leads.guesses.vocabulary import DATED, spoken, words

PROTECTED: Final[Mapping[str, re.Pattern[str]]] = {
    "age": words("""
        (?<!lead )(?<!account )(?<!company )(?<!firm )(?<!domain )(?<!deal )age(?: group| band| range| class)?, alter,
        altersgruppe, altersklasse, lebensalter, birth ?(?:date|day|year)?, (?:date|year) of birth, dob, born,
        geburtsdatum, geburtstag, geburtsjahr, jahrgang, geboren(?: am)?"""),
    "gender": words("gender(?: identity)?, sex, geschlecht, pronouns, pronomen, male, female, is (?:fe)?male"),
    "gender, through the form of address": words("salutation, anrede, honorific, courtesy title, (?<!.)prefix(?!.)"),
    "marital status": words("""
        marital(?: status)?, married, civil status, familienstand, verheiratet, personenstand, spouse,
        ehepartner"""),
    "nationality": words("nationality, citizenship, nationalität, staatsangehörigkeit, country of birth, geburtsland"),
    "origin": words(
        "race, ethnicity, ethnic\\w*, ethnie, migrationshintergrund, skin colou?r, hautfarbe, herkunftsland"
    ),
    "religion": words("religion\\w*, religious\\w*, faith, denomination, konfession, glaube, kirchensteuer"),
    "health": words("""
        disab\\w+, handicap\\w*, behinder\\w+, schwerbehinder\\w+,
        (?<!account )(?<!customer )(?<!lead )(?<!deal )health(?! score), gesundheit\\w*, diagnos\\w+, pregnan\\w+,
        schwanger\\w*, maternity, illness, krankheit\\w*"""),
    "sexual orientation": words("sexual\\w*(?: orientation)?, sexuelle?(?: orientierung)?, lgbt\\w*"),
    "politics or unions": words("""
        (?:trade|labou?r) union\\w*, union member\\w*, gewerkschaft\\w*, political\\w*, politisch\\w*,
        partei\\w*"""),
}

CREDIT: Final = words("""
    credit ?(?:score|rating|worthiness|risk|limit|check|history|report|grade|class|default), creditworthiness, fico,
    schufa\\w*, bonität\\w*, bonitäts ?\\w*, kredit(?:score|rating|würdigkeit|risiko|ausfall|limit|prüfung|rahmen),
    crefo\\w*, creditreform\\w*, default(?:ed|s)?(?! \\w), insolven\\w+, bankrupt\\w*, dunning(?: level)?,
    mahn(?:ung\\w*|stufe|verfahren|status|wesen|bescheid), arrears, overdue\\w*, delinquen\\w+,
    zahlungs(?:verzug|moral|ausfall|rückstand|störung)\\w*, debts?, indebted\\w*, schulden\\w*, verschuld\\w+,
    überschuld\\w+, liabilities, inkasso\\w*, debt collection, charge ?offs?, chargebacks?, pfändung\\w*""")

# beyond what ``leads.kinds`` keeps out: who somebody is, where exactly, and what was written about them
PRIVATE: Final = words("""
    contact ?person, kontaktperson, primary contact, assistant, linked ?in(?: \\w+)?, twitter(?: \\w+)?, xing,
    facebook(?: \\w+)?, skype(?: id)?, ip(?: address| country)?, latitude, longitude, geo ?location, photo(?: url)?,
    iban, bank account, tax id, steuernummer, passport, social security(?: number)?, user ?name, full name,
    (?:referred|recommended|introduced) by(?: \\w+)*, referrer name, (?:empfohlen|geworben|vermittelt) (?:von|durch),
    empfehlender?, werber""")

# why -> names of what is filled in with or after the outcome
LATER: Final[Mapping[str, re.Pattern[str]]] = {
    "it says why or how the lead was decided": words("""
        (?:lost|loss|win|won|closed?|rejection|disqualif\\w+|churn|cancel\\w*) (?:reasons?|comments?|notes?)(?: id)?,
        reason (?:lost|for loss|for closing), lost to, verlustgrund, absagegrund, ablehnungsgrund, gewinngrund,
        stornogrund, grund (?:der )?(?:absage|ablehnung)"""),
    "it is dated with the outcome": words(rf"""
        (?:lost|clos(?:e|ed|ing)|won|converted|conversion|disqualified|qualified|verloren|gewonnen) {DATED},
        date closed, abschlussdatum, abgeschlossen am, days to (?:close|convert), sales cycle\w*, tage bis abschluss,
        (?:lead )?conversion time, (?:expected|estimated) clos\w+(?: date)?, erwarteter abschluss,
        voraussichtliches abschlussdatum, umwandlungsdatum, konvertierungsdatum, konversionsdatum"""),
    "it points to what the lead became": words("""
        converted (?:account|contact|opportunity|deal|by|to)(?: id)?, customer (?:id|number|since|nr), invoice\\w*,
        contract (?:id|number|date|start|end), order (?:id|number|date|total), payment (?:date|status),
        kunden ?(?:nummer|nr), kunde seit, rechnungs\\w*, vertrags(?:nummer|beginn|ende), auftragsnummer"""),
    "it is moved along while the lead is worked": words("""
        probability(?: of \\w+)?, win (?:probability|rate|likelihood), (?:\\w+)?wahrscheinlichkeit,
        forecast(?: \\w+)?, (?:sales |deal |lead |pipeline |lifecycle )stage(?: name| id)?,
        (?<!.)stage(?: name| id)?(?!.), lead status, status reason, next steps?, nächster schritt, kanban state,
        status details?, statusdetails, verkaufsphase"""),
    "it is overwritten by whatever comes last": words(rf"""
        last (?:\w+ )?(?:\w+ )?(?:activity|action|contact|contacted|modified|updated?|touch|call|interaction|change),
        last (?:modification|engagement|stage)(?: \w+)?, (?:modified|updated?|write|changed) (?:{DATED}|by), modified,
        updated, recent\w* \w+, letzte[rns]? (?:aktivität|änderung|kontakt|bearbeitung|aktualisierung|anruf),
        geändert (?:am|von), zuletzt \w+, änderungsdatum, aktualisiert am"""),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Names that are often honest: they are suspected where the field alone has at least this ROC AUC.

    ``marked``: a person should look even where it has less.
    """

    why: str
    pattern: re.Pattern[str]
    least: float
    marked: bool = False


DOUBTS: Final = (
    Doubt(
        "a judgement of the lead is often given once its outcome is known",
        words("""
            (?:lead|prospect|contact|deal) (?:quality|rating|grade|rank|temperature|heat|priority), quality, rating,
            grade, (?:lead ?)?(?:qualität|bewertung|einstufung|güte|rang), temperature, qualification, assessment,
            einschätzung, qualifizierung, priority, priorität"""),
        0.62,
        marked=True,
    ),
    Doubt(
        "a tool may keep such a score up to date until the end",
        words("""
            scor(?:e|ing), \\w*score, punktzahl, (?:activity|profile|lead|intent|engagement) (?:index|grade)"""),
        0.0,
    ),
    Doubt(
        "such a sum may be known only with the sale",
        words("""
            values?, amount, revenue, price, discount, turnover, umsatz, betrag, wert, preis, rabatt"""),
        0.8,
    ),
    Doubt(
        "it is known only once the talk is over",
        re.compile(
            r"^(?:(?:last )?(?:call|talk|phone|conversation|gesprächs?|anruf|telefonat) ?)?(?:duration|length|dauer)"
            r"(?: (?:of )?(?:the )?(?:call|talk|sec(?:ond)?s?|min(?:ute)?s?))?$"
        ),
        0.7,
    ),
    Doubt(
        "it may count what is done for the lead until its end",
        words("""
            (?:number|times|count|total)(?: of)?(?: times)? (?:contacted|calls|meetings|activities|e ?mails? sent),
            (?:done|total|open|closed) activities, activities to do,
            anzahl (?:\\w+ )?(?:anrufe|kontakte|termine|aktivitäten)"""),
        0.65,
    ),
)


def protected(name: str) -> str | None:
    """Return the protected trait that a column's name speaks of, or None."""
    return _first(PROTECTED, name)


def private(name: str) -> bool:
    """Return whether a column of this name tells who or where somebody is."""
    return PRIVATE.fullmatch(spoken(name)) is not None


def credit(name: str) -> str | None:
    """Return the words of a column's name that speak of creditworthiness, or None."""
    found = CREDIT.search(spoken(name))
    return found[0] if found else None


def later(name: str) -> str | None:
    """Return why a column of this name is filled in with or after the outcome, or None."""
    return _first(LATER, name)


def doubt(name: str) -> Doubt | None:
    """Return why a column of this name may be filled in after the outcome, or None."""
    text = spoken(name)
    return next((one for one in DOUBTS if one.pattern.search(text)), None)


def _first(patterns: Mapping[str, re.Pattern[str]], name: str) -> str | None:
    text = spoken(name)
    return next((what for what, pattern in patterns.items() if pattern.search(text)), None)
