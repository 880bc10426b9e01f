"""The replay: nothing dated after a cut touches what is scored before it; drift, no signal and the guard are told."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from leadml.errors import TrainingRefused, UsageError
from leadml.leads.coercion import DAY
from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.asof import History, Recipe, losses_of, trusted
from leadml.learning.cadence import CADENCES, cadence, first_cut, known_cadences, periods
from leadml.learning.recommend import BASE, Comparing, Recommendation, recommend

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
N, HORIZON = 2000, 30
START = 18_262.0  # 2020-01-01, in days
SPAN = 730.0


def _world(make_shots: MakeShots, seed: int, effect: NDArray[np.float64] | float) -> tuple[Snapshots, tuple[Part, ...]]:
    rng = np.random.default_rng(seed)
    visits = rng.normal(0, 1, N)
    columns: dict[str, Column] = {"visits": visits, "source": Levels(rng.choice(3, N), ("web", "fair", "list"))}
    y = rng.random(N) < 1 / (1 + np.exp(1 - effect * visits))
    return make_shots(columns, y, days=START + np.linspace(0, SPAN, N), horizon_days=HORIZON)


def _played(shots: Snapshots, parts: tuple[Part, ...]) -> tuple[History, Recommendation, dict[str, float]]:
    first = first_cut(shots)
    history = History(shots, parts, first, families=("logistic",), random_state=0)
    y = shots.y[history.rows]
    losses = {BASE: losses_of(y, history.running_base())}
    for name in CADENCES[:3]:
        losses[name] = losses_of(y, history.replay(cadence(shots, first, name), progress=lambda _: None).logit)
    compare = Comparing(None, periods(shots, history.rows, first)[1], n_replicates=300, random_state=0)
    return history, recommend(CADENCES[:3], losses, compare), {name: loss.mean() for name, loss in losses.items()}


@settings(max_examples=4)
@given(seed=st.integers(0, 10_000), months=st.integers(1, 12), name=st.sampled_from(CADENCES[:3]))
def test_what_is_dated_after_a_cut_changes_nothing_scored_before_it(
    make_shots: MakeShots, seed: int, months: int, name: str
) -> None:
    shots, parts = _world(make_shots, 3, 1.0)
    first = first_cut(shots)
    cut = first + months * 30 * DAY
    rng = np.random.default_rng(seed)
    unknown, later = shots.ends > cut, shots.times > cut  # a label that is not final yet is of the future too
    visits, source = shots.parts["visits"], shots.parts["source"]
    assert isinstance(visits, np.ndarray)
    assert isinstance(source, Levels)
    others: dict[str, Column] = {
        "visits": np.where(later, rng.normal(5, 9, N), visits),
        "source": Levels(np.where(later, 3, source.codes), ("web", "fair", "list", "unheard of")),
    }
    changed = replace(shots, parts=others, y=np.where(unknown, rng.random(N) < 0.5, shots.y))
    one, other = (
        History(world, parts, first, families=("logistic",), random_state=0).replay(
            cadence(world, first, name), progress=lambda _: None
        )
        for world in (shots, changed)
    )
    before = shots.times[shots.times >= first] <= cut
    assert before.any()
    assert one.logit[before].tobytes() == other.logit[before].tobytes()


def test_where_the_effect_grows_training_again_wins(make_shots: MakeShots) -> None:
    shots, parts = _world(make_shots, 0, np.linspace(0.3, 3.0, N))
    history, advice, losses = _played(shots, parts)
    assert advice.cadence != "never"
    assert losses[advice.cadence] < losses["never"]
    assert advice.sentences[0].startswith(f"Train {advice.cadence}: ")
    assert set(history.chosen()) <= set(cadence(shots, history.first, "quarterly").cuts)


def test_without_signal_never_and_it_says_so(make_shots: MakeShots) -> None:
    for seed in range(3):
        _, advice, losses = _played(*_world(make_shots, seed, 0.0))
        assert (advice.cadence, advice.signal) == ("never", False)
        assert "no signal" in advice.sentences[0]
        assert max(losses.values()) - losses[BASE] < 0.01


def test_where_the_effect_turns_the_guard_keeps_near_the_base_rate(make_shots: MakeShots) -> None:
    shots, parts = _world(make_shots, 0, np.where(np.arange(N) < 1000, 2.0, -2.0))
    first = first_cut(shots)
    history = History(shots, parts, first, families=("logistic",), random_state=0)
    once = history.replay(cadence(shots, first, "never"), progress=lambda _: None)
    y = shots.y[history.rows]
    guarded, alone = losses_of(y, once.logit)[-500:].mean(), losses_of(y, once.unguarded)[-500:].mean()
    base = losses_of(y, history.running_base())[-500:].mean()
    assert alone > base + 0.3
    assert guarded < base + 0.01
    assert min(once.trust.values()) == 0


def test_a_worse_cadence_is_said_to_hurt() -> None:
    rng = np.random.default_rng(0)
    n = 1200
    never = rng.exponential(0.3, n)
    losses = {BASE: never + 0.1, "never": never, "monthly": never + rng.normal(0.05, 0.1, n)}
    compare = Comparing(None, np.arange(n) // 100, n_replicates=300, random_state=0)
    advice = recommend(("never", "monthly"), losses, compare)
    assert advice.cadence == "never"
    assert any(sentence.startswith("Monthly hurts: ") for sentence in advice.sentences)
    better = {**losses, "monthly": never - 0.01 + rng.normal(0, 0.01, n)}
    assert recommend(("never", "monthly"), better, compare).cadence == "monthly"


def test_one_bad_month_proves_nothing() -> None:
    losses = {BASE: np.full(1200, 0.6), "never": np.full(1200, 0.5), "monthly": np.full(1200, 0.5)}
    losses["never"] = losses["never"] + np.where(np.arange(1200) < 100, 1.0, 0.0)
    compare = Comparing(None, np.arange(1200) // 100, n_replicates=300, random_state=0)
    gain = compare("monthly", "never", losses)
    assert gain.value > 0
    assert not gain.better


def test_cuts_are_the_beginnings_of_quarters_months_and_weeks(make_shots: MakeShots) -> None:
    shots, _ = _world(make_shots, 0, 1.0)
    first = first_cut(shots)
    by_name = {name: np.array(cadence(shots, first, name).cuts).astype("datetime64[s]") for name in CADENCES}
    assert all(cuts[0] == by_name["never"][0] for cuts in by_name.values())
    assert len(by_name["never"]) == 1
    months = by_name["monthly"].astype("datetime64[M]")
    assert (months.astype("datetime64[s]") == by_name["monthly"]).all()
    assert (by_name["quarterly"][1:].astype("datetime64[M]").astype(int) % 3 == 0).all()
    weekly = by_name["weekly"][1:]
    assert (np.diff(weekly.astype(np.int64)) == 7 * DAY).all()
    assert all(moment.astype(object).weekday() == 0 for moment in weekly)
    assert periods(shots, np.flatnonzero(shots.times >= first), first)[0] == [str(month) for month in months]


def test_without_dates_the_rows_are_dealt_into_even_steps(make_shots: MakeShots) -> None:
    shots, _ = _world(make_shots, 0, 1.0)
    rows = np.arange(N, dtype=float)
    undated = replace(shots, dated=False, times=rows, ends=rows)
    first = first_cut(undated)
    assert [len(cadence(undated, first, name).cuts) for name in CADENCES] == [1, 4, 12, 52]
    names, codes = periods(undated, np.arange(int(first), N), first)
    assert len(names) == 12
    assert np.ptp(np.bincount(codes)) <= 1


def test_the_guard_looks_at_the_known_past_only(make_shots: MakeShots) -> None:
    shots, _ = _world(make_shots, 0, 1.0)
    at = float(shots.times[1500])
    base, right = np.full(N, -0.8), np.where(shots.y, 2.0, -2.0)
    assert trusted(shots, at, -right, base) == 0
    assert trusted(shots, at, right, base) == 1
    unknown = np.where(shots.ends <= at, right, -right)
    assert trusted(shots, at, unknown, base) == 1
    assert trusted(shots, at, np.full(N, np.nan), base) == 1, "no record, no verdict"


def test_a_recipe_that_is_given_or_kept_stays(make_shots: MakeShots) -> None:
    shots, parts = _world(make_shots, 0, 1.0)
    first = first_cut(shots)
    given = Recipe("logistic", {"C": 0.3}, parts[:1])
    for recipe in (given, None):
        history = History(shots, parts, first, families=("logistic",), recipe=recipe, kept=True, random_state=0)
        history.replay(cadence(shots, first, "quarterly"), progress=lambda _: None)
        assert list(history.chosen()) == [first]
        assert recipe is None or history.chosen()[first] == given


def test_what_cannot_be_replayed_is_refused(make_shots: MakeShots) -> None:
    shots, _ = make_shots({"x": np.arange(30.0)}, np.arange(30) % 10 == 0)
    with pytest.raises(TrainingRefused, match="the history must be long enough"):
        first_cut(shots)
    with pytest.raises(UsageError, match="got 'daily'"):
        known_cadences(["daily"])
    assert known_cadences(["weekly", "monthly"]) == ("never", "monthly", "weekly")
