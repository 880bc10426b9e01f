"""What names of columns and values of an outcome mean, in English and German.

A name is first *spoken*: ``LeadSource``, ``lead_source`` and ``Lead-Source`` all read "lead source". To teach a
word, add it to the list that it belongs to; words that warn of a column are in ``leads.traps``.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

from leadml.leads.schema import Axis

Status = Literal["converted", "lost", "open"]

_CAMEL = re.compile(r"(?<=[a-zäöüß0-9])(?=[A-ZÄÖÜ])|(?<=[A-ZÄÖÜ])(?=[A-ZÄÖÜ][a-zäöüß])")
_GAPS = re.compile(r"[\W_]+")


@lru_cache(maxsize=10_000)
def spoken(name: str) -> str:
    """Return a column's name as words in lower case with single spaces."""
    return _GAPS.sub(" ", _CAMEL.sub(" ", name)).strip().casefold()


def words(phrases: str) -> re.Pattern[str]:
    """Return a pattern of whole words, from phrases between commas; a phrase may be a pattern itself."""
    listed = (" ".join(phrase.split()) for phrase in phrases.replace("ß", "ss").split(","))
    return re.compile(r"\b(?:" + "|".join(phrase for phrase in listed if phrase) + r")\b")


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^(?:{pattern})$")


DATED: Final = "(?:at|on|date|time|datetime|date time|timestamp|datum|zeit|zeitpunkt|am|um)"
_WHAT = "(?:lead|deal|opportunity|contact|record|prospect|customer|client|inquiry|enquiry|case|kunden|kontakt|anfrage)"
_SALE = "(?:deal|opportunity|order|contract|sale|sales|expected|estimated|potential|auftrags|vertrags|geschätzter)"
_FIRM = "(?:account|company|organi[sz]ation|org|household|firm|client)"

# role -> what its column is called, the surest names first
ROLES: Final[Mapping[str, tuple[re.Pattern[str], ...]]] = {
    "id": (
        _whole(rf"(?:{_WHAT} ?)?(?:id|uuid|guid|nr|nummer)"),
        _whole(rf"(?:external|record|row|object|crm) id|{_WHAT} (?:number|nummer|key|no)|key"),
    ),
    "created_at": (
        _whole(
            rf"(?:{_WHAT} )*(?:(?:created|create|creation|add|added|received|entered|opened) {DATED}"
            r"|(?:erstellt|angelegt|erfasst|eingegangen) am|(?:erstell|erstellungs|anlage|eingangs|erfassungs)datum)"
        ),
        words(rf"""
            (?:created?|creation|added|received|sign ?up|registration|registered|inquiry|enquiry) {DATED}, created,
            createdate, (?:erstellt|angelegt|erfasst|eingang) {DATED}, erstellungsdatum, anlagedatum, eingangsdatum,
            erstelldatum, erfassungsdatum, registrierungsdatum, anfragedatum"""),
        _whole(rf"(?:{_WHAT} )?(?:date|datum|timestamp|day|tag)"),
    ),
    "converted_at": (
        words(rf"""
            (?:won|converted|conversion|sold|purchased?|order|signed|gewonnen|konvertiert|verkauft) {DATED},
            became an? customer date, kaufdatum, konvertierungsdatum, konversionsdatum, umwandlungsdatum,
            auftragsdatum, bestelldatum, vertragsdatum, kauf am"""),
        words(rf"clos(?:e|ed|ing) {DATED}, date closed, abschlussdatum, abgeschlossen am, abschluss am"),
    ),
    "value": (
        words(rf"{_SALE} ?(?:value|amount|revenue|size|volume|wert|volumen|umsatz|betrag), dealwert, bestellwert"),
        _whole("amount|value|betrag|wert|acv|arr|mrr|tcv|order total"),
    ),
    "owner": (
        words(rf"""
            (?:{_WHAT}|account|sales) (?:owner|rep|person|agent|manager), owner(?: id| name)?, sales ?person,
            (?:sales ?)?rep(?:resentative)?(?: name)?, account executive, assigned to, assignee, besitzer, inhaber,
            (?:lead|kontakt)(?:besitzer|inhaber), zuständig(?:er|e)?, betreuer, verkäufer,
            vertriebsmitarbeiter(?:in)?, vertriebler, bearbeiter"""),
    ),
    "group": (
        words(rf"{_FIRM} ?(?:id|key|nr|number), (?:firmen|unternehmens|konto|haushalts|konten) ?(?:id|nr|nummer)"),
        _whole(rf"(?:{_FIRM}|employer|firma|unternehmen|betrieb|organisation|firmenname)(?: name)?"),
    ),
    "do_not_contact": (
        words("""
            do not contact, no contact, dnc, blacklist(?:ed)?, blocklist(?:ed)?, nicht kontaktieren, kontaktsperre,
            werbesperre, gesperrt, kein kontakt, werbewiderspruch, widerspruch"""),
        words("""
            do ?not ?(?:call|phone|sms|text|mail|fax), do not allow phone calls, (?:phone|call) opt out, nicht anrufen,
            anrufsperre"""),
        words("opt(?:ed)? ?out, do ?not ?(?:bulk ?)?e ?mail, do not allow e ?mails, unsubscribed, abgemeldet"),
    ),
    "slot": (_whole("(?:lead ?ml |list |last )?slot"),),
    "propensity": (_whole("(?:lead ?ml |list |last )?propensity"),),
}

