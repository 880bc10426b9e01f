"""One lead: what its score is made of adds up, and what is not known is told."""

import csv
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pa_parquet
import pytest
from desk_leads import make, row, write_csv

from leadml.errors import DataError
from leadml.model.axes import SCORES
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer, probability
from leadml.ranking.lists import rank_file
from leadml.serving.desk.lead import Detail, detail, strength, values
from leadml.serving.desk.listed import Listed, open_table, read_phrases, read_told, write_list
from leadml.serving.desk.view import translation

ROWS = [row(i) for i in range(40)]


@pytest.fixture
def made(tmp_path: Path, desk_scorer: Scorer) -> Path:
    make(desk_scorer, write_csv(tmp_path / "leads.csv", ROWS), tmp_path / "list")
    return tmp_path / "list"


def details(folder: Path, scorer: Scorer, told: Listed | None = None) -> list[Detail]:
    told = told or read_told(folder)
    table = open_table(folder)
    return [detail(table, told, place, scorer) for place in range(1, told.n + 1)]


def test_every_part_of_the_score_is_told(made: Path, desk_scorer: Scorer) -> None:
    for one in details(made, desk_scorer):
        assert one.parts is not None
        assert one.base + sum(part.points for part in one.parts) == pytest.approx(one.lead["logit"], abs=1e-9)
        for axis in ("interest", "ability", "authority", "other"):
            whole = sum(part.points for part in one.parts if part.axis == axis)
            assert whole == pytest.approx(one.lead[axis], abs=1e-9)
        sizes = [abs(part.points) for part in one.parts]
        assert sizes == sorted(sizes, reverse=True)


def test_the_waterfall_leads_from_the_average_to_the_lead(made: Path, desk_scorer: Scorer) -> None:
    for one in details(made, desk_scorer):
        assert one.steps[0].before == pytest.approx(probability(one.base))
        assert one.steps[-1].after == pytest.approx(one.lead["probability"])
        assert one.steps[0].start == pytest.approx(one.marks[0])
        assert one.steps[-1].end == pytest.approx(one.marks[1])
        for step, following in zip(one.steps, one.steps[1:], strict=False):
            assert step.end == pytest.approx(following.start)
        for step in one.steps:
            assert 0 <= min(step.start, step.end) <= max(step.start, step.end) <= 100
            assert (step.end > step.start) == (step.points > 0)


def test_what_speaks_for_against_and_what_is_unknown(made: Path, desk_scorer: Scorer) -> None:
    one = next(one for one in details(made, desk_scorer) if one.lead["lead_id"] == "L0002")

    assert "job title unknown" in [part.text for part in one.unknown]
    assert all(part.points > 0 for part in one.pro)
    assert all(part.points < 0 for part in one.con)
    assert not {part.text for part in one.unknown} & {part.text for part in (*one.pro, *one.con)}
    assert dict(one.cells)["note"] == "private 2"
    assert "job_title" not in dict(one.cells), "empty"


def test_an_axis_tells_what_is_known_of_it_and_what_is_not(made: Path, desk_scorer: Scorer) -> None:
    one = next(one for one in details(made, desk_scorer) if one.lead["lead_id"] == "L0002")  # without a job title

    assert (one.lead["authority_score"], one.of_axis("authority")) == (None, [])
    assert [part.text for part in one.unknown_of("authority")] == ["job title unknown"]
    assert one.lead["interest_score"] is not None
    assert one.lead["summary"].endswith("who decides is not known")
    assert not any(part.missing for part in one.of_axis("interest"))


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx", "list.parquet"])
def test_a_ready_list_keeps_its_axes(made: Path, tmp_path: Path, desk_scorer: Scorer, name: str) -> None:
    rank_file(desk_scorer, tmp_path / "leads.csv", tmp_path / name)
    told, rows = make(desk_scorer, tmp_path / name, tmp_path / "again")

    assert told.scores_axes
    wanted = ("lead_id", *SCORES, "summary")
    assert [[row[x] for x in wanted] for row in rows] == [
        [row[x] for x in wanted] for row in open_table(made).to_pylist()
    ]


