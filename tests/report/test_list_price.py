"""The price of a list by a trained model: full duplicates, what the list adds, criteria, and the planted truth."""

import csv
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pytest
from telling import sample

from leadml.errors import BundleError, UsageError
from leadml.leads.declared import HistoryTable
from leadml.leads.history.reading import read_history
from leadml.leads.sample import Sample, make_sample, new_leads
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer
from leadml.report.evidence import to_json
from leadml.selling.price import Terms
from leadml.training.price import Price, price_list
from leadml.training.skip import skip_list

TERMS = Terms(margin=1000.0, cost=30.0, capacity=60)
AS_OF = datetime(2026, 10, 11)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    told = sample()
    return msgspec.structs.replace(told.bundle, evidence=to_json(told.evidence))


@pytest.fixture(scope="module")
def scorer(bundle: Bundle) -> Scorer:
    return Scorer(bundle)


@pytest.fixture(scope="module")
def fresh() -> Sample:
    return new_leads(make_sample(3000, events=False), 4000, seed=5, events=False)


def written(leads: pa.Table, path: Path) -> Path:
    pa_csv.write_csv(leads, path)
    return path


def priced(scorer: Scorer, path: Path, **more: object) -> Price:
    return price_list(scorer, path, **{"terms": TERMS, "as_of": AS_OF, **more})  # type: ignore[arg-type]


def test_what_is_there_already_is_worth_nothing(scorer: Scorer, fresh: Sample, tmp_path: Path) -> None:
    mine = written(fresh.leads.slice(0, 300), tmp_path / "mine.csv")
    found = priced(scorer, mine, backlog=mine)
    assert (found.price, found.n_new, found.n_entering, found.per_new) == (0.0, 0, 0, 0.0)
    assert found.n_known == found.n_leads > 280
    assert found.conversions == (0.0, 0.0, 0.0, 0.0)
    known = fresh.leads.slice(0, 300).filter(pc.match_substring(fresh.leads["email"].slice(0, 300), "@"))
    renamed = known.set_column(0, "lead_id", pa.array([f"X{i}" for i in range(len(known))]))
    other = priced(scorer, written(renamed, tmp_path / "other.csv"), backlog=mine)
    assert (other.price, other.n_new) == (0.0, 0), "the same people under other ids"
    lost = known.append_column("status", pa.array(["lost"] * len(known)))
    old = priced(scorer, written(renamed, tmp_path / "renamed.csv"), backlog=written(lost, tmp_path / "lost.csv"))
    assert (old.n_new, old.n_backlog) == (0, 0), "decided ones too"


def test_it_is_what_the_list_adds(scorer: Scorer, fresh: Sample, tmp_path: Path) -> None:
    leads, order = fresh.leads, np.random.default_rng(1).permutation(300)
    backlog = written(leads.slice(0, 300), tmp_path / "backlog.csv")
    listed = written(leads.slice(200, 300), tmp_path / "list.csv")
    both = written(leads.slice(0, 500), tmp_path / "both.csv")
    found, alone, whole = priced(scorer, listed, backlog=backlog), priced(scorer, backlog), priced(scorer, both)
    assert found.price == pytest.approx(whole.price - alone.price)
    assert found.n_entering >= found.n_displaced > 0
    assert found.n_known + found.n_new == found.n_leads
    assert found.per_lead == pytest.approx(found.price / 300)
    assert found.gained_range.low_95 <= found.gained <= found.gained_range.high_95
    assert found.profit.low_95 <= found.price <= found.profit.high_95
    mixed = written(leads.slice(200, 300).take(pa.array(order)), tmp_path / "mixed.csv")
    again = priced(scorer, mixed, backlog=backlog)
    assert again.price == pytest.approx(found.price)
    assert again.profit == found.profit


