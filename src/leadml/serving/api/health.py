"""``/healthz``, ``/readyz`` and ``/metrics``: what the machines that run a service ask."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from leadml.model.scorer import stamp
from leadml.serving.champion import Champion
from leadml.serving.metrics import CONTENT_TYPE

router = APIRouter()


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz() -> Response:
    """Say that the process answers."""
    return _json({"status": "ok"})


@router.api_route("/readyz", methods=["GET", "HEAD"])
async def readyz(request: Request) -> Response:
    """Say which model serves; ``refused`` says why a newer one does not."""
    champion: Champion = request.app.state.champion
    served = champion.current
    answer: dict[str, Any] = {
        "status": "ready",
        "model_version": served.version,
        "loaded_at": stamp(datetime.fromtimestamp(served.loaded_at, UTC)),
    }
    if champion.refused is not None:
        answer["refused"] = "a newer bundle was refused; the log of the server says why"
    return _json(answer)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return counts and times in the format of Prometheus."""
    return Response(request.app.state.metrics.text(), headers={"Content-Type": CONTENT_TYPE})


def _json(answer: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
