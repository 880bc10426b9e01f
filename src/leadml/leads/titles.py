"""Job titles, English and German: how high in the company, and in which part of it.

Decisions where a title leaves room:

- The highest level named wins ("Founder & CEO" is an owner), but an assistant or a junior stays one,
  whoever it is they assist ("Assistant to the CEO"), and is not in the general management.
- What follows "of", "to", "für", "der" says where, not how high: "Head of Trainee Programme" is a head.
- Managers of accounts, products, projects, customers, content and the like manage no people: they are
  "staff", or "senior" where the title says so. Project and site leaders (Projektleiter, Bauleiter) likewise.
- Team leaders (Teamleiter, team lead, supervisor) are "manager"; any other Leiter is "head".
- A deputy has the level of the one deputised for. A Prokurist may sign alone: "vp_director".
- Freelancers and the self-employed decide for themselves: "owner".
- Whoever has left the post (a. D., former, retired) decides nothing any more: "other".
- The first function named wins ("Leiter Vertrieb und Marketing" is sales). An owner or a member of the
  management without one is "general".
"""

import re
from functools import lru_cache
from typing import NamedTuple

from leadml.leads.letters import bare, folded

LONGEST = 300  # characters: more would cost seconds, and the memory of what is kept


class Title(NamedTuple):
    """A job title in two words: a key of ``SENIORITY_WORDS`` and one of ``FUNCTION_WORDS``."""

    seniority: str
    function: str


SENIORITY_WORDS = {
    "en": {
        "owner": "owner or self-employed",
        "c_level": "managing director or board",
        "vp_director": "director or vice president",
        "head": "head of department",
        "manager": "manager or team leader",
        "senior": "senior specialist",
        "staff": "specialist or clerk",
        "assistant": "assistant or secretary",
        "junior": "junior, trainee or student",
        "other": "another position",
    },
    "de": {
        "owner": "Inhaber oder selbständig",
        "c_level": "Geschäftsführung oder Vorstand",
        "vp_director": "Direktion oder Prokura",
        "head": "Abteilungs- oder Bereichsleitung",
        "manager": "Manager oder Teamleitung",
        "senior": "erfahrene Fachkraft",
        "staff": "Fachkraft oder Sachbearbeitung",
        "assistant": "Assistenz oder Sekretariat",
        "junior": "Berufseinstieg, Ausbildung oder Studium",
        "other": "andere Position",
    },
}
FUNCTION_WORDS = {
    "en": {
        "general": "general management",
        "sales": "sales",
        "marketing": "marketing",
        "finance": "finance",
        "it": "IT",
        "hr": "human resources",
        "purchasing": "purchasing",
        "operations": "operations",
        "engineering": "engineering and development",
        "legal": "legal",
        "service": "customer service",
        "other": "another area",
    },
    "de": {
        "general": "Unternehmensleitung",
        "sales": "Vertrieb",
        "marketing": "Marketing",
        "finance": "Finanzen",
        "it": "IT",
        "hr": "Personal",
        "purchasing": "Einkauf",
        "operations": "Produktion und Logistik",
        "engineering": "Technik und Entwicklung",
        "legal": "Recht",
        "service": "Kundenservice",
        "other": "andere Funktion",
    },
}

