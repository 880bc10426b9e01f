"""One lead: what its score is made of adds up, and what is not known is told."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from desk_leads import make, row, write_csv

from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer, probability
from leadml.ranking.lists import rank_file
from leadml.serving.desk.lead import Detail, detail, strength, values
from leadml.serving.desk.listed import Listed, open_table, read_phrases, read_told
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
