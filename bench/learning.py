"""How well leadml learns: ``python -m bench.learning`` prints a table; about two minutes on two cores.

Public sets in time order (``bench/public.py`` has fields and cuts): leadml chooses and fits on the older part
alone, as ``leadml train`` does, and scores the newer part once. Yardsticks in the same run: a plain one-hot
logistic regression and a default HistGradientBoosting of scikit-learn, on the same fields. The settings of
``learning/candidates.py`` were frozen before the newer parts were first looked at.

The sample: rank correlation of the scorecard's logit with the true logit, against the yardsticks' best; and the
calibration slope on later leads where nothing drifts.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from bench.public import FOLDER, SETS
from leadml.leads.columns import Coercer
from leadml.leads.declared import Columns
from leadml.leads.labels import CONVERTED
from leadml.leads.parts import Column, Levels
from leadml.leads.raw import InMemory
from leadml.leads.sample import Planted, Sample, make_sample
from leadml.leads.schema import Outcomes, Roles, Schema
from leadml.leads.snapshots import snapshots
from leadml.leads.validation import validate
from leadml.learning.calibration import fit_slope
from leadml.learning.candidates import FAMILIES
from leadml.learning.compile import compile_scorecard
from leadml.learning.experiment import Experiment, refit, run_experiment
from leadml.learning.metrics import Ranked, log_loss, roc_auc
from leadml.model.scorecard import Scorecard

Floats = NDArray[np.float64]
NOW = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
SAMPLE_COLUMNS = Columns(
    Roles("lead_id", "created_at", "status", "won_at", "deal_value", "owner", "account_id", "opted_out"),
    Outcomes(("won",), ("lost",), ("new", "working")),
    ignore=("lead_quality",),
    protected=("age",),
)


def learn(
    table: pa.Table, columns: Columns, horizon_days: int | None = None, *, families: Sequence[str] = tuple(FAMILIES)
) -> tuple[Schema, Experiment, Scorecard]:
    """Run the whole line on a table in memory, as ``leadml train`` does."""
    leads = validate(InMemory(table), columns, now=NOW, horizon_days=horizon_days)
    shots = snapshots(leads, horizon_days=horizon_days).snapshots
    experiment = run_experiment(shots, leads.schema.parts, families=families, progress=lambda _what, _share: None)
    final = refit(shots, experiment, random_state=0)
    return leads.schema, experiment, compile_scorecard(final.fitted, final.calibration, shots)


def plain_linear(leads: pd.DataFrame, **settings: Any) -> Pipeline:
    """Return an unfitted one-hot logistic regression for a frame like this one."""
    numbers, texts = _by_kind(leads)
    return make_pipeline(
        ColumnTransformer(
            [
                ("numbers", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
                ("texts", OneHotEncoder(handle_unknown="ignore"), texts),
            ]
        ),
        LogisticRegression(max_iter=5000, **settings),
    )


def plain_trees(leads: pd.DataFrame, **settings: Any) -> Pipeline:
    """Return an unfitted HistGradientBoosting for a frame like this one."""
    numbers, texts = _by_kind(leads)
    encode = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1, max_categories=250
    )
    return make_pipeline(
        ColumnTransformer([("texts", encode, texts), ("numbers", "passthrough", numbers)]),
        HistGradientBoostingClassifier(
            categorical_features=np.arange(len(texts) + len(numbers)) < len(texts), random_state=0, **settings
        ),
    )


def _by_kind(leads: pd.DataFrame) -> tuple[list[str], list[str]]:
    numbers = list(leads.select_dtypes("number").columns)
    return numbers, [name for name in leads.columns if name not in numbers]


def yardsticks(old: pd.DataFrame, y: NDArray[np.bool_], new: pd.DataFrame) -> dict[str, Floats]:
    """Return the logits (n_new,) of plain scikit-learn pipelines on the same parts."""
    return {
        name: np.asarray(make(old).fit(old, y).decision_function(new))
        for name, make in (("logistic", plain_linear), ("boosting", plain_trees))
    }


def frame(schema: Schema, table: pa.Table) -> tuple[dict[str, Column], pd.DataFrame]:
    """Return the parts of a table, and the same as a frame with text for categories."""
    parts = Coercer(schema)(table).parts
    columns = {}
    for name, column in parts.items():
        if isinstance(column, Levels):
            names = np.array([*column.levels, "(missing)"], dtype=object)
            columns[name] = names[column.codes]
        else:
            columns[name] = column
    return parts, pd.DataFrame(columns)


def losses(y: NDArray[np.bool_], logit: Floats) -> tuple[float, float]:
    """Return (ROC AUC, log loss)."""
    tally = Ranked(y, logit).tally()
    return roc_auc(tally), log_loss(tally)


def public() -> None:
    """Print the public sets."""
    print(
        f"{'set':<12} {'family':<9} {'':>8} {'leadml':>9} {'logistic':>9} {'boosting':>9} {'difference':>11}  (train s)"
    )
    differences = []
    for one in SETS:
        old, new = one.tables()
        start = perf_counter()
        schema, experiment, scorecard = learn(old, one.columns)
        seconds = perf_counter() - start
        y_old, y = (validate(InMemory(t), one.columns, now=NOW).status == CONVERTED for t in (old, new))
        parts, X = frame(schema, new)
        rivals = {name: losses(y, logit) for name, logit in yardsticks(frame(schema, old)[1], y_old, X).items()}
        own = losses(y, scorecard.logit(parts))
        base = losses(y, np.full(len(y), np.log(y_old.mean() / (1 - y_old.mean()))))[1]
        best = max(rivals["logistic"][0], rivals["boosting"][0])
        differences.append(own[0] - best)
        family, shown = experiment.candidate.trial.family, [own, rivals["logistic"], rivals["boosting"]]
        aucs = " ".join(f"{pair[0]:9.4f}" for pair in shown)
        print(f"{one.name:<12} {family:<9} {'AUC':>8} {aucs} {own[0] - best:+11.4f}  ({seconds:.0f})")
        best = min(rivals["logistic"][1], rivals["boosting"][1])
        lost = " ".join(f"{pair[1]:9.4f}" for pair in shown)
        gain = f"(against the base rate {own[1] - base:+.4f})"
        print(f"{'':<12} {'':<9} {'log loss':>8} {lost} {own[1] - best:+11.4f}  {gain}")
        print(f"{'':<12} {experiment.signal.sentence}")
    print(f"mean difference of AUC to the better yardstick: {np.mean(differences):+.4f} (to reach: 0)\n")


def truth(n_leads: int = 30_000) -> None:
    """Print how well the scorecard finds the sample's planted truth."""
    for name, planted in (("as planted", Planted()), ("tame", Planted(overlooked=False, drift=False, proxy=False))):
        sample = make_sample(n_leads, events=False, planted=planted)
        schema, _, scorecard = learn(sample.leads, SAMPLE_COLUMNS, horizon_days=90)
        later = make_sample(n_leads, seed=8, events=False, planted=planted)
        parts, X = frame(schema, later.leads)
        leads = validate(InMemory(sample.leads), SAMPLE_COLUMNS, now=NOW, horizon_days=90)
        shots = snapshots(leads, horizon_days=90).snapshots
        _, old = frame(schema, sample.leads.take(pa.array(shots.rows)))
        true = later.truth.column("logit").to_numpy()
        own = spearmanr(scorecard.logit(parts), true).statistic
        rivals = {k: spearmanr(v, true).statistic for k, v in yardsticks(old, shots.y, X).items()}
        best = max(rivals.values())
        shown = ", ".join(f"{k} {v:.3f}" for k, v in rivals.items())
        print(
            f"sample {name:<10} rank correlation with the true logit: leadml {own:.3f}, {shown}; "
            f"ratio {own / best:.3f} (to reach: 0.95)"
        )


