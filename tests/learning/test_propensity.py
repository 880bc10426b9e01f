"""Weights from propensities: what each lead counts, who is left out, and when it is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from conftest import MakeShots
from leadml.errors import TrainingRefused
from leadml.leads.listed import Listed
from leadml.leads.parts import Levels
from leadml.learning.experiment import refit, run_experiment
from leadml.learning.propensity import LARGEST, effective, weigh
from leadml.learning.search import fit, shape_losses

Floats = NDArray[np.float64]


def listed(propensity: list[float]) -> Listed:
    chance = np.array(propensity)
    return Listed(chance < 1, chance)


def test_leads_count_by_their_propensity(make_shots: MakeShots) -> None:
    shots, _ = make_shots({"x": np.arange(6.0)}, [True, False] * 3)
    found = weigh(shots, listed([np.nan, 1, np.nan, 0.25, 1, 1]))
    assert list(found.shots.rows) == [0, 1, 3, 4, 5]  # lead 2 came after the first list and was on none
    assert found.shots.weight is not None
    assert found.shots.weight == pytest.approx([1, 4 / 7, 16 / 7, 4 / 7, 4 / 7])
    assert "4, of which 1 were drawn by lot" in found.note
    assert found.left_out == 1
    assert "1 leads on no list" in found.note


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=50))
def test_the_effective_number_is_between_one_and_all(propensity: list[float]) -> None:
    weight = 1 / np.array(propensity)
    assert 1 - 1e-9 <= effective(weight) <= len(weight) + 1e-9
    assert effective(weight) == pytest.approx(effective(3 * weight))


def test_too_few_in_effect_are_refused(make_shots: MakeShots) -> None:
    shots, _ = make_shots({"x": np.arange(40.0)}, [True, False] * 20)
    with pytest.raises(TrainingRefused, match=r"at least 20% of the leads on lists in effect, got \d of 40 \(\d+%\)"):
        weigh(shots, listed([1] * 39 + [0.002]))
    with pytest.raises(TrainingRefused, match="got none"):
        weigh(shots, Listed(np.zeros(40, dtype=bool), np.full(40, np.nan)))


def test_no_lead_counts_for_more_than_twenty(make_shots: MakeShots) -> None:
    n = 4000
    shots, _ = make_shots({"x": np.arange(float(n))}, [True, False] * (n // 2))
    found = weigh(shots, listed([1.0] * (n - 3) + [0.01] * 3))
    assert found.shots.weight is not None
    assert found.shots.weight.max() == LARGEST


def test_weights_pass_through_the_whole_line(make_shots: MakeShots) -> None:
    """Rows of weight 2 learn what the same rows do twice; and a group seen by lot alone gets its true level."""
    rng = np.random.default_rng(4)
    n = 3000
    x, group = rng.normal(size=n), rng.random(n) < 0.3
    y = rng.random(n) < 1 / (1 + np.exp(2 - x - 1.5 * group))
    columns = {"x": x, "g": Levels(group.astype(np.intp), ("no", "yes"))}
    shots, parts = make_shots(columns, y, days=np.arange(n) / 10)
    weight = rng.uniform(0.2, 5, n)
    own = replace(shots, weight=weight)
    rows = np.arange(n)
    settings: dict[str, object] = {"C": 1.0}
    told = fit(own, parts, rows, "logistic", settings, final=False, random_state=0)
    given_ = fit(shots, parts, rows, "logistic", settings, final=False, random_state=0, sample_weight=weight)
    assert told.logit(own, rows) == pytest.approx(given_.logit(shots, rows), abs=1e-9)
    ran = run_experiment(own, parts, families=("logistic",), n_replicates=100, progress=lambda *_: None)
    final = refit(own, ran, random_state=0)
    mean = 1 / (1 + np.exp(-final.calibration.apply(final.fitted.logit(own, rows))))
    assert np.average(mean, weights=weight) == pytest.approx(np.average(y, weights=weight), abs=0.03)


def test_losses_are_weighted_in_the_mean() -> None:
    rng = np.random.default_rng(5)
    y, logit, weight = rng.random(300) < 0.3, rng.normal(size=300), rng.integers(1, 4, 300)
    twice = np.repeat(np.arange(300), weight)
    assert shape_losses(y, logit, weight.astype(float)).mean() == pytest.approx(
        shape_losses(y[twice], logit[twice]).mean(), rel=1e-6
    )
