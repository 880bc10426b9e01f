"""The delay, the months and drift."""

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.leads.parts import Levels
from leadml.learning.delay import delay_curve
from leadml.learning.maturity import ripening
from leadml.learning.splits import Split
from leadml.report.rates import Rate
from leadml.report.time import Ages, delay, interval, months, move, moves
from leadml.report.timefacts import HorizonCost

MakeShots = Callable[..., Any]


AS_OF = 400 * DAY


def dated(ages: NDArray[np.float64], delays: NDArray[np.float64]) -> dict[str, Any]:
    return {"created": AS_OF - ages * DAY, "converted": AS_OF + (delays - ages) * DAY, "as_of": AS_OF}


def test_the_delay_is_the_curve_with_its_end_and_its_horizons() -> None:
    rng = np.random.default_rng(3)
    leads = dated(rng.uniform(0, 400, 2000), np.where(rng.random(2000) < 0.3, rng.exponential(20, 2000), np.nan))
    curve = delay_curve(**leads)
    assert curve is not None
    ripe = ripening(**leads, horizon_days=curve.last)
    assert ripe is not None
    cost = HorizonCost(30, interval(ripe.within(30)), 0.9, Rate(1800, 500), True)
    facts = delay(curve, ripe, [cost])
    assert (facts.n, facts.n_converted, facts.horizons) == (2000, curve.n_converted, (cost,))
    assert facts.curve[0][0] == 0.0
    assert facts.curve[-1] == (curve.last, facts.ever)
    shares = [one.value or 0.0 for _, one in facts.curve]
    assert shares == sorted(shares)
    assert facts.levelled_off
    assert facts.median_days == pytest.approx(20 * log(2), rel=0.2)
    assert facts.late_days == pytest.approx(20 * log(10), rel=0.2)


def test_months_count_every_lead_once_and_know_their_part(make_shots: MakeShots) -> None:
    days = np.arange(0, 200, 1.0)
    shots, _ = make_shots({"x": days}, days % 5 == 0, days=days)
    split = Split(np.arange(120), np.arange(150, 200), 30, days[150] * 86_400)
    found = months(shots, split)
    assert sum(one.rate.n for one in found) == 200
    assert sum(one.rate.converted for one in found) == shots.n_converted
    assert found[0].label == "1970-01"
    assert [found[0].part, found[-1].part] == ["older", "test"]


def test_young_months_are_told_by_what_they_will_come_to(make_shots: MakeShots) -> None:
    """Half of 400 leads a day convert, evenly over 100 days; the newest month has seen a seventh of its own."""
    ages = np.repeat(np.arange(400.0) + 0.5, 100)
    delays = np.where(np.arange(len(ages)) % 2 == 0, (np.arange(len(ages)) * 0.37) % 100, np.nan)
    known = dated(ages, delays)
    mature = np.flatnonzero(ages >= 100)[::-1]
    days = (known["created"] / DAY)[mature]
    shots, _ = make_shots({"x": days}, ~np.isnan(delays[mature]), days=days)
    rows = np.arange(len(mature))
    split = Split(rows[:20000], rows[20000:], 0, 0.0)
    in_time = delays <= ages
    ripe = ripening(**known, horizon_days=100)
    found = months(shots, split, Ages(known["created"], ages, in_time, None, ripe))
    assert sum(one.rate.n for one in found) == len(shots)
    assert sum(one.so_far.n for one in found if one.so_far) == len(ages)
    assert [one.part for one in found[-2:]] == ["young", "young"]
    old, new = found[3], found[-1]
    assert not old.is_young
    assert old.best == old.rate.interval
    assert new.is_young
    assert new.so_far is not None
    assert (new.so_far.interval.high or 1.0) < 0.4
    assert (new.best.high or 0.0) > 0.5
    assert (new.best.low or 1.0) < 0.5
    unknown = months(shots, split, Ages(known["created"], ages, in_time, None, None))[-1]
    assert (unknown.is_young, unknown.expected, unknown.best.value) == (True, None, None)


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
