"""Splits by the rules, to the letter, over random times, horizons and groups."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from leadml.errors import TrainingRefused
from leadml.leads.snapshots import Snapshots
from leadml.learning.splits import Split, folds_to_choose_on, rolling_folds, split_at, time_split

MakeShots = Callable[..., tuple[Snapshots, object]]
DAY = 86_400.0


@st.composite
def tables(draw: st.DrawFn) -> dict[str, object]:
    """Days of creation (with ties), labels, a horizon, and groups of a few leads or none."""
    n = draw(st.integers(60, 600))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    days = np.sort(rng.integers(0, draw(st.integers(30, 900)), n)).astype(float)
    return {
        "days": days,
        "y": rng.random(n) < draw(st.floats(0.05, 0.6)),
        "horizon_days": draw(st.integers(0, 120)),
        "groups": rng.integers(0, n // draw(st.integers(1, 4)), n) if draw(st.booleans()) else None,
    }


def _honest(shots: Snapshots, split: Split) -> None:
    train, test = split.train, split.test
    assert (shots.ends[train] <= split.start).all(), "a label in training was not final when the test began"
    assert (shots.times[train] <= split.start).all()
    assert (shots.times[test] >= split.start).all()
    assert not set(train) & set(test)
    if shots.groups is not None:
        assert not set(shots.groups[train]) & set(shots.groups[test]), "a group on both sides"


def _counted(shots: Snapshots, split: Split, within: NDArray[np.intp], end: float = np.inf) -> None:
    """Each row before ``end`` is on one side or counted as left out."""
    assert {*split.train, *split.test} <= set(within)
    assert len(split.train) + len(split.test) + split.left_out == int((shots.times[within] < end).sum())


@given(table=tables(), where=st.floats(0, 1), until=st.floats(0, 1))
def test_no_label_and_no_group_reaches_across(
    make_shots: MakeShots, table: dict[str, object], where: float, until: float
) -> None:
    shots, _ = make_shots({}, **table)
    start, end = np.quantile(shots.times, where), np.quantile(shots.times, until)
    rows = np.arange(len(shots))
    _honest(shots, split_at(shots, float(start)))
    _counted(shots, split_at(shots, float(start)), rows)
    within, until_then = rows[::2], float(max(start, end))
    split = split_at(shots, float(start), end=until_then, within=within)
    _honest(shots, split)
    _counted(shots, split, within, until_then)
    assert (shots.times[split.test] < until_then).all()


@given(table=tables())
def test_a_lead_is_left_out_only_for_a_reason(make_shots: MakeShots, table: dict[str, object]) -> None:
    shots, _ = make_shots({}, **table)
    start = float(np.median(shots.times))
    split = split_at(shots, start)
    out = np.setdiff1d(np.arange(len(shots)), np.concatenate((split.train, split.test)))
    for row in out:
        too_young = shots.times[row] < start < shots.ends[row]
        older = shots.groups is not None and bool((shots.times[shots.groups == shots.groups[row]] < start).any())
        assert too_young or older


@settings(max_examples=60)
@given(table=tables(), share=st.sampled_from([0.1, 0.2, 0.35]))
def test_time_split_is_honest_or_refuses(make_shots: MakeShots, table: dict[str, object], share: float) -> None:
    shots, _ = make_shots({}, **table)
    try:
        split = time_split(shots, test_fraction=share)
        folds = rolling_folds(shots, split.train)
    except TrainingRefused:
        return
    _honest(shots, split)
    _counted(shots, split, np.arange(len(shots)))
    assert len(split.train) >= len(shots) / 2
    assert 0 < shots.y[split.train].sum() < len(split.train)
    seen: set[int] = set()
    for fold in folds:
        _honest(shots, fold)
        assert {*fold.train, *fold.test} <= set(split.train)
        assert not seen & set(fold.test), "a lead validated on twice"
        assert 0 < shots.y[fold.test].sum() < len(fold.test)
        seen |= set(fold.test)


@given(
    n=st.integers(200, 800),
    every=st.integers(2, 30),
    horizon=st.integers(0, 60),
)
def test_the_share_of_the_test_part(make_shots: MakeShots, n: int, every: int, horizon: int) -> None:
    """20 %, enlarged to at most 40 % until it holds 50 conversions; 10 % where training would keep under half."""
    y = np.arange(n) % every == 0
    shots, _ = make_shots({}, y=y, days=np.arange(n) * 0.5, horizon_days=horizon)
    newest = np.cumsum(y[::-1])
    with_50 = int(np.argmax(newest >= 50)) + 1 if newest[-1] >= 50 else n
    n_test = min(max(with_50, round(0.2 * n)), round(0.4 * n))
    gap = max(0, 2 * horizon - 1)  # two leads a day; a label that is final as the test begins counts
    if n - n_test - gap < n / 2:
        n_test = round(0.1 * n)
    try:
        split = time_split(shots)
    except TrainingRefused:
        n_train = max(0, n - n_test - gap)
        assert n_train < n / 2 or y.sum() < 5
        return
    assert (len(split.test), split.left_out, len(split.train)) == (n_test, gap, n - n_test - gap)


def test_enlarging_counts_the_conversions_that_groups_leave_in_the_test(make_shots: MakeShots) -> None:
    n = 1000
    groups = np.arange(n)
    groups[-200::2] = groups[:200:2]  # half of the newest leads belong to firms that came in first
    shots, _ = make_shots({}, y=np.arange(n) % 5 < 2, groups=groups)
    split = time_split(shots)
    assert shots.y[split.test].sum() >= 50
    assert len(shots) * 0.2 <= (shots.times >= split.start).sum() <= 0.4 * n


def _carries_folds(shots: Snapshots) -> bool:
    try:
        split = time_split(shots)
    except TrainingRefused:
        return False
    tested = shots.y[split.test]
    return bool(folds_to_choose_on(shots, split.train)) and 5 <= tested.sum() < tested.size


@settings(max_examples=40)
@given(
    span=st.integers(60, 200),
    horizon=st.integers(30, 190),
    per_day=st.integers(8, 12),
    grouped=st.booleans(),
)
def test_a_refusal_names_the_longest_horizon_that_fits(
    make_shots: MakeShots, span: int, horizon: int, per_day: int, grouped: bool
) -> None:
    created = np.arange(span * per_day) / per_day
    converts_after = (np.arange(created.size) * 7919) % 40  # days; a third of the leads within two weeks
    codes = (np.arange(created.size) * 31) % created.size // 2

    def relabel(days: int) -> Snapshots:
        kept = created + days <= span
        groups = codes[kept] if grouped else None
        y = converts_after[kept] <= days
        return make_shots({}, y=y & (converts_after[kept] < 30), days=created[kept], horizon_days=days, groups=groups)[
            0
        ]

    shots = relabel(horizon)
    if not len(shots):
        return
    try:
        time_split(shots, relabel=relabel)
    except TrainingRefused as refusal:
        named = re.search(r"got (\d+) days; the longest that fits is (\d+)", str(refusal))
        if named is None:
            return
        days = int(named[2])
        assert int(named[1]) == horizon > days
        split = time_split(relabel(days))
        assert len(split.train) >= len(relabel(days)) / 2
        assert rolling_folds(relabel(days), split.train)
        assert not _carries_folds(relabel(days + 1))


def test_a_horizon_that_is_too_long_for_the_table_is_refused_with_one_that_fits(make_shots: MakeShots) -> None:
    created = np.arange(3000) / 10  # 300 days

    def relabel(days: int) -> Snapshots:
        kept = created[created + days <= 300]
        return make_shots({}, y=np.arange(kept.size) % 4 == 0, days=kept, horizon_days=days)[0]

    with pytest.raises(TrainingRefused, match=r"got 150 days; the longest that fits is \d\d") as refusal:
        time_split(relabel(150), relabel=relabel)
    days = int(str(refusal.value).rsplit(" ", 1)[1])
    assert rolling_folds(relabel(days), time_split(relabel(days)).train)
    with pytest.raises(TrainingRefused):
        rolling_folds(relabel(days + 1), time_split(relabel(days + 1)).train)


def test_where_no_horizon_fits_the_refusal_says_so(make_shots: MakeShots) -> None:
    def relabel(days: int) -> Snapshots:  # a campaign of two days
        return make_shots({}, y=np.arange(400) % 4 == 0, days=np.arange(400) / 200, horizon_days=days)[0]

    with pytest.raises(TrainingRefused, match=r"no shorter horizon fits; collect leads over a longer time"):
        time_split(relabel(60), relabel=relabel)


@pytest.mark.parametrize("groups", [None, np.zeros(200, dtype=int)])
def test_leads_that_cannot_be_divided_are_refused_without_talk_of_horizons(
    make_shots: MakeShots, groups: NDArray[np.intp] | None
) -> None:
    days = np.zeros(200) if groups is None else np.arange(200.0)
    shots, _ = make_shots({}, y=np.arange(200) % 2 == 0, days=days, groups=groups)
    with pytest.raises(TrainingRefused, match=r"(at one moment or in one group|must hold)") as refusal:
        time_split(shots)
    assert "horizon_days must leave" not in str(refusal.value)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([], "must be leads whose outcome is final, got none"),
        ([True] * 30, "must be leads that did not convert, got 30 conversions in 30"),
        ([False] * 500, "at least 5 conversions among the matured leads, got 0 in 500"),
        ([True] * 4 + [False] * 400, "at least 5 conversions among the matured leads, got 4 in 404"),
        ([False] * 400 + [True] * 30, "older leads must hold both outcomes, got 0 conversions in 258"),
        ([True] * 400 + [False] * 30, "older leads must hold both outcomes, got 344 conversions in 344"),
    ],
)
def test_refusals_say_what_is_needed(make_shots: MakeShots, y: list[bool], words: str) -> None:
    shots, _ = make_shots({}, y=y)
    with pytest.raises(TrainingRefused, match=words):
        time_split(shots)


def test_few_conversions_are_split_as_they_come(make_shots: MakeShots) -> None:
    """The test part is as large as can be; smaller only where no conversion would be left to learn from."""
    y = np.zeros(100, dtype=bool)
    y[[10, 30, 50, 70, 90]] = True
    shots, _ = make_shots({}, y=y)
    split = time_split(shots)
    assert (len(split.train), len(split.test), shots.y[split.test].sum()) == (60, 40, 2)
    assert not folds_to_choose_on(shots, split.train)
    late = np.zeros(100, dtype=bool)
    late[80:85] = True
    shots, _ = make_shots({}, y=late)
    split = time_split(shots)
    assert (len(split.train), len(split.test), shots.y[split.test].sum()) == (90, 10, 0)


def test_folds_roll_forward_and_unusable_ones_are_left_out(make_shots: MakeShots) -> None:
    y = np.arange(1000) % 8 == 0
    y[:500] = False  # nothing to learn from before the middle
    shots, _ = make_shots({}, y=y)
    folds = rolling_folds(shots, np.arange(1000))
    assert len(folds) == 2
    assert folds[0].test.max() < folds[1].test.min()
    assert folds[1].test[-1] == 999
    shots, _ = make_shots({}, y=np.arange(1000) == 0)
    with pytest.raises(TrainingRefused, match="no time fold of the older part had 10 final conversions"):
        rolling_folds(shots, np.arange(1000))
