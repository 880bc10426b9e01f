"""leadml.toml: what is written there, what is refused, and what a tired person is told."""

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from leadml.config import Config
from leadml.config.sections import YARDSTICKS, TrainingSection
from leadml.errors import ConfigError
from leadml.learning.candidates import FAMILIES

LEAST = '[leads]\npath = "data/leads.csv"\noutcome = "status"\nconverted = ["won"]\n'
ROOT = Path(__file__).parents[1]

# section 5 of the design, but for `query`, `explore` and `lists`, which come with what they serve
WHOLE = """
[leads]
path = "data/leads.csv"
id = "lead_id"
created_at = "created_at"
outcome = "status"
converted = ["won"]
lost = ["lost"]
open = ["new", "working"]
converted_at = "won_at"
value = "deal_value"
owner = "owner"
group = "account_id"
do_not_contact = "opted_out"
protected = ["age", "gender"]
ignore = ["internal_note"]
known_at = { lead_quality = "reviewed_at" }

[leads.kinds]
job_title = "job_title"
[leads.axes]
interest = ["visits", "source"]
ability = ["income", "company_size"]
authority = ["job_title"]

[events]
path = "data/events.parquet"
lead_id = "lead_id"
at = "at"
kind = "kind"

[label]
horizon_days = 90
as_of = "2026-10-01"

[training]
families = ["logistic", "ebm"]
seed = 1
test_fraction = 0.2
[gate]
log_loss = 0.01
[ranking]
capacity = 50
grades = { A = 90, B = 70, C = 40 }
language = "de"
[tracking]
uri = "sqlite:///mlflow.db"
experiment = "x"
model_name = "leadml"
[serving]
model = "models/champion"
"""


def load(folder: Path, text: str, *overrides: str) -> Config:
    path = folder / "leadml.toml"
    path.write_text(text, encoding="utf-8")
    return Config.load(path, overrides=overrides)


def refusal(folder: Path, text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, *overrides)
    return str(caught.value)


def test_the_whole_of_it(tmp_path: Path) -> None:
    config = load(tmp_path, WHOLE)
    columns = config.columns
    assert columns.roles.converted_at == "won_at"
    assert columns.outcomes.lost == ("lost",)
    assert columns.axes == {
        "visits": "interest",
        "source": "interest",
        "income": "ability",
        "company_size": "ability",
    } | {"job_title": "authority"}
    assert columns.known_at == {"lead_quality": "reviewed_at"}
    assert config.label.horizon_days == 90
    assert config.ranking.grades == {"A": 90, "B": 70, "C": 40}
    assert config.events is not None


def test_the_least_of_it(tmp_path: Path) -> None:
    config = load(tmp_path, LEAST)
    assert config.columns.outcomes.lost is None
    assert (config.label.horizon_days, config.as_of, config.events) == (None, None, None)
    assert config.ranking.grades == {"A": 90, "B": 70, "C": 40}


def test_the_configuration_of_the_sample() -> None:
    assert Config.load(ROOT / "leadml.toml").label.horizon_days == 90


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "leadml.toml").write_bytes(b"\xef\xbb\xbf" + LEAST.encode())
    assert Config.load(tmp_path / "leadml.toml").leads.outcome == "status"


def test_paths_start_at_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    load(tmp_path / "here", LEAST)
    monkeypatch.chdir(tmp_path)
    config = Config.load("here/leadml.toml")
    monkeypatch.chdir("/")
    assert config.at(config.leads.path) == (tmp_path / "here" / "data" / "leads.csv").resolve()
    assert config.at(tmp_path / "other.csv") == tmp_path / "other.csv"
    assert config.tracking_uri == f"sqlite:///{(tmp_path / 'here' / 'mlflow.db').resolve()}"


@pytest.mark.parametrize("uri", ["sqlite:////srv/mlflow.db", "http://localhost:5000", "sqlite://"])
def test_other_tracking_uris_stay_as_they_are(tmp_path: Path, uri: str) -> None:
    assert load(tmp_path, f'{LEAST}[tracking]\nuri = "{uri}"').tracking_uri == uri


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-10-01", datetime(2026, 10, 1, 23, 59, 59)),
        ('"2026-10-01"', datetime(2026, 10, 1, 23, 59, 59)),
        ("2026-10-01T12:00:00", datetime(2026, 10, 1, 12)),
        ("2026-10-01 12:00:00", datetime(2026, 10, 1, 12)),
        ('"2026-10-01T12:00:00"', datetime(2026, 10, 1, 12)),
        ("2026-10-01T12:00:00+02:00", datetime(2026, 10, 1, 10)),
        ('"2026-10-01T12:00:00Z"', datetime(2026, 10, 1, 12)),
    ],
)
def test_as_of_in_every_form(tmp_path: Path, written: str, moment: datetime) -> None:
    expected = moment.replace(tzinfo=UTC).timestamp()
    assert load(tmp_path, f"{LEAST}[label]\nas_of = {written}").as_of == expected
    assert load(tmp_path, LEAST, f"label.as_of={written}").as_of == expected