# what the outcome's column is called: such a name decides for yes and no, a status needs values that speak
OUTCOME: Final = words("""
    outcome, converted, conversion, is won, won, won status, bought, sold, purchased?, result, target, label, y,
    success, successful, is customer, became customer, signed, subscribed, response, class, ergebnis, konvertiert,
    gewonnen, gekauft, verkauft, abgeschlossen, kunde geworden, erfolg, ist kunde, abschluss, zielgröße""")
STATUS: Final = words("""
    status, stage, state, lifecycle stage, phase, disposition, status reason, leadstatus, statusgrund, stufe, stand,
    verkaufsphase, zustand, dealstage, lifecyclestage, lebenszyklus ?phase, statuscode, statecode""")
MONEY: Final = words("revenue, sale, order, deal, umsatz, kauf, auftrag, bestellung")  # where it is yes or no
EARLIER: Final = words("previous, prev, prior, last, old, former, vorherig\\w*, letzt\\w*, alt\\w*, reason, grund")

AXES: Final[Mapping[Axis, re.Pattern[str]]] = {
    "authority": words("""
        (?:job |business )?(?:title|position|role|function|level|rank), seniority, department, hierarchy,
        decision ?maker, decider, buying role, management level, executive, job, occupation, profession,
        jobtitle, funktion, abteilung, berufsbezeichnung, beruf, berufsgruppe, rolle, \\w*entscheid\\w*,
        hierarchie\\w*, stelle, stellung, stellenbezeichnung, karrierestufe, jobtitel, tätigkeit, \\w*befugnis,
        führungs\\w+, prokura, authority, budget holder, budgetverantwort\\w+, managementebene"""),
    "ability": words("""
        income, salary, revenue, turnover, budget(?: amount)?, wealth, assets, funding, balance, capital,
        employees?, loans?, mortgage, net worth, price range, willing\\w* to pay, agree to pay, afford\\w*,
        fleet, company (?:size|type), headcount, staff, seats?, licen[cs]es?, users?, ftes?, industry, sector,
        house ?hold\\w*, home ?owner\\w*, housing, property, purchasing power, sic(?: code)?, naics\\w*, size,
        \\w*einkommen, \\w*gehalt, \\w*umsatz, \\w*vermögen, \\w*budget, darlehen, hypothek\\w*,
        mitarbeiter(?:\\w*zahl)?, beschäftigte(?:nzahl)?, lizenz(?:en|anzahl|zahl)?, nutzer(?:zahl|anzahl)?,
        sitzplätze, \\w*größe(?:nklasse)?, branche, kaufkraft, haushalts\\w+, eigenheim, wirtschaftszweig,
        rechtsform"""),
    "interest": words("""
        \\w*visits?, visited, sessions?, (?:page|site|website|product) ?views?, pages?, clicks?, clicked,
        opens?, opened, time spent, downloads?, time on (?:site|website|page), webinars?, demos?(?: requested)?,
        trials?, newsletters?, keyword, \\w*durations?, (?:lead |original |traffic
        )?(?:source|origin|channel|medium), traffic, campaigns?, referr\\w+, utm\\w*, forms?(?: submissions?)?,
        interest\\w*, products?, engagement, activit\\w+, subscri\\w+, bounces?, exits?, e ?mails?
        (?:opened|clicked), events?, requests?, inquir\\w+, search, advert\\w*, heard? about, first seen,
        recommend\\w*, updates?, page values?, free copy, brochures?, magazine, newspaper\\w*, forums?, urgency,
        (?:purchase |buying )?time ?(?:frame|line), call ?backs?, poutcome, pdays, previous(?:ly)?, visitor\\w*,
        \\w*besuch\\w*, seitenaufrufe, aufrufe, klicks?, geöffnet\\w*, öffnungen, verweildauer, sitzung\\w*,
        geklickt\\w*, zeitrahmen, dringlichkeit, rückruf\\w*, katalog\\w*, broschüre\\w*, zeitschrift, zeitung,
        teilnahme, teilgenommen, aufmerksam, bedarf, wunsch\\w*, testzugang, \\w*quelle, herkunft, kanal,
        kampagne\\w*, anfragen?, interess\\w*, empfehl\\w+, messe, produkt\\w*, probe\\w*, angefordert\\w*,
        anmeldung\\w*"""),
}

