"""The other learners of the benchmark: the plumbing, on a table with a planted effect."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bench.others.__main__ import ask
from bench.others.run import run
from bench.others.table import BASE, OWN, average_ranks, measure, overview_rows, rank_rows, set_rows
from bench.others.task import Answer, Task, logit_of
from bench.others.tuning import Model, try_out
from threadpoolctl import threadpool_limits

from leadml.learning.metrics import Ranked, roc_auc


def make_task(n: int = 600) -> tuple[Task, np.ndarray]:
    """Return a task whose outcome follows a number, with some missing, and a category; and the newer outcomes."""
    rng = np.random.default_rng(5)
    visits, source = rng.normal(size=n), rng.choice(["web", "fair", "call"], size=n)
    y = rng.random(n) < 1 / (1 + np.exp(1 - 1.5 * visits - 1.5 * (source == "fair")))
    X = pd.DataFrame({"visits": np.where(rng.random(n) < 0.05, np.nan, visits), "source": source})
    old, folds = 2 * n // 3, (np.arange(n // 3), np.arange(n // 3, 2 * n // 3))
    return Task(X[:old], y[:old], X[old:].reset_index(drop=True), (folds,), seconds=0.1), y[old:]


@pytest.mark.parametrize("name", ["logistic", "boosting", "ebm"])
def test_learner_finds_what_is_planted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.others.learners.CORES", 1)  # starting processes takes longer than learning
    task, y = make_task()
    with threadpool_limits(1):
        answer = run(name, task)
    assert roc_auc(Ranked(y, answer.logit).tally()) > 0.75
    assert "; of " in answer.chosen, "what was chosen, of how many"
    assert answer.version


def test_task_and_answer_come_back_from_their_files(tmp_path: Path) -> None:
    task, _ = make_task()
    task.save(tmp_path)
    back = Task.load(tmp_path)
    pd.testing.assert_frame_equal(back.X, task.X)
    pd.testing.assert_frame_equal(back.X_new, task.X_new)
    assert back.texts == ["source"]
    np.testing.assert_array_equal(back.y, task.y)
    assert len(back.folds) == 1
    np.testing.assert_array_equal(back.folds[0][1], task.folds[0][1])
    answer = Answer(np.array([0.5, -1.0]), 2.0, "C=1", "1.9")
    answer.save(tmp_path / "answer.npz")
    assert Answer.load(tmp_path / "answer.npz").chosen == "C=1"


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task, _ = make_task(90)
    task.save(tmp_path)
    (tmp_path / "flaml.py").write_text("raise ModuleNotFoundError('flaml')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    file = tmp_path / "flaml.npz"
    said = ask([sys.executable, "-m", "bench.others.run", "flaml", str(tmp_path), str(file)], file, 10)
    assert said == "not installed"


def test_early_stopping_gives_the_mean_of_the_rounds() -> None:
    task, _ = make_task(90)
    model = Model(lambda *_: (lambda X: np.full(len(X), 0.5), 7), {}, lambda _: {}, {}, rounds="n")
    loss, settings = try_out(model, task, {"rate": 0.1})
    assert loss == pytest.approx(np.log(2))
    assert settings == {"rate": 0.1, "n": 7}


def test_average_ranks_share_ties_and_take_weights() -> None:
    values = [np.array([0.1, 0.2, 0.2]), np.array([3.0, 1.0, 2.0])]
    np.testing.assert_allclose(average_ranks(values, [1, 1]), [2.0, 1.75, 2.25])
    np.testing.assert_allclose(average_ranks(values, [1, 0]), [1.0, 2.5, 2.5])


def test_tables_say_where_leadml_stands() -> None:
    rng = np.random.default_rng(0)
    logit = rng.normal(size=400)
    y = rng.random(400) < 1 / (1 + np.exp(-logit))
    base = np.full(400, float(logit_of(y.mean())))
    first = measure(y, {OWN: logit, "noise": rng.normal(size=400), BASE: base}, n_replicates=50)
    assert set_rows(first, {"noise": "1 | 1 | the default"})[2].startswith("| **leadml** |")
    without = measure(y, {OWN: logit, BASE: base}, n_replicates=50)
    rows = overview_rows({"first": first, "without": without})
    noise = next(row for row in rows if row.startswith("| noise | "))
    assert noise.count("-,") == 1  # it is worse, and was there once
    assert noise.endswith("- |  |")
    rows = rank_rows([first, without], [0.5, 0.5])
    assert not any("noise" in row for row in rows)  # it did not answer on every set
    assert rows[-2:] == [
        "log_loss: leadml stands 1 of 2 (1.00 on average)",
        "roc_auc: leadml stands 1 of 1 (1.00 on average)",
    ]
