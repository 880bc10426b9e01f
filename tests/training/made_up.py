"""What [leads] says of the sample's table, as the tests write it down."""

from typing import Any

LEADS: dict[str, Any] = {
    "path": "leads.csv",
    "id": "lead_id",
    "created_at": "created_at",
    "outcome": "status",
    "converted": ["won"],
    "lost": ["lost"],
    "open": ["new", "working"],
    "converted_at": "won_at",
}
