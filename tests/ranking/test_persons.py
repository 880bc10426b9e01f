"""One lead per person on a list: who stays, who is merged, who is never called, and what is said of it."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pyarrow.parquet as pa_parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadml.leads.schema import Identity, Roles
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer
from leadml.ranking.lists import Ranking, rank_file

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = "lead_id,created_at,status,visits,owner,opted_out,mail\n"


def scorer_of(bundle: Bundle, identity: Identity) -> Scorer:
    roles = Roles("lead_id", "created_at", "status", owner="owner", do_not_contact="opted_out")
    schema = msgspec.structs.replace(bundle.schema, roles=roles, identity=identity)
    return Scorer(msgspec.structs.replace(bundle, schema=schema))


@pytest.fixture
def scorer(module_bundle: Bundle) -> Scorer:
    return scorer_of(module_bundle, Identity(email=("mail",)))


def ranked(scorer: Scorer, folder: Path, rows: str, *, header: str = HEADER) -> Ranking:
    path = folder / "leads.csv"
    path.write_text(header + rows)
    return rank_file(scorer, path, None, as_of=AS_OF)


def ids(ranking: Ranking) -> list[str | None]:
    result: list[str | None] = ranking.table.column("lead_id").to_pylist()
    return result


def test_the_newest_open_lead_of_a_person_stays(scorer: Scorer, tmp_path: Path) -> None:
    ranking = ranked(
        scorer,
        tmp_path,
        "a,2026-10-01,new,9,Ann,no,pat@y.de\nb,2026-10-05,new,1,Bob,no,Pat@Y.de\nc,2026-10-03,new,2,Ann,no,pat@y.de\n"
        "d,2026-10-04,new,9,Ann,no,d@y.de\n",
    )
    assert ids(ranking) == ["d", "b"]
    assert ranking.table.column("duplicates").to_pylist() == [None, "a, c"]
    names = ranking.table.column_names
    assert names[names.index("horizon_days") + 1] == "duplicates"
    assert ranking.summary.n_merged == 2
    assert ranking.summary.n_duplicates == 0
    assert any("2 leads are the same person or company as a newer open one" in note for note in ranking.summary.notes)


def test_there_is_no_such_column_without_merged_leads(scorer: Scorer, tmp_path: Path) -> None:
    ranking = ranked(
        scorer,
        tmp_path,
        "a,2026-10-01,new,9,Ann,no,pat@y.de\na,2026-10-02,new,9,Ann,no,pat@y.de\nb,2026-10-02,new,1,,no,\n",
    )
    assert ids(ranking) == ["a", "b"]
    assert "duplicates" not in ranking.table.column_names
    assert (ranking.summary.n_duplicates, ranking.summary.n_merged) == (1, 0)


def test_without_identity_only_ids_count(module_bundle: Bundle, tmp_path: Path) -> None:
    rows = "a,2026-10-01,new,9,Ann,no,pat@y.de\nb,2026-10-05,new,1,Bob,no,pat@y.de\n"
    assert ids(ranked(scorer_of(module_bundle, Identity()), tmp_path, rows)) == ["a", "b"]
    elsewhere = scorer_of(module_bundle, Identity(email=("another",)))
    assert ids(ranked(elsewhere, tmp_path, rows)) == ["a", "b"]


@pytest.mark.parametrize(
    "other",
    [
        "b,2026-09-01,new,1,Ann,yes,pat@y.de",  # asks
        "b,2026-09-01,lost,1,Ann,yes,pat@y.de",  # asks, and is decided
        "b,2026-09-01,new,1,Ann,perhaps,pat@y.de",  # may ask
        "b,2026-09-01,new,many,Ann,yes,pat@y.de",  # asks, and cannot be read
    ],
)
def test_a_person_who_asked_once_is_never_called(scorer: Scorer, tmp_path: Path, other: str) -> None:
    ranking = ranked(
        scorer, tmp_path, f"a,2026-10-01,new,9,Ann,no,pat@y.de\n{other}\nc,2026-10-01,new,9,Ann,no,c@y.de\n"
    )
    assert ids(ranking) == ["c"]
    assert ranking.summary.n_do_not_contact >= 1


def test_who_comes_back_after_a_decision_is_called_and_that_is_said(scorer: Scorer, tmp_path: Path) -> None:
    ranking = ranked(
        scorer,
        tmp_path,
        "a,2026-01-01,won,9,Ann,no,pat@y.de\nb,2026-02-01,lost,9,Ann,no,pat@y.de\nc,2026-10-05,new,1,Bob,no,pat@y.de\n",
    )
    assert ids(ranking) == ["c"]
    assert "duplicates" not in ranking.table.column_names
    assert any("1 leads are the same person or company as a decided one" in note for note in ranking.summary.notes)


def test_an_older_row_does_not_stand_in_for_one_that_cannot_be_read(scorer: Scorer, tmp_path: Path) -> None:
    ranking = ranked(
        scorer,
        tmp_path,
        "a,2026-10-01,new,9,Ann,no,\na,2026-10-05,new,many,Ann,no,\n"  # the newer one cannot be read
        "b,2026-10-05,new,9,Ann,no,\nb,2026-10-01,new,many,Ann,no,\n",  # the older one cannot
    )
    assert ids(ranking) == ["b"]
    assert (ranking.summary.n_duplicates, ranking.summary.n_rejected) == (1, 2)
    assert any("1 leads are left out, as their newest row could not be read" in note for note in ranking.summary.notes)


def test_another_lead_that_cannot_be_read_does_not_hinder(scorer: Scorer, tmp_path: Path) -> None:
    rows = "a,2026-10-01,new,9,Ann,no,pat@y.de\nb,2026-10-05,new,many,Ann,no,pat@y.de\n"
    assert ids(ranked(scorer, tmp_path, rows)) == ["a"]


def test_what_is_not_compared_is_said(scorer: Scorer, tmp_path: Path) -> None:
    ranking = ranked(scorer, tmp_path, "".join(f"{i},2026-10-01,new,1,,no,ein@y.de\n" for i in range(21)))
    assert ranking.summary.n_ranked == 21
    assert any("of over 20 leads each" in note for note in ranking.summary.notes)


def test_without_ids(scorer: Scorer, tmp_path: Path) -> None:
    ranking = ranked(scorer, tmp_path, "1,pat@y.de\n2,\n9,PAT@y.de\n4,\n", header="visits,mail\n")
    assert ranking.summary.n_merged == 1
    assert ranking.summary.n_ranked == 3
    assert "duplicates" not in ranking.table.column_names


def test_lists_on_disk(scorer: Scorer, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(
        "lead_id,created_at,visits,owner,mail,duplicates\n"
        "a,2026-10-01,9,Ann,pat@y.de,theirs\nb,2026-10-05,1,Bob,pat@y.de,mine\nc,2026-10-05,9,Bob,c@y.de,\n"
    )
    rank_file(scorer, path, tmp_path / "r.csv", as_of=AS_OF, worklists=tmp_path / "lists", keep=["duplicates"])
    with (tmp_path / "r.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["lead_id"], row["duplicates"], row["input_duplicates"]) for row in rows] == [
        ("c", "", ""),
        ("b", "a", "mine"),
    ]
    with (tmp_path / "lists" / "Bob.csv").open(newline="") as file:
        assert [row["duplicates"] for row in csv.DictReader(file)] == ["", "a"]
    assert not (tmp_path / "lists" / "Ann.csv").exists()
    rank_file(scorer, path, tmp_path / "r.parquet", as_of=AS_OF)
    assert pa_parquet.read_table(tmp_path / "r.parquet").column("duplicates").to_pylist() == [None, "a"]


ROW = st.tuples(
    st.sampled_from(["a", "b", "c", ""]),
    st.integers(1, 9),
    st.sampled_from(["new", "won", "odd", ""]),
    st.sampled_from(["1", "2", "many"]),
    st.sampled_from(["no", "no", "yes", "perhaps"]),
    st.sampled_from(["pat@y.de", "PAT@y.de", "z@y.de", ""]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8))
def test_against_a_plain_search(
    scorer: Scorer, tmp_path: Path, rows: list[tuple[str, int, str, str, str, str]]
) -> None:
    """Who is on the list follows from the rules alone, and every row is counted once."""
    text = "".join(f"{i},2026-10-0{day},{s},{v},Ann,{o},{m}\n" for i, day, s, v, o, m in rows)
    ranking = ranked(scorer, tmp_path, text)
    summary, expected = ranking.summary, plain(rows)
    assert sorted(i or "" for i in ids(ranking)) == sorted(rows[row][0] for row in expected)
    left_out = summary.n_not_open + summary.n_do_not_contact + summary.n_duplicates + summary.n_merged
    assert summary.n_leads == summary.n_ranked + left_out
    assert summary.n_leads + summary.n_rejected == len(rows)


def plain(rows: list[tuple[str, int, str, str, str, str]]) -> list[int]:
    n = len(rows)
    person = list(range(n))
    for _ in range(n):
        for i in range(n):
            for j in range(n):
                one, other = rows[i], rows[j]
                if (one[0] and one[0] == other[0]) or (one[5] and one[5].lower() == other[5].lower()):
                    person[i] = person[j] = min(person[i], person[j])
    asked = {person[i] for i in range(n) if rows[i][4] != "no"}
    unread = [row[3] == "many" or row[4] == "perhaps" for row in rows]
    newest = [
        not any(_newer(rows, j, i) and rows[i][0] and rows[i][0] == rows[j][0] for j in range(n)) for i in range(n)
    ]
    fit = [i for i in range(n) if rows[i][2] in ("new", "") and not unread[i] and person[i] not in asked and newest[i]]
    return [i for i in fit if not any(_newer(rows, j, i) and person[j] == person[i] for j in fit)]


def _newer(rows: list[tuple[str, int, str, str, str, str]], one: int, other: int) -> bool:
    return (rows[one][1], one) > (rows[other][1], other)
