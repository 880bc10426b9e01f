"""The language of a page: what the person chose, else what the browser asks for, else the model's."""

from typing import get_args

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leadml.leads.schema import Language
from leadml.serving.pages import sessions
from leadml.serving.problems import Problem

COOKIE = "leadml_language"
LANGUAGES: tuple[Language, ...] = get_args(Language)
YEAR = 365 * 24 * 3600


def language_of(request: Request) -> Language:
    """Return the language of a request's pages."""
    chosen = _known(request.cookies.get(COOKIE, ""))
    return chosen or _accepted(request.headers.get("accept-language", "")) or _own(request)


async def choose(request: Request) -> Response:
    """POST /language: keep a choice and go back to the page that it was made on."""
    form = await request.form(max_files=0, max_fields=10)
    sessions.check_token(request, form.get("token"))
    chosen = _known(str(form.get("language", "")))
    if chosen is None:
        raise Problem(422, "invalid-parameter", f"language must be one of {', '.join(LANGUAGES)}")
    answer = RedirectResponse(sessions.safe_next(form.get("next")), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, chosen, max_age=YEAR, httponly=True, samesite="lax", secure=secure)
    return answer


def _known(name: str) -> Language | None:
    return next((one for one in LANGUAGES if one == name), None)


def _accepted(header: str) -> Language | None:
    """Return the first of our languages that a header such as ``de-AT,de;q=0.9,en;q=0.8`` asks for."""
    wishes = []
    for place, item in enumerate(header[:500].split(",")):
        name, _, quality = item.strip().partition(";q=")
        known = _known(name.strip()[:2].lower())
        if known is not None:
            wishes.append((-_quality(quality), place, known))
    return min(wishes)[2] if wishes and min(wishes)[0] < 0 else None


def _quality(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _own(request: Request) -> Language:
    champion = getattr(request.app.state, "champion", None)
    return "en" if champion is None else champion.current.bundle.passport.language
