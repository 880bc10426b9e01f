"""Roles and readings in a drafted leadml.toml: opt-outs, accounts, doubtful numbers, and how they are marked."""

import csv
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from leadml.config import Config
from leadml.training.check import check
from leadml.training.draft import LOOK, Draft
from leadml.training.init import draft

NOW = datetime(2026, 12, 1, tzinfo=UTC)
N = 400


def drafted(folder: Path, columns: Mapping[str, Sequence[object]]) -> Draft:
    path = folder / "leads.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows(zip(*columns.values(), strict=True))
    return draft(path, folder=folder, now=NOW)


def written(made: Draft, folder: Path) -> Config:
    (folder / "leadml.toml").write_text(made.to_toml(), encoding="utf-8")
    return Config.load(folder / "leadml.toml")


def leads(**more: Sequence[object]) -> dict[str, Sequence[object]]:
    status = random.Random(3).choices(["won", "lost"], [3, 7], k=N)
    return {"lead_id": [f"L{i}" for i in range(N)], "status": status, "visits": [i * 11 % 20 for i in range(N)], **more}


def test_a_report_of_salesforce(tmp_path: Path) -> None:
    ended = ["Closed - Converted", "Closed - Not Converted", "Open - Not Contacted"]
    status = random.Random(3).choices(ended, [3, 5, 2], k=N)
    made = drafted(
        tmp_path,
        {
            "Lead ID": [f"00Q{i:012}" for i in range(N)],
            "First Name": ["Ada", "Ben"] * (N // 2),
            "Title": ["CEO", "Buyer", "Analyst", "Head of Sales"] * (N // 4),
            "Company / Account": [f"Blue Works {i % 230}" for i in range(N)],
            "Lead Source": ["Web", "Partner", "Phone", "Web"] * (N // 4),
            "Lead Status": status,
            "Rating": ["Hot", "Cold"] * (N // 2),
            "No. of Employees": [i * 13 % 90 for i in range(N)],
            "Lead Owner": ["R. Berg", "S. Holt"] * (N // 2),
            "Create Date": [f"2025-{1 + i // 28 % 12:02}-{1 + i % 28:02}" for i in range(N)],
            "Converted": [int(one == ended[0]) for one in status],
            "Email Opt Out": [int(i % 19 == 0) for i in range(N)],
            "Do Not Call": [int(i % 23 == 0) for i in range(N)],
        },
    )
    assert made.crm == "Salesforce"
    assert {role: note.name for role, note in made.roles.items()} == {
        "id": "Lead ID",
        "created_at": "Create Date",
        "outcome": "Lead Status",
        "owner": "Lead Owner",
        "group": "Company / Account",
        "do_not_contact": "Do Not Call, Email Opt Out",
    }
    assert {one.note.name: one.kind for one in made.fields} == {
        "Title": "job_title",
        "Lead Source": "category",
        "No. of Employees": "number",
    }
    config = written(made, tmp_path)
    assert config.leads.do_not_contact == ("Do Not Call", "Email Opt Out")
    assert not check(config, now=NOW).faults


def test_several_opt_outs_are_written_as_a_list(tmp_path: Path) -> None:
    stop = ["STOP" if i % 17 == 0 else "" for i in range(N)]
    yes = ["yes" if i % 19 == 0 else "no" for i in range(N)]
    odd = ["grade one", "grade two"] * (N // 2)
    made = drafted(tmp_path, leads(**{"Do Not Call": yes, "Opted out": stop, "Do Not Email": odd}))
    config = written(made, tmp_path)
    assert config.leads.do_not_contact is not None
    assert set(config.leads.do_not_contact) == {"Do Not Call", "Opted out"}
    assert {one.note.name for one in made.fields} == {"visits"}
    assert made.to_dict()["do_not_contact"] == list(config.leads.do_not_contact)
    assert any("'Do Not Email'" in mark for mark in made.marks)
    assert not check(config, now=NOW).faults
    one = drafted(tmp_path, leads(**{"Opted out": stop}))
    assert written(one, tmp_path).leads.do_not_contact == "Opted out"


def test_roles_left_out_name_their_column(tmp_path: Path) -> None:
    made = drafted(
        tmp_path,
        leads(
            opt_out=["grade one", "grade two"] * (N // 2),
            Rep=[f"rep {i}" for i in range(N)],
            company=["one firm"] * (N - 40) + ["another", "third"] * 20,
        ),
    )
    for role, name in (("do_not_contact", "opt_out"), ("owner", "Rep"), ("group", "company")):
        assert sum(f"{role}, {name!r}: " in mark for mark in made.marks) == 1
    written(made, tmp_path)


def test_an_account_for_each_lead_is_no_place_to_look(tmp_path: Path) -> None:
    made = drafted(tmp_path, leads(company=[f"firm {i}" for i in range(N)]))
    line = next(line for line in made.to_toml().splitlines() if "group =" in line)
    assert "no two leads share one" in line
    assert LOOK not in line
    assert not any("group" in mark for mark in made.marks)


def test_a_doubtful_number_is_read_as_check_reads_it(tmp_path: Path) -> None:
    price = [f"{1 + i % 9},{345 + i % 50}" for i in range(N)]
    budget = [f"{i % 70},5" for i in range(N)]
    made = drafted(tmp_path, leads(Preis=price, Budget=budget))
    told = written(made, tmp_path)
    assert told.leads.formats == {"Preis": "decimal_comma", "Budget": "decimal_comma"}
    (mark,) = (mark for mark in made.marks if "Preis" in mark)
    assert "(a decimal comma); is that right?" in mark
    assert mark.replace(",", ".").count(price[0].replace(",", ".")[:2]) >= 2
    alone = drafted(tmp_path, leads(Preis=price))
    assert any("(a comma between thousands); is that right?" in mark for mark in alone.marks)


def test_a_doubtful_date_says_how_it_is_read(tmp_path: Path) -> None:
    made = drafted(tmp_path, leads(demo=[f"0{1 + i % 9}/0{1 + i % 7}/2025" for i in range(N)]))
    assert any("is read with the" in mark and mark.endswith("first; is that right?") for mark in made.marks)


def test_marks_name_no_lines_of_the_sample(tmp_path: Path) -> None:
    days = [f"2025-01-{1 + i % 28:02}" for i in range(N)]
    days[5] = "soon"
    made = drafted(tmp_path, leads(created_at=days))
    (mark,) = (mark for mark in made.marks if "training would refuse" in mark)
    assert mark.endswith("; `leadml check` names the lines")
    assert "line 7" not in mark


def test_a_reason_is_not_cut_off(tmp_path: Path) -> None:
    items = ["Security;API", "API;Pricing", "Pricing;Support", "Support;Security", "API;Support", "Pricing;Security"]
    more = [*items, *(";".join(reversed(one.split(";"))) for one in items)]
    made = drafted(tmp_path, leads(Topics=[more[i * 7 % 12] for i in range(N)]))
    (one,) = (one for one in made.fields if one.note.name == "Topics")
    assert one.kind == "list"
    assert one.note.why.count("'") == 2
