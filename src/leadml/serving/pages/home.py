"""The first page: which model serves, and where the leads come from."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from leadml.serving.pages import facts
from leadml.serving.pages.frame import Speech, render
from leadml.serving.pages.language import language_of
from leadml.serving.pages.uploads import entrance


async def home(request: Request) -> Response:
    """GET /."""
    values = await run_in_threadpool(entrance, request)
    speech = Speech(language_of(request))
    return render(
        request, "home.html", notices=facts.notices(request, speech), model_facts=_strip(request, speech), **values
    )


def _strip(request: Request, speech: Speech) -> list[tuple[str, Any]]:
    """Return what the first page says of the model, as names and values."""
    passport, numbers = request.app.state.champion.current.bundle.passport, speech.numbers
    days = passport.horizon_days
    rows = [
        ("strip_model", passport.model_version),
        ("strip_horizon", speech.say("horizon_none") if days is None else speech.some("horizon", days)),
        ("strip_trained", speech.ago(facts.moment(passport.created))),
    ]
    reached = passport.test.metrics.get("capture_at_20pct")
    if reached is not None and reached.value is not None:
        rows.append(("strip_reached", speech.say("strip_reached_value", at=numbers.percent(reached.value))))
    return [(speech.say(key), value) for key, value in rows]