def test_lists_of_before_have_no_axis_scores(made: Path, tmp_path: Path, desk_scorer: Scorer) -> None:
    rank_file(desk_scorer, tmp_path / "leads.csv", tmp_path / "list.parquet")
    old = pa_parquet.read_table(tmp_path / "list.parquet").drop_columns([*SCORES, "summary"])
    pa_parquet.write_table(old, tmp_path / "old.parquet")
    told, rows = make(desk_scorer, tmp_path / "old.parquet", tmp_path / "again")
    assert (told.scores_axes, rows[0]["interest_score"], rows[0]["summary"]) == (False, None, None)

    stored = open_table(made).drop_columns([*SCORES, "summary"])
    (tmp_path / "stored").mkdir()
    write_list(tmp_path / "stored", stored, told, {})
    assert details(tmp_path / "stored", desk_scorer)[0].lead["authority_score"] is None


@pytest.mark.parametrize("value", ["high", "7.5"])
def test_an_axis_score_that_was_changed_by_hand(tmp_path: Path, made: Path, desk_scorer: Scorer, value: str) -> None:
    rank_file(desk_scorer, tmp_path / "leads.csv", tmp_path / "list.csv")
    rows = list(csv.DictReader((tmp_path / "list.csv").read_text().splitlines()))
    rows[0]["ability_score"] = value
    write_csv(tmp_path / "changed.csv", rows, rows[0])
    with pytest.raises(DataError, match="'ability_score' must be as leadml wrote it"):
        make(desk_scorer, tmp_path / "changed.csv", tmp_path / "again")


def test_the_lead_is_as_the_model_reads_it(made: Path, desk_scorer: Scorer) -> None:
    (first,) = open_table(made).slice(0, 1).to_pylist()
    lead = values(first, desk_scorer)

    source = next(one for one in ROWS if one["lead_id"] == first["lead_id"])
    assert lead == {name: str(value) if value != "" else None for name, value in source.items()}


def test_reasons_in_the_wanted_language(made: Path, desk_bundle: Bundle) -> None:
    table, told, german = open_table(made), read_told(made), Scorer(desk_bundle, language="de")

    one = detail(table, told, 1, german, translation(read_phrases(made), "de"))

    assert one.parts is not None
    assert {part.text for part in one.parts} >= set(one.lead["pro"])
    assert "Abteilungs- oder Bereichsleitung" in " ".join(part.text for part in one.parts)


def test_a_list_of_another_model_shows_its_axes(made: Path, desk_bundle: Bundle) -> None:
    passport = msgspec.structs.replace(desk_bundle.passport, model_version="2")
    other = Scorer(msgspec.structs.replace(desk_bundle, passport=passport))

    one = details(made, other)[0]

    assert one.parts is None
    assert (one.pro, one.con, one.unknown, one.of_axis("interest")) == ([], [], [], [])
    assert {step.text for step in one.steps} <= {"interest", "ability", "authority", "other"}
    assert one.steps[-1].after == pytest.approx(one.lead["probability"])
    assert one.lead["pro"]


def test_a_model_of_the_same_name_that_scores_otherwise_explains_nothing(made: Path, desk_bundle: Bundle) -> None:
    scorecard = msgspec.structs.replace(desk_bundle.scorecard, base=-1.0)

    assert details(made, Scorer(msgspec.structs.replace(desk_bundle, scorecard=scorecard)))[0].parts is None


@pytest.mark.parametrize(("keep", "explained"), [(None, True), (["name"], False)])
def test_a_ready_list_is_explained_where_it_holds_the_fields(
    tmp_path: Path, desk_scorer: Scorer, keep: Any, explained: bool
) -> None:
    rank_file(desk_scorer, write_csv(tmp_path / "new.csv", ROWS), tmp_path / "list.csv", keep=keep)
    make(desk_scorer, tmp_path / "list.csv", tmp_path / "list")

    assert all((one.parts is not None) == explained for one in details(tmp_path / "list", desk_scorer))


@pytest.mark.parametrize(
    ("points", "word"),
    [(0.0, "neutral"), (-0.09, "neutral"), (0.2, "weak_for"), (-0.6, "clear_against"), (3.0, "strong_for")],
)
def test_an_axis_in_words(points: float, word: str) -> None:
    assert strength(points) == word
