"""The pages of a sales desk: whom not to call, what a list is worth, leads drawn by lot; asked without a browser."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from desk_leads import row, write_csv
from found import MakeClient
from msgspec.structs import replace
from starlette.testclient import TestClient
from tested import with_test

from leadml.model.bundle import Bundle, save
from leadml.model.scorer import load_model
from leadml.ranking.lists import rank_file
from leadml.ranking.plan import Plan
from leadml.selling.price import Terms
from leadml.training.price import price_list
from leadml.training.skip import skip_list

TOKEN = re.compile(r'name="token" value="([^"]+)"')
MONEY = "margin=1000&cost=150&capacity=40"


@pytest.fixture(scope="module")
def folder(desk_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(with_test(desk_bundle), tmp_path_factory.mktemp("sales") / "bundle")


@pytest.fixture
def desk(make_client: MakeClient, folder: Path) -> TestClient:
    return make_client(folder=folder)


def leads(first: int, n: int, **changes: Any) -> list[dict[str, Any]]:
    return [row(i, **changes) for i in range(first, first + n)]


def send(client: TestClient, path: Path, **asked: Any) -> str:
    """Upload a file and return the address of its list."""
    token = TOKEN.findall(client.get("/").text)[0]
    files = {"file": (path.name, path.read_bytes())}
    answer = client.post("/uploads", data={"token": token, **asked}, files=files, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).replace("/uploads/", "/lists/")


def words(client: TestClient, address: str, language: str = "en") -> str:
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    assert "/tmp" not in answer.text, "no place on the server is told"
    main = answer.text.partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("&gt;", ">").split())


def test_whom_not_to_call(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "leads.csv", leads(0, 120))
    place = send(desk, path)
    assert f'href="{place}/skip"' in desk.get(place).text
    told = skip_list(load_model(str(folder)), path, limit=0.1)
    said = words(desk, f"{place}/skip?limit=10")
    assert told.step is not None
    assert f"{told.n_skipped} of 120 leads are safe to skip: at most 10% of all conversions" in said
    assert f"at most {told.at_most}" in said
    assert f"{told.n_skipped} von 120 Leads können Sie auslassen" in words(desk, f"{place}/skip?limit=10", "de")
    assert "No lead is safe to skip" in words(desk, f"{place}/skip"), "under one in twenty"
    assert words(desk, f"{place}/skip?limit=99") == words(desk, f"{place}/skip"), "not offered: as usual"
    view = f"?upto={told.step.score}&sort=probability&dir=up"
    assert f'href="{place}{view}"'.replace("&", "&amp;") in desk.get(f"{place}/skip?limit=10").text
    rows = list(csv.DictReader(io.StringIO(desk.get(f"{place}/download.csv{view}").content.decode("utf-8-sig"))))
    assert {one["lead_id"] for one in rows} == set(told.table.column("lead_id").to_pylist())
    chances = [float(one["probability"]) for one in rows]
    assert chances == sorted(chances)
    assert f"Score up to {told.step.score}" in words(desk, place + view)


def test_what_a_list_is_worth(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    listed, known = write_csv(tmp_path / "list.csv", leads(50, 100)), write_csv(tmp_path / "own.csv", leads(0, 80))
    place, backlog = send(desk, listed), send(desk, known).rpartition("/")[2]
    form = desk.get(f"{place}/price").text
    assert f'<option value="{backlog}">own.csv (80)</option>' in form
    assert "Pay at most" not in form
    terms = Terms(1000.0, 150.0, 40)
    told = price_list(load_model(str(folder)), listed, terms=terms, backlog=known, where=["income > 90000"])
    said = words(desk, f"{place}/price?{MONEY}&backlog={backlog}&where=income+%3E+90000")
    assert told.price > 100
    assert (f"Pay at most {told.price:,.0f} for this list" in said) == (not told.too_far)
    assert f"instead of {told.n_displaced} of yours" in said
    assert f"between {told.profit.low_95:,.0f}".replace("-", "−") in said
    assert "Yours already 30" in said
    assert told.surcharge is not None
    assert f"{told.surcharge.n_leads} leads meet it" in said
    german = words(desk, f"{place}/price?{MONEY}&backlog={backlog}", "de")
    assert "In 19 von 20 Fällen" in german


def test_decided_leads_of_the_backlog_are_known_too(desk: TestClient, tmp_path: Path) -> None:
    place = send(desk, write_csv(tmp_path / "list.csv", leads(0, 60)))
    decided = [row(i, lead_id=f"X{i}", status="lost") for i in range(60)]
    columns = [*decided[0]]
    backlog = send(desk, write_csv(tmp_path / "own.csv", [*decided, row(99, status="new")], columns))
    said = words(desk, f"{place}/price?{MONEY}&backlog={backlog.rpartition('/')[2]}")
    assert "worth nothing to you. You have all of its leads already." in said
    same = words(desk, f"{place}/price?{MONEY}&backlog={place.rpartition('/')[2]}")
    assert "You have all of its leads already" in same, "a list beside itself"


@pytest.mark.parametrize(
    "query", ["margin=0&capacity=5", "margin=5&cost=-1&capacity=5", "margin=x&capacity=5", "margin=9"]
)
def test_money_that_cannot_be(desk: TestClient, tmp_path: Path, query: str) -> None:
    place = send(desk, write_csv(tmp_path / "list.csv", leads(0, 20)))
    assert "Give the profit as a number above 0" in words(desk, f"{place}/price?{query}")


def test_a_criterion_of_no_field_and_a_list_of_nobody(desk: TestClient, tmp_path: Path) -> None:
    place = send(desk, write_csv(tmp_path / "list.csv", leads(0, 20)))
    said = words(desk, f"{place}/price?{MONEY}&where=shoe+%3E+3")
    assert "The criterion cannot be understood. where must name a field that the model reads" in said
    assert "Die Bedingung ist nicht zu verstehen" in words(desk, f"{place}/price?{MONEY}&where=shoe+%3E+3", "de")
    empty = send(desk, write_csv(tmp_path / "empty.csv", []))
    assert "It has no lead that can be called" in words(desk, f"{empty}/price?{MONEY}")
    assert "This list holds no leads" in words(desk, f"{empty}/skip?limit=20")


def test_too_far_to_tell(desk: TestClient, tmp_path: Path) -> None:
    thin = write_csv(tmp_path / "thin.csv", leads(0, 60), ["lead_id", "email"])
    said = words(desk, f"{send(desk, thin)}/price?margin=1000&capacity=40")
    assert "Too far to tell: do not pay by this price." in said
    assert "Pay at most" not in said


def test_lists_that_say_nothing_of_the_whole(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "leads.csv", leads(0, 60))
    cut = send(desk, path, capacity="20", explore="20")
    assert f'href="{cut}/skip"' not in desk.get(cut).text
    rank_file(load_model(str(folder)), path, tmp_path / "ranked.csv")
    ready = send(desk, tmp_path / "ranked.csv")
    for place, told in ((cut, "This list was cut"), (ready, "made by leadml already")):
        assert told in words(desk, f"{place}/skip")
        assert told in words(desk, f"{place}/price?{MONEY}")


def test_leads_drawn_by_lot_have_a_mark(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "leads.csv", leads(0, 120))
    place = send(desk, path, capacity="30", explore="20")
    said = words(desk, place)
    assert "30 leads, ranked" in said
    assert "The list was cut to 30 leads. 6 of them were drawn by lot." in said
    assert said.count("drawn by lot") == 6 + 2, "a mark for each, and two in the note"
    assert "ausgelost" in words(desk, place, "de")
    rows = list(csv.DictReader(io.StringIO(desk.get(f"{place}/download.csv").content.decode("utf-8-sig"))))
    assert [one["slot"] for one in rows].count("explore") == 6
    assert all(0 < float(one["propensity"]) < 1 for one in rows if one["slot"] == "explore")
    at = next(i for i, one in enumerate(rows, 1) if one["slot"] == "explore")
    assert "Call them all the same" in words(desk, f"{place}/leads/{at}")
    rank_file(load_model(str(folder)), path, tmp_path / "ranked.csv", plan=Plan(30, explore=0.2))
    assert "6 of them were drawn by lot" in words(desk, send(desk, tmp_path / "ranked.csv")), (
        "a list of leadml rank too"
    )
    for asked in ({"capacity": "x", "explore": "20"}, {"capacity": "", "explore": "10"}):
        assert "120 leads, ranked" in words(desk, send(desk, path, **asked)), "without a length nobody is below the cut"


def test_a_model_without_its_test(make_client: MakeClient, desk_folder: Path, tmp_path: Path) -> None:
    client = make_client(folder=desk_folder)
    place = send(client, write_csv(tmp_path / "leads.csv", leads(0, 20)))
    for page in ("skip", f"price?{MONEY}"):
        assert "ask whoever runs the server to train again" in words(client, f"{place}/{page}")


def test_another_model_serves_since(make_client: MakeClient, desk_bundle: Bundle, tmp_path: Path) -> None:
    model = tmp_path / "champion"
    client = make_client(folder=save(with_test(desk_bundle), model))
    place = send(client, write_csv(tmp_path / "leads.csv", leads(0, 20)))
    newer = replace(desk_bundle, passport=replace(desk_bundle.passport, model_version="2"))
    champion = client.app.state.champion  # type: ignore[attr-defined]
    champion.current = type(champion.current)(newer, model, champion.current.reader)
    for page in ("skip", "price"):
        assert "Another model serves since this list was made" in words(client, f"{place}/{page}")
