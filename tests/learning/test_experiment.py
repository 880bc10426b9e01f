"""One honest experiment: noise has no signal, a planted truth is found, and the newest leads are looked at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from threadpoolctl import threadpool_limits

from leadml.leads.declared import Columns
from leadml.leads.parts import Column, Levels
from leadml.leads.raw import InMemory
from leadml.leads.sample import make_sample
from leadml.leads.schema import Outcomes, Part, Roles, Schema
from leadml.leads.snapshots import Snapshots, snapshots
from leadml.leads.validation import validate
from leadml.learning.calibration import fit_calibration
from leadml.learning.compile import compile_scorecard
from leadml.learning.experiment import (
    REFERENCE_LEADS,
    Experiment,
    Refit,
    naive_rankers,
    prepare_recipe,
    reference,
    refit,
    run_experiment,
)
from leadml.learning.naive import historical_rate
from leadml.model.scorecard import CategoryTerm, Scorecard, contributions, expit

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
Floats = NDArray[np.float64]
NOW = 1_793_500_000.0  # 2026-11-01


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small models on several threads only wait for each other."""
    with threadpool_limits(1):
        yield


def _quiet(_what: str, _share: float) -> None: ...


def _run(shots: Snapshots, parts: tuple[Part, ...], *, source: str | None = None, seed: int = 0) -> Experiment:
    return run_experiment(
        shots,
        parts,
        families=["logistic"],
        source=source,
        capacity=20,
        n_replicates=100,
        random_state=seed,
        progress=_quiet,
    )


@dataclass(frozen=True)
class Learned:
    schema: Schema
    shots: Snapshots
    true_logit: Floats
    experiment: Experiment
    final: Refit
    scorecard: Scorecard


@pytest.fixture(scope="module")
def learned() -> Learned:
    """The sample without its leak, learned from with a logistic regression."""
    sample = make_sample(3000, events=False)
    columns = Columns(
        Roles("lead_id", "created_at", "status", "won_at", "deal_value", "owner", "account_id", "opted_out"),
        Outcomes(("won",), ("lost",), ("new", "working")),
        ignore=("lead_quality",),
        protected=("age",),
    )
    leads = validate(InMemory(sample.leads), columns, now=NOW, horizon_days=90)
    shots = snapshots(leads, horizon_days=90).snapshots
    experiment = _run(shots, leads.schema.parts, source="source")
    final = refit(shots, experiment, random_state=0)
    scorecard = compile_scorecard(final.fitted, final.calibration, shots)
    truth = sample.truth.column("logit").to_numpy()[shots.rows]
    return Learned(leads.schema, shots, truth, experiment, final, scorecard)


def _noise(make_shots: MakeShots, seed: int) -> tuple[Snapshots, tuple[Part, ...]]:
    rng = np.random.default_rng(seed)
    n = 1200
    columns: dict[str, Column] = {f"number {i}": rng.normal(0, 1, n) for i in range(4)}
    columns |= {f"category {i}": Levels(rng.choice(6, n), tuple("abcdef")) for i in range(3)}
    return make_shots(columns, rng.random(n) < 0.2)


@pytest.mark.parametrize("seed", range(5))
def test_pure_noise_has_no_signal(make_shots: MakeShots, seed: int) -> None:
    experiment = _run(*_noise(make_shots, seed), source="category 0", seed=seed)
    assert not experiment.signal.promoted
    assert experiment.signal.sentence.startswith("Not promoted: no signal")


def test_the_sample_without_its_leak_has_signal(learned: Learned) -> None:
    assert learned.experiment.signal.promoted, learned.experiment.signal.sentence
    auc = learned.experiment.metrics["roc_auc"]
    assert 0.65 < auc.value < 0.85
    assert auc.low > 0.5


def test_the_planted_truth_is_recovered(learned: Learned) -> None:
    shots = learned.shots
    test = learned.experiment.split.test
    assert spearmanr(learned.scorecard.logit(shots.parts), learned.true_logit).statistic > 0.7
    assert spearmanr(learned.experiment.candidate.test_logit, learned.true_logit[test]).statistic > 0.65


def test_planted_effects_have_their_direction(learned: Learned) -> None:
    terms = {term.part: term for term in learned.scorecard.terms}

    def points(part: str) -> dict[str, float]:
        term = terms[part]
        assert isinstance(term, CategoryTerm)
        return dict(zip(term.levels, term.points, strict=True))

    assert points("demo_requested")["yes"] > points("demo_requested")["no"]
    assert points("source")["referral"] > points("source")["web"] > points("source")["cold list"]
    assert points("job_title.seniority")["c_level"] > points("job_title.seniority")["staff"]
    few, many = contributions(terms["pricing_page_visits"], np.array([0.0, 3.0]))
    assert few < many


