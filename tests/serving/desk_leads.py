"""What tests of the desk share: leads, and lists made of them."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from leadml.model.scorer import Scorer
from leadml.serving.desk.listed import Listed, open_table, read_told
from leadml.serving.desk.ranked import make_list
from leadml.serving.settings import EventsAt

COLUMNS = [
    *("lead_id", "created_at", "name", "company", "owner", "value", "visits", "source", "newsletter", "income"),
    *("country", "job_title", "email", "last_call", "note"),
]
MB = 1 << 20


def row(i: int, **changes: Any) -> dict[str, Any]:
    """Return a lead; its values differ from those of others."""
    return {
        "lead_id": f"L{i:04}",
        "created_at": f"2026-10-{1 + i % 28:02}",
        "name": f"{('Ada', 'Bo', 'Çem')[i % 3]} Nr{i}",
        "company": f"Firma {i} GmbH",
        "owner": ("Kim", "Lee", "")[i % 3],
        "value": 100 * i,
        "visits": i % 9,
        "source": ("web", "fair", "")[i % 3],
        "newsletter": ("yes", "no")[i % 2],
        "income": 20_000 + 500 * i,
        "country": ("DE", "BRD", "France")[i % 3],
        "job_title": ("Head of Sales", "Accountant", "")[i % 3],
        "email": f"ada{i}@firma{i}.example",
        "last_call": "2026-09-15",
        "note": f"private {i}",
        **changes,
    }


def write_csv(path: Path, rows: Iterable[dict[str, Any]], columns: Iterable[str] = COLUMNS) -> Path:
    """Write leads to a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def make(
    scorer: Scorer, path: Path, folder: Path, *, max_bytes: int = 20 * MB, events: EventsAt | None = None
) -> tuple[Listed, list[dict[str, Any]]]:
    """Make a list of a file; return what is told of it and its rows."""
    folder.mkdir(exist_ok=True)
    make_list(scorer, path, folder, max_bytes=max_bytes, events=events)
    return read_told(folder), open_table(folder).to_pylist()
