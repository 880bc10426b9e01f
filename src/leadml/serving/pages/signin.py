"""Signing in with an API key, and out again."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leadml.serving.keys import PREFIX, holder
from leadml.serving.pages import sessions
from leadml.serving.pages.frame import render
from leadml.serving.problems import Problem

WAIT = 0.3  # seconds that a wrong key takes
MOST_WAITING = 8  # wrong keys at a time, in one worker; more are sent away
KEY_LENGTH = len(PREFIX) + 43  # 256 bits, 6 to a character

_waiting = [0]


async def ask(request: Request) -> Response:
    """GET /sign-in: ask for a key."""
    target = sessions.safe_next(request.query_params.get("next"))
    settings = request.app.state.settings
    if not settings.keys or sessions.signed_in(request.scope, settings):
        return RedirectResponse(target, 303)
    return _form(request, target)


async def sign_in(request: Request) -> Response:
    """POST /sign-in: begin a session for a key that is known, ask again for any other."""
    form = await request.form(max_files=0, max_fields=10)
    sessions.check_token(request, form.get("token"))
    target = sessions.safe_next(form.get("next"))
    name = holder(str(form.get("key", "")).strip(), request.app.state.settings.keys)
    if name is None:
        await _slow_down()
        return _form(request, target, wrong=True)
    answer = RedirectResponse(target, 303)
    sessions.give(request, answer, sessions.start(name))
    return answer


async def sign_out(request: Request) -> Response:
    """POST /sign-out: end the session."""
    form = await request.form(max_files=0, max_fields=10)
    sessions.check_token(request, form.get("token"))
    answer = RedirectResponse("/sign-in", 303)
    sessions.end(answer)
    return answer


def _form(request: Request, target: str, *, wrong: bool = False) -> Response:
    return render(
        request,
        "sign-in.html",
        422 if wrong else 200,
        target=target,
        wrong=wrong,
        length=KEY_LENGTH,
        hours=sessions.HOURS,
    )


async def _slow_down() -> None:
    """Let a wrong key wait; where many wait already, somebody is trying keys out."""
    import anyio

    if _waiting[0] >= MOST_WAITING:
        raise Problem(429, "too-many-requests", "too many wrong keys at once", headers={"Retry-After": "5"})
    _waiting[0] += 1
    try:
        await anyio.sleep(WAIT)
    finally:
        _waiting[0] -= 1
