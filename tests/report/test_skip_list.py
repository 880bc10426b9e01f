"""The skip list of a trained model."""

import csv
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import pytest
from telling import sample

from leadml.errors import BundleError, UsageError
from leadml.leads.sample import make_sample
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer
from leadml.report.evidence import to_json
from leadml.training.skip import skip_list


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    told = sample()
    return msgspec.structs.replace(told.bundle, evidence=to_json(told.evidence))


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("leads") / "leads.csv"
    pa_csv.write_csv(make_sample(400, seed=9, events=False).leads.drop_columns(["status", "won_at"]), path)
    return path


def test_the_lowest_are_skipped(bundle: Bundle, leads: Path, tmp_path: Path) -> None:
    scorer = Scorer(bundle)
    all_open = skip_list(scorer, leads, tmp_path / "skip.csv", limit=0.3)
    assert all_open.step is not None
    assert 0 < all_open.n_skipped < all_open.n_open
    with (tmp_path / "skip.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    scores = [int(row["score"]) for row in rows]
    assert len(rows) == all_open.n_skipped
    assert max(scores) <= all_open.step.score
    assert scores == sorted(scores)
    assert sum(float(row["probability"]) for row in rows) == pytest.approx(all_open.expected)
    assert rows[0]["reasons"].startswith(("+ ", "- "))
    assert all_open.expected <= all_open.at_most
    assert all_open.step.at_most <= 0.3
    none = skip_list(scorer, leads, limit=0.001)
    assert (none.step, none.n_skipped, none.at_most) == (None, 0, 0)
    skip_list(scorer, leads, tmp_path / "skip.parquet", limit=0.3)
    assert pa.types.is_list(pa_parquet.read_schema(tmp_path / "skip.parquet").field("reasons").type)


def test_the_test_leads_by_score_are_all_of_them(bundle: Bundle) -> None:
    evidence = sample().evidence
    assert len(evidence.by_score) == 100
    assert sum(rate.n for rate in evidence.by_score) == evidence.test.rate.n
    assert sum(rate.converted for rate in evidence.by_score) == evidence.test.rate.converted
    best = [grade for grade in evidence.grades if grade.grade == "A"]
    assert sum(rate.n for rate in evidence.by_score[89:]) == best[0].rate.n


def test_a_model_without_its_test(bundle: Bundle, leads: Path) -> None:
    with pytest.raises(BundleError, match="train again"):
        skip_list(Scorer(msgspec.structs.replace(bundle, evidence=None)), leads)
    with pytest.raises(UsageError, match="limit"):
        skip_list(Scorer(bundle), leads, limit=2.0)