def test_values_may_be_written_as_they_stand_in_the_table(tmp_path: Path) -> None:
    text = '[leads]\npath = "x"\noutcome = "y"\nconverted = [1]\nlost = [0, false]\nplaceholders = [999, -1.5, "?"]'
    config = load(tmp_path, text)
    assert config.leads.converted == ("1",)
    assert config.leads.lost == ("0", "False")
    assert config.leads.placeholders == ("999", "-1.5", "?")


def test_words_in_one_language_or_two(tmp_path: Path) -> None:
    words = load(tmp_path, LEAST + '[leads.words]\na = "visits"\nb = { de = "Besuche" }').columns.words
    assert words == {"a": {"en": "visits", "de": "visits"}, "b": {"de": "Besuche"}}


@pytest.mark.parametrize(
    ("addition", "told"),
    [
        ("[lable]\nhorizon_days = 9", "'lable' must be a known key, but it is not; did you mean 'label'?"),
        ("[label]\nhorizon = 9", "'label.horizon' must be a known key, but it is not; did you mean 'horizon_days'?"),
        ("Owner = 'x'", "'leads.Owner' must be a known key, but it is not; did you mean 'owner'?"),
        ("horizon_days = 9", "'leads.horizon_days' must be a known key, but it is not; it belongs in [label]"),
        ("[training]\nzzz = 1", "known are families, seed"),
        (
            "[label]\nhorizon_days = '90'",
            "label.horizon_days must be a whole number from 1 to 3650, got '90'; write it",
        ),
        ("[label]\nhorizon_days = 0", "label.horizon_days must be a whole number from 1 to 3650, got 0"),
        ("[label]\nhorizon_days = 1.5", "label.horizon_days must be a whole number from 1 to 3650, got 1.5"),
        ("[label]\nhorizon_days = true", "label.horizon_days must be a whole number from 1 to 3650, got True"),
        (
            "[label]\nhorizon_days = 9",
            "leads.created_at must be given with label.horizon_days, but it is not; name the",
        ),
        (
            "[label]\nas_of = 'soon'",
            "label.as_of must be a date such as 2026-01-31 or 2026-01-31T09:30:00Z, got 'soon'",
        ),
        ("[label]\nas_of = 20261001", "label.as_of must be a date such as 2026-01-31, got 20261001"),
        ("[label]\nas_of = 12:00:00", "label.as_of must be a date such as 2026-01-31, got"),
        ("[[label]]\nas_of = 1", "label must be a section, got [{'as_of': 1}]"),
        ("ignore = 'note'", "leads.ignore must be a list, got 'note'; write [\"note\"]"),
        ("lost = 'lost'", "leads.lost must be a list, got 'lost'; write [\"lost\"]"),
        ("owner = ['x']", "leads.owner must be text, got ['x']"),
        ("id = 3", 'leads.id must be text, got 3; write "3"'),
        ("ignore = ['x', 3]", 'each of leads.ignore must be text, got 3; write "3"'),
        ("[leads.kinds]\na = 'number'\nb = 'jobtitle'", "leads.kinds.b must be one of number, category,"),
        ("[leads.kinds]\nb = 'jobtitle'", "got 'jobtitle'; did you mean 'job_title'?"),
        (
            "[leads.axes]\nvisits = 'interest'",
            "each name in leads.axes must be one of interest, ability, authority, other",
        ),
        ("[leads.axes]\ninterest = 'visits'", "leads.axes.interest must be a list, got 'visits'; write [\"visits\"]"),
        ("[leads.words]\na = { fr = 'x' }", "each name in leads.words.a must be one of en, de, got 'fr'"),
        ("[leads.words]\na = 3", "leads.words.a must be text or a table, got 3"),
        ("[training]\nfamilies = ['ebm', 'logit']", "each of training.families must be one of prior, logistic, ebm"),
        ("[training]\ntest_fraction = 0.9", "training.test_fraction must be a number from 0.1 to 0.4, got 0.9"),
        ("[ranking]\ngrades = { A = 900 }", "ranking.grades.A must be a whole number from 1 to 100, got 900"),
        ("[ranking]\ncapacity = 0", "ranking.capacity must be a whole number from 1 on, got 0"),
        ("[events]\nat = 'at'", "[events] must have 'path', but it is not there; add it"),
        ("created_at = 'at'\n[events]\npath = 'e'", "leads.id must be given with [events]"),
        (
            "id = 'id'\ncreated_at = 'at'\n[events]\npath = 'e'\nsnapshots = [0, 7]",
            "label.horizon_days must be given with events.snapshots",
        ),
        (
            "id = 'id'\ncreated_at = 'at'\n[events]\npath = 'e'\nwindows = [30, 7]",
            "events.windows must be days in rising order, got 30, 7; sort them",
        ),
        (
            "id = 'id'\ncreated_at = 'at'\n[events]\npath = 'e'\naxes = { ability = ['a'], other = ['a'] }",
            "kind of event 'a' must be in one list, got events.axes.ability and events.axes.other",
        ),
        ("known_at = { a = 'b' }", "leads.created_at must be given with leads.known_at"),
        ("owner = 'status'", "column 'status' must have one role, got leads.outcome and leads.owner"),
        (
            "lost = ['Won ']",
            "outcome 'won' must be in one list, got leads.converted and leads.lost; take it out of one",
        ),
        ("lost = ['x']\nopen = ['x']", "outcome 'x' must be in one list, got leads.lost and leads.open"),
        ("[leads.axes]\ninterest = ['a']\nability = ['a']", "column 'a' must be in one list, got leads.axes.interest"),
        ("protected = ['a']\n[leads.axes]\ninterest = ['a']", "got leads.protected and leads.axes.interest"),
        ("owner = 'a'\n[leads.axes]\nother = ['a']", "column 'a' must have a role or an axis, got leads.owner and"),
        ("path = 'twice'", "must be valid TOML, got: Cannot overwrite a value"),
        ("owner = bob", "text stands in quotes"),
        ('owner = "C:\\data"', "a path has / and no \\"),
    ],
)
def test_every_slip_is_told_with_its_place_and_the_mend(tmp_path: Path, addition: str, told: str) -> None:
    message = refusal(tmp_path, LEAST + addition)
    assert message.startswith(str(tmp_path / "leadml.toml"))
    assert told in message


