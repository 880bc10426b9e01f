"""Drift: a half-life is taken, and a field is left out, only where the folds prove that it helps."""

from collections.abc import Callable

import numpy as np

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.drift import Refined, refine, telling_parts
from leadml.learning.recency import DAYS
from leadml.learning.search import choose, search

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
N = 2400
ROWS = np.arange(N, dtype=np.intp)


def _refined(shots: Snapshots, parts: tuple[Part, ...]) -> Refined:
    chosen = choose(search(shots, parts, ROWS, ["logistic"], random_state=0, progress=lambda _what, _share: None))
    return refine(shots, chosen, ROWS, random_state=0)


def test_a_steady_world_is_left_as_it_is(make_shots: MakeShots) -> None:
    rng = np.random.default_rng(0)
    visits = rng.normal(0, 1, N)
    columns: dict[str, Column] = {"visits": visits, "source": Levels(rng.choice(3, N), ("web", "fair", "list"))}
    refined = _refined(*make_shots(columns, rng.random(N) < 1 / (1 + np.exp(1 - visits))))
    assert refined.sentences == ()
    assert DAYS not in refined.chosen.settings
    assert len(refined.trials) == 3, "no field tells the time, so none is tried to be left out"


def test_where_an_effect_turns_old_leads_count_less(make_shots: MakeShots) -> None:
    rng = np.random.default_rng(0)
    visits = rng.normal(0, 1, N)
    effect = np.where(ROWS < 0.4 * N, -2.0, 2.0)
    columns: dict[str, Column] = {"visits": visits, "source": Levels(rng.choice(2, N), ("web", "fair"))}
    refined = _refined(*make_shots(columns, rng.random(N) < 1 / (1 + np.exp(0.5 - effect * visits))))
    assert refined.chosen.settings[DAYS] > 0
    assert "count half" in refined.sentences[0]


def test_a_field_that_drifts_and_hurts_is_left_out_and_named(make_shots: MakeShots) -> None:
    """A score that rises with time; its effect turned when its scale moved, so what it says is wrong later."""
    rng = np.random.default_rng(0)
    visits = rng.normal(0, 1, N)
    score = rng.normal(0, 1, N) + np.linspace(0, 1.2, N)
    effect = np.select([ROWS < 0.4 * N, ROWS < 0.6 * N, ROWS < 0.8 * N], [1.2, -1.2, 1.2], -1.2)
    y = rng.random(N) < 1 / (1 + np.exp(1 - visits - effect * (score - np.linspace(0, 1.2, N))))
    shots, parts = make_shots({"visits": visits, "score": score}, y)
    assert [part.name for part, _ in telling_parts(shots, parts, ROWS, random_state=0)] == ["score"]
    refined = _refined(shots, parts)
    assert [part.name for part in refined.chosen.parts] == ["visits"]
    assert any(sentence.startswith("score is left out: it tells older leads") for sentence in refined.sentences)


def test_a_field_that_drifts_and_helps_stays(make_shots: MakeShots) -> None:
    rng = np.random.default_rng(0)
    score = rng.normal(0, 1, N) + np.linspace(0, 1.0, N)
    shots, parts = make_shots(
        {"score": score, "luck": rng.normal(0, 1, N)}, rng.random(N) < 1 / (1 + np.exp(1 - score))
    )
    assert [part.name for part, _ in telling_parts(shots, parts, ROWS, random_state=0)] == ["score"]
    refined = _refined(shots, parts)
    assert "score" in {part.name for part in refined.chosen.parts}
    assert not any("left out" in sentence for sentence in refined.sentences)
