"""Terms, axes and segments, against the scorecard and the leads themselves."""

import numpy as np
import pytest
from telling import Told, noise, sample

from leadml.leads.parts import Levels
from leadml.model.scorecard import LinearTerm
from leadml.report.segments import MIN_CONVERSIONS, MIN_LEADS, segments


@pytest.fixture
def told() -> Told:
    return sample()


def test_importance_is_the_mean_absolute_contribution(told: Told) -> None:
    shots = told.training.labelled.snapshots
    expected = np.abs(told.bundle.scorecard.contributions(shots.parts)).mean(axis=0)
    assert [one.part for one in told.evidence.terms] == [term.part for term in told.bundle.scorecard.terms]
    assert [one.importance for one in told.evidence.terms] == pytest.approx(expected.tolist())


def test_each_term_counts_every_lead_once(told: Told) -> None:
    shots = told.training.labelled.snapshots
    for facts, term in zip(told.evidence.terms, told.bundle.scorecard.terms, strict=True):
        assert sum(facts.leads) == len(shots), facts.part
        assert sum(facts.converted) == shots.n_converted, facts.part
        assert all(0 <= k <= n for k, n in zip(facts.converted, facts.leads, strict=True))
        if not isinstance(term, LinearTerm):
            assert facts.points == term.table
        if facts.range is not None:
            assert facts.range[0] < facts.range[1]
            assert 0 < sum(facts.counts) <= sum(facts.leads[:-1])


def test_a_mean_of_points_weighted_by_leads_is_nothing(told: Told) -> None:
    for facts in told.evidence.terms:  # terms are centred
        total = sum(points * n for points, n in zip(facts.points, facts.leads, strict=True))
        assert total / sum(facts.leads) == pytest.approx(0.0, abs=1e-9), facts.part


def test_the_axes_share_the_variance(told: Told) -> None:
    axes = told.evidence.axes
    assert sum(one.share for one in axes) == pytest.approx(1.0)
    assert {one.axis for one in axes} == {part.axis for part in told.bundle.schema.parts}
    for one in axes:
        assert sum(one.converted) + sum(one.lost) == len(told.training.labelled.snapshots)
        assert list(one.edges) == sorted(one.edges)


def test_segments_are_large_enough_and_protected_columns_are_never_read_by_the_model(told: Told) -> None:
    found = told.evidence.segments
    assert found
    for one in found:
        assert one.rate.n >= MIN_LEADS
        assert one.rate.converted >= MIN_CONVERSIONS
        assert one.listed.converted <= one.rate.n == one.listed.n
        assert one.found.n == one.rate.converted
    protected = {one.column for one in found if one.protected}
    assert protected <= {"age"}
    assert not protected & {field.name for field in told.bundle.schema.fields}
    assert "age" in {one.name for one in told.evidence.unused if one.use == "protected"}


def test_a_segment_by_hand() -> None:
    rng = np.random.default_rng(4)
    n = 400
    logit, code = rng.normal(size=n), rng.integers(0, 2, n)
    y = rng.random(n) < 1 / (1 + np.exp(-logit))
    level = Levels(code.astype(np.intp), ("a", "b"))
    found = segments({"letter": level}, {"age": code.astype(np.float64) * 10}, y, logit, groups=None, random_state=0)
    a = next(one for one in found if one.level == "a")
    assert (a.rate.n, a.rate.converted) == ((code == 0).sum(), y[code == 0].sum())
    assert a.expected == pytest.approx(float((1 / (1 + np.exp(-logit)))[code == 0].mean()))
    assert sum(one.listed.converted for one in found if one.column == "letter") == 80
    bands = [one.band for one in found if one.protected]
    assert bands == [(None, 10.0), (10.0, None)]


def test_small_segments_are_left_out() -> None:
    y = np.arange(60) % 2 == 0
    code = np.where(np.arange(60) < 20, 0, 1).astype(np.intp)
    found = segments({"x": Levels(code, ("a", "b"))}, {}, y, np.zeros(60), groups=None, random_state=0)
    assert not found


def test_what_the_leads_lack_is_not_there() -> None:
    told = noise()
    assert told.evidence.delay is None
    assert told.evidence.months == ()
    assert told.evidence.glass_box is None
    assert not told.evidence.dated
    assert not any(one.protected for one in told.evidence.segments)
