"""The page on the model: with evidence and without, in both languages, and when it warns."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from found import MakeClient
from starlette.testclient import TestClient
from tested import evidence_of

from leadml.model.bundle import Bundle, Interval, save
from leadml.report.evidence import to_json
from leadml.serving.pages import facts

Make = Callable[..., Bundle]


def _now(days: float = 0) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def fresh(make_bundle: Make) -> Bundle:
    """A bundle of a model that was trained today, with its captures."""
    bundle = make_bundle()
    test = bundle.passport.test
    metrics = test.metrics | {"capture_at_20pct": Interval(0.54, 0.45, 0.62)}
    naive = {"newest first": {"capture_at_20pct": Interval(0.19, 0.1, 0.3)}}
    test = msgspec.structs.replace(test, metrics=metrics, naive=naive)
    passport = msgspec.structs.replace(bundle.passport, created=_now(), trained_until=_now(95), test=test)
    bundle = msgspec.structs.replace(bundle, passport=passport)
    return msgspec.structs.replace(bundle, evidence=to_json(evidence_of(bundle)))


@pytest.fixture
def page(make_client: MakeClient, tmp_path: Path) -> Callable[..., str]:
    """Return what gives the page on the model for a bundle."""

    def show(bundle: Bundle, language: str = "en", scores: Any = (), path: str = "/model") -> str:
        client = make_client(folder=save(bundle, tmp_path / f"model-{len(list(tmp_path.iterdir()))}"))
        _state(client).metrics.scored(list(scores))
        answer = client.get(path, headers={"accept-language": language})
        assert answer.status_code == 200
        return str(answer.text)

    return show


Page = Callable[..., str]


def _state(client: TestClient) -> Any:
    app: Any = client.app
    return app.state


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


def test_it_says_how_good_the_model_is(page: Page, fresh: Bundle) -> None:
    text = _text(page(fresh))
    assert "In a test on the newest 200 leads, calling the first 20% reached 54% of the buyers." in text
    assert "the best rule that needs no model (newest first) reached 19%" in text
    assert "95% interval 45% to 62%" in text
    assert "2.4 ×" in text
    assert "71 of 100" in text
    assert "36 of 200 leads in the test" in text
    assert "within 90 days of coming in" in text


def test_it_draws_what_the_evidence_holds(page: Page, fresh: Bundle) -> None:
    html = page(fresh)
    assert html.count('<svg class="chart"') == 2
    assert 'id="gains-t"' in html
    assert 'id="calibration-t"' in html
    text = _text(html)
    assert "crm-export" in text
    assert "1 Jan 2025 –" in text
    assert re.search(r"A 20 12 60%", text)
    assert "Where it said 18.0% on average, 18.0% converted." in text
    weights = re.findall(r'aria-label="weight (\d+) of 100"', html)
    assert len(weights) == 8
    assert max(map(int, weights)) == 100


def test_without_evidence_it_has_the_figures_of_the_passport(page: Page, make_bundle: Make) -> None:
    html = page(make_bundle())
    assert 'class="chart"' not in html
    text = _text(html)
    assert "the first 10% of its list bought 2.4 times as often as the average lead" in text
    assert "came without the evidence of its training" in text
    assert "1,000 leads, of which 180 bought" in text
    assert "Newest lead 1 Aug 2026" in text
    assert "job title" in text
    assert "ROC AUC" in text


def test_evidence_of_another_model_is_not_shown(page: Page, fresh: Bundle, make_bundle: Make) -> None:
    other = msgspec.structs.replace(fresh, evidence=to_json(evidence_of(make_bundle("9"))))
    assert 'class="chart"' not in page(other)
    assert 'class="chart"' not in page(msgspec.structs.replace(fresh, evidence=b"{}"))


def test_evidence_may_lie_with_the_reports(make_client: MakeClient, fresh: Bundle, tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "evidence"
    folder.mkdir(parents=True)
    assert fresh.evidence is not None
    (folder / f"{fresh.passport.model_version}.json").write_bytes(fresh.evidence)
    client = make_client(folder=save(msgspec.structs.replace(fresh, evidence=None), tmp_path / "model"))
    assert 'class="chart"' not in client.get("/model").text
    state = _state(client)
    state.settings = msgspec.structs.replace(state.settings, reports=str(tmp_path / "reports"))
    assert 'class="chart"' in client.get("/model").text


def test_it_speaks_german(page: Page, fresh: Bundle) -> None:
    text = _text(page(fresh, "de"))
    assert "In einem Test an den neuesten 200 Leads erreichten die ersten 20 % der Anrufe 54 %" in text
    assert "Wofür es nicht benutzt werden darf" in text
    assert "innerhalb von 90 Tagen nach dem Eingang" in text
    assert "Befugnis" in text


def test_it_says_for_whom_it_must_not_be_used(page: Page, fresh: Bundle) -> None:
    text = _text(page(fresh))
    assert "What it must not be used for" in text
    for word in ("credit", "protected trait", "Judging the performance of sales staff", "without a person deciding"):
        assert word in text


UNUSUAL = "Far more leads than usual got grade A today."


@pytest.mark.parametrize(
    ("scores", "warned"),
    [
        ([95] * 12 + [10] * 38, True),  # 24 %, more than twice 11 %
        ([95] * 11 + [10] * 39, False),  # exactly twice
        ([95] * 49, False),  # too few to tell
        ([95] * 50, True),
        ([], False),
    ],
)
def test_it_warns_where_far_too_many_get_the_best_grade(
    page: Page, fresh: Bundle, scores: list[int], warned: bool
) -> None:
    text = _text(page(fresh, scores=scores))
    assert (UNUSUAL in text) is warned
    assert ("No lead has been scored today." in text) is (not scores)


def test_the_first_page_warns_too(page: Page, fresh: Bundle) -> None:
    assert UNUSUAL in _text(page(fresh, scores=[95] * 60, path="/"))


@pytest.mark.parametrize(
    ("days", "horizon", "warned"),
    [(95, 90, False), (179, 90, False), (181, 90, True), (260, 180, False), (271, 180, True), (181, None, True)],
)
def test_it_warns_where_the_model_is_old(
    page: Page, fresh: Bundle, days: int, horizon: int | None, warned: bool
) -> None:
    passport = msgspec.structs.replace(fresh.passport, trained_until=_now(days), horizon_days=horizon)
    text = _text(page(msgspec.structs.replace(fresh, passport=passport)))
    assert ("This model is getting old." in text) is warned


def test_a_model_without_dates_ages_from_its_training(page: Page, fresh: Bundle) -> None:
    passport = msgspec.structs.replace(fresh.passport, trained_until=None, created=_now(200))
    assert "It was trained 7 months ago." in _text(page(msgspec.structs.replace(fresh, passport=passport)))


def test_it_warns_where_the_model_did_not_pass(page: Page, fresh: Bundle) -> None:
    assert "did not pass its test" not in _text(page(fresh))
    passport = msgspec.structs.replace(fresh.passport, promoted=False)
    assert "did not pass its test" in _text(page(msgspec.structs.replace(fresh, passport=passport)))


def test_it_warns_where_a_newer_model_was_refused(make_client: MakeClient) -> None:
    client = make_client()
    _state(client).champion.refused = "/secret/place must be there"
    page = client.get("/model").text
    assert "A newer model was refused." in page
    assert "/secret" not in page


def test_what_is_hostile_in_names_is_only_shown(page: Page, fresh: Bundle) -> None:
    evidence = msgspec.structs.replace(evidence_of(fresh), name="<script>alert(1)</script>")
    html = page(msgspec.structs.replace(fresh, evidence=to_json(evidence)))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_usual_share_of_each_grade(fresh: Bundle) -> None:
    usual = facts.usual(fresh.passport)
    assert list(usual) == ["A", "B", "C", "D"]
    assert usual == pytest.approx({"A": 0.11, "B": 0.2, "C": 0.3, "D": 0.39})


def test_the_page_needs_neither_pandas_nor_scikit_learn() -> None:
    code = (
        "import sys; from leadml.serving.pages import facts, model, reach; import leadml.report.files;"
        "print([n for n in ('pandas', 'sklearn', 'mlflow') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
