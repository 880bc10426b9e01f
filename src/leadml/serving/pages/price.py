"""What a list is worth: a form, and the answer in plain words."""

import secrets
from collections.abc import Mapping, Sequence
from math import exp
from pathlib import Path
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from leadml.errors import BundleError, UsageError
from leadml.serving.api.price import MOST_MONEY
from leadml.serving.desk import child
from leadml.serving.desk.listed import Listed, read_told
from leadml.serving.desk.uploads import Upload
from leadml.serving.desk.worker import Appraise
from leadml.serving.pages import sessions
from leadml.serving.pages.frame import render
from leadml.serving.pages.language import language_of
from leadml.serving.pages.skip import why_not
from leadml.serving.pages.uploads import found, reading, store
from leadml.serving.pages.words import WORDS

LONGEST = 200  # letters of a criterion
LESS, FAR, TOLD = 0.02, 0.1, 4  # what is told of what a list lacks and where it differs
LEAST_CARRIED = 0.5  # as selling.pricelook


async def price(request: Request) -> Response:
    """GET /lists/{id}/price: the form, and with a margin and a capacity the answer."""
    upload, folder = found(request)
    served = request.app.state.champion.current
    with reading():
        told = await run_in_threadpool(read_told, folder)
    asked = {name: request.query_params.get(name, "").strip() for name in ("margin", "cost", "capacity", "backlog")}
    asked["where"] = request.query_params.get("where", "").strip()[:LONGEST]
    why, fault, answer = why_not(told, served), "", None
    others = await run_in_threadpool(_others, request, upload)
    if not why and (asked["margin"] or asked["capacity"]):
        try:
            job = _job(request, folder, asked, others)
            answer = await _answer(folder, job)
        except UsageError as error:
            fault = str(error)
        except BundleError:
            why = "advice_untested-model"
    facts = {} if answer is None else _facts(request, answer)
    backlogs = [one for one, _ in others]
    given = {"asked": asked, "backlogs": backlogs, "example": _example(served), "why": why, "fault": fault}
    values: dict[str, Any] = {"upload": upload, "found": answer, **given, **facts}
    return render(request, "price.html", **values)


def _others(request: Request, upload: Upload) -> list[tuple[Upload, Path]]:
    """Return the other lists of this visitor that the same model made: each may be the backlog."""
    uploads, owner, served = store(request), sessions.visitor(request), request.app.state.champion.current
    found = []
    for one in uploads.listing(owner):
        folder = uploads.folder(owner, one.id)
        if one.id != upload.id and _is_whole(folder, served.version):
            found.append((one, folder))
    return found


def _is_whole(folder: Path, version: str) -> bool:
    try:
        told: Listed = read_told(folder)
    except (OSError, msgspec.MsgspecError):
        return False
    return told.model_version == version and not told.is_ready and told.capacity is None


def _job(request: Request, folder: Path, asked: Mapping[str, str], others: Sequence[tuple[Upload, Path]]) -> Appraise:
    """Return what is asked for; raises UsageError with the key of the words for what cannot be."""
    state = request.app.state
    margin, cost = (_number(asked[name]) for name in ("margin", "cost"))
    capacity = int(asked["capacity"]) if asked["capacity"].isdecimal() and len(asked["capacity"]) < 8 else 0
    if margin is None or cost is None or not margin or not capacity:
        raise UsageError("price_bad_money")
    backlog = next((str(place) for one, place in others if one.id == asked["backlog"]), None)
    if backlog is None and asked["backlog"] == request.path_params["id"]:
        backlog = str(folder)
    return Appraise(
        bundle=str(state.champion.current.folder),
        language=language_of(request),
        folder=str(folder),
        name=f"{secrets.token_hex(8)}.json",
        margin=margin,
        cost=cost,
        capacity=capacity,
        backlog=backlog,
        where=(asked["where"],) if asked["where"] else (),
        reports=state.settings.reports,
    )


def _number(text: str) -> float | None:
    """Return a number from 0 on, None where it is none; nothing is 0."""
    try:
        number = float(text.replace(",", ".") or "0")
    except ValueError:
        return None
    return number if 0 <= number < MOST_MONEY else None


async def _answer(folder: Path, job: Appraise) -> dict[str, Any]:
    file = folder / job.name
    try:
        await child.do(job)
        answer: dict[str, Any] = msgspec.json.decode(file.read_bytes())
    finally:
        file.unlink(missing_ok=True)
    return answer


def _facts(request: Request, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the list lacks and where it differs, in words, and why its price cannot be told, if so."""
    from leadml.report.voice import Voice

    bundle, language = request.app.state.champion.current.bundle, language_of(request)
    labels, acts = Voice.of(bundle, language).labels, WORDS[language]["price_acts"]
    made = {field.name for field in bundle.schema.fields if field.measure is not None}
    of_acts = {part.name for part in bundle.schema.parts if part.field in made}
    lost = [
        acts if one["part"] in of_acts else labels.part(one["part"])
        for one in answer["lacking"]
        if one["known_before"] and one["share"] * (1 - one["known"] / one["known_before"]) >= LESS
    ]
    far = [
        acts if one["part"] in of_acts else labels.part(one["part"])
        for one in answer["farthest"]
        if one["distance"] >= FAR
    ]
    key = "price_far_covered" if answer["covered"] < LEAST_CARRIED else "price_far_kind"
    return {
        "lacks": list(dict.fromkeys(lost))[:TOLD],
        "differs": list(dict.fromkeys(far))[:TOLD],
        "too_far": key if answer["too_far"] else "",
        "factor": exp(2 * answer["composition"]),
    }


def _example(served: Any) -> str:
    """Return a criterion of this model, as an example."""
    schema = served.scorer.schema
    used = {field.name for field in served.scorer.fields if field.measure is None}
    part = next((part for part in schema.parts if part.numeric and part.field in used), None)
    return f"{part.name} > 10" if part is not None else next(f"{part.name} = ..." for part in schema.parts)
