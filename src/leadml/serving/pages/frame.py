"""The frame of every page: header, words, numbers, the token of its forms, and which model serves."""

import time
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from leadml.leads.schema import Language
from leadml.report.numbers import Numbers
from leadml.serving.pages import sessions
from leadml.serving.pages.faults import plain
from leadml.serving.pages.language import LANGUAGES, language_of
from leadml.serving.pages.static import address
from leadml.serving.pages.words import WORDS
from leadml.serving.problems import Problem

if TYPE_CHECKING:
    from jinja2 import Environment

TELLING = frozenset({"invalid-leads", "invalid-parameter", "invalid-json", "body-too-large", "wrong-host", "no-key"})
BUTTONS = {"en": "English", "de": "Deutsch"}
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
MONTH = 30.44 * DAY
AGO = (("months", MONTH, 60 * DAY), ("days", DAY, 1.5 * DAY), ("hours", HOUR, 1.5 * HOUR), ("minutes", MINUTE, MINUTE))


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one language, with their blanks filled in."""

    language: Language

    @property
    def numbers(self) -> Numbers:
        """How the language writes numbers."""
        return Numbers(self.language)

    def say(self, key: str, /, **values: object) -> str:
        """Return the words of a key."""
        return WORDS[self.language][key].format(**values)

    def some(self, key: str, n: int, /, **values: object) -> str:
        """Return the words for n things: those of ``key_one`` or of ``key_many``, whose blank n is written in full."""
        return self.say(f"{key}_{'one' if n == 1 else 'many'}", n=self.numbers.count(n), **values)

    def ago(self, at: float, now: float | None = None) -> str:
        """Return how long ago a moment was, both in seconds since 1970: ``5 minutes ago``."""
        passed = max((time.time() if now is None else now) - at, 0.0)
        for key, seconds, enough in AGO:
            if passed >= enough:
                return self.some(f"ago_{key}", round(passed / seconds))
        return self.say("ago_now")


@cache
def environment() -> "Environment":
    """Return the templates, with the report's own under ``report/``; every text is escaped."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

    report = PrefixLoader({"report": PackageLoader("leadml.report", "templates")})
    made = Environment(
        loader=ChoiceLoader([PackageLoader("leadml.serving.pages", "templates"), report]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = address
    return made


def render(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page made from a template.

    Beside ``values`` the template gets ``w`` (words), ``say``, ``some`` and ``ago`` (words with blanks), ``numbers``,
    ``language``, ``token``, ``signed_in`` (a key's name, or ""), ``inside`` (whether this person may see
    leads), ``here`` (the path) and ``strip`` (the model).
    """
    language = language_of(request)
    speech, settings = Speech(language), request.app.state.settings
    name_of_key = sessions.signed_in(request.scope, settings) or ""
    inside = bool(name_of_key) or not settings.keys
    common = {
        "w": WORDS[language],
        "say": speech.say,
        "some": speech.some,
        "ago": speech.ago,
        "numbers": speech.numbers,
        "language": language,
        "others": [(one, BUTTONS[one]) for one in LANGUAGES if one != language],
        "token": sessions.token(request),
        "signed_in": name_of_key,
        "inside": inside,
        "here": request.url.path,
        "back": _back(request),
        "strip": _strip(request, speech) if inside else "",
    }
    page = environment().get_template(name).render(common | values)
    answer = HTMLResponse(page, status, {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language"})
    sessions.keep(request, answer)
    return answer


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """Return a problem as a page: what is wrong, every fault, and what to do."""
    language = language_of(request)
    words = WORDS[language]
    answer = render(
        request,
        "error.html",
        problem.status,
        title=words.get(f"problem_{problem.slug}", problem.title),
        advice=words.get(f"advice_{problem.slug}", ""),
        problem=problem,
        told=partial(plain, language=language),
        telling=problem.slug in TELLING,
        request_id=getattr(request.state, "request_id", None),
    )
    answer.headers.update(problem.headers)
    return answer


def _back(request: Request) -> str:
    """Return where the choice of a language leads: the page itself, which a form that was sent has not."""
    if request.method != "GET":
        return sessions.HOME
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _strip(request: Request, speech: Speech) -> str:
    """Return the line at the foot of each page: which model serves."""
    champion = getattr(request.app.state, "champion", None)
    if champion is None:
        return ""
    passport = champion.current.bundle.passport
    numbers = speech.numbers
    key = "strip_dated" if passport.trained_until else "strip"
    until = numbers.day(passport.trained_until)
    return speech.say(key, version=passport.model_version, until=until, n=numbers.count(passport.n_leads))