# All patterns meet titles as ``_plain`` writes them: lower case, ae for ä, single spaces, no marks.
_FORMER = re.compile(
    r"\b(former(ly)?|ex|retired|emerit\w+|ehemal\w+|ausser dienst|im ruhestand|rentner(in)?)\b|pensionier"
)
_JUNIOR = re.compile(
    r"\b(junior\w*|jr|intern|interns?hip|trainee|apprentice|graduate|azubi\w*|auszubildend\w*|lehrling"
    r"|hiwi|volontaer\w*|referendar\w*|schueler\w*|duale\w* stud\w+|undergraduate)\b|praktik|werkstudent"
    r"|\bstudent(in)?\b(?! (advis|affairs|services|counsel|success))"
)
_ASSISTANT = re.compile(
    r"assist[ae]n[tz](?!\w* (vice|director|manager|general|head|controller|professor))"
    r"|sekretaer(?!\w* general)(?<!generalsekretaer)|sekretariat|\bsecretar(y|ies)\b(?! general)"
    r"|\b(office|buero) ?manager|\breceptionist|\bempfang|\b(pa|ea)\b"
)
_STAFF_MANAGER = re.compile(
    r"(?:\b(?:account|product|project|program(?:me)?|case|community|content|social media|campaign|events?"
    r"|customer success|customer|client|partner(?:ship)?|relationship|contract|data|release|change|lead"
    r"|knowledge|traffic|seo|sea|crm|property) (?:manage(?:r|ment)\w*|mgr)|(?:projekt|produkt|kunden|event"
    r"|vertrags|key ?account|account|partner|kampagnen|konto) ?manage(?:r|ment)\w*|(?:projekt|bau|product"
    r"|project) ?(?:leit(?:er|ung)\w*|lead(?:er)?\b))"
)
_BOUND = (("junior", _JUNIOR), ("assistant", _ASSISTANT))  # these stay so, whatever else is named
_LEVELS = (
    (
        "owner",
        re.compile(
            r"(?<!product )(?<!process )(?<!data )\b(co ?)?owner|\b(co ?)?founder\b(?! s\b)|inhaber"
            r"|eigentuemer|gruender|\bproprietor|gesellschafter"
            r"|\b(managing|senior|equity|founding|geschaeftsfuehrende\w*) partner|^partner(in)?$"
            r"|selb(st)?staendig|\bself employed|\bfreelanc|freiberuf|\bentrepreneur"
            r"|business(wo)?man|geschaefts(mann|frau)\b|(?<!mit)(?<!sub)unternehmer(in)?\b"
        ),
    ),
    (
        "c_level",
        re.compile(
            r"\bc[efotimsrdplac]o\b|\b(ciso|chro|cxo|gf|gfin)\b|\bchief (\w+ ){1,3}officer|^md$"
            r"|\bmanaging director|\bgeneral manager|(?<!vice )\bpresident\b|(?<!vize)praesident"
            r"|\bchair(man|woman|person)?\b|gescha?e?ftsfue?hr|gescha?e?ftsleit"
            r"|vorstand(?!s(referent|assist|stab))|aufsichtsrat|\bboard\b|generaldirek"
            r"|\bsecretar\w* general|generalsekretaer|^chef(in)?$|buergermeister|\bmayor\b"
        ),
    ),
    (
        "vp_director",
        re.compile(
            r"\b([aes]?vp|vice president)\b|vizepraesident|(?<!art )\b\w*dire[ck]tor(in|en)?\b|prokurist"
            r"|\bcountry manager"
        ),
    ),
    (
        "manager",  # before head: a Teamleiter is a Leiter too
        re.compile(
            r"\b(team|group|shift|store|branch)\W?(lead(er)?|manager|head)\b"
            r"|(team|gruppen|schicht|filial|markt|stations)leit|\bteam ?chef|supervisor|vorarbeiter"
            r"|\bforeman|handlungsbevoll"
        ),
    ),
    (
        "head",
        re.compile(
            r"\bhead\b|\bchief\b|(?<!g)leiter|leitung|\bleitend|bereichsvorst|chefarzt|chefaerzt"
            r"|chefredakt"
        ),
    ),
    (
        "manager",
        re.compile(
            r"manager|\bmgr\b|^management$|(?<!haus)meister(in)?\b|\b(sales|marketing|finance|it|hr|product) lead$"
        ),
    ),
    (
        "senior",
        re.compile(
            r"\b(senior|sr|principal)\b|\b(tech|technical) lead\b|^lead (?!gen|manag|qualif|nurtur)"
            r"|oberarzt|\bexpert(e|in)?\b"
        ),
    ),
    (
        "staff",
        re.compile(
            r"spe[cz]ialist|sachbearbeit|consultant|berater|engineer|ingenieur|developer|entwickler"
            r"|analyst|ar[ck]hite[ck]t|accountant|buchhalt|controller|referent|mitarbeiter"
            r"|kauf(mann|frau|leute)|techni(k|c)|designer|administrator|programm(er|ierer)|scientist"
            r"|[ck]oordinator|representative|vertreter|aussendienst|innendienst|recruiter|\bbuyer"
            r"|einkaeufer|verkaeufer|\bsales(man|woman|person)?$|\bagent|\bofficer|\bclerk|\badvis[eo]r"
            r"|\blawyer|anwalt|anwaelt|jurist|attorney|counsel|\bnurse|teacher|lehrer|arzt\b|aerzt"
            r"|\bing\b|lagerist|\badmin\b|blue collar|\bprofessional\b"
            r"|physician|researcher|forscher|editor|redakteur|writer|professor|angestellt|employee"
            r"|operator|mechani|elektrik|fachkraft|arbeiter|disponent|plan(n?er)|trainer|\bcoach|auditor"
            r"|notar|beauftragt|\bexecutive|\bassociate|\bworker|betreuer|\b[sb]dr\b|scrum master"
            r"|product owner|art director|\bstaff\b|business partner|hausmeister|wissenschaftler"
        ),
    ),
)
_FUNCTIONS = (
    (
        "legal",
        re.compile(
            r"\blegal|\brecht|anwalt|anwaelt|jurist|justi[tz]iar|lawyer|attorney|counsel\b|compliance"
            r"|datenschutz|data protection|privacy|\bnotar|\bclo\b"
        ),
    ),
    (
        "hr",
        re.compile(
            r"\bhr\b|\bhrbp|human (resources|capital)|personal(?! (assist|train|bank))|\bpeople\b|talent"
            r"|recruit|\bchro\b"
        ),
    ),
    ("purchasing", re.compile(r"purchas|procure|sourcing|einkauf|einkaeuf|beschaffung|\bbuyer")),
    (
        "marketing",
        re.compile(
            r"marketing|\bcmo\b|\bbrand|\bmarke\b|kommunikation|communication|public relations|\bpr\b"
            r"|social media|\bcontent|\bseo\b|\bsea\b|advertis|werbung|kampagne|campaign|presse"
        ),
    ),
    (
        "service",
        re.compile(
            r"customer (service|success|support|care|experience)|\bsupport|service(?!s)"
            r"|kunden(dienst|betreu|beratung)|help ?desk|call ?center"
        ),
    ),
    (
        "sales",
        re.compile(
            r"\bsales|vertrieb|verkauf|verkaeuf|\baccount (manage|exec|direct|mgr)|account ?manag"
            r"|business development|aussendienst|innendienst|handelsvertret|\b[sb]dr\b|\bcso\b|\bcro\b"
            r"|\bcco\b|commercial|\brevenue|kunden ?manag|geschaeftsentwicklung"
        ),
    ),
    (
        "finance",
        re.compile(
            r"financ|finanz|kaufmaennische\w* (leit|direk|geschaeft)|\bcfo\b|account(ing|ant)|buchhalt"
            r"|rechnungswesen|(?<!quality )controll|treasur|\btax|steuer|\baudit|\bbilanz"
        ),
    ),
    (
        "it",
        re.compile(
            r"\bit\b|\bedv|informati[ko](?!on$)|information (tech|sec)|\bcto\b|\bcio\b|\bciso\b|\bcdo\b"
            r"|software|developer|\bdata\b|devops|system ?(s )?admin|\badministrator|netzwerk|network"
            r"|digitali|chief digital|\bcyber|\bcloud|programmer|programmier|datenbank|database|\bweb"
        ),
    ),
    (
        "engineering",
        re.compile(
            r"engineer|ingenieur|\br d\b|\bf e\b|research|forschung|(?<!unternehmens)entwickl|konstrukt"
            r"|\bcpo\b|product (manage|owner|lead)|produkt ?manage|techni(k|c|s)|\btech\b|\bdesign"
            r"|innovation|scientist|wissenschaft"
        ),
    ),
    (
        "operations",
        re.compile(
            r"operation|\bcoo\b|produ(k|c)tion|logisti|supply chain|fertigung|\bwerks?leit|betriebsleit"
            r"|\bplant\b|warehouse|\blager|quality|qualitaet|instandhalt|manufactur|facility|versand"
            r"|dispon|disposition|montage|\bbau(leit|stell)|transport"
        ),
    ),
)
_GENERAL = re.compile(
    r"gescha?e?fts(fue?hr|leit)|\bceo\b|\bgf\b|managing|vorstand|\bboard\b|general m|unternehmens|strateg"
    r"|(?<!vice )\bpresident|\bthe (director|management)"
)
_MARKS = re.compile(
    r"\(?\b[mwfdx]\s?[/|]\s?[mwfdxi](\s?[/|]\s?[mwfdxi])?\b\)?|(?<=\w)[:*_]innen\b|(?<=\w)[:*_/]-?in\b"
    r"|\(in\)|(?<=\w)/-in\b"
)
_INITIALS = re.compile(r"\b((?:\w\.){2,}\w?)(?=\W|$)")
_RETIRED = re.compile(r"\b[ai]\.\s?[dr]\.(?=\W|$)")  # a. D., i. R.
_SHORT_LEITER = re.compile(r"ltr\b")
_ELSEWHERE = re.compile(r" (of|to|for|fuer|der|des|von|vom|in|im|at|bei) ")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "&": " "})


