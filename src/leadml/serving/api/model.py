"""``GET /v1/model`` and ``/v1/model/schema``: where the model comes from, and what its leads look like."""

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from leadml.serving.api.parameters import only
from leadml.serving.champion import Served
from leadml.serving.jsonschema import lead_schema
from leadml.serving.settings import Settings

router = APIRouter()


@router.get("/v1/model")
async def model(request: Request) -> Response:
    """Return the passport of the model that serves: data, recipe, test metrics with intervals, reference."""
    only(request)
    served: Served = request.app.state.champion.current
    return Response(msgspec.json.encode(served.bundle.passport), media_type="application/json")


@router.get("/v1/model/schema")
async def schema(request: Request) -> Response:
    """Return the JSON Schema of a lead, with an example."""
    only(request)
    served: Served = request.app.state.champion.current
    settings: Settings = request.app.state.settings
    lead = lead_schema(
        served.bundle, refuse_unknown=settings.unknown_fields == "refuse", as_text=settings.types == "text"
    )
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **lead}
    return Response(msgspec.json.encode(document), media_type="application/schema+json")
