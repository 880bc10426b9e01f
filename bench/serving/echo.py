"""The plain endpoint: FastAPI and pydantic parse the lead and send it back.

``python -m bench.serving.echo PORT MODEL ROOM``; the model is named in the access log, and scores nothing.
"""

import argparse
from datetime import date, datetime

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from leadml.serving.champion import Champion
from leadml.serving.gate import Gate
from leadml.serving.log import AccessLog
from leadml.serving.metrics import Metrics
from leadml.serving.settings import Settings


class Lead(BaseModel):
    """A lead of the sample, as one would write it down for FastAPI."""

    lead_id: str
    created_at: datetime | None = None
    email: str | None = None
    job_title: str | None = None
    company_size: str | None = None
    industry: str | None = None
    country: str | None = None
    source: str | None = None
    demo_requested: bool | None = None
    campaign: str | None = None
    budget: float | None = None
    visits: int | None = None
    pricing_page_visits: int | None = None
    emails_opened: int | None = None
    newsletter: int | None = None
    first_seen_on: date | None = None
    language: str | None = None
    preferred_channel: str | None = None


async def one(lead: Lead) -> Lead:
    """Send the lead back."""
    return lead


async def many(leads: list[Lead]) -> list[Lead]:
    """Send the leads back."""
    return leads


async def ready() -> None:
    """Say that the server runs."""


def make_app(model: str, room: str) -> FastAPI:
    """Return the application behind the gate of ``leadml serve``: the same ids, limits, metrics and access log."""
    settings = Settings(model=model, room=room)
    champion = Champion(model)
    app = FastAPI(openapi_url=None)
    app.post("/v1/score")(one)
    app.post("/v1/rank")(many)
    app.get("/healthz")(ready)
    app.add_middleware(
        Gate,
        settings=settings,
        champion=champion,
        metrics=Metrics(champion, room),
        log=AccessLog(),
        answer=lambda _, problem: problem.response(),
    )
    return app


def main() -> None:
    """Serve on loopback."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("model")
    parser.add_argument("room")
    given = parser.parse_args()
    app = make_app(given.model, given.room)
    uvicorn.run(app, port=given.port, log_config=None, access_log=False, server_header=False, backlog=2048)


if __name__ == "__main__":
    main()
