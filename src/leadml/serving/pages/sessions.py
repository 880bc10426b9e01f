"""Sessions: a signed cookie that says who is signed in and which visitor it is, and the tokens of its forms.

Nothing of a session is kept on the server. The cookie holds a random id and the name of the key that was given, signed
with the settings' secret; the token of a form is signed over that id, so that no other site can send a form for it.
"""

import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from leadml.serving.problems import Problem
from leadml.serving.settings import Settings

if TYPE_CHECKING:
    from itsdangerous import Signer, URLSafeTimedSerializer

COOKIE = "leadml_session"
HOURS = 12  # a session ends so long after signing in
RENEWED = 3600  # seconds after which the session of a visitor without a key is signed anew
HOME = "/"
_HARD: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}


class Session(msgspec.Struct, frozen=True):
    """A random id, the name of the key that was given ("" for none), and whether the browser has the cookie yet."""

    visitor: str
    key: str = ""
    fresh: bool = True


def signed_in(scope: Mapping[str, Any], settings: Settings) -> str | None:
    """Return the name of the key that a request's cookie was given for, None where it must sign in first."""
    session = _read(HTTPConnection(dict(scope)).cookies.get(COOKIE, ""), settings)
    if session is None or not session.key:  # a visitor without a key
        return None
    return session.key if session.key in settings.keys else None


def current(request: Request) -> Session:
    """Return the session of a request; a new one where its cookie is missing, forged or too old."""
    found: Session | None = getattr(request.state, "session", None)
    if found is None:
        found = _read(request.cookies.get(COOKIE, ""), request.app.state.settings) or start()
        request.state.session = found
    return found


def visitor(request: Request) -> str:
    """Return the random id of who is asking: what they upload is shown to nobody else."""
    return current(request).visitor


def start(key: str = "") -> Session:
    """Return a new session; signing in always makes one, so that a planted cookie is worth nothing."""
    return Session(secrets.token_urlsafe(18), key)


def keep(request: Request, response: Response) -> None:
    """Set the cookie of a session that the browser does not have yet."""
    if current(request).fresh:
        give(request, response, current(request))


def give(request: Request, response: Response, session: Session) -> None:
    """Set the cookie of a session."""
    response.set_cookie(
        COOKIE,
        str(_signer(request.app.state.settings).dumps([session.visitor, session.key])),
        max_age=HOURS * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def end(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


def token(request: Request) -> str:
    """Return what every form of this session carries."""
    return _seal(request.app.state.settings).get_signature(visitor(request)).decode()


def check_token(request: Request, given: object) -> None:
    """Refuse a form that this session did not get from this server; raises Problem."""
    if _is_foreign(request):
        raise Problem(403, "forbidden", "the form must come from this site; open its page here and send it again")
    if not isinstance(given, str) or not _seal(request.app.state.settings).verify_signature(
        visitor(request).encode(), given.encode()
    ):
        raise Problem(403, "forbidden", "the page was open for too long; load it again and repeat the last step")


def safe_next(target: object) -> str:
    """Return where to go after signing in: a path of this server, whatever was asked for."""
    if not isinstance(target, str) or not target.startswith("/") or target.startswith(("//", "/sign-")):
        return HOME
    if "\\" in target or not target.isprintable() or len(target) > 2000:
        return HOME
    try:
        parts = urlsplit(target)
    except ValueError:
        return HOME
    return HOME if parts.scheme or parts.netloc else target


def _is_foreign(request: Request) -> bool:
    """Return whether a browser says that another site sends this; old browsers say it with Origin alone."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")


def _read(cookie: str, settings: Settings) -> Session | None:
    from itsdangerous import BadData

    if not cookie:
        return None
    try:
        payload, at = _signer(settings).loads(cookie, max_age=HOURS * 3600, return_timestamp=True)
        who, key = msgspec.convert(payload, tuple[str, str])
    except (BadData, msgspec.ValidationError):
        return None
    return Session(who, key, fresh=not key and _age(at.timestamp()) > RENEWED)


def _age(since: float) -> float:
    return time.time() - since


def _signer(settings: Settings) -> "URLSafeTimedSerializer":
    from itsdangerous import URLSafeTimedSerializer

    return URLSafeTimedSerializer(settings.secret, salt="leadml.session", signer_kwargs=_HARD)


def _seal(settings: Settings) -> "Signer":
    from itsdangerous import Signer

    return Signer(settings.secret, salt="leadml.form", **_HARD)
