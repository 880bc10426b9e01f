"""The whole learning line: read, label, choose, evaluate, judge, refit, compile, save, register, promote."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from leadml.config import Config
from leadml.errors import BundleError
from leadml.leads.labels import CONVERTED
from leadml.leads.schema import Schema
from leadml.leads.snapshots import Labelled, Snapshots, day, snapshots
from leadml.leads.sources import shown
from leadml.learning.axes import axis_reference
from leadml.learning.compile import compile_scorecard, spellings
from leadml.learning.experiment import Experiment, Refit, refit, run_experiment
from leadml.learning.gate import Margins, Verdict
from leadml.learning.leaks.finding import Leak
from leadml.learning.pipeline import make_pipeline
from leadml.learning.rivals import rival_families
from leadml.learning.tuning import Tuner
from leadml.model.bundle import Bundle, Passport, Recipe, Test, load
from leadml.model.scorer import stamp
from leadml.model.store import Store
from leadml.tracking.runs import Run, Tracker
from leadml.training.champion import against_champion
from leadml.training.explored import explored_as_data
from leadml.training.figures import intervals, leaderboard_row
from leadml.training.leakage import allowed_leaks
from leadml.training.promotion import promote
from leadml.training.read import Intake, data_digest, labelled, read
from leadml.training.report import Training, with_evidence, write_report

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str, float], None]
Rivals = Mapping[str, Any]  # scikit-learn classifiers by name
MakeTuner = Callable[[str], Tuner]  # from the digest of the leads
REPORTS = "reports"  # the folder, beside the configuration
LIBRARIES = ("leadml", "scikit-learn", "interpret-core", "numpy", "pandas", "pyarrow")


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What a training came to; ``to_dict`` has the keys of ``leadml train --json``.

    ``test``, ``naive`` and ``leaderboard`` are plain data, each metric as {value, low, high}. ``bundle`` is the
    model's folder, ``report`` the page that shows it all. ``notes`` say what was guessed and left out, ``explored``
    what became of leads drawn by lot.
    """

    model_version: str
    family: str
    promoted: bool
    verdict: str
    test: dict[str, Any]
    naive: dict[str, Any]
    leaderboard: list[dict[str, Any]]
    run_id: str
    bundle: Path
    notes: tuple[str, ...]
    n_rejected: int = 0
    rejected: Path | None = None
    report: Path | None = None
    explored: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        result: dict[str, Any] = msgspec.to_builtins(
            {name: getattr(self, name) for name in self.__slots__}, enc_hook=str
        )
        return result


