"""Everything that the report shows of a training, as plain data: counts, rates and intervals, no lead.

It is kept beside the report, so that the pages can be written again, in another language or years later, from it
and the model's bundle alone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from leadml.errors import OutputError
from leadml.leads.schema import Axis
from leadml.model.bundle import Interval, Passport
from leadml.report.explored import Explored
from leadml.report.rates import Rate
from leadml.report.timefacts import Delay, Month, Move

FORMAT = 2
Gate = Literal["signal", "champion"]
Use = Literal["ignored", "protected", "not used", "dated", "constant"]


class Flow(msgspec.Struct, frozen=True):
    """Where the rows went, in leads.

    ``later`` came in after ``as_of``; ``young`` have not matured (``won_early`` of them converted already);
    ``undecided`` are open without a horizon; ``uncalled`` were on no list and are left out; ``between`` lie in neither
    part. Among the matured, ``late`` converted after the horizon and ``waiting`` are still open; both count as not
    converted.
    """

    rows: int
    rejected: int
    later: int
    young: int
    won_early: int
    undecided: int
    matured: int
    between: int
    late: int
    waiting: int
    uncalled: int = 0


class Period(msgspec.Struct, frozen=True):
    """The leads of one part and the days of the first and the last; None without dates."""

    rate: Rate
    first: str | None
    last: str | None


class Check(msgspec.Struct, frozen=True):
    """One condition of the gate, as in ``learning.gate``; undefined numbers are None."""

    gate: Gate
    name: str
    passed: bool
    value: float | None
    bound: float | None
    limit: float | None
    sentence: str


class Gains(msgspec.Struct, frozen=True):
    """Conversions found (m,) in the first ``shares`` (m,) of the test leads, by the model and the simple rules."""

    shares: tuple[float, ...]
    model: tuple[Interval, ...]
    rules: dict[str, tuple[float, ...]]


class Depth(msgspec.Struct, frozen=True):
    """What calling the first ``share`` of the test leads would have meant; ``precision`` is their rate."""

    share: float
    calls: float
    capture: Interval
    precision: Interval
    rules: dict[str, float]
    is_capacity: bool = False


class GradeFacts(msgspec.Struct, frozen=True):
    """The test leads of one grade; ``expected`` is their mean probability, None without leads."""

    grade: str
    rate: Rate
    expected: float | None


class Reliability(msgspec.Struct, frozen=True):
    """Probability and outcome on test.

    ``bins`` (k,) are (mean probability, rate) of leads in order of probability; ``isotonic`` are the corners
    (probability, rate) of the monotone fit; ``counts`` of leads in equal steps of probability from 0 to ``top``;
    ``expected`` is the mean probability.
    """

    bins: tuple[tuple[float, Rate], ...]
    isotonic: tuple[tuple[float, float], ...]
    counts: tuple[int, ...]
    top: float
    expected: float


class Rival(msgspec.Struct, frozen=True):
    """One row of the leaderboard; without folds, as in a cold start, nothing is known of them."""

    family: str
    title: str
    settings: dict[str, Any]
    ships: bool
    chosen: bool
    fold_loss: float | None
    fold_roc_auc: float | None
    n_parts: int
    test: dict[str, Interval]


class TermFacts(msgspec.Struct, frozen=True):
    """A term over the leads it learned from.

    ``importance`` is the mean absolute contribution, with half of each pair that the part is in. ``leads``,
    ``converted`` and ``points`` are by code of the term's table (of a line: the ranges between its marks, then missing;
    ``points`` is their mean contribution), and so are ``expected``, the sums of the scorecard's probabilities; empty in
    evidence of older versions. Of a number also the ``range`` of the middle 98 % and the ``counts`` of leads in equal
    steps of it.
    """

    part: str
    importance: float
    leads: tuple[int, ...]
    converted: tuple[int, ...]
    points: tuple[float, ...]
    range: tuple[float, float] | None = None
    counts: tuple[int, ...] = ()
    expected: tuple[float, ...] = ()


class PairFacts(msgspec.Struct, frozen=True):
    """A pair over the leads it learned from: its mean absolute number of points, and the leads of each cell."""

    parts: tuple[str, str]
    importance: float
    leads: tuple[tuple[int, ...], ...]


class AxisFacts(msgspec.Struct, frozen=True):
    """An axis over the leads the scorecard learned from.

    ``share`` of the variance of the logit; ``edges`` (m + 1,) of steps of the axis's sum, and the counts (m,) of
    leads that converted and that did not.
    """

    axis: Axis
    share: float
    spread: float
    edges: tuple[float, ...]
    converted: tuple[int, ...]
    lost: tuple[int, ...]


class Unused(msgspec.Struct, frozen=True):
    """A column, or a part of one, that is not in the model."""

    name: str
    use: Use
    why: str


class Suspicion(msgspec.Struct, frozen=True):
    """A field that may know what came after the lead: by which ``test``, and the facts of its sentence.

    ``allowed``: it is proven to, but the user lets it in. A whole number is a count, any other a share, or a ROC AUC
    where its name begins with "auc".
    """

    field: str
    allowed: bool
    test: str
    facts: dict[str, int | float | str]


class Segment(msgspec.Struct, frozen=True):
    """Test leads of one ``level`` of a column, or one ``band`` of numbers from its low end to below its high end.

    ``listed`` of them lie in the first 20 % of all test leads; ``found`` of their conversions do.
    """

    column: str
    level: str | None
    band: tuple[float | None, float | None] | None
    protected: bool
    rate: Rate
    expected: float
    roc_auc: Interval
    listed: Rate
    found: Rate


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a training found. ``model_version``, ``created`` and ``data_digest`` are those of the passport.

    ``by_score`` (100,) are the test leads of each score, from 1; empty in evidence of older versions. ``explored`` is
    None where the table does not say which leads were drawn by lot.
    """

    format: int = FORMAT
    model_version: str
    created: str
    data_digest: str
    name: str
    as_of: str | None
    outcome: str | None
    dated: bool
    grouped: bool
    flow: Flow
    older: Period
    test: Period
    checks: tuple[Check, ...]
    gains: Gains
    depths: tuple[Depth, ...]
    grades: tuple[GradeFacts, ...]
    reliability: Reliability
    leaderboard: tuple[Rival, ...]
    glass_box: dict[str, Interval] | None
    terms: tuple[TermFacts, ...]
    axes: tuple[AxisFacts, ...]
    delay: Delay | None
    moves: tuple[Move, ...]
    months: tuple[Month, ...]
    unused: tuple[Unused, ...]
    suspicions: tuple[Suspicion, ...]
    segments: tuple[Segment, ...]
    notes: tuple[str, ...]
    pairs: tuple[PairFacts, ...] = ()
    calibrated: Literal["slope", "intercept", "not"]
    calibration_conversions: int
    replicates: int
    seed: int
    by_score: tuple[Rate, ...] = ()
    explored: Explored | None = None

    def is_of(self, passport: Passport) -> bool:
        """Return whether it belongs to the model of a passport."""
        mine = (self.model_version, self.created, self.data_digest)
        return mine == (passport.model_version, passport.created, passport.data_digest)

    @property
    def cold(self) -> bool:
        """Whether there were too few conversions to choose a model on folds."""
        return any(one.chosen and one.fold_loss is None for one in self.leaderboard)

    def rules(self) -> Mapping[str, tuple[float, ...]]:
        """Return the gains of the simple rules, the best in the first 20 % first."""
        at = self.gains.shares.index(0.2)
        return dict(sorted(self.gains.rules.items(), key=lambda item: -item[1][at]))


def to_json(evidence: Evidence) -> bytes:
    """Return the evidence as JSON."""
    return msgspec.json.encode(evidence) + b"\n"


def from_json(data: bytes) -> Evidence | None:
    """Return the evidence that JSON holds; None where this version cannot read it."""
    try:
        return msgspec.json.decode(data, type=Evidence)
    except msgspec.MsgspecError:
        return None


def read(path: Path) -> Evidence | None:
    """Return the evidence of a file; None where there is none, or none that this version can read."""
    try:
        return from_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise OutputError(f"{path} must be readable, got: {error}") from error