# how many people an account has: such a column names no account
HEADCOUNT: Final = words("""
    employees?, headcount, staff, ftes?, people, \\w*mitarbeiter\\w*, beschäftigte\\w*, angestellte\\w*, personalstärke,
    number of, no of, anzahl, size, größe, \\w+größe, \\w+zahl""")

# what numbers that only name something are called
CODES: Final = words("""
    types?, kinds?, codes?, regions?, browsers?, systems?, categor(?:y|ies), class, segments?, clusters?, zones?,
    districts?, channels?, sources?, groups?, branch, plan, tier, device, market, os, id, typ, art, kategorie, klasse,
    bezirk, kanal, quelle, gruppe, filiale, gebiet, \\w+typ""")
ORDER: Final = words("number, no, nr, nummer, id, index, row, sequence, seq, lfd nr, laufende nummer")  # of arrival
_CALENDAR = """
    jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september
    october november december mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday
    saturday sunday januar februar märz mär mai juni juli oktober okt dezember dez montag dienstag mittwoch donnerstag
    freitag samstag sonntag mo di mi do fr sa so"""
CALENDAR: Final = frozenset(_CALENDAR.split())  # months and weekdays as values

_VALUES: Final[Mapping[Status, re.Pattern[str]]] = {
    "lost": words("""
        lost, loss, dis ?qualified, unqualified, (?:not|non) (?:qualified|converted|interested|won|sold|a fit),
        rejected, declined, refused, dead, junk, spam, no longer interested, cannot contact, cancell?ed, churned,
        failed, failure, duplicate, abandoned, expired, bad (?:timing|fit|data), unsuccessful, unresponsive, verloren,
        abgelehnt, abgesagt, absage, nicht (?:qualifiziert|interessiert|konvertiert|gewonnen|erreicht|erreichbar),
        kein interesse, disqualifiziert, storniert, ungültig, abgebrochen, unqualifiziert, entgangen,
        wertlos\\w*"""),
    "converted": words("""
        won, converted, customer, client, sold, bought, purchased, signed, success(?:ful)?, contract, evangelist,
        enrolled, accepted, gewonnen, konvertiert, kunde, verkauft, gekauft, abgeschlossen, umgewandelt, vertrag,
        beauftragt, auftrag, bestandskunde, unterschrieben, zugesagt, erfolgreich"""),
    "open": words("""
        new, open, working, in progress, contacted, attempted(?: to contact)?, nurtur\\w+, pending, active, assigned,
        opportunity, proposal, proposition, negotiation, lead, subscriber, mql, sql, sal, connected,
        contact in future, pre ?qualified, prospect\\w*, demo\\w*, on hold, waiting, scheduled, callback, follow up,
        qualification, meeting\\w*, offer, quote\\w*, qualifying, discovery, neu, offen, in bearbeitung, kontaktiert,
        angebot\\w*, wartend, termin\\w*, verhandlung, interessent, wiedervorlage, in arbeit, laufend, zugewiesen,
        vorqualifiziert, abonnent, verkaufschance, qualifizierung"""),
}
# the end of one way of selling, and a step of another: it is settled by the other values
QUALIFIED: Final = _whole("(?:lead )?(?:qualified|qualifiziert|sales qualified|qualified lead)")


def status_of(value: str) -> Status | None:
    """Return what an outcome's value means, or None where it does not say; a lost one is looked for first."""
    text = spoken(value)
    return next((status for status, pattern in _VALUES.items() if pattern.search(text)), None)


def axis_of(name: str) -> tuple[Axis, str] | None:
    """Return (axis, the words that speak for it) of a column's name, or None."""
    text = spoken(name)
    for axis, pattern in AXES.items():
        if found := pattern.search(text):
            return axis, found[0]
    return None
