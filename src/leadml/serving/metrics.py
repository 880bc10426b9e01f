"""What /metrics tells, in the format of Prometheus, summed over all workers of a server.

The workers of one server share a folder: prometheus-client keeps its counters there, and each worker writes there how
many leads it scored today, so that any of them can tell the share of each grade.
"""

import contextlib
import os
import time
from collections import Counter as Counts
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from leadml.leads.dates import parse_date

if TYPE_CHECKING:
    from leadml.serving.champion import Champion

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the variable by which prometheus-client knows that there are several workers
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
DECILES = tuple(f"{low:03d}-{low + 9:03d}" for low in range(1, 101, 10))


class Metrics:
    """The counters of one worker. ``room`` is the folder that it shares with the others."""

    def __init__(self, champion: "Champion", room: str) -> None:
        self._champion = champion
        self._room = Path(room)
        self._own = CollectorRegistry()
        counter = partial(Counter, registry=self._own)
        self._requests = counter("leadml_requests", "Requests by address and status.", ["path", "status"])
        self._seconds = Histogram(
            "leadml_request_seconds", "Time per request, by address.", ["path"], buckets=SECONDS, registry=self._own
        )
        self._leads = counter("leadml_leads_scored", "Leads scored, by grade.", ["grade"])
        self._scores = counter("leadml_scores", "Leads scored, by tens of their score.", ["score"])
        self._rejected = counter("leadml_leads_rejected", "Leads that could not be read.")
        self._reloads = counter("leadml_model_reloads", "Times that another model took over.")
        self._tens = [self._scores.labels(ten) for ten in DECILES]
        self._by_grade: dict[str, Any] = {}
        self._by_path: dict[tuple[str, int], tuple[Any, Any]] = {}
        self._day, self._today, self._kept = _day(), Counts[str](), Counts[str]()

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count a request; ``path`` is one of few addresses, with no value of the user's in it."""
        held = self._by_path.get((path, status))
        if held is None:
            held = self._requests.labels(path, str(status)), self._seconds.labels(path)
            self._by_path[path, status] = held
        held[0].inc()
        held[1].observe(seconds)

    def scored(self, scores: Iterable[int]) -> None:
        """Count leads (n,) by their scores, 1 to 100."""
        by_score = self._champion.current.scorer.grades.by_score
        counts = Counts(scores.tolist() if hasattr(scores, "tolist") else scores)
        if _day() != self._day:
            self._day, self._today = _day(), Counts()
        tens: dict[int, int] = {}
        grades: dict[str, int] = {}
        for score, n in counts.items():
            ten, grade = max(score - 1, 0) // 10, by_score[score]
            tens[ten], grades[grade] = tens.get(ten, 0) + n, grades.get(grade, 0) + n
        for ten, n in tens.items():
            self._tens[ten].inc(n)
        for grade, n in grades.items():
            held = self._by_grade.get(grade)
            if held is None:
                held = self._by_grade[grade] = self._leads.labels(grade)
            held.inc(n)
            self._today[grade] += n

    def rejected(self, n: int) -> None:
        """Count leads that could not be read."""
        self._rejected.inc(n)

    def reloaded(self) -> None:
        """Count that another model took over."""
        self._reloads.inc()

    def keep(self) -> None:
        """Let the other workers know how many leads this one scored today."""
        if self._today != self._kept:
            half = self._room / f".today-{os.getpid()}"
            half.write_bytes(msgspec.json.encode(_Today(self._day, self._today)))
            half.replace(self._file)
            self._kept = self._today.copy()

    @property
    def _file(self) -> Path:
        return self._room / f"today-{os.getpid()}.json"

    def today(self) -> dict[str, int]:
        """Return the leads scored today (UTC) by grade, over all workers."""
        counts = Counts(self._today if self._day == _day() else {})
        for path in self._room.glob("today-*.json"):
            if path != self._file:
                with contextlib.suppress(OSError, msgspec.MsgspecError):
                    data = msgspec.json.decode(path.read_bytes(), type=_Today)
                    counts.update(data.leads if data.day == _day() else {})
        return {grade: counts[grade] for grade in self._champion.current.scorer.grades.letters}

    def text(self) -> bytes:
        """Return all metrics as text."""
        registry = self._own
        if FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        model = CollectorRegistry()
        model.register(_Model(self._champion, self.today()))
        return generate_latest(registry) + generate_latest(model)


class _Today(msgspec.Struct):
    day: str
    leads: dict[str, int]


class _Model:
    """What is told of the model that serves, looked up when it is asked for."""

    def __init__(self, champion: "Champion", today: Mapping[str, int]) -> None:
        self._champion, self._today = champion, today

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges, as prometheus-client asks for them."""
        served, passport = self._champion.current, self._champion.current.bundle.passport
        info = GaugeMetricFamily("leadml_model_info", "The model that serves.", labels=["version", "family"])
        info.add_metric([passport.model_version, passport.recipe.family], 1)
        yield info
        age = time.time() - parse_date(passport.created)
        yield GaugeMetricFamily("leadml_model_age_seconds", "Time since the model was trained.", age)
        yield GaugeMetricFamily("leadml_model_loaded_timestamp_seconds", "When it was loaded.", served.loaded_at)
        refused = float(self._champion.refused is not None)
        yield GaugeMetricFamily("leadml_model_refused", "1 where a newer bundle was refused.", refused)
        total = sum(self._today.values())
        if total:
            best = served.scorer.grades.letters[0]
            share = self._today[best] / total
            yield GaugeMetricFamily("leadml_grade_a_share", f"Share of grade {best} of the leads of today.", share)


def _day() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())