def train(
    config: Config,
    leads: "pd.DataFrame | pa.Table | None" = None,
    *,
    rivals: Rivals | None = None,
    skip_faulty: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> TrainingRun:
    """Learn from past leads, and promote the model if it passes the gate.

    ``leads`` replaces the table that the configuration names; ``rivals`` are scikit-learn classifiers by their name on
    the leaderboard, and never ship. ``now`` is the moment of training, by default the present. Raises DataError with
    all faults of the table (``skip_faulty``: faulty rows are written out and left out), TrainingRefused where the leads
    cannot carry a model, TrackingError where MLflow is out of reach, UsageError where a rival fails.
    """
    return learn(config, leads, rivals=rivals, skip_faulty=skip_faulty, progress=progress, now=now)[0]


def learn(
    config: Config,
    leads: "pd.DataFrame | pa.Table | None" = None,
    *,
    rivals: Rivals | None = None,
    make_tuner: MakeTuner | None = None,
    skip_faulty: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> tuple[TrainingRun, Experiment]:
    """Do what ``train`` does, with a search where one is to be made."""
    rivals = rivals or {}
    rival_families(rivals)  # refuses what is none before anything is read
    now = datetime.now(UTC) if now is None else now
    say = progress or (lambda _what, _share: None)
    say("reading leads", 0.0)
    intake = read(config, leads, now=now, skip_faulty=skip_faulty)
    labels = labelled(config, intake.leads, now)
    leaks = allowed_leaks(config, intake.leads, labels)
    tracker = Tracker(config.tracking_uri, config.tracking.experiment, config.tracking.model_name)
    say("opening MLflow", 0.02)
    with tracker.run() as run:
        line = _Line(
            config, intake, labels, leaks, from_file=leads is None, now=now, tracker=tracker, run=run, progress=say
        )
        result = line.finish(rivals, make_tuner)
    say("done", 1.0)
    return result


def _with_way_out(signal: Verdict, *, cold: bool) -> Verdict:
    """Tell what to do with a model that had too few conversions to be judged by."""
    way_out = "`leadml models promote VERSION` lets it serve until there are more outcomes."
    return Verdict(False, f"{signal.sentence} {'It is a cold start: ' if cold else ''}{way_out}", signal.checks)


class _Line:
    """One training, from labelled leads to a registered model."""

    def __init__(
        self,
        config: Config,
        intake: Intake,
        labelled: Labelled,
        leaks: Sequence[Leak],
        *,
        from_file: bool,
        now: datetime,
        tracker: Tracker,
        run: Run,
        progress: Progress,
    ) -> None:
        self.config, self.now, self.progress = config, now, progress
        self.tracker, self.run = tracker, run
        self.intake, self.leads, self.labels = intake, intake.leads, labelled.labels
        self.from_file = from_file
        self.shots = labelled.snapshots
        self.schema: Schema = self.leads.schema
        self.labelled = labelled
        self.leaks = leaks
        self.notes = (*self.leads.notes, *labelled.notes, *(f"suspected leak: {leak}" for leak in leaks))
        champion = config.at(config.serving.model)
        self.store = Store(champion.parent, champion.name)
        self.digest = data_digest(self.leads)

    def finish(self, rivals: Rivals, make_tuner: MakeTuner | None) -> tuple[TrainingRun, Experiment]:
        """Run the line to its end."""
        seed = self.config.training.seed
        self._log_start()
        experiment = run_experiment(
            self.shots,
            self.schema.parts,
            families=self.config.training.families,
            test_fraction=self.config.training.test_fraction,
            capacity=self.config.ranking.capacity,
            source=self.schema.source,
            n_replicates=self.config.training.replicates,
            random_state=seed,
            relabel=self._relabel,
            rivals=rivals,
            tuner=None if make_tuner is None else make_tuner(self.digest),
            progress=lambda what, share: self.progress(what, 0.05 + 0.75 * share),
        )
        self.progress("comparing with the champion", 0.8)
        verdict = self._judge(experiment)
        self.progress("learning from all matured leads", 0.85)
        final = refit(self.shots, experiment, random_state=seed)
        labels = spellings(self.leads.table, self.schema, self.leads.history)
        scorecard = compile_scorecard(final.fitted, final.calibration, self.shots, labels)
        self.notes += self._late_notes(experiment)
        training = self._training(experiment, final, verdict)

        def make_bundle(number: str) -> Bundle:
            own = axis_reference(scorecard, self.schema.parts, self.shots)
            passport = msgspec.structs.replace(self._passport(number, experiment, final, verdict), axis_reference=own)
            return with_evidence(training, Bundle(scorecard, self.schema, passport))

        n, path = self.store.save(make_bundle)
        self.progress("writing the report", 0.88)
        report = write_report(path, self.config.at(REPORTS))
        self.progress("logging to MLflow", 0.9)
        self._log_end(experiment, final, path, n)
        self.run.log_report(report)
        if verdict.promoted:
            problem = promote(self.store, self.tracker, n).alias_problem
            self.notes += (problem,) if problem else ()
        return self._result(n, path, experiment, verdict, report[0]), experiment

    def _relabel(self, horizon_days: int) -> Snapshots:
        return snapshots(self.leads, horizon_days=horizon_days, as_of=self.labels.as_of).snapshots

    def _judge(self, experiment: Experiment) -> Verdict:
        if not experiment.signal.promoted:
            untested = experiment.cold or not experiment.signal.checks
            return _with_way_out(experiment.signal, cold=experiment.cold) if untested else experiment.signal
        config = self.config
        try:
            if self.store.champion() is None:
                return experiment.signal
            champion_bundle = load(self.store.link)
        except BundleError as error:  # a damaged champion must not stand in the way of its successor for ever
            why = f"Not promoted: it can't be compared with the champion ({error})"
            return Verdict(False, f"{why}; `leadml models promote VERSION` lets it serve.", experiment.signal.checks)
        champion = against_champion(
            champion_bundle,
            experiment,
            self.shots,
            self.schema.parts,
            kinds={field.name: field.kind for field in self.schema.fields},
            margins=Margins(config.gate.roc_auc, config.gate.capture, config.gate.log_loss),
            capacity=config.ranking.capacity,
            n_replicates=config.training.replicates,
            random_state=config.training.seed,
        )
        checks = experiment.signal.checks + champion.checks
        return Verdict(champion.promoted, champion.sentence, checks)

    def _passport(self, number: str, experiment: Experiment, final: Refit, verdict: Verdict) -> Passport:
        config, shots, trial = self.config, self.shots, experiment.candidate.trial
        return Passport(
            model_version=number,
            created=stamp(self.now),
            data_digest=self.digest,
            n_leads=shots.n_leads,
            n_converted=shots.n_leads_converted,
            as_of=None if math.isnan(self.labels.as_of) else day(self.labels.as_of),
            trained_until=stamp(datetime.fromtimestamp(float(shots.times[-1]), UTC)) if shots.dated else None,
            horizon_days=config.label.horizon_days,
            recipe=Recipe(trial.family, trial.settings, tuple(part.name for part in trial.parts)),
            test=self._test(experiment),
            reference=final.reference,
            grades=config.ranking.grades,
            language=config.ranking.language,
            promoted=verdict.promoted,
            verdict=verdict.sentence,
            libraries={name: version(name) for name in LIBRARIES},
        )

    def _test(self, experiment: Experiment) -> Test:
        y = self.shots.y[experiment.split.test]
        return Test(
            n=len(y),
            n_converted=int(y.sum()),
            base_rate=float(y.mean()),
            metrics=intervals(experiment.metrics),
            naive={name: intervals(metrics) for name, metrics in experiment.naive_metrics.items()},
        )

    def _log_start(self) -> None:
        config = self.config
        self.run.log_params(
            {
                "label": msgspec.to_builtins(config.label),
                "training": msgspec.to_builtins(config.training),
                "gate": msgspec.to_builtins(config.gate),
                "ranking": msgspec.to_builtins(config.ranking),
                "fields": [field.name for field in self.schema.fields],
            }
        )
        self.run.log_dataset(
            name=Path(shown(config.leads.path)).stem if self.from_file else "leads",
            source=shown(config.leads.path) if self.from_file else "memory",
            digest=self.digest,
            n_rows=self.leads.table.num_rows,
            columns={field.name: str(field.type) for field in self.leads.table.schema},
        )

    def _log_end(self, experiment: Experiment, final: Refit, bundle: Path, n: int) -> None:
        trial = experiment.candidate.trial
        self.run.log_params({"family": trial.family, "settings": trial.settings})
        self.run.log_metrics(intervals(experiment.metrics))
        self.run.log_leaderboard([leaderboard_row(row) for row in experiment.leaderboard])
        if experiment.tuned is not None:
            self.run.log_search(experiment.tuned.table(), experiment.tuned.best_rows())
        self.run.log_notes("\n".join(self.notes))
        self.run.log_bundle(bundle)
        self.run.log_pipeline(make_pipeline(self.schema, final.fitted, final.calibration))
        self.run.register(self.run.log_model(bundle), n)

    def _training(self, experiment: Experiment, final: Refit, verdict: Verdict) -> Training:
        training = self.config.training
        return Training(
            Path(self.config.leads.path).stem if self.from_file else "leads",
            self.leads,
            self.labelled,
            experiment,
            final,
            verdict,
            self.leaks,
            self.notes,
            self.intake.n_rejected,
            self.config.ranking.capacity,
            training.replicates,
            training.seed,
        )

    def _result(self, n: int, path: Path, experiment: Experiment, verdict: Verdict, report: Path) -> TrainingRun:
        test = self._test(experiment)
        flat = {"n": test.n, "n_converted": test.n_converted, "base_rate": test.base_rate}
        return TrainingRun(
            model_version=str(n),
            family=experiment.candidate.trial.family,
            promoted=verdict.promoted,
            verdict=verdict.sentence,
            test=flat | msgspec.to_builtins(test.metrics),
            naive=msgspec.to_builtins(test.naive),
            leaderboard=[leaderboard_row(row) for row in experiment.leaderboard],
            run_id=self.run.run_id,
            bundle=path,
            notes=self.notes,
            n_rejected=self.intake.n_rejected,
            rejected=self.intake.rejected,
            report=report,
            explored=explored_as_data(path),
        )

    def _late_notes(self, experiment: Experiment) -> tuple[str, ...]:
        left_out = experiment.split.left_out
        late = int(((self.leads.status == CONVERTED) & ~self.labels.matured).sum())
        notes = [*([] if experiment.tuned is None else [experiment.tuned.sentence]), *experiment.refined]
        if left_out:
            what = "leads" if self.shots.n_leads == len(self.shots) else "snapshots"
            notes.append(
                f"{left_out:,} {what} lie in neither the older nor the newest part: their outcome was not final "
                "when the newest part began, or their group is in the older one"
            )
        if late and self.config.label.horizon_days is not None:
            notes.append(f"{late:,} of the leads that have not matured have converted already; they wait too")
        return tuple(notes)
