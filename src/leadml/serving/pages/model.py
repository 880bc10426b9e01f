"""The model, for a sales manager: how good it is, how old, on what data, and for whom it must not be used."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from leadml.serving.pages import facts
from leadml.serving.pages.frame import Speech, render
from leadml.serving.pages.language import language_of


async def model(request: Request) -> Response:
    """GET /model."""
    values = await run_in_threadpool(_values, request)
    return render(request, "model.html", **values)


def _values(request: Request) -> dict[str, Any]:
    from leadml.report.files import find_evidence
    from leadml.report.voice import Voice
    from leadml.serving.pages import reach

    state, language = request.app.state, language_of(request)
    served, settings = state.champion.current, state.settings
    bundle, speech = served.bundle, Speech(language)
    days = bundle.passport.horizon_days
    evidence = find_evidence(bundle, None if settings.reports is None else Path(settings.reports))
    voice = Voice.of(bundle, language)
    return {
        "passport": bundle.passport,
        "age": speech.ago(facts.moment(bundle.passport.created), datetime.now(UTC).timestamp()),
        "aim": speech.say("aim_none") if days is None else speech.some("aim", days),
        "notices": facts.notices(request, speech),
        "answer": reach.answer(bundle.passport, voice, speech),
        "stats": reach.stats(bundle.passport, voice, speech),
        "trust": reach.trust(evidence, bundle.passport, voice),
        "figures": reach.figures(evidence, voice),
        "grades": reach.grades(evidence, voice),
        "today": facts.today(request, speech),
        "data": facts.data(bundle, evidence, voice, speech),
        "reads": facts.reads(bundle, evidence, voice),
        "avoid": facts.avoid(voice, speech),
        "metrics": reach.metrics(bundle.passport, voice),
        "report_words": voice.words,
    }
