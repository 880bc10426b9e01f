"""The search: simple recipes ship until another is proven better, and fields that only tell the time are set aside."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from leadml.errors import TrainingRefused
from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.candidates import FAMILIES
from leadml.learning.search import Trial, choose, search, shape_losses, steady_parts, worded
from leadml.learning.splits import rolling_folds

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
N = 900


def _quiet(_what: str, _share: float) -> None: ...


def _trial(family: str, losses: list[float] | NDArray[np.float64], *, choice: int = 0, n_parts: int = 3) -> Trial:
    held = np.asarray(losses, dtype=float)
    parts = tuple(Part(f"f{i}", f"f{i}", numeric=True, axis="other") for i in range(n_parts))
    return Trial(family, FAMILIES[family].settings[choice], 0.7, held, held, np.arange(held.size), parts)


def test_without_proof_the_simpler_ships() -> None:
    rng = np.random.default_rng(0)
    base = rng.exponential(0.5, 400)
    noise = rng.normal(0, 0.2, 400)
    noise -= noise.mean()
    gain = 1.3 * 0.2 / np.sqrt(400)  # better by 1.3 standard errors: not proven
    simple, other = _trial("logistic", base), _trial("ebm", base + noise - gain)
    assert other.loss < simple.loss
    assert choose([other, simple]).family == "logistic"
    assert choose([simple, _trial("ebm", base + noise - 2 * gain)]).family == "ebm"
    assert choose([simple, _trial("ebm", base)]).family == "logistic"


def test_simplicity_is_family_then_fields_then_settings() -> None:
    losses = [0.5] * 50
    trials = [
        _trial("ebm", losses),
        _trial("logistic", losses, choice=1, n_parts=2),
        _trial("logistic", losses, choice=0, n_parts=3),
        _trial("logistic", losses, choice=0, n_parts=2),
    ]
    chosen = choose(trials)
    assert (chosen.family, len(chosen.parts), chosen.settings) == ("logistic", 2, FAMILIES["logistic"].settings[0])


def test_a_yardstick_never_ships() -> None:
    assert choose([_trial("trees", [0.1] * 50), _trial("logistic", [0.6] * 50)]).family == "logistic"


def _moving(make_shots: MakeShots) -> tuple[Snapshots, tuple[Part, ...]]:
    """Three fields of a lead and four that tell when it came in: a counter, a campaign, a new and an old column."""
    rng = np.random.default_rng(1)
    at = np.arange(N)
    visits = rng.poisson(2, N).astype(float)
    columns: dict[str, Column] = {
        "visits": visits,
        "gaps": np.where(rng.random(N) < 0.4, np.nan, rng.normal(0, 1, N)),
        "source": Levels(rng.choice(4, N) - 1, ("web", "fair", "list")),
        "counter": at + rng.normal(0, 5, N),
        "campaign": Levels(at // 60, tuple(f"c{i}" for i in range(N // 60))),
        "new_column": np.where(at < 0.5 * N, np.nan, visits),
        "old_column": np.where(at < 0.3 * N, visits, np.nan),
    }
    y = rng.random(N) < 1 / (1 + np.exp(1.2 - 0.5 * (visits - 2)))
    return make_shots(columns, y)


def test_fields_that_only_tell_the_time_are_not_steady(make_shots: MakeShots) -> None:
    shots, parts = _moving(make_shots)
    folds = rolling_folds(shots, np.arange(N, dtype=np.intp))
    steady = {part.name for part in steady_parts(shots, parts, folds)}
    assert {"visits", "gaps", "source"} <= steady
    assert not steady & {"counter", "campaign", "new_column"}


def test_a_field_that_only_tells_the_time_is_set_aside(make_shots: MakeShots) -> None:
    shots, parts = _moving(make_shots)
    said: list[tuple[str, float]] = []
    trials = search(
        shots,
        parts,
        np.arange(N, dtype=np.intp),
        ["logistic"],
        random_state=0,
        progress=lambda what, share: said.append((what, share)),
    )
    assert len(trials) == 2 * len(FAMILIES["logistic"].settings) == len(said)
    assert [trial.loss for trial in trials] == sorted(trial.loss for trial in trials)
    assert {len(trial.losses) for trial in trials} == {len(trials[0].rows)}
    assert not {"counter", "campaign", "new_column"} & {part.name for part in choose(trials).parts}
    shares = [share for _, share in said]
    assert shares == sorted(shares)
    assert 0 <= min(shares) <= max(shares) < 1
    assert any("steady fields" in what for what, _ in said)


def test_steady_tables_are_tried_once(make_shots: MakeShots) -> None:
    shots, parts = _moving(make_shots)
    steady = [part for part in parts if part.name in ("visits", "gaps")]
    trials = search(shots, steady, np.arange(N, dtype=np.intp), ["logistic"], random_state=0, progress=_quiet)
    assert len(trials) == len(FAMILIES["logistic"].settings)


def test_the_search_repeats_itself_for_a_seed(make_shots: MakeShots, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "ebm", replace(FAMILIES["ebm"], settings=({},)))
    shots, parts = _moving(make_shots)
    first, second = (
        search(shots, parts[:3], np.arange(N, dtype=np.intp), ["logistic", "ebm"], random_state=4, progress=_quiet)
        for _ in range(2)
    )
    assert [trial.losses.tolist() for trial in first] == [trial.losses.tolist() for trial in second]


def test_predictions_are_out_of_fold(make_shots: MakeShots) -> None:
    """A field of pure chance with a level per few leads cannot be learned by heart."""
    rng = np.random.default_rng(2)
    chance = Levels(np.arange(N) % 30, tuple(map(str, range(30))))
    shots, parts = make_shots({"chance": chance, "luck": rng.normal(0, 1, N)}, rng.random(N) < 0.3)
    trials = search(shots, parts, np.arange(N, dtype=np.intp), ["logistic"], random_state=0, progress=_quiet)
    assert all(abs(trial.roc_auc - 0.5) < 0.1 for trial in trials)


def test_a_fold_in_which_nothing_varies_yet_knows_its_rate(make_shots: MakeShots) -> None:
    rng = np.random.default_rng(2)
    shots, parts = make_shots({"late": np.where(np.arange(N) < N // 2, 0.0, rng.normal(0, 1, N))}, rng.random(N) < 0.3)
    trials = search(shots, parts, np.arange(N, dtype=np.intp), ["logistic"], random_state=0, progress=_quiet)
    first = rolling_folds(shots, np.arange(N, dtype=np.intp))[0]
    rate = shots.y[first.train].mean()
    assert trials[0].logit[: len(first.test)] == pytest.approx(np.log(rate / (1 - rate)))
    assert np.ptp(trials[0].logit) > 0


def test_nothing_that_varies_is_refused(make_shots: MakeShots) -> None:
    shots, parts = make_shots({"x": np.ones(N)}, np.arange(N) % 3 == 0)
    with pytest.raises(TrainingRefused, match="at least one field that varies"):
        search(shots, parts, np.arange(N, dtype=np.intp), ["logistic"], random_state=0, progress=_quiet)


def test_shape_losses_ignore_level_and_scale_but_not_direction() -> None:
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 1, 500)
    y = rng.random(500) < 1 / (1 + np.exp(-logit))
    assert shape_losses(y, logit) == pytest.approx(shape_losses(y, 5 * logit - 3), abs=1e-6)
    rate = y.mean()
    base = -np.where(y, np.log(rate), np.log(1 - rate))
    assert shape_losses(y, -logit) == pytest.approx(base)
    assert shape_losses(y, np.zeros(500)) == pytest.approx(base)
    assert np.isfinite(shape_losses(y, np.where(y, 1.0, -1.0))).all()  # separated
    assert shape_losses(y, logit).mean() < base.mean()


def test_settings_in_words() -> None:
    assert worded({"C": 0.1, "max_iter": 200}) == "C=0.1, max_iter=200"
