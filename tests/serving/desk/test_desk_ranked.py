"""Lists made of uploads: ranked, or taken as they are; with every fault, and how the columns were understood."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import pytest
from desk_leads import COLUMNS, make, row, write_csv

from leadml.errors import DataError
from leadml.model.bundle import Bundle
from leadml.model.output import write_table
from leadml.model.scorer import Scorer
from leadml.ranking.lists import rank_file
from leadml.ranking.plan import Plan
from leadml.serving.desk.listed import IN, Listed, open_table, read_phrases
from leadml.serving.desk.view import Query, view

ROWS = [row(i) for i in range(60)]


def by_name(told: Listed) -> dict[str, Any]:
    return {column.name: column for column in told.columns}


def test_a_csv_is_ranked_as_leadml_rank_does(tmp_path: Path, desk_scorer: Scorer) -> None:
    path = write_csv(tmp_path / "leads.csv", ROWS)

    told, leads = make(desk_scorer, path, tmp_path / "list")

    table = rank_file(desk_scorer, path, None).table.to_pylist()
    assert [lead["lead_id"] for lead in leads] == [lead["lead_id"] for lead in table]
    assert [lead["logit"] for lead in leads] == [lead["logit"] for lead in table]
    assert [lead["reasons"] for lead in leads] == [lead["reasons"] for lead in table]
    assert (told.n, told.n_file, told.is_ready, told.model_version) == (60, 60, False, "1")
    assert sum(told.grades.values()) == 60
    assert dict(told.owners) == {"Kim": 20, "Lee": 20, None: 20}
    assert told.owners[-1][0] is None
    assert set(told.carried) == set(COLUMNS) - {"lead_id", "owner"}
    assert (told.faults, told.rejected, told.absent) == ((), (), ())


def test_a_person_is_recognised(tmp_path: Path, desk_scorer: Scorer) -> None:
    rows = [row(0), row(1, name=""), row(2, name="", company=""), row(3, name="", company="", email="")]

    _, leads = make(desk_scorer, write_csv(tmp_path / "leads.csv", rows), tmp_path / "list")

    shown = {lead["lead_id"]: (lead["title"], lead["company"]) for lead in leads}
    assert shown == {
        "L0000": ("Ada Nr0", "Firma 0 GmbH"),
        "L0001": ("Firma 1 GmbH", "ada1@firma1.example"),
        "L0002": ("ada2@firma2.example", None),
        "L0003": (None, None),
    }
    assert all("private" not in lead["search"] for lead in leads), "what is not shown is not searched"


def test_a_mark_for_missing_is_nobodys_name(tmp_path: Path, desk_scorer: Scorer) -> None:
    rows = [row(0, name="-", company="n/a", email="-"), row(1, name="", company="Acme", email="N/A")]

    _, leads = make(desk_scorer, write_csv(tmp_path / "leads.csv", rows), tmp_path / "list")

    shown = {lead["lead_id"]: (lead["title"], lead["company"]) for lead in leads}
    assert shown == {"L0000": (None, None), "L0001": ("Acme", None)}


@pytest.mark.parametrize("asked", ["jorg", "JOERG", "Jörg", "mussig", "MÜSSIG", "muessig müßig", "strasse"])
def test_names_are_found_however_they_are_typed(tmp_path: Path, desk_scorer: Scorer, asked: str) -> None:
    rows = [row(0, name="Jörg Müßig", company="Straße GmbH"), row(1)]
    make(desk_scorer, write_csv(tmp_path / "leads.csv", rows), tmp_path / "list")

    found = view(open_table(tmp_path / "list"), Query(text=asked))

    assert [lead["lead_id"] for lead in found.leads] == ["L0000"]


def test_names_that_the_model_does_not_know_are_guessed(tmp_path: Path, module_bundle: Bundle) -> None:
    names = ["Ada Braun", "Bo Klein", "Chris Lang", "Dana Weiss", "Emre Schwarz"]
    rows = [row(i, contact=name) for i, name in enumerate(names)]
    columns = ["lead_id", "visits", "contact"]
    table = {name: [str(one[name]) for one in rows] for name in columns}
    path = tmp_path / "leads.csv"
    pa_csv.write_csv(pa.table({("Contact name" if name == "contact" else name): table[name] for name in columns}), path)

    _, leads = make(Scorer(module_bundle), path, tmp_path / "list")

    assert {lead["title"] for lead in leads} == set(names)


def test_rows_that_cannot_be_read_are_told_with_their_lines(tmp_path: Path, desk_scorer: Scorer) -> None:
    rows = [*ROWS[:3], row(3, visits="many"), row(4, newsletter="=maybe", created_at="soon"), *ROWS[5:]]
    path = write_csv(tmp_path / "leads.csv", rows)
    with path.open("a") as file:
        file.write("L9,too,short\n")

    told, _ = make(desk_scorer, path, tmp_path / "list")

    assert (told.n, told.n_rejected, told.n_file) == (58, 3, 61)
    assert [(one.line, one.lead_id, one.column) for one in told.rejected] == [
        ("5", "L0003", "visits"),
        ("6", "L0004", "created_at, newsletter"),
        ("62", "L9", ""),
    ]
    assert told.rejected[0].reason == "must be a number, got 'many'"
    assert {(fault.column, fault.count) for fault in told.faults} == {
        ("visits", 1),
        ("created_at", 1),
        ("newsletter", 1),
        (None, 1),
    }
    assert [path.name for path in (tmp_path / "list").iterdir() if "rejected" in path.name] == []


def test_leads_that_are_left_out_are_counted(tmp_path: Path, desk_scorer: Scorer) -> None:
    rows = [{**one, "status": "new"} for one in ROWS[:10]]
    rows[1]["status"], rows[2]["status"] = "won", "lost"
    rows += [{**rows[3], "created_at": "2026-10-30"}, {**row(50), "email": rows[4]["email"], "status": "new"}]

    told, leads = make(desk_scorer, write_csv(tmp_path / "leads.csv", rows, [*COLUMNS, "status"]), tmp_path / "list")

    assert (told.left.not_open, told.left.duplicates, told.left.merged) == (2, 1, 1)
    assert told.n == len(leads) == 8
    assert not any("merged" in note for note in told.notes), "told as a count"


def test_how_columns_are_understood(tmp_path: Path, desk_scorer: Scorer) -> None:
    rows = [{**one, "country": "n/a"} if i == 1 else one for i, one in enumerate(ROWS)]

    told, _ = make(desk_scorer, write_csv(tmp_path / "leads.csv", rows), tmp_path / "list")

    columns = by_name(told)
    uses = {name: column.use for name, column in columns.items()}
    assert uses == {
        **dict.fromkeys(("visits", "source", "newsletter", "income", "country", "job_title", "email"), "field"),
        **{name: name for name in ("created_at", "owner", "value")},
        "lead_id": "id",
        "last_call": "field",
        "name": "person",
        "company": "person",
        "note": "unused",
    }
    assert columns["visits"].axis == "interest"
    assert columns["source"].missing == pytest.approx(1 / 3)
    country = {sample.written: sample.read for sample in columns["country"].samples}
    assert country == {
        "DE": {"en": "Germany", "de": "Deutschland"},
        "n/a": None,
        "France": {"en": "France", "de": "Frankreich"},
    }
    title = columns["job_title"].samples[0].read
    assert title == {"en": "head of department, sales", "de": "Abteilungs- oder Bereichsleitung, Vertrieb"}
    assert columns["income"].samples[0].read == {"en": "20,000", "de": "20.000"}
    assert columns["created_at"].samples[0].read["de"] == "01.10.2026"


def test_personal_data_is_masked(tmp_path: Path, desk_scorer: Scorer) -> None:
    told, _ = make(desk_scorer, write_csv(tmp_path / "leads.csv", ROWS), tmp_path / "list")

    columns = by_name(told)
    assert columns["email"].samples[0].written == "a***@firma0.example"
    for name in ("name", "company", "owner", "note"):
        assert all(sample.written.endswith("***") and len(sample.written) == 4 for sample in columns[name].samples)


def test_columns_that_are_not_there_are_told_with_the_nearest(tmp_path: Path, desk_scorer: Scorer) -> None:
    columns = [name for name in COLUMNS if name not in ("visits", "income")] + ["Job Title", "Visits "]
    rows = [{**one, "Visits ": one["visits"], "Job Title": "x"} for one in ROWS]

    told, _ = make(desk_scorer, write_csv(tmp_path / "leads.csv", rows, columns), tmp_path / "list")

    assert [(one.name, one.near) for one in told.absent] == [("visits", "Visits"), ("income", None)]


def test_excel_and_parquet_are_ranked_alike(tmp_path: Path, desk_scorer: Scorer) -> None:
    plain, leads = make(desk_scorer, write_csv(tmp_path / "leads.csv", ROWS), tmp_path / "csv")
    table = pa_csv.read_csv(tmp_path / "leads.csv")
    write_table(tmp_path / "leads.xlsx", {name: table.column(name).combine_chunks() for name in COLUMNS})
    pa_parquet.write_table(table, tmp_path / "leads.parquet")

    for name in ("leads.xlsx", "leads.parquet"):
        told, same = make(desk_scorer, tmp_path / name, tmp_path / name.replace(".", "-"))
        assert [one["lead_id"] for one in same] == [one["lead_id"] for one in leads]
        assert [one["logit"] for one in same] == [one["logit"] for one in leads]
        assert told.grades == plain.grades


def _signed(lead: dict[str, Any]) -> list[tuple[bool, str]]:
    return [(reason["contribution"] > 0, reason["text"]) for reason in lead["reasons"]]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("name", ["leads", "=evil"])
def test_a_list_of_leadml_is_shown_as_it_is(tmp_path: Path, desk_scorer: Scorer, ending: str, name: str) -> None:
    rows = [row(i, note="=1+1", name=f"{name}{i}") for i in range(30)]
    leads = write_csv(tmp_path / "new.csv", rows)
    made = rank_file(desk_scorer, leads, None, plan=Plan(10)).table.to_pylist()
    rank_file(desk_scorer, leads, tmp_path / f"list.{ending}", plan=Plan(10))

    told, shown = make(desk_scorer, tmp_path / f"list.{ending}", tmp_path / "list")

    assert (told.is_ready, told.n, told.model_version, told.horizon_days) == (True, 10, "1", 90)
    assert [lead["rank"] for lead in shown] == list(range(1, 11))
    assert [lead["logit"] for lead in shown] == pytest.approx([lead["logit"] for lead in made], rel=1e-12)
    assert [_signed(lead) for lead in shown] == [_signed(lead) for lead in made]
    assert {lead[IN + "note"] for lead in shown} == {"=1+1"}, "a guarded cell is as it was"
    assert shown[0]["title"] == made[0]["name"]
    assert read_phrases(tmp_path / "list"), "the same model: its words are known"


def test_a_scored_table_becomes_a_list(tmp_path: Path, desk_scorer: Scorer) -> None:
    from leadml.model.stream import score_file

    score_file(desk_scorer, write_csv(tmp_path / "new.csv", ROWS), tmp_path / "scored.csv", keep=["name"])

    told, shown = make(desk_scorer, tmp_path / "scored.csv", tmp_path / "list")

    logits = [lead["logit"] for lead in shown]
    assert told.is_ready
    assert logits == sorted(logits, reverse=True)
    assert [lead["rank"] for lead in shown] == list(range(1, 61))


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("probability", "high", "values that are no numbers"),
        ("logit", "", "empty cells"),
        ("grade", "<script>", "values that are no grades"),
        ("interest", "inf", "numbers without end"),
    ],
)
def test_a_list_that_was_changed_by_hand(
    tmp_path: Path, desk_scorer: Scorer, column: str, value: str, told: str
) -> None:
    rank_file(desk_scorer, write_csv(tmp_path / "new.csv", ROWS), tmp_path / "list.csv")
    table = pa_csv.read_csv(
        tmp_path / "list.csv", convert_options=pa_csv.ConvertOptions(column_types={column: pa.string()})
    )
    at = table.column_names.index(column)
    table = table.set_column(at, column, pa.array([value or None] * table.num_rows))
    pa_csv.write_csv(table, tmp_path / "changed.csv")

    with pytest.raises(DataError, match=f"column '{column}' must be as leadml wrote it, got {told}"):
        make(desk_scorer, tmp_path / "changed.csv", tmp_path / "list")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("leads.csv", b"", "must hold a header and rows, got an empty file"),
        ("leads.csv", b"a,b\n1,2\n", "must have columns that the model reads"),
        ("leads.csv", b"\x00\x01\x02\x00" * 50, "must be text"),
        ("leads.xlsx", b"a,b\n1,2\n", "must be a workbook, got text"),
        ("leads.xls", b"<html></html>", "got a web page"),
        ("leads.ods", b"PK\x03\x04broken", "got a damaged one"),
        (
            "leads.csv",
            b"visits," + b"x," * 1200 + b"y\n" + b"1," * 1201 + b"1\n",
            "must have at most 1,000 columns|once",
        ),
    ],
)
def test_files_that_are_no_leads(tmp_path: Path, desk_scorer: Scorer, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError, match=told):
        make(desk_scorer, tmp_path / name, tmp_path / "list")


def test_a_header_alone_is_an_empty_list(tmp_path: Path, desk_scorer: Scorer) -> None:
    told, leads = make(desk_scorer, write_csv(tmp_path / "leads.csv", []), tmp_path / "list")

    assert (told.n, told.n_file, leads) == (0, 0, [])
    assert told.grades == {"A": 0, "B": 0, "C": 0, "D": 0}
