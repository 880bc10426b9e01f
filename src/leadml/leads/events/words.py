"""Words for what is told of events, in English and German: "4 visits in 30 days", "letzter Besuch vor 3 Tagen"."""

from leadml.leads.schema import Language, Measure, What

# a kind of event: (one or more of it, the last one, the first one, none yet) in English, then in German
_Forms = tuple[str, str, str, str]
_KNOWN: dict[str, tuple[_Forms, _Forms]] = {
    "visit": (
        ("visit(s)", "last visit", "first visit", "no visit"),
        ("Besuch(e)", "letzter Besuch", "erster Besuch", "kein Besuch"),
    ),
    "email_opened": (
        ("e-mail(s) opened", "last e-mail opened", "first e-mail opened", "no e-mail opened"),
        ("geöffnete E-Mail(s)", "letzte E-Mail geöffnet", "erste E-Mail geöffnet", "keine E-Mail geöffnet"),
    ),
    "email_clicked": (
        ("click(s) in e-mails", "last click in an e-mail", "first click in an e-mail", "no click in an e-mail"),
        (
            "Klick(s) in E-Mails",
            "letzter Klick in einer E-Mail",
            "erster Klick in einer E-Mail",
            "kein Klick in E-Mails",
        ),
    ),
    "call": (
        ("call(s)", "last call", "first call", "no call"),
        ("Anruf(e)", "letzter Anruf", "erster Anruf", "kein Anruf"),
    ),
    "meeting": (
        ("meeting(s)", "last meeting", "first meeting", "no meeting"),
        ("Termin(e)", "letzter Termin", "erster Termin", "kein Termin"),
    ),
    "download": (
        ("download(s)", "last download", "first download", "no download"),
        ("Download(s)", "letzter Download", "erster Download", "kein Download"),
    ),
    "form": (
        ("form(s) sent", "last form sent", "first form sent", "no form sent"),
        ("gesendete Formular(e)", "letztes Formular gesendet", "erstes Formular gesendet", "kein Formular gesendet"),
    ),
    "purchase": (
        ("purchase(s)", "last purchase", "first purchase", "no purchase"),
        ("Bestellung(en)", "letzte Bestellung", "erste Bestellung", "keine Bestellung"),
    ),
}
_ALL: tuple[_Forms, _Forms] = (
    ("act(s)", "last act", "first act", "no act"),
    ("Aktivität(en)", "letzte Aktivität", "erste Aktivität", "keine Aktivität"),
)
_ALIASES = {
    "email_open": "email_opened",
    "open": "email_opened",
    "email_click": "email_clicked",
    "click": "email_clicked",
    "page_view": "visit",
    "phone_call": "call",
    "form_submitted": "form",
    "form_submit": "form",
    "appointment": "meeting",
    "besuch": "visit",
    "anruf": "call",
    "termin": "meeting",
    "kauf": "purchase",
}
_LANGUAGES: tuple[Language, Language] = ("en", "de")
_TEMPLATES: dict[What, tuple[str, str]] = {
    "last": ("{last} {{}} day(s) ago", "{last} vor {{}} Tag(en)"),
    "first": ("{first} {{}} day(s) ago", "{first} vor {{}} Tag(en)"),
    "kinds": ("{{}} kind(s) of acts", "{{}} Art(en) von Aktivitäten"),
    "trend": (
        "{many} of the last {days} days less those of the {days} before",
        "{many} der letzten {days} Tage minus die der {days} davor",
    ),
    "pace": ("acts per day since the first", "Aktivitäten pro Tag seit der ersten"),
    "age": ("came in {{}} day(s) ago", "vor {{}} Tag(en) eingegangen"),
}
_COUNTED: dict[tuple[What, bool], tuple[str, str]] = {
    ("count", True): ("{some} in {days} days", "{some} in {days} Tagen"),
    ("count", False): ("{some} so far", "{some} bisher"),
    ("sum", True): ("value of {many} in {days} days", "Wert: {many} in {days} Tagen"),
    ("sum", False): ("value of {many} so far", "Wert: {many} bisher"),
}


def words(measure: Measure) -> dict[Language, str]:
    """Return the words of a measure's field: a phrase with ``{}`` for the value, or a noun."""
    found: dict[Language, str] = {}
    for at, language in enumerate(_LANGUAGES):
        what = measure.what
        template = _TEMPLATES[what] if what in _TEMPLATES else _COUNTED[what, measure.days is not None]
        some, last, first, _ = _forms(measure.kind)[at]
        plural = some.replace("(", "").replace(")", "")
        counted = f"{{}} {some}"
        days = str(measure.days)
        found[language] = template[at].format(some=counted, many=plural, last=last, first=first, days=days)
    return found


def unknown_words(measure: Measure) -> dict[Language, str]:
    """Return the words for a missing value: there was no such event."""
    if measure.what not in ("last", "first", "pace"):
        return {}
    english, german = _forms(measure.kind)
    return {"en": f"{english[3]} so far", "de": f"bisher {german[3]}"}


def _forms(kind: str | None) -> tuple[_Forms, _Forms]:
    if kind is None:
        return _ALL
    key = kind.replace(" ", "_").replace("-", "_").casefold()
    key = _ALIASES.get(key, key)
    if key in _KNOWN:
        return _KNOWN[key]
    name = kind.replace("_", " ").replace("{", "").replace("}", "").replace("(", "").replace(")", "")
    return (
        (f'time(s) "{name}"', f'last "{name}"', f'first "{name}"', f'no "{name}"'),
        (f"mal „{name}“", f"zuletzt „{name}“", f"zuerst „{name}“", f"nie „{name}“"),
    )
