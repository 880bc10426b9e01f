"""Check first or call first: what is not known yet counts as the average, and is asked for."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from leadml.errors import UsageError
from leadml.model.bundle import Bundle
from leadml.model.first import importance, questions, unasked
from leadml.model.scorer import Scorer
from leadml.ranking.lists import rank_file
from leadml.ranking.memory import rank_leads
from leadml.ranking.plan import Plan
from leadml.selling.criterion import parse

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
LEADS = """\
lead_id,visits,income,job_title,newsletter
asked,9,60000,CEO,yes
unasked,9,,,yes
silent,9,-,,no
poor,9,1000,Clerk,yes
odd,9,lots,CEO,yes
"""


def with_answers(bundle: Bundle, *answers: str) -> Scorer:
    return Scorer(msgspec.structs.replace(bundle, schema=msgspec.structs.replace(bundle.schema, answers=answers)))


@pytest.fixture(params=[False, True], ids=["terms", "pairs"])
def scorer(request: pytest.FixtureRequest, module_bundle: Bundle, paired_bundle: Bundle) -> Scorer:
    return with_answers(paired_bundle if request.param else module_bundle, "income", "job_title")


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(LEADS)
    return path


def read(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["lead_id"]: row for row in csv.DictReader(file)}


def test_what_is_not_known_yet_counts_as_the_average(scorer: Scorer) -> None:
    lead = {"visits": 9, "newsletter": "yes"}
    whole, part = scorer.score_one(lead), unasked(scorer).score_one(lead)
    assert part.ability == part.authority == 0.0
    assert (whole.ability, whole.authority) != (0.0, 0.0), "elsewhere a missing answer counts"
    assert part.ability_score is part.authority_score is None, "and is unknown"
    assert "not known" in part.summary
    answered = lead | {"income": 60_000, "job_title": "CEO"}
    assert unasked(scorer).score_one(answered) == scorer.score_one(answered), "what is known counts as ever"


def test_check_first_does_not_look_at_answers(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    summary = rank_file(scorer, leads, tmp_path / "r.csv", as_of=AS_OF, plan=Plan(first="check")).summary
    rows = read(tmp_path / "r.csv")
    assert summary.n_rejected == 0, "an answer that cannot be read is not read"
    assert len({rows[name]["logit"] for name in ("asked", "unasked", "poor", "odd")}) == 1
    assert "ask" not in rows["asked"]
    assert rows["asked"]["income"] == "60000", "it comes along all the same"


def test_call_first_says_what_to_ask(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    summary = rank_file(scorer, leads, tmp_path / "r.csv", as_of=AS_OF, plan=Plan(first="call")).summary
    rows = read(tmp_path / "r.csv")
    assert summary.n_rejected == 1
    called = dict(questions(scorer))
    both = ", ".join(called[name] for name, _ in questions(scorer))
    assert {name: row["ask"] for name, row in rows.items()} == {
        "asked": "",
        "poor": "",
        "unasked": both,
        "silent": both,
    }
    assert float(rows["unasked"]["logit"]) != float(rows["poor"]["logit"])
    usual = rank_file(scorer, leads, None, as_of=AS_OF)
    assert usual.summary.n_ranked == 4
    as_ever = dict(zip(usual.table["lead_id"].to_pylist(), usual.table["logit"].to_pylist(), strict=True))
    assert as_ever["asked"] == float(rows["asked"]["logit"])
    assert as_ever["unasked"] != float(rows["unasked"]["logit"])


def test_in_memory_alike(scorer: Scorer) -> None:
    given = [{"lead_id": "a", "visits": 9}, {"lead_id": "b", "visits": 9, "income": 1000}]
    call = rank_leads(scorer, given, plan=Plan(first="call"), as_of=AS_OF).table
    assert call["lead_id"].to_pylist() == ["a", "b"]
    assert call["ask"].to_pylist()[1] == dict(questions(scorer))["job_title"]
    check = rank_leads(scorer, given, plan=Plan(first="check"), as_of=AS_OF).table
    assert len(set(check["logit"].to_pylist())) == 1


def test_questions_come_by_what_they_tell(module_bundle: Bundle) -> None:
    scorer = with_answers(module_bundle, "income", "job_title", "visits")
    told = importance(scorer.bundle)
    asked = [name for name, _ in questions(scorer)]
    weight = {
        name: sum(told.get(part.name, 0.0) for part in scorer.schema.parts if part.field == name) for name in asked
    }
    assert sorted(asked, key=lambda name: -weight[name]) == asked
    evidence = msgspec.json.encode({"terms": [{"part": "income", "importance": 9.0, "more": 1}], "other": []})
    known = Scorer(msgspec.structs.replace(scorer.bundle, evidence=evidence))
    assert next(name for name, _ in questions(known)) == "income"


def test_a_model_that_knows_of_no_answers(module_bundle: Bundle, leads: Path) -> None:
    with pytest.raises(UsageError, match=r"must know which fields are answers, got none; set leads\.answers"):
        rank_file(Scorer(module_bundle), leads, None, plan=Plan(first="check"))
    with pytest.raises(UsageError, match="first must be one of check, call, got 'later'"):
        Plan(first="later")  # type: ignore[arg-type]


def test_only_leads_that_meet_the_criteria(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    rich = [parse("income > 5000", scorer.schema, {})]
    for first, expected in ((None, ["asked"]), ("check", ["asked"]), ("call", ["asked"])):
        ranking = rank_file(scorer, leads, None, as_of=AS_OF, plan=Plan(first=first), where=rich)  # type: ignore[arg-type]
        assert ranking.table["lead_id"].to_pylist() == expected
        assert ranking.summary.n_filtered == 3 + (first == "check")
    none = rank_file(scorer, leads, tmp_path / "none.csv", where=[parse("income > 9e9", scorer.schema, {})])
    assert none.table.num_rows == 0
    both = [parse(one, scorer.schema, {"newsletter": ("yes", "no")}) for one in ("newsletter = yes", "visits >= 9")]
    assert sorted(rank_file(scorer, leads, None, where=both).table["lead_id"].to_pylist()) == [
        "asked",
        "poor",
        "unasked",
    ]