def test_the_leads_that_are_called_are_written(scorer: Scorer, fresh: Sample, tmp_path: Path) -> None:
    listed = written(fresh.leads.slice(0, 300), tmp_path / "list.csv")
    found = priced(scorer, listed, out=tmp_path / "called.csv", keep=["email", "source"])
    with (tmp_path / "called.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == found.n_entering
    assert [row["rank"] for row in rows] == [str(i) for i in range(1, len(rows) + 1)]
    assert {"email", "source"} <= set(rows[0])
    assert "budget" not in rows[0]
    assert rows[0]["reasons"].startswith(("+ ", "- "))
    paid = sum(1000 * float(row["probability"]) - 30 for row in rows)
    assert paid == pytest.approx(found.price)
    assert found.to_dict()["list"]["n_leads"] == 300


def test_the_surcharge_of_a_criterion(scorer: Scorer, fresh: Sample, tmp_path: Path) -> None:
    listed = written(fresh.leads.slice(0, 400), tmp_path / "list.csv")
    found = priced(scorer, listed, where=["budget >= 20000"])
    assert found.surcharge is not None
    assert 0 < found.surcharge.n_leads < found.n_leads
    assert found.surcharge.surcharge == pytest.approx(found.surcharge.per_lead - found.per_lead)
    assert found.surcharge.surcharge > 0, "who has a budget buys more often"
    both = priced(scorer, listed, where=["budget >= 20000", "country = Germany"])
    assert both.surcharge is not None
    assert both.surcharge.n_leads < found.surcharge.n_leads
    nobody = priced(scorer, listed, where=["budget > 1e12"]).surcharge
    assert nobody is not None
    assert (nobody.n_leads, nobody.price, nobody.per_lead) == (0, 0.0, 0.0)
    with pytest.raises(UsageError, match="must name a field that the model reads"):
        priced(scorer, listed, where=["income > 3"])


def test_fields_are_set_back_by_a_history(scorer: Scorer, fresh: Sample, tmp_path: Path) -> None:
    leads = fresh.leads.slice(0, 300)
    n, at = len(leads), leads.column_names.index("budget")
    changes = {"lead_id": leads["lead_id"], "field": ["budget"] * n, "old": [""] * n, "value": leads["budget"]}
    table = pa.table({**changes, "changed_at": ["2026-10-20"] * n})
    history = read_history(written(table, tmp_path / "history.csv"), HistoryTable(old_value="old"))
    unknown = written(leads.set_column(at, "budget", pa.nulls(n, pa.string())), tmp_path / "unknown.csv")
    listed = written(leads, tmp_path / "list.csv")
    found, without = priced(scorer, listed, history=history), priced(scorer, unknown)
    assert found.price == pytest.approx(without.price)
    assert found.covered == pytest.approx(without.covered)
    assert found.covered < priced(scorer, listed).covered
    skipped = skip_list(scorer, listed, limit=0.3, as_of=AS_OF, history=history)
    assert skipped.expected == pytest.approx(skip_list(scorer, unknown, limit=0.3, as_of=AS_OF).expected)


def test_a_thin_list_is_too_far_to_tell(scorer: Scorer, fresh: Sample, tmp_path: Path) -> None:
    whole = priced(scorer, written(fresh.leads.slice(0, 200), tmp_path / "whole.csv"))
    thin = fresh.leads.slice(0, 200).select(["lead_id", "email", "country"])
    found = priced(scorer, written(thin, tmp_path / "thin.csv"))
    assert not whole.too_far
    assert whole.covered > 0.9
    assert whole.lacking[0].known <= whole.lacking[0].known_before
    assert "of what the model tells leads apart by" in found.too_far
    assert found.covered < 0.3
    assert found.farthest[0].what == "unknown"
    assert found.spread > whole.spread
    empty = priced(scorer, written(fresh.leads.slice(0, 0), tmp_path / "empty.csv"))
    assert (empty.n_leads, empty.price, empty.too_far) == (0, 0.0, "")


def test_the_planted_truth_is_inside(scorer: Scorer, fresh: Sample, tmp_path: Path) -> None:
    """Twenty lists by one training, which is off for all of them alike; bench/price.py has 200 by ten."""
    truth = {row["lead_id"]: row for row in fresh.truth.to_pylist()}
    inside = []
    for k in range(20):
        price = priced(scorer, written(fresh.leads.slice(200 * k, 200), tmp_path / "list.csv"))
        rows = [truth[one] for one in price.table["lead_id"].to_pylist()]
        happened = sum(row["true_outcome"] == "converted" for row in rows)
        inside.append(price.conversions.low_95 <= happened <= price.conversions.high_95)
        assert price.truth.low_95 <= sum(row["probability"] for row in rows) <= price.truth.high_95
    assert sum(inside) >= 17, "below that in 1.6 % of cases, were it luck alone"


def test_what_is_refused(bundle: Bundle, scorer: Scorer, fresh: Sample, tmp_path: Path) -> None:
    listed = written(fresh.leads.slice(0, 10), tmp_path / "list.csv")
    with pytest.raises(BundleError, match="train again"):
        priced(Scorer(msgspec.structs.replace(bundle, evidence=None)), listed)
    with pytest.raises(UsageError, match="capacity must be at least 1"):
        priced(scorer, listed, terms=Terms(100.0, 1.0, 0))
    cheap = priced(scorer, listed, terms=Terms(10.0, 20.0, 5))
    assert (cheap.price, cheap.n_entering) == (0.0, 0), "no lead is worth its call"
