"""The frame of every page: header, words, numbers, the token of its forms, and which model serves."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from leadml.leads.schema import Language
from leadml.report.numbers import Numbers
from leadml.serving.pages import sessions
from leadml.serving.pages.language import LANGUAGES, language_of
from leadml.serving.pages.static import address
from leadml.serving.pages.words import WORDS
from leadml.serving.problems import Problem

if TYPE_CHECKING:
    from jinja2 import Environment

BUTTONS = {"en": "English", "de": "Deutsch"}


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one language, with their blanks filled in."""

    language: Language

    def say(self, key: str, /, **values: object) -> str:
        """Return the words of a key."""
        return WORDS[self.language][key].format(**values)

    def some(self, key: str, n: int, /, **values: object) -> str:
        """Return the words for n things: those of ``key_one`` or of ``key_many``, whose blank n is written in full."""
        return self.say(f"{key}_{'one' if n == 1 else 'many'}", n=Numbers(self.language).count(n), **values)


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

    Beside ``values`` the template gets ``w`` (words), ``say`` and ``some`` (words with blanks), ``numbers``,
    ``language``, ``token``, ``signed_in`` (a key's name, or ""), ``here`` (the path) and ``strip`` (the model).
    """
    language = language_of(request)
    speech, numbers = Speech(language), Numbers(language)
    common = {
        "w": WORDS[language],
        "say": speech.say,
        "some": speech.some,
        "numbers": numbers,
        "language": language,
        "others": [(one, BUTTONS[one]) for one in LANGUAGES if one != language],
        "token": sessions.token(request),
        "signed_in": sessions.signed_in(request.scope, request.app.state.settings) or "",
        "open": not request.app.state.settings.keys,
        "here": request.url.path,
        "back": _back(request),
        "strip": _strip(request, speech, numbers),
    }
    page = environment().get_template(name).render(common | values)
    answer = HTMLResponse(page, status, {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language"})
    sessions.keep(request, answer)
    return answer


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """Return a problem as a page: what is wrong, every fault, and what to do."""
    words = WORDS[language_of(request)]
    answer = render(
        request,
        "error.html",
        problem.status,
        title=words.get(f"problem_{problem.slug}", problem.title),
        advice=words.get(f"advice_{problem.slug}", ""),
        problem=problem,
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


def _strip(request: Request, speech: Speech, numbers: Numbers) -> str:
    """Return the line at the foot of each page: which model serves."""
    champion = getattr(request.app.state, "champion", None)
    if champion is None:
        return ""
    passport = champion.current.bundle.passport
    key = "strip_dated" if passport.trained_until else "strip"
    until = numbers.day(passport.trained_until)
    return speech.say(key, version=passport.model_version, until=until, n=numbers.count(passport.n_leads))
