"""A drafted leadml.toml says what the columns are, with reasons, and training works with it as it is written."""

import csv
import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from bench.public import FOLDER
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from leadml.config import Config
from leadml.errors import DataError, LeadmlError
from leadml.leads.sample import make_sample, write_sample
from leadml.training.check import check
from leadml.training.draft import LOOK, Draft
from leadml.training.horizon import propose
from leadml.training.init import draft
from leadml.training.train import train

NOW = datetime(2026, 12, 1, tzinfo=UTC)
QUICK = ('training.families=["logistic"]', "training.replicates=100")


def drafted(path: Path, folder: Path | None = None, **options: Any) -> Draft:
    return draft(path, folder=folder or path.parent, now=NOW, **options)


def written(made: Draft, folder: Path, overrides: Sequence[str] = ()) -> Config:
    (folder / "leadml.toml").write_text(made.to_toml(), encoding="utf-8")
    return Config.load(folder / "leadml.toml", overrides=overrides)


def table_file(folder: Path, columns: Mapping[str, Sequence[object]], name: str = "leads.csv") -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows(zip(*columns.values(), strict=True))
    return path


def names(notes: Sequence[Any]) -> set[str]:
    return {note.name for note in notes}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "data", make_sample(4000), n_new=10)
    return folder


def test_the_sample(sample: Path) -> None:
    made = drafted(sample / "data" / "leads.csv", sample)
    assert {role: note.name for role, note in made.roles.items()} == {
        "id": "lead_id",
        "created_at": "created_at",
        "outcome": "status",
        "converted_at": "won_at",
        "value": "deal_value",
        "owner": "owner",
        "group": "account_id",
        "do_not_contact": "opted_out",
    }
    config = written(made, sample)
    assert config.leads.path == "data/leads.csv"
    assert (config.leads.converted, config.leads.lost) == (("won",), ("lost",))
    assert set(config.leads.open) == {"new", "working"}
    assert config.leads.protected == ("age",)
    assert config.leads.ignore == ("lead_quality",)
    assert config.label.horizon_days in (60, 90)
    assert {"budget", "company_size", "industry"} <= set(config.leads.axes["ability"])
    assert {"visits", "source", "demo_requested"} <= set(config.leads.axes["interest"])
    assert set(config.leads.axes["authority"]) == {"job_title"}
    assert [mark for mark in made.marks if "lead_quality" in mark]
    assert check(config, now=NOW).refusal is None


def public(name: str) -> Path:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not in {FOLDER}; see bench/public.py")
    return path


@pytest.mark.parametrize(
    ("file", "outcome", "kept_out", "protected"),
    [
        ("bank_marketing_early.csv", ("y", ("yes",), ("no",)), {"duration", "default"}, {"age", "marital"}),
        ("online_shoppers_intention.csv", ("Revenue", ("TRUE",), ("FALSE",)), {"PageValues"}, set()),
        (
            "x_education_early.csv",
            ("Converted", ("1",), ("0",)),
            {
                *("Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"),
                *("Asymmetrique Activity Index", "Asymmetrique Profile Index"),
                *("Asymmetrique Activity Score", "Asymmetrique Profile Score"),
            },
            set(),
        ),
    ],
)
def test_the_public_sets(
    file: str,
    outcome: tuple[str, tuple[str, ...], tuple[str, ...]],
    kept_out: set[str],
    protected: set[str],
    migrated_db: Path,
) -> None:
    folder = migrated_db.parent
    made = drafted(public(file), folder)
    config = written(made, folder, QUICK)
    assert (config.leads.outcome, config.leads.converted, config.leads.lost) == outcome
    assert set(config.leads.ignore) == kept_out
    assert set(config.leads.protected) == protected
    for note in made.ignore:
        assert note.why or note.look
    run = train(config, now=NOW)
    assert run.test["n"] > 500


def test_what_only_stands_for_something_in_the_public_sets() -> None:
    shoppers = drafted(public("online_shoppers_intention.csv"))
    kinds = {one.note.name: one.kind for one in shoppers.fields}
    for name in ("OperatingSystems", "Browser", "Region", "TrafficType"):
        assert kinds[name] == "category"
    assert kinds["ProductRelated"] == kinds["Administrative"] == kinds["SpecialDay"] == "number"
    assert any("'Month'" in mark for mark in shoppers.marks)
    bank = drafted(public("bank_marketing_early.csv"))
    assert names(bank.placeholders) == {"999"}
    education = drafted(public("x_education_early.csv"))
    assert education.roles["id"].name == "Prospect ID"
    assert names(education.unused) == {"Lead Number"}
    assert "'Lead Number' rises" in education.to_toml()
    assert '"Select" (' in education.to_toml()