def as_known(sample: Sample, at: str) -> pa.Table:
    """Return the leads of a sample that came in before a moment, with the outcomes known by then."""
    frame = sample.leads.to_pandas()
    frame = frame[frame["created_at"] < at].copy()
    later = ~(frame["won_at"] < at)
    frame.loc[later & (frame["status"] == "won"), "status"] = "working"
    frame.loc[later, "won_at"] = None
    return pa.Table.from_pandas(frame, preserve_index=False)


def calibration(n_leads: int = 30_000, cut: str = "2025-10-01") -> None:
    """Print the calibration slope on leads that came after training, where nothing drifts.

    The later leads are those of a larger sample of the same world, so that what is measured is the model and
    not the luck of a few hundred conversions.
    """
    tame, start = Planted(drift=False), date(2023, 4, 1)
    world = make_sample(10 * n_leads, seed=100, events=False, planted=tame, start=start)
    leads = validate(InMemory(world.leads), SAMPLE_COLUMNS, now=NOW, horizon_days=90)
    shots = snapshots(leads, horizon_days=90).snapshots
    late = np.array(world.leads.column("created_at").to_pylist())[shots.rows] >= cut
    y, newer = shots.y[late], world.leads.take(pa.array(shots.rows[late]))
    for seed in (7, 8, 9):
        sample = make_sample(n_leads, seed=seed, events=False, planted=tame, start=start)
        schema, experiment, scorecard = learn(as_known(sample, cut), SAMPLE_COLUMNS, horizon_days=90)
        slope, intercept = fit_slope(scorecard.logit(frame(schema, newer)[0]), y.astype(float), np.ones(len(y)))
        family = experiment.candidate.trial.family
        print(
            f"sample without drift, seed {seed}, {family}, {len(y):,} later leads: calibration slope {slope:.3f} "
            f"(to reach: 0.9 to 1.1), intercept {intercept:+.3f}"
        )


if __name__ == "__main__":
    if FOLDER.is_dir():
        public()
    else:
        print(f"the public sets are not in {FOLDER}; set LEADML_PUBLIC_DATA")
    truth()
    calibration()
