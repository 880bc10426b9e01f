"""``leadml check``: what training would make of the leads."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from leadml.config import Config
from leadml.leads.sample import make_sample, write_config, write_sample
from leadml.training.check import check

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("check")
    write_config(folder)
    write_sample(folder / "data", make_sample(2000))
    return folder


def config(folder: Path, *overrides: str) -> Config:
    return Config.load(folder / "leadml.toml", overrides=overrides)


def test_leads_that_can_be_learned_from(folder: Path) -> None:
    report = check(config(folder), now=NOW)
    assert report.refusal is None
    assert report.leaks == ()
    assert report.n_leads == 2000
    assert report.n_matured is not None
    assert report.n_converted is not None
    assert 0 < report.n_converted < report.n_matured < 2000
    assert {"name": "budget", "kind": "number", "axis": "ability"} in report.to_dict()["fields"]


def test_the_delay_and_what_each_horizon_costs(folder: Path) -> None:
    report = check(config(folder), now=NOW)
    delay = report.delay
    assert delay is not None
    assert 10 < delay.median_days < 19  # 14 is planted
    assert [one.days for one in delay.horizons] == [30, 60, 90, 180, 365]
    own = delay.horizons[2]
    assert own.in_time.low < 0.85 < own.in_time.high
    assert (own.n_leads, own.n_converted) == (report.n_matured, report.n_converted)
    assert delay.proposed in (60, 90)
    assert "half of the conversions come within" in str(delay)
    assert report.to_dict()["delay"]["horizons"][2]["in_time"]["value"] == own.in_time.value
    assert check(config(folder, "label.horizon_days=45"), now=NOW).delay.horizons[1].days == 45  # type: ignore[union-attr]


def test_a_proven_leak_is_refused_until_it_is_allowed(folder: Path) -> None:
    report = check(config(folder, "leads.ignore=[]"), now=NOW)
    (leak,) = report.to_dict()["leaks"]
    assert (leak["field"], leak["verdict"], leak["evidence"]["test"]) == ("lead_quality", "proven", "outcome")
    assert report.refusal is not None
    assert "'lead_quality' is filled in for" in report.refusal
    assert 'leads.ignore ("lead_quality")' in report.refusal
    report = check(config(folder, "leads.ignore=[]", 'leads.allow=["lead_quality"]'), now=NOW)
    assert report.refusal is None
    assert [(leak.field, leak.verdict, leak.allowed) for leak in report.leaks] == [("lead_quality", "suspect", True)]


def test_what_is_allowed_must_be_in_the_table(folder: Path) -> None:
    (fault,) = check(config(folder, 'leads.allow=["lead_qualty"]'), now=NOW).faults
    assert "did you mean 'lead_quality'?" in str(fault)


def test_what_training_would_refuse(folder: Path) -> None:
    report = check(config(folder, "label.horizon_days=600"), now=NOW)
    assert report.refusal is not None
    assert "longest that fits" in report.refusal
    assert not report.faults
    rare = check(config(folder, 'leads.converted=["signed"]', "leads.lost=[]", 'leads.open=["working"]'), now=NOW)
    assert rare.refusal is not None


@pytest.mark.parametrize(("override", "skippable"), [("leads.owner=nobody", False), ('leads.lost=["gone"]', True)])
def test_faults_of_rows_can_be_skipped_and_those_of_columns_not(folder: Path, override: str, skippable: bool) -> None:
    report = check(config(folder, override), now=NOW)
    assert report.faults
    assert report.skippable is skippable
    assert report.n_matured is None