def leads(n: int = 400, **more: Sequence[object]) -> dict[str, Sequence[object]]:
    rng = np.random.default_rng(3)
    won = rng.random(n) < 0.3
    return {
        "lead_id": [f"L{i}" for i in range(n)],
        "status": ["won" if w else "lost" for w in won],
        "visits": [int(v) for v in rng.integers(0, 20, n)],
        **more,
    }


def test_odd_numbers_become_placeholders(tmp_path: Path) -> None:
    n = 400
    made = drafted(
        table_file(
            tmp_path,
            leads(
                n,
                gap=[999 if i % 3 else i % 17 for i in range(n)],
                calls=[-1 if i % 5 == 0 else i % 9 for i in range(n)],
                honest=[99 if i % 50 == 0 else i % 98 for i in range(n)],
            ),
        )
    )
    assert names(made.placeholders) == {"999", "-1"}
    assert all(note.look for note in made.placeholders)


def test_a_few_texts_among_numbers_become_placeholders(tmp_path: Path) -> None:
    n = 400
    size = ["ask later" if i % 100 == 0 else i % 37 for i in range(n)]
    made = drafted(table_file(tmp_path, leads(n, size=size)))
    assert names(made.placeholders) == {"ask later"}
    assert check(written(made, tmp_path), now=NOW).refusal is None


def test_a_field_filled_in_for_the_converted_is_taken_out(tmp_path: Path) -> None:
    columns = leads(600)
    filled = [
        "north" if s == "won" and i % 5 else "south" if i % 7 == 0 else "" for i, s in enumerate(columns["status"])
    ]
    made = drafted(table_file(tmp_path, columns | {"warehouse": filled}))
    (note,) = made.ignore
    assert note.name == "warehouse"
    assert "of which 100% converted" in note.look


def test_honest_fields_stay(tmp_path: Path) -> None:
    columns = leads(600)
    rng = np.random.default_rng(4)
    strong = [int(rng.integers(5, 20) if s == "won" else rng.integers(0, 13)) for s in columns["status"]]
    made = drafted(table_file(tmp_path, columns | {"pages": strong}))
    assert not made.ignore
    assert {one.note.name for one in made.fields} == {"visits", "pages"}


def test_what_tells_nothing_is_said(tmp_path: Path) -> None:
    made = drafted(table_file(tmp_path, leads(400, language=["en"] * 400, fax=[""] * 400)))
    text = made.to_toml()
    assert "all say the same, so it tells next to nothing" in text
    assert "Not used: fax (every value is missing)" in text


