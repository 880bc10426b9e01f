"""What is written in German or American is scored as it was learned: by file, by frame, by one lead."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from leadml.leads.schema import Field, Roles, Schema
from leadml.model.bundle import Bundle
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard
from leadml.model.scorer import Scorer
from leadml.model.stream import score_file
from leadml.ranking.lists import rank_file

SCHEMA = Schema(
    (
        Field("umsatz", "number", "ability", format="decimal_comma"),
        Field("besuch", "date", "interest", format="month_first"),
        Field("themen", "list", "interest", format="semicolons", levels=("api", "preis")),
    ),
    Roles(id="nr", created_at="angelegt", value="wert"),
    formats={"angelegt": "day_first", "wert": "decimal_comma"},
)
CARD = Scorecard(
    -1.0,
    (
        LinearTerm("umsatz", slope=0.001, low=0, high=9000, center=1000, missing=-0.2),
        LinearTerm("besuch.age_days", slope=-0.01, low=0, high=300, center=10, missing=0.1),
        LinearTerm("themen.count", slope=0.1, low=0, high=5, center=1, missing=0.0),
        CategoryTerm("themen.has.preis", ("no", "yes"), (-0.1, 0.7), missing=0.0, unseen=0.0),
    ),
)
NAMES = ("nr", "angelegt", "wert", "umsatz", "besuch", "themen")
ROWS = (
    ("1", "05.03.2026", "1.234", "1.234", "02/03/2026", "API; Preis"),
    ("2", "05.03.2026", "9,5", "1.234,50 €", "2/13/2026", None),
    ("3", "06.03.2026", None, "n/a", None, "preis"),
)
LEADS: Sequence[dict[str, str | None]] = [dict(zip(NAMES, row, strict=True)) for row in ROWS]


@pytest.fixture(scope="module")
def scorer(module_bundle: Bundle) -> Scorer:
    return Scorer(msgspec.structs.replace(module_bundle, scorecard=CARD, schema=SCHEMA))


def write(path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(LEADS[0]))
        writer.writeheader()
        writer.writerows(LEADS)
    return path


def expected() -> list[float]:
    """The logits, by hand: what each text means, through the card."""
    age = [(date(2026, 3, 5) - date(2026, 2, 3)) / timedelta(days=1), (date(2026, 3, 5) - date(2026, 2, 13)).days]
    return [
        -1 + 0.001 * (1234 - 1000) - 0.01 * (age[0] - 10) + 0.1 * (2 - 1) + 0.7,
        -1 + 0.001 * (1234.5 - 1000) - 0.01 * (age[1] - 10) + 0.0 + 0.0,
        -1 - 0.2 + 0.1 + 0.1 * (1 - 1) + 0.7,
    ]


def test_one_lead_a_frame_and_a_file_agree(scorer: Scorer, tmp_path: Path) -> None:
    ones = [scorer.score_one(lead).logit for lead in LEADS]
    assert ones == pytest.approx(expected(), abs=1e-12)
    assert scorer.score(pd.DataFrame(LEADS))["logit"].tolist() == ones
    score_file(scorer, write(tmp_path / "leads.csv"), tmp_path / "out.parquet")
    assert pd.read_parquet(tmp_path / "out.parquet")["logit"].tolist() == ones


def test_numbers_and_texts_in_one_column_of_a_frame(scorer: Scorer) -> None:
    frame = pd.DataFrame({"umsatz": [1.234, "1.234", 5, None, np.float64(0.5)]}, dtype=object)
    ones = [scorer.score_one({"umsatz": value}).logit for value in frame["umsatz"]]
    assert scorer.score(frame)["logit"].tolist() == ones
    assert ones[0] != ones[1]


def test_values_of_deals_are_read_in_their_form(scorer: Scorer, tmp_path: Path) -> None:
    when = datetime(2026, 3, 10, tzinfo=UTC)
    ranking = rank_file(scorer, write(tmp_path / "leads.csv"), None, as_of=when)
    by_id = {row["lead_id"]: row for row in ranking.table.to_pylist()}
    assert by_id["1"]["expected_value"] == pytest.approx(1234 * by_id["1"]["probability"])
    assert by_id["2"]["expected_value"] == pytest.approx(9.5 * by_id["2"]["probability"])
    assert by_id["3"]["expected_value"] is None
    assert ranking.summary.n_rejected == 0


def test_another_form_is_refused_where_it_cannot_be_meant(scorer: Scorer, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("nr,besuch\n1,13/02/2026\n2,2026-02-13\n")
    summary = score_file(scorer, path, tmp_path / "out.csv")
    assert summary.n_rejected == 1
    assert "got '13/02/2026'" in str(summary.faults[0])


def told(scorer: Scorer, tmp_path: Path, text: str) -> str:
    path = tmp_path / "new.csv"
    path.write_text(text)
    return " | ".join(score_file(scorer, path, tmp_path / "out.csv").notes)


def rows(column: str, values: Sequence[object]) -> str:
    return f"nr;{column}\n" + "".join(f"{i};{value}\n" for i, value in enumerate(values, start=1))


def test_a_file_in_the_form_of_another_country_is_told(scorer: Scorer, tmp_path: Path) -> None:
    american = rows("umsatz", [f"{n:,}" for n in range(1100, 9000, 300)])
    assert "but the model reads it with a decimal comma" in told(scorer, tmp_path, american)
    german = rows("umsatz", [f"{n:,}".replace(",", ".") for n in range(1100, 9000, 300)])
    assert told(scorer, tmp_path, german) == ""
    days = rows("besuch", [f"{day}/02/2026" for day in range(1, 25)])
    assert "with the day first" in told(scorer, tmp_path, days)
    assert "but the model reads it with the month first" in told(scorer, tmp_path, days)


def test_numbers_far_from_training_are_told(scorer: Scorer, tmp_path: Path) -> None:
    note = told(scorer, tmp_path, rows("umsatz", [50_000 + n for n in range(30)]))
    assert "100% of the values lie outside what the model learned from (0 to 9,000)" in note
    assert told(scorer, tmp_path, rows("umsatz", [50_000] * 5 + [100] * 25)) == ""


def test_a_total_is_no_lead(scorer: Scorer, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("nr,umsatz,themen\n1,5,api\nSumme,5,\n")
    ranking = rank_file(scorer, path, None)
    assert ranking.table.column("lead_id").to_pylist() == ["1"]
    assert "got 'Summe', which looks like a total" in str(ranking.summary.faults[0])