def parse_title(text: str) -> Title:
    """Return the seniority and the function that a job title names; "other" where it names none.

    Of a text that is longer than any title, only the beginning is read.
    """
    return _parse(text[:LONGEST])


@lru_cache(maxsize=16_384)
def _parse(text: str) -> Title:
    plain = _plain(text)
    if _FORMER.search(plain):
        return Title("other", _function(plain, "other"))
    where = _ELSEWHERE.search(plain)
    rank = _seniority(plain[: where.start()]) if where else "other"
    if rank == "other":
        rank = _seniority(plain)
    return Title(rank, _function(plain, rank))


def _plain(text: str) -> str:
    """Return a title in lower case and plain letters, without gender marks and punctuation."""
    text = folded(text).translate(_UMLAUTS)
    text = _RETIRED.sub(" former ", _MARKS.sub(" ", text))
    text = _INITIALS.sub(lambda match: match[1].replace(".", ""), text)  # C.E.O.
    text = _SHORT_LEITER.sub("leiter", text)
    return " ".join(re.sub(r"[^\w]|_", " ", bare(text)).split())


def _seniority(plain: str) -> str:
    """Return the level that a plain title names, or "other"."""
    for name, pattern in _BOUND:
        if pattern.search(plain):
            return name
    ranked = _STAFF_MANAGER.sub(" specialist ", plain)
    return next((name for name, pattern in _LEVELS if pattern.search(ranked)), "other")


def _function(plain: str, seniority: str) -> str:
    """Return the function named first; at the same place, the one listed first."""
    found = [(match.start(), at, name) for at, (name, p) in enumerate(_FUNCTIONS) if (match := p.search(plain))]
    if found:
        return min(found)[2]
    if seniority == "assistant":  # of the management, but not in it
        return "other"
    return "general" if seniority in ("owner", "c_level") or _GENERAL.search(plain) else "other"
