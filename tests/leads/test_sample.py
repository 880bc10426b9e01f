"""The sample CRM: what its truth promises, what each plant does, and the files that are shipped."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv

from leadml.errors import OutputError, UsageError
from leadml.leads.sample import Planted, Sample, make_sample, new_leads, write_sample

DATA = Path(__file__).parents[2] / "data"
SWITCHES = ("leak", "proxy", "overlooked", "drift", "open", "duplicates", "messy")
MANY = 40_000


@cache
def default_sample() -> Sample:
    return make_sample()


@cache
def many_leads() -> Sample:
    return make_sample(MANY, events=False)


@cache
def without(switch: str, n_leads: int = 7000) -> Sample:
    return make_sample(n_leads, planted=Planted(**{switch: False}))


def column(table: pa.Table, name: str) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = table[name].to_numpy(zero_copy_only=False)
    return values


def times(table: pa.Table, name: str) -> npt.NDArray[np.datetime64]:
    return np.array(table[name].to_pylist(), dtype="datetime64[s]")


def converted(sample: Sample) -> npt.NDArray[np.bool_]:
    result: npt.NDArray[np.bool_] = column(sample.truth, "true_outcome") == "converted"
    return result


def originals(sample: Sample) -> npt.NDArray[np.bool_]:
    rows: npt.NDArray[np.bool_] = pc.is_null(sample.truth["duplicate_of"]).to_numpy()
    return rows


def roc_auc(y: npt.NDArray[np.bool_], scores: npt.NDArray[Any]) -> float:
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    positives = int(y.sum())
    return float((rank[y].sum() - positives * (positives + 1) / 2) / positives / (len(y) - positives))


def levels(table: pa.Table, name: str) -> set[Any]:
    return set(table[name].to_pylist())


# The truth


def test_same_seed_makes_the_same_sample() -> None:
    one, two, other = make_sample(300), make_sample(300), make_sample(300, seed=8)
    assert one.leads.equals(two.leads)
    assert one.events.equals(two.events)
    assert one.truth.equals(two.truth)
    assert not one.leads.equals(other.leads)


@settings(max_examples=15, deadline=None)
@given(
    n_leads=st.integers(1, 80),
    seed=st.integers(0, 2**40),
    planted=st.builds(Planted, **dict.fromkeys(SWITCHES, st.booleans())),
)
def test_every_sample_is_whole(n_leads: int, seed: int, planted: Planted) -> None:
    sample = make_sample(n_leads, seed=seed, planted=planted)
    assert len(sample.leads) == len(sample.truth) == len(levels(sample.leads, "lead_id")) == n_leads
    assert sample.leads["lead_id"].equals(sample.truth["lead_id"])
    created = times(sample.leads, "created_at")
    assert (np.diff(created) >= np.timedelta64(0)).all()
    for moments in (created, times(sample.leads, "won_at"), times(sample.events, "at")):
        assert not (moments >= np.datetime64("2026-10-01")).any()


def test_base_and_axes_add_up_to_the_logit() -> None:
    truth = default_sample().truth
    parts = sum(column(truth, name) for name in ("base", "interest", "ability", "authority", "other"))
    np.testing.assert_allclose(parts, column(truth, "logit"), rtol=0, atol=1e-9)
    np.testing.assert_allclose(1 / (1 + np.exp(-column(truth, "logit"))), column(truth, "probability"), atol=1e-12)


def test_base_rate_is_the_mean_probability() -> None:
    sample = many_leads()
    rows = originals(sample)
    assert converted(sample)[rows].mean() == pytest.approx(column(sample.truth, "probability")[rows].mean(), abs=0.006)
    assert 0.08 < converted(default_sample()).mean() < 0.12


def test_probability_is_calibrated_in_each_tenth() -> None:
    sample = many_leads()
    rows = originals(sample)
    probability = column(sample.truth, "probability")[rows]
    order = np.argsort(probability)
    tenths = np.array_split(order, 10)
    expected = np.array([probability[tenth].mean() for tenth in tenths])
    observed = np.array([converted(sample)[rows][tenth].mean() for tenth in tenths])
    assert (np.abs(observed - expected) < 4 * np.sqrt(expected / len(tenths[0]))).all()


def test_the_best_ranking_is_good_and_not_perfect() -> None:
    sample = many_leads()
    assert 0.75 < roc_auc(converted(sample), column(sample.truth, "logit")) < 0.81
    for axis in ("interest", "ability", "authority"):
        assert roc_auc(converted(sample), column(sample.truth, axis)) > 0.6


def test_axes_are_centred() -> None:
    truth = many_leads().truth
    for axis in ("interest", "ability", "authority"):
        assert abs(column(truth, axis).mean()) < 0.08


def test_delays_have_the_quantiles_of_a_real_funnel() -> None:
    delays = column(many_leads().truth, "delay_days")
    median, third, ninth = np.nanquantile(delays, [0.5, 0.75, 0.9])
    assert 12 < median < 17
    assert 40 < third < 56
    assert 110 < ninth < 160
    assert 0.11 < (delays[~np.isnan(delays)] > 90).mean() < 0.18


def test_table_and_truth_tell_the_same_outcomes() -> None:
    sample = default_sample()
    created, won = times(sample.leads, "created_at"), times(sample.leads, "won_at")
    matured = created + np.timedelta64(90, "D") <= np.datetime64("2026-10-01")
    in_time = won - created <= np.timedelta64(90, "D")
    assert (in_time[matured] == converted(sample)[matured]).all()
    assert ((column(sample.leads, "status") == "won") == ~np.isnat(won)).all()
    assert not (won <= created).any()


def test_first_seen_is_before_creation() -> None:
    leads = default_sample().leads
    seen, created = np.array(leads["first_seen_on"].to_pylist(), "datetime64[D]"), times(leads, "created_at")
    assert not (seen > created).any()
    assert 0.3 < np.isnat(seen).mean() < 0.6


def test_accounts_share_firm_and_often_owner() -> None:
    leads = default_sample().leads
    assert 0.75 < len(levels(leads, "account_id")) / len(leads) < 0.9
    assert 8 <= len(levels(leads, "owner")) <= 12
    assert len(levels(make_sample(100_000, events=False).leads, "owner")) == 14


def test_addresses_are_nobodys() -> None:
    emails = pc.utf8_lower(default_sample().leads["email"]).to_pylist()
    addresses = [email for email in emails if email is not None and "@" in email]
    assert len(addresses) > 6000
    assert all(address.endswith(".example") or ".x0" in address for address in addresses)


# Events


def test_events_before_creation_agree_with_the_counts() -> None:
    sample = default_sample()
    row = {lead: k for k, lead in enumerate(sample.leads["lead_id"].to_pylist())}
    lead = np.array([row[lead] for lead in sample.events["lead_id"].to_pylist()])
    at, kind = times(sample.events, "at"), column(sample.events, "kind")
    before = at < times(sample.leads, "created_at")[lead]
    for name, counted in (("visit", "visits"), ("email_opened", "emails_opened")):
        counts = np.bincount(lead[before & (kind == name)], minlength=len(sample.leads))
        assert (counts == column(sample.leads, counted)).all()
    assert set(kind[before]) == {"visit", "email_opened"}
    assert set(kind) == {"visit", "email_opened", "call", "meeting"}
    assert (column(sample.leads, "pricing_page_visits") <= column(sample.leads, "visits")).all()
    assert column(sample.truth, "called")[lead[kind == "call"]].all()
    assert (np.diff(at) >= np.timedelta64(0)).all()


def test_the_first_visit_is_on_the_day_first_seen() -> None:
    sample = default_sample()
    visits = sample.events.filter(pc.equal(sample.events["kind"], "visit"))
    first = visits.group_by("lead_id").aggregate([("at", "min")])
    both = first.join(sample.leads.select(["lead_id", "first_seen_on"]), "lead_id").drop_null()
    days = pc.utf8_slice_codeunits(both["at_min"], 0, 10)
    assert pc.mean(pc.equal(days, both["first_seen_on"]).cast(pa.float64())).as_py() > 0.99


def test_without_events_the_rest_is_the_same() -> None:
    sample = make_sample(200, events=False)
    assert len(sample.events) == 0
    assert sample.events.schema == default_sample().events.schema
    assert sample.leads.equals(make_sample(200).leads)


# The plants


@pytest.mark.parametrize(
    ("switch", "changed"),
    [("leak", {"lead_quality"}), ("overlooked", {"status", "won_at", "lead_quality"})],
)
def test_a_switch_changes_only_its_columns(switch: str, changed: set[str]) -> None:
    planted = Planted(duplicates=False)
    both = (
        make_sample(2000, planted=planted),
        make_sample(2000, planted=Planted(duplicates=False, **{switch: False})),
    )
    differing = {name for name in both[0].leads.column_names if not both[0].leads[name].equals(both[1].leads[name])}
    assert differing == changed


def test_leak() -> None:
    warmth = {"Hot": 3, "Warm": 2, "Select": 1, "Cold": 0}
    for sample, low, high in ((default_sample(), 0.9, 0.999), (without("leak"), 0.45, 0.55)):
        status = column(sample.leads, "status")
        decided = np.isin(status, ("won", "lost"))
        scores = np.array([warmth[quality] for quality in sample.leads["lead_quality"].to_pylist()])
        assert low < roc_auc(status[decided] == "won", scores[decided]) < high


def test_proxy() -> None:
    letters = {}
    for name, sample in (("with", many_leads()), ("without", without("proxy"))):
        age, channel = column(sample.leads, "age"), column(sample.leads, "preferred_channel")
        known = ~np.isnan(age)
        letters[name] = roc_auc(age[known] >= 55, np.isin(channel[known], ("letter", "phone")))
    assert letters["with"] > 0.7
    assert 0.45 < letters["without"] < 0.55


def test_the_old_convert_less_only_with_the_proxy() -> None:
    changed = column(default_sample().truth, "other") - column(without("proxy").truth, "other")
    age = column(default_sample().leads, "age")
    usual = ~column(default_sample().truth, "overlooked")
    np.testing.assert_allclose(changed[usual & (age >= 55)], -0.4, atol=1e-9)
    np.testing.assert_allclose(changed[usual & (age < 55)], 0, atol=1e-9)


def test_overlooked() -> None:
    sample = many_leads()
    group, called = column(sample.truth, "overlooked"), column(sample.truth, "called")
    assert 0.04 < group.mean() < 0.1
    assert called[~group].all()
    assert 0.07 < called[group].mean() < 0.13
    observed, if_called = (
        converted(sample)[group].mean(),
        column(sample.truth, "probability_if_called")[group].mean(),
    )
    assert observed < 0.05 < converted(sample)[~group].mean() < if_called
    assert not column(without("overlooked").truth, "overlooked").any()
    assert column(without("overlooked").truth, "called").all()


def test_drift() -> None:
    half = MANY // 2
    rate = converted(many_leads())
    assert rate[:half].mean() > rate[half:].mean() + 0.01
    steady = column(without("drift", MANY).truth, "probability")
    assert abs(steady[:half].mean() - steady[half:].mean()) < 0.004


def test_campaigns_come_and_go_with_drift() -> None:
    for sample, shared in ((default_sample(), 0), (without("drift"), 60)):
        campaign = sample.leads["campaign"].drop_null()
        assert len(campaign.unique()) == 60
        third = len(campaign) // 3
        early, late = set(campaign[:third].to_pylist()), set(campaign[-third:].to_pylist())
        assert len(early & late) == shared


def test_open() -> None:
    assert {"new", "working"} < levels(default_sample().leads, "status")
    assert levels(without("open").leads, "status") == {"won", "lost"}
    assert times(without("open").leads, "created_at").max() <= np.datetime64("2026-06-03")
    status, created = column(default_sample().leads, "status"), times(default_sample().leads, "created_at")
    old = created < np.datetime64("2026-01-01")
    assert 0.002 < np.isin(status[old], ("new", "working")).mean() < 0.04


def test_duplicates() -> None:
    sample = default_sample()
    row = {lead: k for k, lead in enumerate(sample.leads["lead_id"].to_pylist())}
    pairs = [(k, row[lead]) for k, lead in enumerate(sample.truth["duplicate_of"].to_pylist()) if lead is not None]
    assert len(pairs) == 140
    copy, original = np.array(pairs).T
    created = times(sample.leads, "created_at")
    gap = created[copy] - created[original]
    assert (gap >= np.timedelta64(1, "D")).all()
    assert (gap <= np.timedelta64(10, "D")).all()
    assert (column(sample.leads, "account_id")[copy] == column(sample.leads, "account_id")[original]).all()
    assert (column(sample.leads, "job_title")[copy] != column(sample.leads, "job_title")[original]).mean() > 0.5
    assert (column(sample.leads, "won_at")[copy] == column(sample.leads, "won_at")[original]).all()
    assert without("duplicates").truth["duplicate_of"].null_count == 7000


def test_messy() -> None:
    messy, tidy = default_sample().leads, without("messy").leads
    for name, least in (("job_title", 150), ("country", 20), ("company_size", 10), ("source", 10)):
        assert len(levels(messy, name)) >= least
    assert {"n/a", "unknown", "-", "Select", "keine Angabe"} <= levels(messy, "budget")
    assert levels(tidy, "company_size") == {"1-10", "11-50", "51-200", "201-1000", "1001+", None}
    assert levels(tidy, "demo_requested") == {"yes", "no"}
    assert len(levels(tidy, "country")) == 8
    assert tidy.schema.field("budget").type == pa.int64()
    texts = [text for name in tidy.column_names for text in tidy[name].cast(pa.string()).drop_null().to_pylist()]
    assert all(text == text.strip() and text.lower() not in {"n/a", "select", "-", "unknown", ""} for text in texts)
    assert default_sample().truth.equals(without("messy").truth)


# New leads, files and faults


def test_new_leads_follow_on() -> None:
    sample = default_sample()
    fresh = new_leads(sample)
    assert fresh.leads.column_names == sample.leads.column_names[:-2]
    assert fresh.leads["lead_id"][0].as_py() == "L0007001"
    assert not levels(fresh.leads, "account_id") & levels(sample.leads, "account_id")
    created = times(fresh.leads, "created_at")
    assert created.min() >= np.datetime64("2026-10-01")
    assert max(created.max(), times(fresh.events, "at").max()) < np.datetime64("2026-10-11")
    assert levels(fresh.leads, "owner") <= levels(sample.leads, "owner")
    assert levels(fresh.leads, "campaign") - levels(sample.leads, "campaign")
    assert roc_auc(converted(fresh), column(fresh.truth, "logit")) > 0.65


def test_shipped_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    for name, path in write_sample(tmp_path / "data", default_sample()).items():
        assert path == tmp_path / "data" / f"{name}.csv"
        assert path.read_bytes() == (DATA / path.name).read_bytes(), f"make {path.name} again with write_sample"
        assert path.stat().st_size < 1_500_000


def test_files_can_be_read_again(tmp_path: Path) -> None:
    sample = make_sample(200, planted=Planted(messy=False))
    paths = write_sample(tmp_path, sample, n_new=20)
    options = csv.ConvertOptions(column_types=sample.leads.schema, strings_can_be_null=True)
    assert csv.read_csv(paths["leads"], convert_options=options).equals(sample.leads)
    assert len(csv.read_csv(paths["new_leads"])) == 20


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="n_leads must be between 1 and 9,000,000, got 0"):
        make_sample(0)
    with pytest.raises(UsageError, match="seed must be 0 or more, got -1"):
        make_sample(10, seed=-1)
    with pytest.raises(UsageError, match="start < end <= as_of"):
        make_sample(10, start=date(2026, 10, 1))
    with pytest.raises(UsageError, match="start < end <= as_of"):
        make_sample(10, end=date(2026, 10, 2))
    with pytest.raises(UsageError, match="start < end <= as_of"):
        make_sample(10, start=date(2026, 7, 1), planted=Planted(open=False))
    with pytest.raises(UsageError, match="days must be 1 or more, got 0"):
        new_leads(make_sample(10), days=0)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="folder must be writable"):
        write_sample(tmp_path / "file", make_sample(10))