def test_what_must_be_there(tmp_path: Path) -> None:
    assert "add the section [leads]" in refusal(tmp_path, "")
    assert "[leads] must have 'outcome'" in refusal(tmp_path, '[leads]\npath = "x"\nconverted = ["won"]')
    assert "leads.converted must name at least one value" in refusal(tmp_path, LEAST.replace('"won"', ""))
    with pytest.raises(ConfigError, match=r"nowhere.toml must be there, but it is not; .*--config"):
        Config.load(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match="must be a readable file"):
        Config.load(tmp_path)
    (tmp_path / "leadml.toml").write_bytes(LEAST.encode("utf-16"))
    with pytest.raises(ConfigError, match="must be valid TOML"):
        Config.load(tmp_path / "leadml.toml")


def test_a_field_may_be_ignored_for_once(tmp_path: Path) -> None:
    config = load(tmp_path, LEAST + '[leads.axes]\ninterest = ["visits"]', 'leads.ignore=["visits"]')
    assert config.leads.ignore == ("visits",)


def test_overrides(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        LEAST + "[ranking]\ncapacity = 5",
        "ranking.capacity=9",
        "ranking.grades={A=80}",
        "leads.path=my leads.csv",
        "leads.axes.ability=['income', 'size']",
        "leads.words.visits=visits = {} times",
        "leads.converted=['won', 'signed']",
        " training . seed = 7",
        "gate.capture=0",
    )
    assert config.ranking.capacity == 9
    assert config.ranking.grades == {"A": 80}
    assert config.leads.path == "my leads.csv"
    assert config.leads.axes == {"ability": ("income", "size")}
    assert config.leads.words == {"visits": "visits = {} times"}
    assert config.leads.converted == ("won", "signed")
    assert config.training.seed == 7
    assert config.gate.capture == 0


@pytest.mark.parametrize("text", ["", "ranking", "capacity=5", "=5", "ranking.=5", ".capacity=5"])
def test_overrides_of_no_form_are_refused(tmp_path: Path, text: str) -> None:
    assert "--set must be section.key=value, got" in refusal(tmp_path, LEAST, text)


def test_overrides_are_checked_like_the_file(tmp_path: Path) -> None:
    assert "did you mean 'capacity'?" in refusal(tmp_path, LEAST, "ranking.capcity=5")
    assert "ranking.capacity must be a whole number" in refusal(tmp_path, LEAST, "ranking.capacity=")
    assert "'path' is a value" in refusal(tmp_path, LEAST, "leads.path.x=5")


def test_it_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        load(tmp_path, LEAST).folder = tmp_path  # type: ignore[misc]


def test_the_families_are_those_that_compete() -> None:
    named = get_args(get_args(get_type_hints(TrainingSection)["families"])[0])
    assert named == tuple(FAMILIES)
    assert {name for name in FAMILIES if not FAMILIES[name].ships} == YARDSTICKS


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ('training.families=["trees"]', "training.families must name prior, logistic, ebm or blend, got trees alone"),
        ("gate.capture=1.0", "gate.capture"),
    ],
)
def test_what_training_would_refuse_at_its_end_is_refused_at_once(tmp_path: Path, override: str, message: str) -> None:
    path = tmp_path / "leadml.toml"
    path.write_text('[leads]\npath = "leads.csv"\noutcome = "status"\nconverted = ["won"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        Config.load(path, overrides=[override])
