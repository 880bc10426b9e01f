"""A compiled scorecard is its estimator: on every row that can be thought of, for every family that ships."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from leadml.errors import LeadmlError
from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Field, Part, Roles, Schema
from leadml.leads.snapshots import Snapshots, subset
from leadml.learning.calibration import Calibration
from leadml.learning.candidates import FAMILIES
from leadml.learning.compile import compile_scorecard, spellings
from leadml.learning.design import Design
from leadml.learning.search import Fitted, decision, fit
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard, StepTerm, contributions

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
Floats = NDArray[np.float64]
SHIPPING = [name for name, family in FAMILIES.items() if family.ships]
CALIBRATION = Calibration(0.8, -0.3, 100, "")
N = 700


@dataclass(frozen=True)
class Case:
    fitted: Fitted
    scorecard: Scorecard
    shots: Snapshots


def _columns() -> tuple[dict[str, Column], NDArray[np.bool_]]:
    rng = np.random.default_rng(0)

    def missing(x: Floats, share: float) -> Floats:
        return np.where(rng.random(N) < share, np.nan, x)

    visits = rng.poisson(3, N).astype(float)
    income = np.round(rng.lognormal(10, 0.6, N), 2)
    source = rng.choice(4, N, p=[0.5, 0.3, 0.19, 0.01])
    known = missing(np.full(N, 3.0), 0.5)
    columns: dict[str, Column] = {
        "visits": visits,  # never missing
        "income": missing(income, 0.2),
        "change": rng.normal(0, 1, N),
        "tiny": rng.normal(0, 1e-9, N),
        "huge": rng.normal(0, 1e12, N),
        "known": known,  # constant or missing
        "seldom": np.where(rng.random(N) < 0.004, 5.0, 0.0),  # constant between the 1 % and 99 % quantiles
        "all_missing": np.full(N, np.nan),
        "constant": np.ones(N),
        "source": Levels(np.where(rng.random(N) < 0.1, -1, source), ("web", "fair", "list", "rare")),
        "newsletter": Levels(rng.choice(2, N), ("yes", "no")),  # never missing, never unseen
        "firm": Levels(np.where(rng.random(N) < 0.3, -1, np.arange(N)), tuple(map(str, range(N)))),  # all rare
    }
    logit = -1 + 0.4 * (visits - 3) + 0.8 * (source == 1) + 0.5 * np.isnan(known)
    return columns, rng.random(N) < 1 / (1 + np.exp(-logit))


def _case(shots: Snapshots, parts: tuple[Part, ...], family: str, settings: dict[str, Any] | None = None) -> Case:
    rows = np.arange(len(shots), dtype=np.intp)
    choice = FAMILIES[family].settings[-1] if settings is None else settings
    fitted = fit(shots, parts, rows, family, choice, final=False, random_state=0)
    return Case(fitted, compile_scorecard(fitted, CALIBRATION, shots), shots)


@pytest.fixture(scope="module", params=SHIPPING)
def case(request: pytest.FixtureRequest, make_shots: MakeShots) -> Case:
    columns, y = _columns()
    shots, parts = make_shots(columns, y)
    return _case(shots, parts, request.param)


def _same(case: Case, columns: dict[str, Column]) -> None:
    expected = CALIBRATION.apply(decision(case.fitted.estimator, case.fitted.design.matrix(columns)))
    np.testing.assert_allclose(case.scorecard.logit(columns), expected, rtol=0, atol=1e-9)


def _edges(case: Case) -> dict[str, list[float]]:
    """Every number at which a term bends or breaks, with its floating-point neighbours."""
    edges: dict[str, list[float]] = {}
    for term in case.scorecard.terms:
        if not isinstance(term, CategoryTerm):
            at = np.array((term.low, term.high, *term.marks) if isinstance(term, LinearTerm) else term.cuts)
            edges[term.part] = [*at, *np.nextafter(at, np.inf), *np.nextafter(at, -np.inf)]
    return edges


def test_values_exactly_on_cut_points_and_beside_them(case: Case) -> None:
    own = subset(case.shots, np.zeros(1, dtype=np.intp))
    for name, values in _edges(case).items():
        column = np.array([*values, 0.0, -0.0, 5e-324, -5e-324, 1e300, -1e300, np.inf, -np.inf, np.nan])
        others = {key: _repeat(value, column.size) for key, value in own.items()}
        _same(case, others | {name: column})


def _repeat(column: Column, n: int) -> Column:
    rows = np.zeros(n, dtype=np.intp)
    return column.take(rows) if isinstance(column, Levels) else column[rows]


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, -0.0, 5e-324, 1e300, -1e300])
NAMES = ("web", "list", "rare", "yes", "7", "never seen", "")


@settings(max_examples=50)
@given(data=st.data())
def test_any_row(case: Case, data: st.DataObject) -> None:
    edges, n = _edges(case), 12
    columns: dict[str, Column] = {}
    for part in case.fitted.design.parts:
        if part.numeric:
            pool = NUMBERS | st.sampled_from(edges.get(part.name) or [0.0])
            columns[part.name] = np.array(data.draw(st.lists(pool, min_size=n, max_size=n)))
        else:
            codes = data.draw(st.lists(st.integers(-1, len(NAMES) - 1), min_size=n, max_size=n))
            columns[part.name] = Levels(np.array(codes, dtype=np.intp), NAMES)
    _same(case, columns)


def test_terms_are_centred_and_the_base_is_the_mean_logit(case: Case) -> None:
    for term in case.scorecard.terms:
        assert contributions(term, case.shots.parts[term.part]).mean() == pytest.approx(0, abs=1e-9)
    logit = CALIBRATION.apply(case.fitted.logit(case.shots, case.fitted.rows))
    assert case.scorecard.base == pytest.approx(logit.mean(), abs=1e-9)


def test_only_fields_that_vary_have_terms(case: Case) -> None:
    names = {term.part for term in case.scorecard.terms}
    assert not names & {"all_missing", "constant"}
    assert names >= {"visits", "income", "source", "newsletter", "known", "firm"}


def test_cut_points_leave_training_rows_where_the_estimator_has_them(case: Case) -> None:
    _same(case, subset(case.shots, case.fitted.rows))


@pytest.mark.parametrize("family", SHIPPING)
@pytest.mark.parametrize("name", ["visits", "income", "known", "source", "newsletter", "firm"])
def test_a_single_field(make_shots: MakeShots, family: str, name: str) -> None:
    columns, y = _columns()
    shots, parts = make_shots({name: columns[name]}, y)
    alone = _case(shots, parts, family, {"C": 0.1} if family == "logistic" else None)
    assert [term.part for term in alone.scorecard.terms] == [name]
    _same(alone, dict(shots.parts))


@pytest.mark.parametrize("family", SHIPPING)
@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e300])
def test_numbers_of_any_size_to_learn_from(make_shots: MakeShots, family: str, size: float) -> None:
    rng = np.random.default_rng(1)
    y = rng.random(300) < 0.4
    x = np.where(y, rng.integers(0, 3, 300), rng.integers(1, 5, 300)) * size
    shots, parts = make_shots({"x": x, "visits": rng.poisson(2, 300).astype(float)}, y)
    sized = _case(shots, parts, family)
    assert np.isfinite(sized.scorecard.logit(shots.parts)).all()
    _same(sized, dict(shots.parts))


def test_a_scorecard_that_is_not_the_model_never_ships(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    family = FAMILIES[case.fitted.family]

    def wrong(estimator: Any, design: Design, X: Floats) -> Scorecard:
        assert family.compile is not None
        right = family.compile(estimator, design, X)
        return Scorecard(right.base + 1e-6, right.terms)

    monkeypatch.setitem(FAMILIES, case.fitted.family, replace(family, compile=wrong))
    with pytest.raises(LeadmlError, match="must equal its estimator within 1e-09, got"):
        compile_scorecard(case.fitted, CALIBRATION, case.shots)


def test_a_yardstick_has_no_scorecard(make_shots: MakeShots) -> None:
    columns, y = _columns()
    shots, parts = make_shots({"visits": columns["visits"]}, y)
    fitted = fit(shots, parts, np.arange(N), "trees", {"max_iter": 2}, final=False, random_state=0)
    with pytest.raises(LeadmlError, match="must ship as a scorecard, got 'trees'"):
        compile_scorecard(fitted, CALIBRATION, shots)


def test_levels_are_labelled_as_they_are_spelled_most_often(case: Case) -> None:
    schema = Schema((Field("source", "category"), Field("visits", "number"), Field("gone", "category")), Roles())
    table = pa.table({"source": ["Web", "WEB", " web", "Web", "n/a", None, "FAIR"], "visits": [1] * 7})
    labels = spellings(table, schema)
    assert labels == {"source": {"web": "Web", "fair": "FAIR"}}
    scorecard = compile_scorecard(case.fitted, CALIBRATION, case.shots, labels)
    source = next(term for term in scorecard.terms if term.part == "source")
    assert isinstance(source, CategoryTerm)
    assert dict(zip(source.levels, source.labels, strict=True)) == {"web": "Web", "fair": "FAIR", "list": "list"}


def test_a_line_without_a_slope_becomes_one_step() -> None:
    x = np.array([3.0, np.nan, np.nan, 3.0, 3.0])
    flat = Scorecard(1.0, (LinearTerm("x", 0.0, 3.0, 3.0, 3.0, missing=0.5),))
    (term,) = flat.centred({"x": x}).terms
    assert isinstance(term, StepTerm)
    assert flat.centred({"x": x}).logit({"x": x}).tolist() == pytest.approx(flat.logit({"x": x}).tolist())
