"""A view as a file: what is seen is what is written, guarded, in the language of the page."""

from pathlib import Path

import pyarrow.csv as pa_csv
import pytest
from desk_leads import make, row, write_csv

from leadml.leads.sources import read_table
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer
from leadml.ranking.lists import rank_file
from leadml.serving.desk.download import write_view
from leadml.serving.desk.view import Query

ROWS = [row(i, note="=cmd|'/C calc'!A0") for i in range(30)]


@pytest.fixture
def made(tmp_path: Path, desk_scorer: Scorer) -> Path:
    make(desk_scorer, write_csv(tmp_path / "leads.csv", ROWS), tmp_path / "list")
    return tmp_path / "list"


def test_the_whole_list_is_what_leadml_rank_writes(tmp_path: Path, made: Path, desk_scorer: Scorer) -> None:
    rank_file(desk_scorer, tmp_path / "leads.csv", tmp_path / "rank.csv")

    assert write_view(tmp_path / "view.csv", made, Query(), desk_scorer.legend) == 30

    ours, theirs = pa_csv.read_csv(tmp_path / "view.csv"), pa_csv.read_csv(tmp_path / "rank.csv")
    left_out = {"slot", "propensity", "as_of"}
    assert set(theirs.column_names) - set(ours.column_names) == left_out - {"as_of"}
    for name in set(ours.column_names) - left_out:
        assert ours.column(name).to_pylist() == theirs.column(name).to_pylist(), name


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_only_what_is_asked_for(tmp_path: Path, made: Path, desk_scorer: Scorer, ending: str) -> None:
    query = Query(owner="Kim", text="ada", sort="id", largest_first=True)

    n = write_view(tmp_path / f"view.{ending}", made, query, desk_scorer.legend)

    table = read_table(tmp_path / f"view.{ending}").table
    ids = table.column("lead_id").to_pylist()
    assert ids == sorted((one["lead_id"] for one in ROWS if one["owner"] == "Kim"), reverse=True)
    assert n == len(ids) == 10
    assert set(table.column("note").to_pylist()) == {"=cmd|'/C calc'!A0"}
    assert table.column("reasons")[0].as_py().startswith(("+ ", "- "))


def test_a_csv_holds_no_formula(tmp_path: Path, made: Path, desk_scorer: Scorer) -> None:
    write_view(tmp_path / "view.csv", made, Query(), desk_scorer.legend)

    assert "'=cmd" in (tmp_path / "view.csv").read_text()


def test_reasons_in_the_language_of_the_page(tmp_path: Path, made: Path, desk_bundle: Bundle) -> None:
    write_view(tmp_path / "view.csv", made, Query(), Scorer(desk_bundle, language="de").legend)

    assert "Abteilungs- oder Bereichsleitung" in (tmp_path / "view.csv").read_text()


def test_nothing_that_fits_is_a_header(tmp_path: Path, made: Path, desk_scorer: Scorer) -> None:
    assert write_view(tmp_path / "view.csv", made, Query(text="zzzz"), desk_scorer.legend) == 0

    assert read_table(tmp_path / "view.csv").table.num_rows == 0
