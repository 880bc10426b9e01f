"""A backtest: the history replayed at several cadences, and how often it is worth to train again."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.config import Config
from leadml.errors import OutputError, UsageError
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots, day
from leadml.learning.asof import History, Recipe, losses_of
from leadml.learning.cadence import CADENCES, cadence, first_cut, known_cadences, periods
from leadml.learning.candidates import FAMILIES
from leadml.learning.intervals import Estimate, evaluate
from leadml.learning.recommend import BASE, Comparing, Gain, Recommendation, recommend
from leadml.model.bundle import load
from leadml.training.read import labelled, read

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Progress = Callable[[str, float], None]
METRICS = ("log_loss", "roc_auc", "capture_at_20pct")
FAST = ("logistic",)  # what is fitted a hundred times in a minute
TABLE = "reports/backtest.csv"
FEWER_REPLICATES = 200  # for the many figures by period


@dataclass(frozen=True, slots=True)
class Row:
    """What one cadence, or the running base rate, reached in one period, or in all of them (``period`` "all")."""

    period: str
    cadence: str
    n: int
    n_converted: int
    metrics: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Trained:
    """How often a cadence trained, and at how many reviews its model was drawn towards the base rate.

    ``unguarded`` is the log loss of its models had none been drawn.
    """

    cadence: str
    n_trainings: int
    n_reviews: int
    n_drawn: int
    unguarded: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a backtest came to; ``to_dict`` has the keys of ``leadml backtest --json``.

    ``first_cut`` and ``until`` are dates, or row numbers where the table has none. ``rows`` hold the figures by
    period, those of all periods first; ``recipes`` what was fitted from when on.
    """

    recommended: str
    signal: bool
    sentences: tuple[str, ...]
    first_cut: str
    until: str
    n_learned: int
    n_scored: int
    n_left_out: int
    trained: tuple[Trained, ...]
    rows: tuple[Row, ...]
    gains: tuple[Gain, ...]
    recipes: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    seconds: float
    table: Path | None = None
    n_rejected: int = 0

    @property
    def totals(self) -> tuple[Row, ...]:
        """The figures over all periods."""
        return tuple(row for row in self.rows if row.period == "all")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "rows"}
        by_period = [row for row in self.rows if row.period != "all"]
        cadences = {row.cadence: flat(row) | _counts(self.trained, row.cadence) for row in self.totals}
        gains = [msgspec.to_builtins(gain) | {"better": gain.better, "worse": gain.worse} for gain in self.gains]
        told = plain | {"gains": gains, "cadences": cadences, "periods": [flat(row) for row in by_period]}
        result: dict[str, Any] = msgspec.to_builtins(told, enc_hook=str)
        return result


def flat(row: Row) -> dict[str, Any]:
    """Return a row as plain data, each metric as {value, low, high}."""
    own = {"period": row.period, "cadence": row.cadence, "n": row.n, "n_converted": row.n_converted}
    return own | {name: msgspec.to_builtins(one) for name, one in row.metrics.items()}


def _counts(trained: Sequence[Trained], name: str) -> dict[str, Any]:
    own: dict[str, Any] = next((msgspec.to_builtins(one) for one in trained if one.cadence == name), {})
    return own


