"""Ranked lists: who is on them, in which order, in which files."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest
from python_calamine import CalamineWorkbook

from leadml.errors import DataError, OutputError, UsageError
from leadml.leads.schema import Roles
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer
from leadml.ranking.lists import rank_file
from leadml.ranking.plan import Plan
from leadml.ranking.scored import rank
from leadml.ranking.worklists import distinct_names

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = "lead_id,created_at,status,visits,owner,deal,opted_out,comment\n"
ROWS = """\
won,2026-10-01,won,9,Ann,100,no,
low,2026-10-02,new,0,Ann,9000,no,x
high,2026-10-03,new,9,Bob,100,no,"a, b"
asked,2026-10-04,new,9,Bob,100,yes,
old,2026-01-01,new,9,Ann,100,no,
twice,2026-10-01,new,9,Ann,100,no,first
twice,2026-10-05,new,2,Ann,100,no,second
none,2026-10-06,,2,,lots,,
b,2026-10-06,new,2,,,no,
odd,2026-10-06,strange,2,,,no,
"""


@pytest.fixture
def scorer(module_bundle: Bundle) -> Scorer:
    roles = Roles("lead_id", "created_at", "status", value="deal", owner="owner", do_not_contact="opted_out")
    return Scorer(
        msgspec.structs.replace(module_bundle, schema=msgspec.structs.replace(module_bundle.schema, roles=roles))
    )


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(HEADER + ROWS)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_list(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    summary = rank_file(scorer, leads, tmp_path / "ranked.csv", as_of=AS_OF).summary

    rows = read(tmp_path / "ranked.csv")
    assert [row["lead_id"] for row in rows] == ["high", "b", "none", "twice", "low", "old"]
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert {row["slot"] for row in rows} == {"ranked"}
    assert {row["propensity"] for row in rows} == {"1"}
    assert list(rows[0])[:6] == ["rank", "owner", "slot", "propensity", "expected_value", "lead_id"]
    assert list(rows[0])[23:] == [
        "created_at",
        "status",
        "visits",
        "deal",
        "opted_out",
        "comment",
    ]
    assert [row["comment"] for row in rows] == ["a, b", "", "", "second", "x", ""]
    assert rows[-1]["reasons"].endswith("; * past the horizon")
    assert not any("horizon" in row["reasons"] for row in rows[:-1])
    assert float(rows[0]["expected_value"]) == float(rows[0]["probability"]) * 100
    assert rows[1]["expected_value"] == rows[2]["expected_value"] == ""
    assert rows[1]["owner"] == ""
    counts = (summary.n_leads, summary.n_ranked, summary.n_not_open, summary.n_do_not_contact, summary.n_duplicates)
    assert counts == (10, 6, 2, 1, 1)
    assert summary.n_past_horizon == 1
    assert "strange" not in "".join(summary.notes)
    assert any("1 leads have an outcome" in note for note in summary.notes)
    assert any("1 values in 'deal'" in note for note in summary.notes)


def test_capacity_and_worklists(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    summary = rank_file(
        scorer, leads, tmp_path / "r.parquet", as_of=AS_OF, plan=Plan(2), worklists=folder, keep=["comment"]
    ).summary
    table = pa_parquet.read_table(tmp_path / "r.parquet")
    assert table.column("lead_id").to_pylist() == ["high", "b"]
    assert table.column_names[-1] == "comment"
    assert sorted(path.name for path in folder.iterdir()) == ["Ann.csv", "Bob.csv"]
    ann = read(folder / "Ann.csv")
    assert [(row["rank"], row["lead_id"]) for row in ann] == [("1", "b"), ("2", "twice")]
    bob = read(folder / "Bob.csv")
    assert [(row["rank"], row["owner"], row["lead_id"]) for row in bob] == [("1", "Bob", "high"), ("2", "Bob", "none")]
    assert summary.worklists == {"Ann": folder / "Ann.csv", "Bob": folder / "Bob.csv"}
    assert "2 leads without an owner were dealt out evenly among the owners" in summary.notes


def test_by_expected_value(scorer: Scorer, leads: Path) -> None:
    ranked = rank_file(scorer, leads, None, as_of=AS_OF, plan=Plan(by="expected_value")).table
    assert ranked.column("lead_id").to_pylist() == ["low", "high", "twice", "b", "none", "old"]


def test_past_horizon_is_said_without_reasons_and_in_parquet(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    rank_file(scorer, leads, tmp_path / "r.parquet", as_of=AS_OF, reasons=False)
    reasons = pa_parquet.read_table(tmp_path / "r.parquet").column("reasons").to_pylist()
    assert reasons[0] == []
    assert reasons[-1] == [{"field": "created_at", "axis": "other", "contribution": 0.0, "text": "past the horizon"}]
    rank_file(scorer, leads, tmp_path / "r.csv", as_of=AS_OF, reasons=False)
    assert [row["reasons"] for row in read(tmp_path / "r.csv")] == ["", "", "", "", "", "* past the horizon"]


def test_rejected_rows(scorer: Scorer, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(HEADER + "a,2026-10-01,new,x,Ann,1,no,\nb,2026-10-01,new,1,Ann,1,perhaps,\nc,,new,1,,,,\nd,1\n")
    summary = rank_file(scorer, leads, tmp_path / "r.csv", as_of=AS_OF).summary
    assert [row["lead_id"] for row in read(tmp_path / "r.csv")] == ["c"]
    rejected = read(tmp_path / "r.rejected.csv")
    assert [(row["line"], row["lead_id"], row["column"]) for row in rejected] == [
        ("2", "a", "visits"), ("3", "b", "opted_out"), ("5", "d", "")]  # fmt: skip
    assert summary.n_rejected == 3


def test_no_leads_left(scorer: Scorer, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(HEADER + "a,2026-10-01,won,1,Ann,1,no,\n")
    summary = rank_file(scorer, leads, tmp_path / "r.csv", worklists=tmp_path / "lists").summary
    assert (summary.n_ranked, summary.n_not_open, summary.worklists) == (0, 1, {})
    leads.write_text(HEADER)
    assert rank_file(scorer, leads, tmp_path / "r.csv").summary.n_leads == 0
    assert read(tmp_path / "r.csv") == []


def test_without_an_outcome_all_are_open(scorer: Scorer, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("visits\n1\n9\n")
    assert rank_file(scorer, leads, None).table.column("rank").to_pylist() == [1, 2]


def test_wrong_usage(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="capacity must be at least 1"):
        rank_file(scorer, leads, None, plan=Plan(0))
    with pytest.raises(UsageError, match="by must be one of"):
        Plan(by="luck")  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="another file"):
        rank_file(scorer, leads, leads)
    leads.write_text("visits\n1\n")
    with pytest.raises(UsageError, match="'owner'"):
        rank_file(scorer, leads, None, worklists=tmp_path)
    with pytest.raises(UsageError, match="'deal'"):
        rank_file(scorer, leads, None, plan=Plan(by="expected_value"))


def test_names_of_files_and_sheets_are_safe_and_distinct() -> None:
    owners = ["../../etc/passwd", "A/B", "a.b", "A B", "Zoë", "con", "???", None, "no_owner", "x" * 200]
    names = distinct_names(owners)
    assert names[:5] == ["etc_passwd", "A_B", "a_b-2", "A_B-3", "Zoë"]
    assert names[5:9] == ["con_", "owner_", "no_owner", "no_owner-2"]
    assert len(names[9]) == 80
    assert len({name.casefold() for name in names}) == len(names)
    long = distinct_names(["y" * 40 + str(i) for i in range(12)], most=31)
    assert {len(name) for name in long} == {31}
    assert len(set(long)) == 12


FRAME: dict[str, list[Any]] = {
    "lead_id": ["a", "b", "a", "c"],
    "created_at": ["2026-10-01", "2026-10-01", "2026-10-09", "2026-01-01"],
    "visits": [9, 5, 1, 9],
}


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_in_memory(scorer: Scorer, kind: str) -> None:
    leads = pd.DataFrame(FRAME, index=["w", "x", "y", "z"])
    scored: Any = scorer.score(leads, as_of=AS_OF).assign(created_at=leads["created_at"])
    if kind == "arrow":
        ranked = rank(pa.Table.from_pandas(scored, preserve_index=False), capacity=3)
        assert ranked.column_names[:4] == ["rank", "slot", "propensity", "lead_id"]
        assert ranked.column("lead_id").to_pylist() == ["b", "a", "c"]
        return
    frame = rank(scored)
    assert frame["lead_id"].tolist() == ["b", "a", "c"]
    assert frame.index.tolist() == ["x", "y", "z"]
    assert frame["rank"].tolist() == [1, 2, 3]
    assert rank(frame, capacity=1)["lead_id"].tolist() == ["b"]
    with pytest.raises(UsageError, match="expected_value"):
        rank(scored, by="expected_value")
    valued = scored.assign(expected_value=[1.0, 2.0, None, 3.0])
    assert rank(valued.drop(columns="created_at"), by="expected_value")["lead_id"].tolist() == ["c", "b", "a"]
    with pytest.raises(UsageError, match="logit"):
        rank(leads)
    with pytest.raises(DataError, match="created_at"):
        rank(scored.assign(created_at="soon"))


def test_who_asked_once_is_never_called(scorer: Scorer, leads: Path) -> None:
    """Not by an older row either, even where the row that asks cannot be read otherwise."""
    leads.write_text(
        HEADER
        + "a,2026-10-01,new,9,Ann,100,no,\n"
        + "a,2026-10-05,new,many,Ann,100,yes,\n"
        + "b,2026-10-01,new,9,Ann,100,no,\nb,2026-10-05,new,9,Ann,100,perhaps,\nc,2026-10-01,new,1,Ann,100,no,\n"
    )
    ranking = rank_file(scorer, leads, None, as_of=AS_OF)
    assert ranking.table.column("lead_id").to_pylist() == ["c"]
    assert ranking.summary.n_do_not_contact == 2
    assert ranking.summary.n_rejected == 2


def test_ragged_rows_are_counted_without_an_output(scorer: Scorer, leads: Path) -> None:
    leads.write_text(HEADER + ROWS + "ragged,2026-10-01\n")
    assert rank_file(scorer, leads, None, as_of=AS_OF).summary.n_rejected == 1


def test_a_missing_file_beside_an_old_list(scorer: Scorer, tmp_path: Path) -> None:
    (tmp_path / "ranked.csv").write_text("old")
    with pytest.raises(DataError, match="must exist"):
        rank_file(scorer, tmp_path / "gone.csv", tmp_path / "ranked.csv")


def test_leads_that_came_in_later_are_told(scorer: Scorer, leads: Path) -> None:
    early = rank_file(scorer, leads, None, as_of=datetime(2026, 10, 3, 12, tzinfo=UTC)).summary
    assert "3 leads came in after 2026-10-03, at which the list looks; they are on it" in early.notes
    assert not any("came in after" in note for note in rank_file(scorer, leads, None, as_of=AS_OF).summary.notes)


def test_a_share_of_the_places_is_drawn_by_lot(scorer: Scorer, tmp_path: Path) -> None:
    header = HEADER.replace("comment", "source")
    rows = [f"l{i},2026-10-{1 + i % 28:02d},new,{9 - i // 20},,{i},no,{'abc'[i % 3]}" for i in range(200)]
    leads = tmp_path / "leads.csv"
    leads.write_text(header + "\n".join(rows) + "\n")
    plan = Plan(20, explore=0.1, days=2)

    summary = rank_file(scorer, leads, tmp_path / "r.csv", as_of=AS_OF, plan=plan).summary
    listed = read(tmp_path / "r.csv")

    assert (summary.n_ranked, summary.n_explored) == (40, 4)
    assert [row["rank"] for row in listed] == [str(i) for i in range(1, 41)]
    assert [row["day"] for row in listed] == ["1"] * 20 + ["2"] * 20
    drawn = [row for row in listed if row["slot"] == "explore"]
    assert len(drawn) == 4
    assert {row["propensity"] for row in drawn} == {str(4 / 164)}
    assert all(row["reasons"].endswith("* drawn by lot") == (row["slot"] == "explore") for row in listed)
    assert {row["propensity"] for row in listed if row["slot"] == "ranked"} == {"1"}
    assert min(float(row["logit"]) for row in listed if row["slot"] == "ranked") >= max(
        float(row["logit"]) for row in drawn
    )
    shuffled = tmp_path / "shuffled.csv"
    shuffled.write_text(header + "\n".join(reversed(rows)) + "\n")
    rank_file(scorer, shuffled, tmp_path / "s.csv", as_of=AS_OF, plan=plan)
    assert read(tmp_path / "s.csv") == listed, "the order of the file draws nobody"


def test_the_expected_value_is_less_what_a_contact_costs(scorer: Scorer, leads: Path) -> None:
    plain, dear = (
        rank_file(scorer, leads, None, as_of=AS_OF, plan=Plan(by="expected_value", contact_cost=cost)).table
        for cost in (0.0, 30.0)
    )
    assert plain.column("lead_id").to_pylist() == dear.column("lead_id").to_pylist()
    for a, b in zip(*(t.column("expected_value").to_pylist() for t in (plain, dear)), strict=True):
        assert (a is None and b is None) or abs(a - 30.0 - b) < 1e-9


def test_scored_leads_are_drawn_too(scorer: Scorer) -> None:
    table = pa.table({"lead_id": [f"l{i}" for i in range(50)], "visits": [i % 10 for i in range(50)]})
    scored = scorer.score(table, as_of=AS_OF).append_column("source", pa.array(["web", "fair"] * 25))
    ranked = rank(scored, capacity=10, explore=0.3, seed=3)
    assert ranked.column("slot").to_pylist().count("explore") == 3
    assert sorted(set(ranked.column("propensity").to_pylist())) == [3 / 43, 1.0]
    assert ranked.equals(rank(scored, capacity=10, explore=0.3, seed=3))


def test_one_workbook_with_a_sheet_for_each_owner(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    place = tmp_path / "lists.xlsx"
    summary = rank_file(scorer, leads, None, as_of=AS_OF, plan=Plan(2), worklists=place).summary

    book = CalamineWorkbook.from_path(place)
    assert book.sheet_names == ["Ann", "Bob", "About"]
    head, *rows = book.get_sheet_by_name("Bob").to_python()
    assert [row[head.index("lead_id")] for row in rows] == ["high", "none"]
    assert [row[head.index("rank")] for row in rows] == [1, 2]
    about = {str(row[0]): row[1] for row in book.get_sheet_by_name("About").to_python() if row}
    assert about["Leads"] in (4, "4")
    assert summary.worklists == {"Ann": place, "Bob": place}


def test_each_owner_has_room_of_their_own(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    plan = Plan(2, days=2, capacities={"Ann": 1, "Cleo": 3})
    summary = rank_file(scorer, leads, None, as_of=AS_OF, plan=plan, worklists=tmp_path / "lists").summary

    lists = {owner: read(path) for owner, path in summary.worklists.items()}
    assert [(row["lead_id"], row["day"]) for row in lists["Ann"]] == [("b", "1"), ("twice", "2")], "one a day"
    assert [(row["lead_id"], row["day"]) for row in lists["Bob"]] == [("high", "1"), ("none", "1")], "two a day"
    assert "Cleo" not in lists, "nothing was left to deal"
    assert "2 leads without an owner were dealt out by their capacities among the owners" in summary.notes
    assert "Cleo: a capacity, but no lead of their own here; they get what nobody owns" in summary.notes


def test_leads_that_nobody_owns_go_to_whom_the_plan_names(scorer: Scorer, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("lead_id,visits,owner\n" + "".join(f"l{i},{i % 9},\n" for i in range(12)))
    plan = Plan(capacities={"Ann": 2, "Bob": 1})
    summary = rank_file(scorer, path, None, as_of=AS_OF, plan=plan, worklists=tmp_path / "lists").summary

    assert {owner: len(read(place)) for owner, place in summary.worklists.items()} == {"Ann": 2, "Bob": 1}
    with pytest.raises(UsageError, match="the capacity of 'Ann' must be at least 1, got 0; leave out who is away"):
        Plan(capacities={"Ann": 0})


def test_outcomes_that_the_model_does_not_know(scorer: Scorer, leads: Path) -> None:
    summary = rank_file(scorer, leads, None, as_of=AS_OF).summary
    assert (summary.n_not_open, summary.n_unlisted) == (2, 1)
    told = "does not know; they are left out as not open. If that means open, name it in leads.open"
    assert any(told in note for note in summary.notes)
