"""The family with a prior: near the base rate while little is known, an ordinary regression where much is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from numpy.typing import NDArray

from conftest import MakeShots
from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part, Way
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import Calibration
from leadml.learning.candidates import FAMILIES
from leadml.learning.compile import compile_scorecard
from leadml.learning.prior import TOLD, WIDTHS
from leadml.learning.search import Fitted, fit
from leadml.model.scorecard import LinearTerm, StepTerm

Floats = NDArray[np.float64]
AS_IT_IS = Calibration(1.0, 0.0, 0, "")
SHIPPING = [name for name, family in FAMILIES.items() if family.ships]


def table(n: int, seed: int, *, signal: float) -> tuple[dict[str, Column], NDArray[np.bool_]]:
    """Return columns and outcomes with a planted effect: signal times a number, and half of it for a level."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Column] = {f"x{i}": rng.normal(size=n) for i in range(4)}
    columns["source"] = Levels(rng.integers(0, 4, n), ("ad", "fair", "web", "mail"))
    source = columns["source"]
    assert isinstance(source, Levels)
    logit = -1.5 + signal * np.asarray(columns["x0"]) + 0.5 * signal * (source.codes == 1)
    return columns, rng.random(n) < 1 / (1 + np.exp(-logit))


def learn(
    shots: Snapshots, parts: tuple[Part, ...], family: str = "prior", weight: Floats | None = None, **own: object
) -> Fitted:
    """Fit a family on all rows."""
    rows = np.arange(len(shots), dtype=np.intp)
    choice = own or FAMILIES[family].settings[0]
    return fit(shots, parts, rows, family, dict(choice), final=True, random_state=0, sample_weight=weight)


def said(fitted: Fitted, shots: Snapshots) -> Floats:
    return fitted.logit(shots, np.arange(len(shots), dtype=np.intp))


@pytest.mark.parametrize("seed", range(5))
def test_with_few_conversions_it_stays_near_the_base_rate(make_shots: MakeShots, seed: int) -> None:
    columns, y = table(40, seed, signal=0.0)
    y = np.isin(np.arange(40), np.random.default_rng(seed).choice(40, 5, replace=False))
    logit = said(learn(*make_shots(columns, y)), make_shots(columns, y)[0])
    assert logit.mean() == pytest.approx(np.log(5 / 35), abs=0.1)
    assert logit.std() < 0.35


def test_with_many_it_is_nearly_the_plain_regression(make_shots: MakeShots) -> None:
    shots, parts = make_shots(*table(20_000, 1, signal=1.0))
    prior, plain = said(learn(shots, parts), shots), said(learn(shots, parts, "logistic", C=100.0), shots)
    assert np.abs(prior - plain).max() < 0.06
    assert np.corrcoef(prior, plain)[0, 1] > 0.999


def test_the_width_follows_the_signal(make_shots: MakeShots) -> None:
    def width(signal: float, n: int) -> float:
        fitted = learn(*make_shots(*table(n, 3, signal=signal)))
        return float(fitted.estimator[-1].weights_ @ np.array(WIDTHS))

    assert width(0.0, 3000) < 0.06
    assert width(1.5, 3000) > 0.3
    assert width(0.0, 3000) < width(0.0, 60)  # the more is known, the surer it is that there is nothing


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100), factor=st.sampled_from([1e-6, 0.3, 1000.0]), shift=st.sampled_from([0.0, -5.0]))
def test_the_unit_of_a_number_does_not_matter(make_shots: MakeShots, seed: int, factor: float, shift: float) -> None:
    columns, y = table(150, seed, signal=1.0)
    shots, parts = make_shots(columns, y)
    other, _ = make_shots({**columns, "x0": np.asarray(columns["x0"]) * factor + shift * factor}, y)
    assert said(learn(other, parts), other) == pytest.approx(said(learn(shots, parts), shots), abs=1e-5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100), where=st.integers(0, 119))
def test_a_weight_is_a_number_of_leads(make_shots: MakeShots, seed: int, where: int) -> None:
    columns, y = table(120, seed, signal=1.0)
    del columns["source"]  # whether a level has ten leads is a matter of rows
    shots, parts = make_shots(columns, y)
    twice = np.insert(np.arange(120), where, where)
    copied, _ = make_shots({name: np.asarray(column)[twice] for name, column in columns.items()}, y[twice])
    weight = np.where(np.arange(120) == where, 2.0, 1.0)
    assert said(learn(copied, parts), shots) == pytest.approx(said(learn(shots, parts, weight=weight), shots), abs=1e-6)


def test_a_declared_way_is_known_before_any_outcome(make_shots: MakeShots) -> None:
    """With a handful of outcomes that say nothing, the slope is the prior's, one way or the other."""
    columns, _ = table(200, 5, signal=0.0)
    shots, parts = make_shots(columns, np.arange(200) % 40 == 0)
    ways: tuple[tuple[Way, int], ...] = (("rising", 1), ("falling", -1))
    for way, sign in ways:
        slope = _slope(shots, _told(parts, "x1", way))
        assert 0.3 * TOLD < sign * slope * np.asarray(columns["x1"]).std() < 3 * TOLD


def _told(parts: tuple[Part, ...], name: str, way: Way) -> tuple[Part, ...]:
    return tuple(replace(part, way=way) if part.name == name else part for part in parts)


def _slope(shots: Snapshots, parts: tuple[Part, ...]) -> float:
    card = compile_scorecard(learn(shots, parts), AS_IT_IS, shots)
    term = next(term for term in card.terms if term.part == "x1")
    assert isinstance(term, LinearTerm)
    return term.slope


@pytest.mark.parametrize("family", SHIPPING)
@pytest.mark.parametrize("way", ["rising", "falling"])
def test_every_family_keeps_the_way(make_shots: MakeShots, family: str, way: Way) -> None:
    """The truth waves and falls in the end: what is told holds all the same, and holds level what turns round."""
    rng = np.random.default_rng(0)
    n = 1500
    x = rng.normal(size=n)
    x[::17] = np.nan
    wave = np.nan_to_num(np.sin(3 * x) - 0.7 * x)
    columns, _ = table(n, 0, signal=0.0)
    shots, parts = make_shots({**columns, "x": x}, rng.random(n) < 1 / (1 + np.exp(1.2 - wave)))
    told = _told(parts, "x", way)
    card = compile_scorecard(learn(shots, told, family), AS_IT_IS, shots)
    sign = 1 if way == "rising" else -1
    terms = [term for term in card.terms if term.part == "x"]
    for term in terms:
        assert isinstance(term, StepTerm | LinearTerm)
        steps = np.diff(term.points) if isinstance(term, StepTerm) else np.array([term.slope])
        assert (sign * steps >= -1e-12).all()
        assert isinstance(term, StepTerm) or (term.slope == 0) == (way == "rising")
    assert terms or way == "rising"