def backtest(
    config: Config,
    leads: "pd.DataFrame | pa.Table | None" = None,
    *,
    cadences: Sequence[str] = CADENCES,
    champion: bool = False,
    kept: bool = False,
    skip_faulty: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> Backtest:
    """Replay the history: train at each cut on what was known then, score what came next, compare cadences.

    ``champion``: the recipe of the model that serves is fitted at every cut, instead of one that is chosen on the leads
    known then. ``kept``: the recipe is chosen at the first cut only. The figures by period are written to
    ``reports/backtest.csv``. Raises what ``train`` raises of the leads, UsageError for a cadence that is not known,
    BundleError where there is no champion.
    """
    names, start = known_cadences(cadences), perf_counter()
    now = datetime.now(UTC) if now is None else now
    say = progress or (lambda _what, _share: None)
    say("reading leads", 0.0)
    intake = read(config, leads, now=now, skip_faulty=skip_faulty)
    labels = labelled(config, intake.leads, now)
    shots, parts = labels.snapshots, intake.leads.schema.parts
    first = first_cut(shots)
    history = History(
        shots,
        parts,
        first,
        families=FAST,
        recipe=_champions(config, parts) if champion else None,
        kept=kept,
        random_state=config.training.seed,
    )
    played = _Played(config, history, names, say)
    notes = (*intake.leads.notes, *labels.notes, *(played.notes(champion=champion)))
    result = played.result(notes, n_rejected=intake.n_rejected, started=start, table=config.at(TABLE))
    say("done", 1.0)
    return result


def _champions(config: Config, parts: Sequence[Part]) -> Recipe:
    recipe = load(config.at(config.serving.model)).passport.recipe
    known = tuple(part for part in parts if part.name in recipe.fields)
    missing = sorted(set(recipe.fields) - {part.name for part in known})
    if missing:
        raise UsageError(
            f"the leads must have the fields of the champion's recipe, got none called {missing[0]}; train again, or "
            "leave --champion out"
        )
    return Recipe(recipe.family, recipe.settings, known)


class _Played:
    """The cadences replayed, and the figures that come of them."""

    def __init__(self, config: Config, history: History, names: Sequence[str], say: Progress) -> None:
        self.config, self.history, self.names, self.say = config, history, names, say
        shots, first = history.shots, history.first
        cadences = [cadence(shots, first, name) for name in names]
        total, done = sum(len(one.cuts) for one in cadences), 0
        self.replayed = {}
        for one in cadences:
            begun, part = 0.05 + 0.75 * done / total, 0.75 * len(one.cuts) / total
            self.replayed[one.name] = history.replay(one, progress=partial(_forward, say, one.name, begun, part))
            done += len(one.cuts)
        logits = {BASE: history.running_base()} | {name: r.logit for name, r in self.replayed.items()}
        self.kept = ~met_before(shots, history.rows)
        self.rows = history.rows[self.kept]
        self.logits = {name: logit[self.kept] for name, logit in logits.items()}
        self.periods, self.codes = periods(shots, self.rows, first)

    def notes(self, *, champion: bool) -> list[str]:
        """Say what was left out, and what hindsight there is."""
        n = int((~self.kept).sum())
        notes = []
        if n:
            notes.append(f"{n:,} leads belong to persons or groups whose outcome was known before; they are left out")
        if champion:
            notes.append("the champion's recipe was chosen with later leads in sight, so its figures may be too good")
        if not self.history.shots.dated or self.config.label.horizon_days is None:
            notes.append(
                "without label.horizon_days every outcome counts as known as soon as the lead came in; in truth it "
                "was known later, so frequent training looks better than it is"
            )
        return notes

    def result(self, notes: Sequence[str], *, n_rejected: int, started: float, table: Path) -> Backtest:
        """Judge, measure and write the table."""
        shots, seed = self.history.shots, self.config.training.seed
        y = shots.y[self.rows]
        groups = None if shots.groups is None else shots.groups[self.rows]
        compare = Comparing(
            groups,
            self.codes,
            n_replicates=max(1000, self.config.training.replicates),
            random_state=seed,
        )
        self.say("comparing", 0.8)
        losses = {name: losses_of(y, logit) for name, logit in self.logits.items()}
        advice: Recommendation = recommend(self.names, losses, compare)
        self.say("figures by period", 0.85)
        rows = (*self._figures(None), *(row for k in range(len(self.periods)) for row in self._figures(k)))
        write_table(table, rows)
        return Backtest(
            advice.cadence,
            advice.signal,
            advice.sentences,
            self._moment(self.history.first),
            self._moment(float(shots.times[-1])),
            int((shots.ends <= self.history.first).sum()),
            len(self.rows),
            int((~self.kept).sum()),
            tuple(
                Trained(
                    name,
                    len(r.cadence.cuts),
                    len(r.trust),
                    sum(share < 1 for share in r.trust.values()),
                    float(losses_of(y, r.unguarded[self.kept]).mean()),
                )
                for name, r in self.replayed.items()
            ),
            rows,
            advice.gains,
            tuple(self._told(at, recipe) for at, recipe in self.history.chosen().items()),
            tuple(notes),
            round(perf_counter() - started, 1),
            table,
            n_rejected,
        )

    def _figures(self, period: int | None) -> list[Row]:
        """Return the figures of one period, of all where it is None."""
        shots = self.history.shots
        inside = np.ones(len(self.rows), dtype=bool) if period is None else self.codes == period
        if not inside.any():
            return []
        rows, told = self.rows[inside], "all" if period is None else self.periods[period]
        y = shots.y[rows]
        groups = None if shots.groups is None else shots.groups[rows]
        n_replicates = self.config.training.replicates
        made = []
        for name, logit in self.logits.items():
            metrics = evaluate(
                y,
                logit[inside],
                groups=groups,
                metrics=METRICS,
                n_replicates=n_replicates if period is None else min(FEWER_REPLICATES, n_replicates),
                random_state=self.config.training.seed,
            )
            made.append(Row(told, name, len(y), int(y.sum()), metrics))
        return made

    def _told(self, at: float, recipe: Recipe) -> dict[str, Any]:
        fields = [part.name for part in recipe.parts]
        return {"from": self._moment(at), "family": recipe.family, "settings": recipe.settings, "fields": fields}

    def _moment(self, at: float) -> str:
        return day(at) if self.history.shots.dated else f"row {int(at) + 1:,}"


def _forward(say: Progress, name: str, begun: float, part: float, share: float) -> None:
    say(f"training {name}", begun + part * share)


def met_before(shots: Snapshots, rows: Rows) -> NDArray[np.bool_]:
    """Mark the leads (n,) whose group has an earlier lead with an outcome that was known when they came in.

    A model may have learned from that one, which is no test of it.
    """
    if shots.groups is None:
        return np.zeros(len(rows), dtype=bool)
    _, earliest, codes = np.unique(shots.groups, return_index=True, return_inverse=True)  # rows are in time order
    first = earliest[codes[rows]]
    return (first < rows) & (shots.ends[first] <= shots.times[rows])


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write the figures as CSV, one line per period and cadence. Raises OutputError where that fails."""
    columns = [f"{name}{bound}" for name in METRICS for bound in ("", "_low", "_high")]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["period", "cadence", "n", "n_converted", *columns])
            for row in rows:
                values = [
                    "" if np.isnan(value) else f"{value:.6f}"
                    for name in METRICS
                    for value in (row.metrics[name].value, row.metrics[name].low, row.metrics[name].high)
                ]
                writer.writerow([row.period, row.cadence, row.n, row.n_converted, *values])
    except OSError as error:
        raise OutputError(f"{path} must be writable for the figures by period, got: {error}") from None


def worded_recipe(told: Mapping[str, Any]) -> str:
    """Return a recipe in words: its family, settings and number of fields."""
    settings = ", ".join(f"{name}={value}" for name, value in told["settings"].items())
    return f"{FAMILIES[told['family']].title} ({settings}; {len(told['fields'])} fields)"
