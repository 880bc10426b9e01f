"""The bare endpoint: FastAPI and pydantic parse the lead and send it back. ``python -m bench.serving.echo PORT``."""

import argparse
from datetime import date, datetime

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


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


def make_app() -> FastAPI:
    """Return the application without any middleware."""
    app = FastAPI()
    app.post("/one")(one)
    app.post("/many")(many)
    return app


def main() -> None:
    """Serve on loopback."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    port = parser.parse_args().port
    uvicorn.run(make_app(), port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
