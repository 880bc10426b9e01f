"""The delay, the months and drift."""

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest

from leadml.leads.parts import Levels
from leadml.learning.splits import Split
from leadml.report.time import delay, months, move, moves

MakeShots = Callable[..., Any]


def test_the_delay_says_what_came_within_which_days() -> None:
    facts = delay(np.array([1.0, 2.0, 3.0, 40.0, np.nan, 100.0]), 45)
    assert facts is not None
    assert facts.n == 5
    assert {days: rate.converted for days, rate in facts.within.items()} == {7: 3, 30: 3, 45: 4, 60: 4, 90: 4}
    assert (facts.quantiles[0], facts.quantiles[50], facts.quantiles[100]) == (1.0, 3.0, 100.0)
    assert list(facts.quantiles) == sorted(facts.quantiles)
    assert delay(np.array([np.nan]), 30) is None


def test_months_count_every_lead_once_and_know_their_part(make_shots: MakeShots) -> None:
    days = np.arange(0, 200, 1.0)
    shots, _ = make_shots({"x": days}, days % 5 == 0, days=days)
    split = Split(np.arange(120), np.arange(150, 200), 30, days[150] * 86_400)
    found = months(shots, split)
    assert sum(one.rate.n for one in found) == 200
    assert sum(one.rate.converted for one in found) == shots.n_converted
    assert found[0].label == "1970-01"
    assert [found[0].part, found[-1].part] == ["older", "test"]


def test_many_months_become_years(make_shots: MakeShots) -> None:
    days = np.arange(0, 3000, 10.0)
    shots, _ = make_shots({"x": days}, days % 50 == 0, days=days)
    found = months(shots, Split(np.arange(200), np.arange(200, 300), 0, 0.0))
    assert [one.label for one in found][:2] == ["1970", "1971"]


def test_the_stability_index_by_hand() -> None:
    old, new = Levels(np.array([0] * 60 + [1] * 40), ("a", "b")), Levels(np.array([0] * 30 + [1] * 70), ("a", "b"))
    found = move("source", old, new)
    before, after = [60.5 / 101, 40.5 / 101], [30.5 / 101, 70.5 / 101]
    assert found.psi == pytest.approx(sum((b - a) * log(b / a) for a, b in zip(before, after, strict=True)))
    assert found.chance == pytest.approx(1 / 100 + 1 / 100)
    assert (found.kind, found.old, found.new) == ("level", 0.6, 0.3)


def test_the_same_leads_do_not_move_and_others_do() -> None:
    x = np.random.default_rng(1).normal(size=2000)
    assert move("x", x, x).psi == pytest.approx(0.0, abs=1e-12)
    assert move("x", x, x + 1).psi > 0.25
    assert move("x", x[:1000], x[1000:]).psi < 0.05
    gone = np.where(np.arange(2000) < 1000, np.nan, x)
    found = move("x", x, gone)
    assert (found.kind, found.old, found.new) == ("missing", 0.0, 0.5)


def test_a_level_that_is_new_keeps_the_index_finite() -> None:
    old, new = Levels(np.zeros(50, dtype=np.intp), ("a", "b")), Levels(np.ones(50, dtype=np.intp), ("a", "b"))
    assert np.isfinite(move("x", old, new).psi)


def test_moves_put_the_score_first_then_the_largest() -> None:
    rng = np.random.default_rng(2)
    n = 600
    parts = {"still": rng.normal(size=n), "moving": np.arange(n, dtype=float)}
    split = Split(np.arange(400), np.arange(400, 600), 0, 0.0)
    found = moves(parts, split, old_score=rng.normal(size=300), new_score=rng.normal(size=200))
    assert [one.part for one in found] == ["", "moving", "still"]