def test_the_test_part_chooses_nothing(learned: Learned) -> None:
    """With the outcomes of the test part turned round, the same recipe is fitted with the same calibration."""
    shots, split = learned.shots, learned.experiment.split
    y = shots.y.copy()
    y[split.test[1:]] = y[split.test[1:]][::-1]  # as many conversions, and the oldest as it was: the same split
    turned = Snapshots(shots.parts, y, shots.times, shots.ends, shots.groups, shots.rows, shots.dated)
    other = _run(turned, learned.schema.parts, source="source")
    assert other.split.test.tolist() == split.test.tolist()
    assert other.candidate.trial.settings == learned.experiment.candidate.trial.settings
    assert other.candidate.calibration == learned.experiment.candidate.calibration
    assert other.candidate.test_logit.tolist() == learned.experiment.candidate.test_logit.tolist()
    assert other.base_rate_train == learned.experiment.base_rate_train
    for name, score in learned.experiment.naive.items():
        assert other.naive[name].tolist() == score.tolist()
    assert other.metrics["roc_auc"].value != learned.experiment.metrics["roc_auc"].value


def test_calibration_pools_the_folds_and_after_the_refit_the_test_part(learned: Learned) -> None:
    shots, experiment = learned.shots, learned.experiment
    trial, split = experiment.candidate.trial, experiment.split
    assert set(trial.rows) <= set(split.train)
    own = fit_calibration(shots.y[trial.rows], trial.logit, time=shots.times[trial.rows])
    assert experiment.candidate.calibration.slope == own.slope
    assert experiment.candidate.calibration.how == own.how
    n_conversions = int(shots.y[trial.rows].sum() + shots.y[split.test].sum())
    assert learned.final.calibration.n_conversions == n_conversions
    assert learned.final.fitted.rows.tolist() == list(range(len(shots)))


def test_the_level_is_that_of_the_newest_conversions_and_counted_once(learned: Learned) -> None:
    """The refitted model knows part of it: the intercept of models that had not seen them would be too much."""
    shots, final = learned.shots, learned.final
    newest = shots.times >= np.sort(shots.times[shots.y])[-100]
    said = expit(learned.scorecard.logit(shots.parts)[newest]).mean()
    assert said == pytest.approx(shots.y[newest].mean(), abs=1e-9)
    assert final.unseen.slope == final.calibration.slope
    assert final.unseen.intercept != final.calibration.intercept


def test_the_shipped_scorecard_is_about_as_sure_as_what_happens(learned: Learned) -> None:
    newest = learned.experiment.split.test
    probability = 1 / (1 + np.exp(-learned.scorecard.logit(learned.shots.parts)[newest]))
    assert probability.mean() == pytest.approx(learned.shots.y[newest].mean(), rel=0.25)


def test_the_reference_is_99_quantiles_of_the_newest_leads(learned: Learned) -> None:
    assert len(learned.final.reference) == 99
    assert list(learned.final.reference) == sorted(learned.final.reference)
    logit, times = np.arange(25_000.0), np.arange(25_000.0)
    newest = reference(logit, times)
    assert newest == pytest.approx(np.quantile(logit[-REFERENCE_LEADS:], np.arange(1, 100) / 100))
    assert reference(logit[::-1], times[::-1]) == newest


def test_every_metric_has_an_interval_and_stands_beside_the_naive_rankers(learned: Learned) -> None:
    experiment = learned.experiment
    for metrics in (experiment.metrics, *experiment.naive_metrics.values(), experiment.leaderboard[0].test):
        assert "roc_auc" in metrics
        assert all(e.low <= e.value <= e.high for e in metrics.values())
    assert {"capture_at_capacity", "log_loss", "brier"} <= experiment.metrics.keys()
    assert set(experiment.naive_metrics) == {"newest first", "past rate of the source"}
    assert experiment.metrics["roc_auc"].value > experiment.naive_metrics["newest first"]["roc_auc"].value


def test_naive_rankers_know_no_outcome_of_the_test_part(learned: Learned) -> None:
    shots, split = learned.shots, learned.experiment.split
    rankers = naive_rankers(shots, split, "source")
    assert np.argmax(rankers["newest first"]) == np.argmax(shots.times[split.test])
    source = shots.parts["source"]
    assert isinstance(source, Levels)
    names = [None if code < 0 else source.levels[code] for code in source.codes]
    expected = historical_rate([names[i] for i in split.train], shots.y[split.train], [names[i] for i in split.test])
    assert rankers["past rate of the source"].tolist() == expected.tolist()
    assert list(naive_rankers(shots, split, None)) == list(naive_rankers(shots, split, "visits")) == ["newest first"]


def test_an_experiment_repeats_itself_for_a_seed(make_shots: MakeShots) -> None:
    first, second = (_run(*_noise(make_shots, 0), seed=3) for _ in range(2))
    assert first.metrics == second.metrics
    assert first.candidate.test_logit.tolist() == second.candidate.test_logit.tolist()


def test_a_recipe_chosen_elsewhere_is_prepared_in_the_same_way(learned: Learned) -> None:
    candidate = learned.experiment.candidate
    again = prepare_recipe(
        learned.shots,
        candidate.trial.parts,
        learned.experiment.split,
        "logistic",
        candidate.trial.settings,
        random_state=0,
    )
    assert again.test_logit.tolist() == candidate.test_logit.tolist()
    assert again.calibration == candidate.calibration
