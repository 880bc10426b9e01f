"""What explains a list to the person who works with it: its columns in plain words, English and German."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from leadml.leads.schema import Format, Language


@dataclass(frozen=True, slots=True)
class Legend:
    """What a written list needs to be explained: its language, and the least score of each grade above D.

    ``numbers`` are the input columns that hold numbers, and how they write them. ``scores_axes``: where an axis has no
    score, it is unknown; else the model is of before there were such scores.
    """

    language: Language = "en"
    grades: Mapping[str, int] = field(default_factory=lambda: {"A": 90, "B": 70, "C": 40})
    numbers: Mapping[str, Format | None] = field(default_factory=dict)
    scores_axes: bool = False

    @property
    def letters(self) -> list[str]:
        """The grades, the best first."""
        return [*sorted(self.grades, key=lambda letter: -self.grades[letter]), "D"]


class Facts(NamedTuple):
    """What is true of one written list; None is not known."""

    n_leads: int
    model_version: str | None = None
    as_of: str | None = None
    horizon_days: int | None = None
    explores: bool = False


class Section(NamedTuple):
    """A headed table of the guide: rows of (name, words); of one, the names are grades."""

    heading: str
    rows: list[tuple[str, str]]
    of_grades: bool = False


UNKNOWN: Mapping[Language, str] = {"en": "unknown", "de": "unbekannt"}
SHEETS: Mapping[Language, tuple[str, str]] = {"en": ("Leads", "About"), "de": ("Leads", "Erklärung")}
TITLES: Mapping[Language, str] = {"en": "About this list", "de": "Zu dieser Liste"}

COLUMNS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "rank": "Place in the list: 1 is the lead to call first.",
        "day": "The day of the plan on which to call the lead.",
        "owner": "Who looks after the lead.",
        "slot": "How the lead got on the list; ranked: by its place.",
        "propensity": "How likely the lead was to get on this list; 1 for ranked.",
        "expected_value": "Probability times the value of the lead, less what a contact costs.",
        "lead_id": "The lead's id in your own table, written as it is there.",
        "probability": "The chance that the lead converts{horizon}. The bar runs from 0 % to 100 %.",
        "logit": "The probability as log-odds, the scale on which the parts add up.",
        "score": "1 to 100: where the lead stands among recent leads whose outcome is known. "
        "With a score of 90 it is rated higher than 89 of 100 of them.",
        "grade": "The score as a letter, see below.",
        "interest_score": "How much the lead wants it, by all that is known of that: 1 to 100 among recent leads, as "
        "the score. unknown: nothing is known of it, which is worth asking; it does not mean weak.",
        "ability_score": "The same for the lead's means to buy.",
        "authority_score": "The same for the lead's power to decide.",
        "interest": "What is known of the lead's interest: the bar to the right speaks for a conversion, the bar to "
        "the left against it, compared with an average lead. The unit is log-odds: +0.7 about doubles the odds, -0.7 "
        "about halves them.",
        "ability": "The same for the means to buy.",
        "authority": "The same for the power to decide.",
        "other": "The same for all that belongs to none of the three.",
        "base": "The log-odds of an average lead. base + interest + ability + authority + other = logit.",
        "summary": "The three axes in words: what is strong, what is weak (about a third above or below the odds of an "
        "average lead) and what is not known.",
        "reasons": "What speaks for (+) and against (-) the lead most; (*) says how it got its place.",
        "model_version": "The model that rated the lead.",
        "as_of": "The moment at which the leads were looked at, in UTC.",
        "horizon_days": "The days within which a conversion counts.",
        "duplicates": "Other open leads of the same person or company, merged with this one.",
    },
    "de": {
        "rank": "Platz in der Liste: 1 wird zuerst angerufen.",
        "day": "Der Tag des Plans, an dem der Lead angerufen wird.",
        "owner": "Wer den Lead betreut.",
        "slot": "Wie der Lead auf die Liste kam; ranked: durch seinen Platz.",
        "propensity": "Wie wahrscheinlich der Lead auf diese Liste kam; 1 bei ranked.",
        "expected_value": "Wahrscheinlichkeit mal Wert des Leads, abzüglich der Kosten eines Kontakts.",
        "lead_id": "Die Kennung des Leads in Ihrer eigenen Tabelle, so geschrieben wie dort.",
        "probability": "Die Chance, dass der Lead{horizon} kauft. Der Balken reicht von 0 % bis 100 %.",
        "logit": "Die Wahrscheinlichkeit als Log-Odds; auf dieser Skala addieren sich die Teile.",
        "score": "1 bis 100: wo der Lead unter neueren Leads steht, deren Ausgang bekannt ist. "
        "Mit 90 ist er höher bewertet als 89 von 100 von ihnen.",
        "grade": "Der Score als Buchstabe, siehe unten.",
        "interest_score": "Wie sehr der Lead es will, nach allem, was darüber bekannt ist: 1 bis 100 unter neueren "
        "Leads, wie der Score. unbekannt: Darüber ist nichts bekannt, also lohnt die Frage; es heißt nicht schwach.",
        "ability_score": "Dasselbe für die Mittel, über die der Lead verfügt.",
        "authority_score": "Dasselbe für die Befugnis zu entscheiden.",
        "interest": "Was über das Interesse des Leads bekannt ist: Der Balken nach rechts spricht für einen Abschluss, "
        "der nach links dagegen, verglichen mit einem durchschnittlichen Lead. Die Einheit sind Log-Odds: +0,7 "
        "verdoppelt etwa das Verhältnis von Ja zu Nein, -0,7 halbiert es etwa.",
        "ability": "Dasselbe für die Mittel.",
        "authority": "Dasselbe für die Befugnis.",
        "other": "Dasselbe für alles, was zu keinem der drei gehört.",
        "base": "Die Log-Odds eines durchschnittlichen Leads. base + interest + ability + authority + other = logit.",
        "summary": "Die drei Achsen in Worten: was stark ist, was schwach ist (etwa ein Drittel über oder unter dem "
        "Verhältnis von Ja zu Nein eines durchschnittlichen Leads) und was nicht bekannt ist.",
        "reasons": "Was am meisten für (+) und gegen (-) den Lead spricht; (*) sagt, wie er zu seinem Platz kam.",
        "model_version": "Das Modell, das den Lead bewertet hat.",
        "as_of": "Der Zeitpunkt, zu dem die Leads betrachtet wurden, in UTC.",
        "horizon_days": "Die Tage, innerhalb derer ein Abschluss zählt.",
        "duplicates": "Andere offene Leads derselben Person oder Firma, hier zusammengefasst.",
    },
}

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "list": "This list",
        "leads": "Leads",
        "model": "Model",
        "as_of": "Looked at",
        "horizon": "Horizon",
        "days": "{} days",
        "within": " within {} days",
        "grades": "The grades",
        "range": "Score {} to {}",
        "explore": "; explore: drawn by lot, so that every lead keeps a chance of being met and the model goes on "
        "learning",
        "columns": "The columns",
        "own": "All other columns",
        "own_words": "From your own table, as they were; input_ in front of a name sets it apart from a column above.",
        "reading": "Good to know",
        "causes": "Reasons",
        "causes_words": "Reasons say what told past leads that converted from the others. They are not causes: "
        "changing one does not by itself change the outcome.",
        "chance": "Probability",
        "chance_words": "A chance of 30 % means that of 10 such leads about 3 convert. It is an estimate from past "
        "leads, not a promise.",
        "hidden": "Folded columns",
        "hidden_words": "Columns that are seldom needed are folded: the + above the columns opens them.",
        "paper": "On paper",
        "paper_words": "The printout has the columns of the rating and leaves out those of your own table.",
        "sorting": "Filters",
        "sorting_words": "The arrows in the header filter and sort; the colours and bars go along.",
    },
    "de": {
        "list": "Diese Liste",
        "leads": "Leads",
        "model": "Modell",
        "as_of": "Stand",
        "horizon": "Horizont",
        "days": "{} Tage",
        "within": " innerhalb von {} Tagen",
        "grades": "Die Noten",
        "range": "Score {} bis {}",
        "explore": "; explore: ausgelost, damit jeder Lead die Chance behält, angesprochen zu werden, und das Modell "
        "weiter lernt",
        "columns": "Die Spalten",
        "own": "Alle weiteren Spalten",
        "own_words": "Aus Ihrer eigenen Tabelle, unverändert; input_ vor einem Namen unterscheidet ihn von einer "
        "Spalte oben.",
        "reading": "Gut zu wissen",
        "causes": "Gründe",
        "causes_words": "Gründe sagen, was frühere Leads, die gekauft haben, von den anderen unterschied. Sie sind "
        "keine Ursachen: Einen davon zu ändern, ändert nicht von selbst den Ausgang.",
        "chance": "Wahrscheinlichkeit",
        "chance_words": "30 % heißt: Von 10 solchen Leads kaufen etwa 3. Das ist eine Schätzung aus früheren Leads, "
        "kein Versprechen.",
        "hidden": "Zugeklappte Spalten",
        "hidden_words": "Selten gebrauchte Spalten sind zugeklappt: Das + über den Spalten öffnet sie.",
        "paper": "Auf Papier",
        "paper_words": "Der Ausdruck hat die Spalten der Bewertung, ohne die Ihrer eigenen Tabelle.",
        "sorting": "Filter",
        "sorting_words": "Die Pfeile in der Kopfzeile filtern und sortieren; Farben und Balken gehen mit.",
    },
}


def sections(legend: Legend, facts: Facts, columns: Collection[str], *, has_others: bool) -> list[Section]:
    """Return what explains a list with these columns of a scored lead; ``has_others``: columns of the input too."""
    words = _WORDS[legend.language]
    table = _columns(legend.language, facts, columns)
    if has_others:
        table.append((words["own"], words["own_words"]))
    notes = ["causes", "chance", "sorting", *(["hidden"] if columns else []), *(["paper"] if has_others else [])]
    return [
        Section(words["list"], _facts(facts, words)),
        Section(words["columns"], table),
        *([Section(words["grades"], _grades(legend, words), of_grades=True)] if "grade" in columns else []),
        Section(words["reading"], [(words[note], words[f"{note}_words"]) for note in notes]),
    ]


def _facts(facts: Facts, words: Mapping[str, str]) -> list[tuple[str, str]]:
    horizon = None if facts.horizon_days is None else words["days"].format(facts.horizon_days)
    as_of = facts.as_of
    if as_of is not None and as_of.endswith("Z"):
        as_of = f"{as_of[:10]} {as_of[11:16]} UTC"
    rows = [("leads", f"{facts.n_leads}"), ("model", facts.model_version), ("as_of", as_of), ("horizon", horizon)]
    return [(words[name], value) for name, value in rows if value is not None]


def _columns(language: Language, facts: Facts, columns: Collection[str]) -> list[tuple[str, str]]:
    words, known = _WORDS[language], dict(COLUMNS[language])
    within = "" if facts.horizon_days is None else words["within"].format(facts.horizon_days)
    known["probability"] = known["probability"].format(horizon=within)
    if facts.explores:
        known["slot"] = known["slot"].removesuffix(".") + words["explore"] + "."
    return [(name, known[name]) for name in columns]


def _grades(legend: Legend, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the scores of each grade, the best first."""
    least = [legend.grades.get(letter, 1) for letter in legend.letters]
    most = [100, *(score - 1 for score in least[:-1])]
    return [(x, words["range"].format(a, b)) for x, a, b in zip(legend.letters, least, most, strict=True) if a <= b]
