"""The search: the same with any number of jobs and after a stop, honest about luck, and never without its budget."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from leadml.errors import OutputError, UsageError
from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning import tuning
from leadml.learning.candidates import FAMILIES
from leadml.learning.experiment import refit, run_experiment
from leadml.learning.recency import DAYS, ROWS
from leadml.learning.search import Trial, choose, errors_needed, search, try_out
from leadml.learning.space import DATING, RANGES, SETTINGS, Choice, Space, make_space
from leadml.learning.splits import rolling_folds
from leadml.learning.tuning import BATCH, Tuned, Tuner

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
N = 700
ROWS_ALL = np.arange(N, dtype=np.intp)


def _quiet(_what: str, _share: float) -> None: ...


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@dataclass(frozen=True)
class Case:
    """Leads, the trials that every training makes of them, and the default recipe."""

    shots: Snapshots
    parts: tuple[Part, ...]
    tried: Sequence[Trial]
    default: Trial

    def run(self, **settings: Any) -> Tuned:
        tuner = Tuner(("logistic",), **{"trials": 12, **settings})
        return self(tuner)

    def __call__(self, tuner: Tuner, progress: Callable[[str, float], None] = _quiet) -> Tuned:
        return tuner(self.shots, self.parts, ROWS_ALL, tried=self.tried, default=self.default, progress=progress)


def _case(shots: Snapshots, parts: tuple[Part, ...]) -> Case:
    tried = search(shots, parts, ROWS_ALL, ["logistic"], random_state=0, progress=_quiet)
    return Case(shots, parts, tried, choose(tried))


def _columns(visits: NDArray[np.float64]) -> dict[str, Column]:
    rng = np.random.default_rng(1)
    return {
        "visits": visits,
        "source": Levels(rng.choice(3, N), ("web", "fair", "list")),
        "counter": np.arange(N) + rng.normal(0, 3, N),
    }


@pytest.fixture(scope="module")
def steady(make_shots: MakeShots) -> Case:
    """Leads whose ways do not change: nothing beats the default but by luck."""
    rng = np.random.default_rng(0)
    visits = rng.normal(0, 1, N)
    return _case(*make_shots(_columns(visits), rng.random(N) < 1 / (1 + np.exp(1 - visits))))


@pytest.fixture(scope="module")
def turning(make_shots: MakeShots) -> Case:
    """Leads among which the effect of visits turned round after a third of the time: only recency can tell."""
    rng = np.random.default_rng(0)
    visits = rng.normal(0, 1, N)
    effect = np.where(np.arange(N) < 0.45 * N, -2.0, 2.0)
    return _case(*make_shots(_columns(visits), rng.random(N) < 1 / (1 + np.exp(0.5 - effect * visits))))


def _same(one: Tuned, other: Tuned) -> None:
    def told(tuned: Tuned) -> list[object]:
        return [(a.number, a.family, a.settings, a.parts, a.loss, a.gain) for a in tuned.attempts]

    assert told(one) == told(other)
    assert one.sentence == other.sentence
    assert (one.found is None) == (other.found is None)
    for family, trial in one.best.items():
        assert trial.losses.tolist() == other.best[family].losses.tolist()


def test_the_same_seed_tries_the_same_with_any_number_of_jobs(turning: Case) -> None:
    with joblib.parallel_config("threading"):  # processes take longer to start than to search
        _same(turning.run(jobs=1), turning.run(jobs=2))
    assert turning.run().attempts[0].params != turning.run(random_state=1).attempts[0].params


def test_a_search_that_was_stopped_goes_on_and_repeats_nothing(
    turning: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, tried = tmp_path / "reports" / "search.db", []
    real = try_out

    def counted(shots: Snapshots, parts: Sequence[Part], *args: Any, **settings: Any) -> Trial:
        tried.append(args)
        return real(shots, parts, *args, **settings)

    def stop(what: str, _share: float) -> None:
        if what.startswith("trial 5"):
            raise KeyboardInterrupt

    monkeypatch.setattr(tuning, "try_out", counted)
    tuner = Tuner(("logistic",), trials=12, path=path, key="leads")
    with pytest.raises(KeyboardInterrupt):
        turning(tuner, stop)
    assert len(tried) == 5
    whole = turning(tuner)
    assert whole.n_kept == 5
    again = sum(whole.best["logistic"].settings == one.settings for one in whole.attempts[:5])
    assert len(tried) == 12 + again, "only a best that is not at hand is made again"
    _same(whole, turning.run())
    tried.clear()
    _same(turning(tuner), whole)
    assert len(tried) == 1
    assert [a.number for a in turning(replace(tuner, trials=14)).attempts] == list(range(14))


def test_other_leads_or_another_seed_begin_anew_and_so_does_fresh(steady: Case, tmp_path: Path) -> None:
    own = {"path": tmp_path / "search.db", "trials": 2}
    assert [steady.run(**own, key="a").n_kept for _ in range(2)] == [0, 2]
    assert steady.run(**own, key="b").n_kept == 0
    assert steady.run(**own, key="a", random_state=1).n_kept == 0
    assert steady.run(**own, key="a", fresh=True).n_kept == 0
    assert steady.run(**own, key="a").n_kept == 2


def test_what_is_kept_is_an_optuna_study(steady: Case, tmp_path: Path) -> None:
    import optuna

    path = tmp_path / "search.db"
    tuned = steady.run(path=path, trials=3)
    (summary,) = optuna.get_all_study_summaries(f"sqlite:///{path}")
    study = optuna.load_study(study_name=summary.study_name, storage=f"sqlite:///{path}")
    assert [trial.value for trial in study.trials] == [one.loss for one in tuned.attempts]
    with sqlite3.connect(path) as database:
        (n,) = database.execute("select count(*) from trials where state != 'COMPLETE'").fetchone()
    assert n == 0
    database.close()


def test_a_file_that_is_no_database_is_named(steady: Case, tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    path.write_text("not a database, but a text that is long enough to look like something" * 20)
    with pytest.raises(OutputError, match=r"search\.db must be a database"):
        steady.run(path=path)


def test_recency_is_found_where_the_past_has_turned(turning: Case) -> None:
    tuned = turning.run(trials=24)
    assert tuned.found is not None, tuned.sentence
    assert DAYS in tuned.found.settings
    assert tuned.found.loss < tuned.default.loss
    assert tuned.sentence.endswith("is proven better and takes its place.")
    best = min(tuned.attempts, key=lambda one: one.loss or np.inf)
    assert best.gain == pytest.approx(tuned.default.loss - (best.loss or 0), abs=1e-12)


def test_where_nothing_is_better_the_default_stays(steady: Case) -> None:
    tuned = steady.run(trials=24)
    assert tuned.found is None
    assert "None is proven better" in tuned.sentence
    assert len(tuned.table()) == 24
    losses = [row["loss"] for row in tuned.table()]
    assert losses == sorted(losses)
    assert tuned.best_rows()["logistic"]["fold_loss"] == losses[0]


def test_luck_is_allowed_for() -> None:
    assert errors_needed(1) == pytest.approx(1.645, abs=1e-3)
    rng = np.random.default_rng(0)
    best = rng.normal(0, 1, (4000, 50)).max(axis=1)
    assert (best > errors_needed(1)).mean() > 0.9
    assert (best > errors_needed(50)).mean() == pytest.approx(0.05, abs=0.015)


def test_the_experiment_takes_what_is_found_through_the_same_line(turning: Case) -> None:
    tuner = Tuner(("logistic",), trials=24)
    experiment = run_experiment(
        turning.shots, turning.parts, families=["logistic"], n_replicates=100, tuner=tuner, progress=_quiet
    )
    assert experiment.tuned is not None
    assert experiment.tuned.found is not None
    trial = experiment.candidate.trial
    assert trial.settings == experiment.tuned.found.settings
    assert {row.family: row.settings for row in experiment.leaderboard} == {"logistic": trial.settings}
    assert set(trial.rows) <= set(experiment.split.train), "the test part is not looked at"
    final = refit(turning.shots, experiment, random_state=0)
    assert final.fitted.sample_weight is not None
    assert final.fitted.sample_weight[-1] == final.fitted.sample_weight.max()


def test_the_budget_of_time_ends_it(steady: Case) -> None:
    tuned = steady.run(trials=None, seconds=0.5)
    assert 0 < len(tuned.attempts) < 500
    assert [one.number for one in tuned.attempts] == list(range(len(tuned.attempts)))
    nothing = steady.run(trials=None, seconds=1e-9)
    assert nothing.attempts == []
    assert "give the search more time" in nothing.sentence
    assert nothing.best == {}


def test_what_fails_is_told_and_ends_nothing(steady: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    real = try_out

    def moody(shots: Snapshots, parts: Sequence[Part], folds: Any, family: str, settings: Any, **more: Any) -> Trial:
        if settings["C"] > 0.1:
            raise RuntimeError("no luck")
        return real(shots, parts, folds, family, settings, **more)

    monkeypatch.setattr(tuning, "try_out", moody)
    tuned = steady.run()
    failed = [one for one in tuned.attempts if one.problem]
    assert failed
    assert {one.problem for one in failed} == {"RuntimeError: no luck"}
    assert tuned.table()[-1]["problem"] == "RuntimeError: no luck"
    assert tuned.table()[0]["problem"] is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"trials": None}, "must have a budget"),
        ({"trials": 0}, "above 0"),
        ({"seconds": 0.0}, "above 0"),
        ({"jobs": 0}, "jobs must be at least 1"),
    ],
)
def test_a_search_needs_a_budget(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Tuner(("logistic",), **{"trials": 1, **settings})


def _asked(space: Space, n: int = 300) -> list[Choice]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [space.ask(study.ask()) for _ in range(n)]


def _space(case: Case, axes: dict[str, str] | None = None, *, dated: bool = True) -> Space:
    parts = tuple(Part(p.name, p.field, p.numeric, (axes or {}).get(p.name, "other")) for p in case.parts)  # type: ignore[arg-type]
    shots = replace(case.shots, dated=dated)
    return make_space(shots, parts, ROWS_ALL, rolling_folds(shots, ROWS_ALL), tuple(FAMILIES))


def test_every_family_that_ships_can_be_searched_within_its_ranges(steady: Case) -> None:
    space = _space(steady)
    assert set(space.families) == {name for name, family in FAMILIES.items() if family.ships} == set(SETTINGS)
    for choice in _asked(space):
        assert {*SETTINGS[choice.family]} == {*choice.settings} - {DAYS}
        for name, value in choice.settings.items():
            low, high = RANGES.get(name, (0.04 * N, N))
            assert low <= value <= high
            assert isinstance(value, int) or float(f"{value:.3g}") == value


def test_groups_are_axes_and_the_fields_that_date_a_lead(steady: Case) -> None:
    space = _space(steady, {"visits": "interest", "source": "ability"})
    assert space.groups == {
        "interest": {"visits"},
        "ability": {"source"},
        "other": {"counter"},
        DATING: {"counter"},
    }
    seen = {tuple(part.name for part in choice.parts) for choice in _asked(space)}
    assert seen == {
        ("visits", "source", "counter"),
        ("visits", "source"),
        ("visits",),
        ("source",),
        ("counter",),
        ("visits", "counter"),
        ("source", "counter"),
    }
    assert set(_space(steady).groups) == {DATING}, "one axis is no choice"


def test_a_half_life_is_in_rows_where_there_are_no_dates(steady: Case) -> None:
    kinds = [{*choice.settings} & {DAYS, ROWS} for choice in _asked(_space(steady, dated=False), 60)]
    assert {ROWS} in kinds
    assert set() in kinds
    assert {DAYS} not in kinds


def test_the_default_trials_are_points_of_the_space(steady: Case) -> None:
    space = _space(steady)
    for trial in steady.tried:
        params = space.params(trial)
        assert params is not None
        assert set(params) <= set(space.distributions())
        off = [group for group in space.groups if not params[group]]
        assert space.without(off) == trial.parts
    outside = replace(steady.tried[0], settings={"C": 0.1, "tol": 1.0})
    assert space.params(outside) is None
    assert space.params(replace(steady.tried[0], family="trees", settings={})) is None
    assert space.params(replace(steady.tried[0], parts=steady.parts[:1])) is None
    assert BATCH < 16
