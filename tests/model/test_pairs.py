"""Pairs: half of the grid's number is credited to either part, by every way to a score alike."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import BundleError, DataError
from leadml.leads.columns import Coercer
from leadml.leads.parts import Column, Levels
from leadml.leads.reading import values_array
from leadml.leads.schema import AXES
from leadml.model.axes import SCORES
from leadml.model.bundle import Bundle, load, save
from leadml.model.explain import explain
from leadml.model.many import ListScorer
from leadml.model.pairs import LevelSide, PairTerm, StepSide
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard, StepTerm, from_json, to_json
from leadml.model.scorer import Scorer

NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
MakeBundle = Callable[..., Bundle]
EDGES = (1.0, 4.0, 45_000.0, 20_000.0)
NUMBERS = (
    st.sampled_from([*EDGES, *np.nextafter(EDGES, 0.0).tolist(), -0.0, 1e300]) | st.integers(-5, 10**6) | st.none()
)
LEADS = st.fixed_dictionaries(
    {},
    optional={
        "created_at": st.sampled_from(["2026-10-01", "2026-10-01T12:00:00Z", None]),
        "visits": NUMBERS | st.sampled_from(["many", "3"]),
        "income": NUMBERS,
        "source": st.sampled_from(["web", " WEB", "7", 7, 7.0, True, "fair", "n/a", None]) | st.text(max_size=3),
        "newsletter": st.sampled_from(["yes", False, None]),
        "job_title": st.sampled_from(["Head of Sales", "CEO", "zzz", "", None]),
        "email": st.emails() | st.none(),
        "last_call": st.sampled_from(["2026-09-01", "2026-10-02", None]),
    },
)


@given(st.lists(LEADS, min_size=1, max_size=8))
def test_one_lead_a_list_and_a_table_agree_bit_for_bit(paired_bundle: Bundle, leads: list[dict[str, Any]]) -> None:
    scorer = Scorer(paired_bundle)
    leads = [lead for lead in leads if lead.get("visits") != "many"] or [{}]
    names = sorted(set().union(*leads) | {"lead_id"})
    columns = {name: [lead.get(name) for lead in leads] for name in names}
    table = pa.table({name: values_array(values) for name, values in columns.items()})

    alone = [scorer.score_one(lead, as_of=NOW) for lead in leads]

    assert ListScorer(scorer)(columns, len(leads), as_of=NOW) == alone
    rows = scorer.score_batch(table).table(table, as_of="").to_pylist()
    for row, lead in zip(rows, alone, strict=True):
        told = ("logit", *AXES, *SCORES, "summary")
        assert [row[name] for name in told] == [getattr(lead, name) for name in told]
        assert row["reasons"] == [msgspec.to_builtins(reason) for reason in lead.reasons]
        assert lead.base + sum(row[axis] for axis in AXES) == pytest.approx(lead.logit, abs=1e-9)
    plain = scorer.score_batch(table, reasons=False)
    assert plain.logit.tolist() == [lead.logit for lead in alone]
    parts = Coercer(scorer.schema)(table).parts
    np.testing.assert_allclose(paired_bundle.scorecard.logit(parts), plain.logit, rtol=0, atol=1e-9)
    matrix = paired_bundle.scorecard.contributions(parts)
    np.testing.assert_allclose(paired_bundle.scorecard.base + matrix.sum(axis=1), plain.logit, rtol=0, atol=1e-9)


def test_a_value_that_cannot_be_read_is_named(paired_bundle: Bundle) -> None:
    scorer = Scorer(paired_bundle)
    with pytest.raises(DataError, match="visits"):
        scorer.score_one({"visits": "many"})
    with pytest.raises(DataError, match="visits"):
        ListScorer(scorer)({"visits": ["many", 1], "source": ["web", "web"]}, 2)


def test_each_part_gets_half_and_explanation_and_reasons_add_up(module_bundle: Bundle, paired_bundle: Bundle) -> None:
    lead = {"source": "web", "visits": 5, "income": 50_000}
    without, scorer = Scorer(module_bundle), Scorer(paired_bundle)
    before = {one.part: one.contribution for one in explain(without, lead)}
    after = {one.part: one for one in explain(scorer, lead)}
    last = (0.77 / 2, -0.99 / 2)  # no call is known, no title either: the last row, its last number
    assert after["source"].contribution - before["source"] == pytest.approx(0.4 / 2)
    assert after["visits"].contribution - before["visits"] == pytest.approx(0.4 / 2 + 0.4 / 2)
    assert after["income"].contribution - before["income"] == pytest.approx(0.4 / 2)
    assert after["job_title.seniority"].contribution - before["job_title.seniority"] == pytest.approx(last[1])
    scored = scorer.score_one(lead)
    assert scored.base + sum(one.contribution for one in after.values()) == pytest.approx(scored.logit, abs=1e-12)
    by_text = {one.text: one.contribution for one in after.values()}
    for reason in scored.reasons:
        assert reason.contribution == pytest.approx(by_text[reason.text], abs=1e-6)


points = st.floats(-5, 5)
PARTS: dict[str, Column] = {
    "source": Levels(np.array([-1, 0, 1, 2, 0, -1, 1]), ("a", "zzz", "b")),
    "visits": np.array([np.nan, -1e300, 0.0, 1.5, 20.0, np.inf, 1.0]),
    "income": np.array([np.nan, 0.0, 1.0, 2.0, 3.0, -np.inf, 2.0]),
}


@st.composite
def scorecards(draw: st.DrawFn) -> Scorecard:
    cuts = tuple(draw(st.lists(st.sampled_from([-1.0, 0.0, 1.0, 1.5, 20.0]), unique=True).map(sorted)))
    levels = tuple(draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True)))
    sides = (LevelSide("source", levels), StepSide("visits", cuts), StepSide("income", (1.0, 2.0)))

    def grid(rows: int, columns: int) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(draw(points) for _ in range(columns)) for _ in range(rows))

    return Scorecard(
        draw(points),
        (
            CategoryTerm("source", ("a", "b"), (draw(points), draw(points)), draw(points), draw(points)),
            StepTerm("visits", (1.0,), (draw(points), draw(points)), draw(points)),
            LinearTerm("income", draw(points), 0.0, 3.0, 1.0, draw(points)),
        ),
        (
            PairTerm(sides[0], sides[1], grid(sides[0].size, sides[1].size)),
            PairTerm(sides[1], sides[2], grid(sides[1].size, 4)),
        ),
    )


@given(scorecards())
def test_json_reads_back_the_same(card: Scorecard) -> None:
    assert from_json(to_json(card)) == card


@given(scorecards(), st.floats(0.3, 3), points)
def test_edits_keep_what_they_should(card: Scorecard, slope: float, intercept: float) -> None:
    logit = card.logit(PARTS)
    close: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-9}
    np.testing.assert_allclose(card.calibrated(slope, intercept).logit(PARTS), slope * logit + intercept, **close)
    np.testing.assert_allclose(card.shifted(0.5).logit(PARTS), logit + 0.5, **close)
    for weight in (None, np.arange(7.0)):
        centred = card.centred(PARTS, weight)
        np.testing.assert_allclose(centred.logit(PARTS), logit, **close)
        assert np.average(centred.contributions(PARTS), axis=0, weights=weight) == pytest.approx(0, abs=1e-9)


@given(scorecards())
def test_a_part_is_switched_off_with_its_pairs(card: Scorecard) -> None:
    less = card.without("source")
    assert [pair.parts for pair in less.pairs] == [("visits", "income")]
    own, half = card.contributions(PARTS)[:, 0], card.pairs[0].credit(PARTS)
    np.testing.assert_allclose(less.logit(PARTS), card.logit(PARTS) - own - half, rtol=0, atol=1e-9)
    np.testing.assert_allclose(less.contributions(PARTS)[:, 1], card.contributions(PARTS)[:, 2], rtol=0, atol=1e-12)


@given(scorecards(), st.booleans())
def test_whatever_the_other_parts_are_the_logit_only_rises_or_falls(card: Scorecard, rising: bool) -> None:
    at = np.array([-5.0, -1.0, 0.0, 0.5, 1.0, 1.5, 7.0, 20.0, 1e9])
    edited = card.monotone("visits", PARTS, rising=rising)
    for source in (-1, 0, 1, 2):
        for income in (np.nan, 0.0, 1.5, 9.0):
            parts: dict[str, Column] = {
                "source": Levels(np.full(at.size, source), ("a", "b", "new")),
                "visits": at,
                "income": np.full(at.size, income),
            }
            steps = np.diff(edited.logit(parts))
            assert (steps >= -1e-9).all() if rising else (steps <= 1e-9).all()
            missing = {**parts, "visits": np.full(at.size, np.nan)}
            np.testing.assert_allclose(edited.logit(missing), card.logit(missing), rtol=0, atol=1e-9)


def test_bundles_with_pairs_are_of_a_newer_format_and_others_are_not(
    module_bundle: Bundle, paired_bundle: Bundle, tmp_path: Path
) -> None:
    old = [
        msgspec.structs.replace(one, passport=msgspec.structs.replace(one.passport, axis_reference={}))
        for one in (module_bundle, paired_bundle)
    ]
    plain, paired = save(old[0], tmp_path / "plain"), save(old[1], tmp_path / "paired")
    formats = [json.loads((folder / "manifest.json").read_bytes())["format"] for folder in (plain, paired)]
    assert formats == [1, 2]
    assert b"pairs" not in (plain / "scorecard.json").read_bytes()
    assert load(paired).scorecard == paired_bundle.scorecard


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (PairTerm(StepSide("visits", ()), StepSide("visits", ()), ((0.0,) * 2,) * 2), "must be of two parts"),
        (PairTerm(StepSide("gone", ()), StepSide("visits", ()), ((0.0,) * 2,) * 2), "terms of the same sort"),
        (PairTerm(StepSide("source", ()), StepSide("visits", ()), ((0.0,) * 2,) * 2), "terms of the same sort"),
        (PairTerm(StepSide("visits", (1.0,)), LevelSide("source", ()), ((0.0,) * 2,) * 2), "3 rows of 2 points"),
        (PairTerm(StepSide("visits", ()), LevelSide("source", ()), ((0.0,) * 3,) * 2), "2 rows of 2 points"),
        (PairTerm(StepSide("visits", (2.0, 1.0)), LevelSide("source", ()), ((0.0,) * 2,) * 4), "must rise"),
        (PairTerm(StepSide("visits", ()), LevelSide("source", ("a", "a")), ((0.0,) * 4,) * 2), "each level once"),
    ],
)
def test_pairs_that_cannot_be_scored_are_refused(
    module_bundle: Bundle, tmp_path: Path, pair: PairTerm, words: str
) -> None:
    card = msgspec.structs.replace(module_bundle.scorecard, pairs=(pair,))
    folder = save(msgspec.structs.replace(module_bundle, scorecard=card), tmp_path / "model")
    with pytest.raises(BundleError, match=words):
        load(folder)
