"""What holds for every family that competes: a new entry of FAMILIES is tested by being there."""

from collections.abc import Callable, Iterator

import joblib
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from threadpoolctl import threadpool_limits

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import Calibration
from leadml.learning.candidates import FAMILIES
from leadml.learning.compile import compile_scorecard
from leadml.learning.search import fit
from leadml.model.scorecard import CategoryTerm, contributions

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
Floats = NDArray[np.float64]
SHIPPING = [name for name, family in FAMILIES.items() if family.ships]
N = 1000
NAMES = ("web", "fair", "list")


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small trees on several threads only wait for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def planted(make_shots: MakeShots) -> tuple[Snapshots, tuple[Part, ...]]:
    """Visits and a fair speak for conversion, age and a list against it; luck does nothing."""
    rng = np.random.default_rng(3)
    visits, age, source = rng.poisson(3, N), rng.uniform(20, 70, N), rng.choice(3, N)
    unknown = rng.random(N) < 0.2
    logit = -1 + 0.5 * (visits - 3) - 0.06 * (age - 45) + np.array([0, 1.2, -1.2])[source] - 1.5 * unknown
    columns: dict[str, Column] = {
        "visits": visits.astype(float),
        "age": np.where(unknown, np.nan, age),
        "luck": rng.normal(0, 1, N),
        "source": Levels(source, NAMES),
    }
    return make_shots(columns, rng.random(N) < 1 / (1 + np.exp(-logit)))


def _logit(
    shots: Snapshots, parts: tuple[Part, ...], family: str, *, choice: int = 0, final: bool = False, seed: int = 0
) -> Floats:
    rows = np.arange(len(shots) // 2, dtype=np.intp)
    settings = FAMILIES[family].settings[choice]
    fitted = fit(shots, parts, rows, family, settings, final=final, random_state=seed)
    return fitted.logit(shots, np.arange(len(shots), dtype=np.intp))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_setting_fits_and_scores_every_row(planted: tuple[Snapshots, tuple[Part, ...]], family: str) -> None:
    for choice in range(len(FAMILIES[family].settings)):
        logit = _logit(*planted, family, choice=choice)
        assert logit.shape == (N,)
        assert np.isfinite(logit).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_makes_the_same_model(planted: tuple[Snapshots, tuple[Part, ...]], family: str) -> None:
    assert _logit(*planted, family, seed=5).tolist() == _logit(*planted, family, seed=5).tolist()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_order_of_columns_does_not_matter(planted: tuple[Snapshots, tuple[Part, ...]], family: str) -> None:
    shots, parts = planted
    turned = _logit(shots, parts[::-1], family)
    assert spearmanr(_logit(shots, parts, family), turned).statistic > 0.99


@pytest.mark.parametrize("family", FAMILIES)
def test_the_names_of_levels_do_not_matter(planted: tuple[Snapshots, tuple[Part, ...]], family: str) -> None:
    shots, parts = planted
    source = shots.parts["source"]
    assert isinstance(source, Levels)
    renamed = Levels(source.codes, ("zebra", "ape", "mole"))
    other = Snapshots(
        {**shots.parts, "source": renamed}, shots.y, shots.times, shots.ends, shots.groups, shots.rows, shots.dated
    )
    assert spearmanr(_logit(shots, parts, family), _logit(other, parts, family)).statistic > 0.99


@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_planted_moves_the_logit_in_its_direction(
    planted: tuple[Snapshots, tuple[Part, ...]], family: str
) -> None:
    shots, parts = planted
    logit, source = _logit(shots, parts, family), shots.parts["source"]
    visits, age = shots.parts["visits"], shots.parts["age"]
    assert isinstance(source, Levels)
    assert isinstance(visits, np.ndarray)
    assert isinstance(age, np.ndarray)
    web, fair, bought = (logit[source.codes == code].mean() for code in range(3))
    assert fair > web > bought
    assert spearmanr(visits, logit).statistic > 0.2
    assert spearmanr(age, logit, nan_policy="omit").statistic < -0.2
    assert logit[np.isnan(age)].mean() < logit[~np.isnan(age)].mean()


@pytest.mark.parametrize("family", SHIPPING)
def test_points_have_the_direction_of_what_was_planted(
    planted: tuple[Snapshots, tuple[Part, ...]], family: str
) -> None:
    shots, parts = planted
    rows = np.arange(N, dtype=np.intp)
    fitted = fit(shots, parts, rows, family, FAMILIES[family].settings[0], final=False, random_state=1)
    scorecard = compile_scorecard(fitted, Calibration(1.0, 0.0, 100, ""), shots)
    terms = {term.part: term for term in scorecard.terms}
    low, high = contributions(terms["visits"], np.array([0.0, 7.0]))
    assert low < -0.05
    assert high > 0.05
    young, old, unknown = contributions(terms["age"], np.array([25.0, 65.0, np.nan]))
    assert young > 0.05
    assert old < -0.05
    assert unknown < -0.05
    source = terms["source"]
    assert isinstance(source, CategoryTerm)
    points = dict(zip(source.levels, source.points, strict=True))
    assert points["fair"] > 0.05
    assert points["list"] < -0.05
    spread = {name: float(np.std(contributions(term, shots.parts[name]))) for name, term in terms.items()}
    assert spread["luck"] == min(spread.values())


def test_final_averages_more_and_says_much_the_same(planted: tuple[Snapshots, tuple[Part, ...]]) -> None:
    quick = _logit(*planted, "blend")
    with joblib.parallel_config("threading"):  # bags in processes take longer to start than to fit
        final = _logit(*planted, "blend", final=True)
    assert quick.tolist() != final.tolist()
    assert spearmanr(quick, final).statistic > 0.95
