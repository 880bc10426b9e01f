"""Trainings on made-up leads, each made once, and what their reports show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from leadml.config import Config
from leadml.leads.raw import InMemory
from leadml.leads.sample import make_sample, write_config
from leadml.leads.schema import Language
from leadml.leads.snapshots import snapshots
from leadml.leads.validation import validate
from leadml.learning.compile import compile_scorecard, spellings
from leadml.learning.experiment import refit, run_experiment
from leadml.learning.intervals import Estimate
from leadml.learning.leaks.search import find_leaks
from leadml.model.bundle import Bundle, Interval, Passport, Recipe, Test
from leadml.report.card import render_card
from leadml.report.evidence import Evidence
from leadml.report.page import render_report
from leadml.training.report import Training, gather, interval

NOW = datetime(2026, 10, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """A training, its bundle and its evidence."""

    training: Training
    bundle: Bundle
    evidence: Evidence

    def report(self, language: Language = "en") -> str:
        return render_report(self.bundle, self.evidence, language)

    def card(self, language: Language = "en") -> str:
        return render_card(self.bundle, self.evidence, language)


@cache
def sample() -> Told:
    """Return a training on the sample, with all that it has: dates, groups, a horizon, protected columns."""
    return _quietly(_config(), make_sample(3000, events=False).leads)


@cache
def noise() -> Told:
    """Return a training on leads whose outcome nothing tells, without dates, groups or a horizon."""
    rng = np.random.default_rng(11)
    n = 600
    table = pa.table(
        {
            "<b>colour</b>": pa.array(rng.choice(['red & "blue"', "<script>alert(1)</script>"], n)),
            "height": rng.normal(size=n),
            "status": rng.choice(["won", "lost", "lost"], n),
        }
    )
    leads = {"path": "leads.csv", "outcome": "status", "converted": ["won"], "lost": ["lost"]}
    return _quietly(Config.of({"leads": leads}), table, families=("logistic",))


def wide(n_fields: int) -> Told:
    """Return a training on many fields."""
    rng = np.random.default_rng(12)
    n = 1200
    numbers = {f"number {i}": rng.normal(size=n) * 10**i for i in range(n_fields // 2)}
    levels = [f"level {i}" for i in range(25)]
    categories = {f"category {i}": rng.choice(levels, n) for i in range(n_fields - n_fields // 2)}
    chance = 1 / (1 + np.exp(1.5 - numbers["number 0"]))
    status = np.where(rng.random(n) < chance, "won", "lost")
    leads = {"path": "leads.csv", "outcome": "status", "converted": ["won"], "lost": ["lost"]}
    table = pa.table({**numbers, **categories, "status": status})
    return _quietly(Config.of({"leads": leads}), table, families=("logistic",))


def _config() -> Config:
    with TemporaryDirectory() as folder:
        return Config.load(write_config(Path(folder)))


def _quietly(config: Config, table: pa.Table, *, families: tuple[str, ...] = ("logistic", "trees")) -> Told:
    with threadpool_limits(1):  # small models on several threads only wait for each other
        return tell(config, table, families=families)


def tell(config: Config, table: pa.Table, *, families: tuple[str, ...]) -> Told:
    """Learn from a table and gather what the report shows; the steps are those of ``training.train``."""
    horizon = config.label.horizon_days
    leads = validate(InMemory(table), config.columns, now=NOW.timestamp(), horizon_days=horizon)
    labelled = snapshots(leads, horizon_days=horizon)
    shots = labelled.snapshots
    experiment = run_experiment(
        shots,
        leads.schema.parts,
        families=families,
        capacity=30,
        source="source" if "source" in shots.parts else None,
        n_replicates=100,
        progress=lambda _what, _share: None,
    )
    final = refit(shots, experiment, random_state=0)
    scorecard = compile_scorecard(final.fitted, final.calibration, shots, spellings(leads.table, leads.schema))
    verdict, y, trial = experiment.signal, shots.y[experiment.split.test], experiment.candidate.trial

    naive = {name: _plain(metrics) for name, metrics in experiment.naive_metrics.items()}
    test = Test(len(y), int(y.sum()), float(y.mean()), _plain(experiment.metrics), naive)
    passport = Passport(
        model_version="7",
        created="2026-10-02T00:00:00Z",
        data_digest="ab" * 32,
        n_leads=len(shots),
        n_converted=shots.n_converted,
        as_of="2026-09-30",
        trained_until="2026-07-01T00:00:00Z" if shots.dated else None,
        horizon_days=horizon,
        recipe=Recipe(trial.family, trial.settings, tuple(part.name for part in trial.parts)),
        test=test,
        reference=final.reference,
        grades={"A": 90, "B": 70, "C": 40},
        language="en",
        promoted=verdict.promoted,
        verdict=verdict.sentence,
        libraries={"numpy": "2.4.6"},
    )
    bundle = Bundle(scorecard, leads.schema, passport)
    notes = (*leads.notes, *labelled.notes)
    found = find_leaks(leads, shots)
    training = Training("leads", leads, labelled, experiment, final, verdict, found, notes, 2, 30, 100, 0)
    return Told(training, bundle, gather(training, bundle))


def _plain(metrics: Mapping[str, Estimate]) -> dict[str, Interval]:
    return {name: interval(estimate) for name, estimate in metrics.items()}