def test_outcomes_that_cannot_be_placed_are_marked(tmp_path: Path) -> None:
    n = 300
    status = ["won", "lost", "lost", "with legal"] * (n // 4)
    made = drafted(table_file(tmp_path, leads(n, status=status)))
    assert [note.name for note in made.outcomes["open"]] == ["with legal"]
    assert any("with legal" in mark for mark in made.marks)


def test_without_lost_values_the_rest_is_lost(tmp_path: Path) -> None:
    made = drafted(table_file(tmp_path, leads(300, status=["customer", "subscriber", "subscriber"] * 100)))
    assert [note.name for note in made.outcomes["lost"]] == ["subscriber"]
    assert any("no value says lost" in mark for mark in made.marks)


def test_an_outcome_can_be_named(tmp_path: Path) -> None:
    path = table_file(tmp_path, leads(300, group=["a", "b", "b"] * 100))
    made = drafted(path, outcome="group")
    assert made.roles["outcome"].name == "group"
    assert [note.name for note in made.outcomes["converted"]] == ["a"]
    with pytest.raises(DataError, match="must be a column of"):
        drafted(path, outcome="nothing")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": ["x", "y"], "b": [1, 2]}, "must say what became of each lead"),
        ({"status": [], "b": []}, "at least one lead"),
        ({"status": ["won", "won"], "b": [1, 2]}, "must say what became of each lead"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(
    tmp_path: Path, columns: dict[str, Sequence[object]], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        drafted(table_file(tmp_path, columns))


def test_one_class_is_said_clearly(tmp_path: Path) -> None:
    path = table_file(tmp_path, {"status": ["won"] * 9, "b": list(range(9))})
    with pytest.raises(DataError, match="got only 'won' \\(9\\); export all leads"):
        drafted(path, outcome="status")


def test_the_draft_as_json(sample: Path) -> None:
    told = json.loads(json.dumps(drafted(sample / "data" / "leads.csv", sample).to_dict()))
    assert told["roles"]["id"]["name"] == "lead_id"
    assert told["ignore"][0]["name"] == "lead_quality"
    assert {"path", "crm", "kinds", "axes", "protected", "marks", "horizon_days", "outcomes"} <= told.keys()


def test_marks_are_in_the_file(sample: Path) -> None:
    made = drafted(sample / "data" / "leads.csv", sample)
    text = made.to_toml()
    assert text.count(LOOK) == len(made.marks) + 1  # the first line speaks of it
    assert max(map(len, text.splitlines())) <= 120


def test_the_horizon_covers_most_conversions() -> None:
    created = np.arange(1000).astype(np.float64) * 86_400
    delay = np.resize([5.0, 20.0, 40.0, 70.0, 80.0, 200.0], 1000) * 86_400
    (best, *shorter), every = propose(created, created + delay, float(created[-1]))
    assert (best.days, best.is_good, best.doubt) == (90, True, "")
    assert best.in_time.value == pytest.approx(5 / 6, abs=0.005)
    assert (best.n_leads, best.n_converted) == (910, 759)
    assert best.cost == "90 days: 83% of conversions come in time; 910 leads and 759 conversions to learn from"
    assert [one.days for one in shorter] == [60, 30]
    assert [one.days for one in every] == [30, 60, 90, 180]
    assert propose(created, np.full(1000, np.nan), float(created[-1])) == ([], [])


def test_the_horizon_reckons_with_conversions_that_are_yet_to_come() -> None:
    """Half come after 5 days, half after 100; of the leads of half a year fewer of the late ones have been seen."""
    created = np.sort(np.random.default_rng(1).uniform(0, 180, 4000)) * 86_400
    delay = np.tile(np.array([5.0, 100.0]), 2000) * 86_400
    as_of = 180 * 86_400.0
    _, every = propose(created, np.where(created + delay <= as_of, created + delay, np.nan), as_of)
    first = every[0]
    assert first.in_time.low < 0.5 < first.in_time.high
    seen = created + delay <= as_of
    assert (delay[seen] <= 30 * 86_400).mean() > 0.65


def test_a_large_table_is_sampled(tmp_path: Path) -> None:
    n = 100_000
    start = datetime(2025, 1, 1, tzinfo=UTC)
    table = pa.table(
        {
            "lead_id": np.arange(n),
            "created_at": [start + timedelta(minutes=5 * i) for i in range(n)],
            "status": pa.array(["won", "lost", "lost", "new"] * (n // 4)).take(pa.array(np.arange(n) * 7 % n)),
            "visits": np.arange(n) % 13,
        }
    )
    pa_csv.write_csv(table, tmp_path / "leads.csv")
    made = drafted(tmp_path / "leads.csv")
    assert made.n_leads == n
    assert [note.why for note in made.outcomes["converted"]] == ["25,000 leads"]
    assert made.roles["id"].name == "lead_id"


CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["won", "lost", "new", "yes", "no", "1", "0", "2025-01-31", "31.01.2025", "1.234,50", "a@b.example"]
    ),
    st.text(max_size=12),
    st.integers(-5, 2000).map(str),
)
TITLES = st.one_of(
    st.sampled_from(
        [
            "status",
            "y",
            "lead_id",
            "created_at",
            "won_at",
            "owner",
            "Age",
            "Last Activity",
            "Deal - Status",
            "#",
            "a.b",
            '"',
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10),
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[str | None]]:
    titles = draw(st.lists(TITLES, min_size=1, max_size=6, unique=True))
    n = draw(st.integers(1, 30))
    return {title: draw(st.lists(CELLS, min_size=n, max_size=n)) for title in titles}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns=tables(), outcome=st.booleans())
@example(columns={"y\x7f": ["1", "0"], "converted": ["yes\x00", "no"]}, outcome=True)
@example(columns={"status": ["won", "lost", "new\nline"], "x\ty": ["1", "2", "3"]}, outcome=False)
def test_whatever_the_table_the_draft_is_accepted(
    columns: dict[str, list[str | None]], outcome: bool, tmp_path: Path
) -> None:
    import pyarrow.parquet as pa_parquet

    pa_parquet.write_table(pa.table(columns), tmp_path / "leads.parquet")
    try:
        made = drafted(tmp_path / "leads.parquet", outcome=next(iter(columns)) if outcome else None)
    except LeadmlError:
        return
    told = tomllib.loads(made.to_toml())
    assert told["leads"]["outcome"] == made.roles["outcome"].name
    config = written(made, tmp_path)
    check(config, now=NOW)


def test_accounts_that_come_back_too_often_are_no_group(tmp_path: Path) -> None:
    n = 1500
    firms = [f"firm {i % 600}" for i in range(n)]
    path = table_file(tmp_path, leads(n, company=firms))
    made = drafted(path)
    assert "group" not in made.roles
    assert made.absent["group"].name == "company"
    assert "company" in names(made.ignore)
    assert check(written(made, tmp_path), now=NOW).refusal is None
