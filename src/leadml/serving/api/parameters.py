"""Parameters in the address of a request, and a body that must be JSON."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from difflib import get_close_matches
from math import inf, nan

from starlette.requests import Request

from leadml.leads.dates import parse_moment
from leadml.serving.problems import Problem


def only(request: Request, *known: str, repeatable: Collection[str] = ()) -> None:
    """Raise Problem 422 with every parameter that is none of the known ones, or stands twice and is not repeatable."""
    errors = []
    for name, n in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            near = get_close_matches(name[:40], known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f", which are {', '.join(known)}" if known else ""
            told = f"must be a parameter that is known here{hint}" if known else "must be left out, none is known here"
            errors.append({"parameter": name[:40], "detail": told})
        elif n > 1 and name not in repeatable:
            errors.append({"parameter": name, "detail": f"must stand once, got it {n} times"})
    if errors:
        told = "; ".join(f"the parameter {one['parameter']!r} {one['detail']}" for one in errors[:3])
        raise Problem(422, "invalid-parameter", told, errors=errors)


def moment(text: str | None) -> datetime | None:
    """Return ``as_of`` as a moment in UTC; raises Problem 422 where it is none."""
    if text is None:
        return None
    try:
        return parse_moment(text)
    except ValueError:
        raise wrong("as_of", "a day or moment such as 2026-10-01 or 2026-10-01T09:00:00Z", text) from None


def whole(request: Request, name: str, *, least: int = 1) -> int | None:
    """Return a parameter as a whole number, None where it is not given; raises Problem 422."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least):
        raise wrong(name, f"a whole number from {least} on", text)
    return int(text)


def decimal(request: Request, name: str, *, below: float = inf, default: float = 0.0) -> float:
    """Return a parameter as a number from 0 on, ``default`` where it is not given; raises Problem 422."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        number = float(text) if text.isascii() and len(text) < 30 else nan
    except ValueError:
        number = nan
    if not 0 <= number < below:
        raise wrong(name, "a number from 0 on" + ("" if below == inf else f", below {below:g}"), text)
    return number


def one_of(request: Request, name: str, *known: str) -> str | None:
    """Return a parameter that has one of few values, None where it is not given; raises Problem 422."""
    text = request.query_params.get(name)
    if text is not None and text not in known:
        raise wrong(name, "one of " + ", ".join(known), text)
    return text


def yes_or_no(request: Request, name: str, *, default: bool) -> bool:
    """Return a parameter that is ``true`` or ``false``; raises Problem 422."""
    told = one_of(request, name, "true", "false")
    return default if told is None else told == "true"


def wrong(name: str, must: str, got: str) -> Problem:
    """Return the answer to a parameter that does not fit."""
    told = f"the parameter {name} must be {must}, got {got[:40]!r}"
    return Problem(422, "invalid-parameter", told, errors=[{"parameter": name, "detail": f"must be {must}"}])


async def json_body(request: Request) -> bytes:
    """Return the body of a request that is to be JSON; raises Problem 415 for any other kind."""
    kind = request.headers.get("content-type")
    check_kind(kind, "application/json")
    return await request.body()


def check_kind(given: str | None, *known: str) -> str:
    """Return which of the known media types a body has; raises Problem 415."""
    kind = (given or "").partition(";")[0].strip().casefold()
    kind = "application/json" if kind.startswith("application/") and kind.endswith("+json") else kind
    if kind not in known:
        told = f"the header Content-Type must be {' or '.join(known)}, got {kind[:40] or 'none'!r}"
        raise Problem(415, "unsupported-media-type", told, headers={"Accept-Post": ", ".join(known)})
    return kind
