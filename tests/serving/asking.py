"""What tests of the server share: a lead, a key, and what makes a client."""

from collections.abc import Callable

from starlette.testclient import TestClient

KEY = "leadml_a-key-of-the-tests"
MakeClient = Callable[..., TestClient]
LEAD = {
    "lead_id": "L1",
    "created_at": "2026-10-01T09:00:00Z",
    "visits": 5,
    "source": "web",
    "newsletter": True,
    "income": 50_000,
    "country": "Germany",
    "job_title": "Head of Sales",
    "email": "kim@gmail.com",
    "last_call": "2026-09-01",
}
