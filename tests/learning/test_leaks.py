"""Leaks: what is planted is found and proven, and honest fields are not."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from bench.leaks import LEAKS, clean_tables, is_blocked, make_table, wilson
from numpy.typing import NDArray

from leadml.leads.declared import Columns
from leadml.leads.parts import Column, Levels
from leadml.leads.raw import InMemory
from leadml.leads.sample import Planted, make_sample
from leadml.leads.schema import Outcomes, Part, Roles
from leadml.leads.snapshots import Snapshots, snapshots
from leadml.leads.validation import validate
from leadml.learning.leaks import doubts
from leadml.learning.leaks.finding import Leak, lower, upper
from leadml.learning.leaks.late import Beside, with_outcome
from leadml.learning.leaks.power import alone, beyond_the_rest
from leadml.learning.leaks.proofs import known_late, telling_level
from leadml.learning.leaks.search import find_leaks, find_proven
from leadml.learning.splits import time_split

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
ROLES = Roles("lead_id", "created_at", "status", "won_at", "deal_value", "owner", "account_id", "opted_out")
OUTCOMES = Outcomes(("won",), ("lost",), ("new", "working"))


def found(planted: Planted, *, horizon: int | None = 90, allow: tuple[str, ...] = ()) -> tuple[Leak, ...]:
    sample = make_sample(2000, events=False, planted=planted)
    leads = validate(InMemory(sample.leads), Columns(ROLES, OUTCOMES), now=2e9, horizon_days=horizon)
    shots = snapshots(leads, horizon_days=horizon).snapshots
    return find_leaks(leads, shots, allow=allow, split=time_split(shots))


@pytest.mark.parametrize("horizon", [90, None])
def test_the_planted_leak_is_proven_and_nothing_else_suspected(horizon: int | None) -> None:
    (leak,) = found(Planted(), horizon=horizon)
    assert (leak.field, leak.verdict, leak.evidence.test) == ("lead_quality", "proven", "outcome")
    assert leak.evidence.figure < 0.5
    assert str(leak).startswith("'lead_quality' is filled in for ")


def test_without_open_leads_the_planted_leak_is_suspected() -> None:
    (leak,) = found(Planted(open=False))
    assert (leak.field, leak.verdict, leak.evidence.test) == ("lead_quality", "suspect", "power")
    assert leak.evidence.figure > 0.9
    assert "name it under leads.ignore" in str(leak)


def test_what_is_allowed_is_only_told() -> None:
    (leak,) = found(Planted(), allow=("lead_quality",))
    assert (leak.verdict, leak.allowed) == ("suspect", True)
    assert "leads.allow lets it in" in str(leak)
    assert found(Planted(open=False), allow=("lead_quality",)) == ()


def test_without_the_leak_nothing_is_suspected() -> None:
    assert found(Planted(leak=False)) == ()


def test_clean_tables_are_not_blocked() -> None:
    tables = clean_tables(20, seed=5)
    assert sum("genuine" in table.table.column_names for table in tables) == 10
    assert not any(map(is_blocked, tables))


@pytest.mark.parametrize("kind", LEAKS)
def test_planted_leaks_are_named(kind: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(3):
        verdicts = {leak.field: leak.verdict for leak in make_table(rng, leak=kind).leaks()}
        assert "planted" in verdicts
        if kind in ("judged when decided", "stage that moves", "known later"):
            assert verdicts["planted"] == "proven"


def test_proofs_alone_are_what_the_search_proves() -> None:
    sample = make_sample(2000, events=False)
    leads = validate(InMemory(sample.leads), Columns(ROLES, OUTCOMES), now=2e9)
    shots = snapshots(leads).snapshots
    proven = [leak for leak in find_leaks(leads, shots) if leak.verdict == "proven"]
    assert [leak.field for leak in find_proven(leads, shots)] == [leak.field for leak in proven] == ["lead_quality"]


@pytest.mark.parametrize("n", [300, 3000])
def test_a_column_of_distinct_values_tells_nothing(n: int) -> None:
    rng = np.random.default_rng(0)
    column, y = Levels(np.arange(n), tuple(map(str, range(n)))), rng.random(n) < 0.2
    assert alone(column, y) < 0.6
    assert telling_level("note", column, y) is None


class TestLevels:
    Y = np.arange(1000) < 100  # a base rate of 10 %

    def column(self, of_converted: int, of_others: int) -> Levels:
        codes = np.where(np.arange(1000) % 2, 0, 1)
        codes[:of_converted] = 2
        codes[1000 - of_others : 1000] = 2
        return Levels(codes.astype(np.intp), ("a", "b", "paid"))

    def test_a_level_that_is_the_outcome(self) -> None:
        leak = telling_level("tags", self.column(80, 0), self.Y)
        assert leak is not None
        assert leak.verdict == "proven"
        assert "says 'paid' for 80 leads, of which 100% converted (of all leads 10%)" in leak.evidence.sentence

    @pytest.mark.parametrize(("of_converted", "of_others"), [(80, 5), (30, 0), (15, 0)])
    def test_what_is_no_proof(self, of_converted: int, of_others: int) -> None:
        assert telling_level("tags", self.column(of_converted, of_others), self.Y) is None

    def test_a_high_rate_is_only_suspicious_where_many_convert(self) -> None:
        y = np.arange(1000) < 400
        leak = telling_level("tags", self.column(400, 0), y)
        assert leak is not None
        assert leak.verdict == "suspect"

    def test_any_value_at_all(self) -> None:
        x = np.where(self.Y, np.arange(1000.0), np.nan)
        leak = telling_level("invoice", x, self.Y)
        assert leak is not None
        assert "is filled in for 100 leads" in leak.evidence.sentence


class TestKnowledgeTime:
    TIMES = np.arange(200.0)

    def test_nearly_all_values_came_late(self) -> None:
        known = self.TIMES + np.where(np.arange(200) < 4, -1.0, 1.0)
        leak = known_late("rating", known, self.TIMES, np.ones(200, dtype=bool))
        assert leak is not None
        assert "98% of the 200 leads" in leak.evidence.sentence

    @pytest.mark.parametrize("early", [40, 200])
    def test_some_were_known(self, early: int) -> None:
        known = self.TIMES + np.where(np.arange(200) < early, -1.0, 1.0)
        assert known_late("rating", known, self.TIMES, np.ones(200, dtype=bool)) is None

    def test_few_or_unknown_prove_nothing(self) -> None:
        for filled in (np.arange(200) < 5, np.zeros(200, dtype=bool)):
            assert known_late("rating", self.TIMES + 1, self.TIMES, filled) is None
        assert known_late("rating", np.full(200, np.nan), self.TIMES, np.ones(200, dtype=bool)) is None


class TestWithTheOutcome:
    """2,000 leads of 400 days; losses take 20 to 60 days, conversions less."""

    N = 2000
    CREATED = np.linspace(0, 400, N)

    def beside(self, *, sooner: NDArray[np.bool_] | None = None) -> Beside:
        rng = np.random.default_rng(4)
        won = rng.random(self.N) < 0.2
        took = np.where(won, rng.uniform(1, 40, self.N), rng.uniform(20, 60, self.N))
        took = took if sooner is None else np.where(sooner, 2.0, took)
        status = np.where(self.CREATED + took > 400, -1, won).astype(np.int8)
        beside = Beside.of(self.CREATED, status, 10)
        assert beside is not None
        return beside

    def column(self, filled: NDArray[np.bool_]) -> Column:
        return np.where(filled, 1.0, np.nan)

    def test_filled_in_when_decided(self) -> None:
        beside = self.beside()
        leak = with_outcome("verdict", self.column(beside.status >= 0), beside)
        assert leak is not None
        assert leak.evidence.sentence.startswith("is filled in for 100% of decided leads, but for 0% of open ones")

    def test_a_level_that_is_left_when_decided(self) -> None:
        beside = self.beside()
        stage = Levels((beside.status >= 0).astype(np.intp), ("new", "done"))
        leak = with_outcome("stage", stage, beside)
        assert leak is not None
        assert "says something else than 'new'" in leak.evidence.sentence

    @pytest.mark.parametrize("at", [100, 360, 390])
    @pytest.mark.parametrize("began", [True, False])
    def test_what_began_or_ceased_to_be_collected_is_no_leak(self, at: int, began: bool) -> None:
        filled = (at < self.CREATED) == began
        assert with_outcome("form", self.column(filled), self.beside()) is None

    def test_what_makes_leads_be_decided_sooner_is_no_leak(self) -> None:
        asked = np.random.default_rng(5).random(self.N) < 0.7
        beside = self.beside(sooner=asked)
        assert asked[beside.status >= 0].mean() > 0.7
        assert asked[beside.status < 0].mean() < 0.2
        assert with_outcome("demo", self.column(asked), beside) is None

    def test_few_open_leads_prove_nothing(self) -> None:
        status = np.where(np.arange(self.N) % 60 == 0, -1, 0).astype(np.int8)
        assert Beside.of(self.CREATED, status, 10) is None


class TestPower:
    REST: Mapping[str, float] = {"a": 0.56, "b": 0.58, "c": 0.6, "d": 0.62, "e": 0.5}

    @pytest.mark.parametrize(("power", "suspect"), [(0.95, True), (0.85, True), (0.7, False)])
    def test_far_beyond_the_others(self, power: float, suspect: bool) -> None:
        leaks = list(beyond_the_rest({**self.REST, "x": power}, n_converted=100, n_others=900))
        assert [leak.field for leak in leaks] == (["x"] if suspect else [])

    def test_a_strong_field_among_strong_ones_is_none(self) -> None:
        strong = {"a": 0.7, "b": 0.75, "c": 0.78, "d": 0.8, "x": 0.84}
        assert list(beyond_the_rest(strong, n_converted=100, n_others=900)) == []

    @pytest.mark.parametrize(("power", "suspect"), [(0.86, False), (0.99, True)])
    def test_of_few_conversions_it_may_be_luck(self, power: float, suspect: bool) -> None:
        leaks = list(beyond_the_rest({**self.REST, "x": power}, n_converted=11, n_others=100))
        assert [leak.evidence.figure for leak in leaks] == ([power] if suspect else [])


class TestDoubts:
    Y = np.arange(400) < 100

    def test_gaps_either_way(self) -> None:
        for filled in (self.Y, ~self.Y):
            assert doubts.telling_gaps("reason", filled, self.Y) is not None
        assert doubts.telling_gaps("reason", np.arange(400) % 2 == 0, self.Y) is None

    def test_names(self) -> None:
        assert doubts.telling_name("Lost reason", 0.5, telling=False, crm=None) is not None
        assert doubts.telling_name("lead quality", 0.55, telling=False, crm=None) is None
        assert doubts.telling_name("lead quality", 0.7, telling=False, crm=None) is not None
        assert doubts.telling_name("visits", 0.7, telling=False, crm=None) is None

    def test_power_that_was_not_there_at_first(self) -> None:
        assert doubts.collapses("score", 0.85, 0.55) is not None
        assert doubts.collapses("score", 0.85, 0.8) is None
        assert doubts.collapses("score", 0.6, 0.5) is None

    def test_rows_sorted_by_the_outcome(self, make_shots: MakeShots) -> None:
        y = np.random.default_rng(6).random(2000) < 0.2
        shots, _ = make_shots({"x": np.zeros(2000)}, y)
        assert doubts.telling_rows(shots) is None
        by_outcome = np.argsort(np.argsort(y, kind="stable"))
        for told in (replace(shots, rows=by_outcome), replace(shots, y=np.sort(y), dated=False)):
            leak = doubts.telling_rows(told)
            assert leak is not None
            assert leak.field == "row order"

    def test_copies_on_both_sides(self, make_shots: MakeShots) -> None:
        rng = np.random.default_rng(7)
        x, y = rng.normal(size=1000), rng.random(1000) < 0.3
        shots, _ = make_shots({"x": x}, y)
        assert doubts.repeated([x], shots, time_split(shots)) is None
        x[-50:] = x[:50]
        leak = doubts.repeated([x], shots, time_split(shots))
        assert leak is not None
        assert leak.evidence.facts["n"] == 50


def test_bounds_of_shares() -> None:
    assert lower(59, 59, 0.05) == pytest.approx(0.05 ** (1 / 59))
    assert upper(0, 59, 0.05) == pytest.approx(1 - 0.05 ** (1 / 59))
    assert (lower(0, 5, 0.05), upper(5, 5, 0.05)) == (0.0, 1.0)
    assert wilson(0, 200)[1] < 0.02
