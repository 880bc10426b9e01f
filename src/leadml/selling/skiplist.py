"""The skip list: the open leads of a ranking that need not be called, and what that costs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadml.ranking.lists import Ranking, RankSummary
from leadml.ranking.order import Rows
from leadml.selling.skip import LEVEL, LIMIT, Step, conversions_at_most, safe, steps

MARKS = (0.1, 0.2, 0.3, 0.5)  # shares of leads spared that are told


@dataclass(frozen=True, slots=True)
class Cut:
    """Up to which score leads are safe to skip, as the test says: ``step``, None where there is none.

    ``marks`` say what skipping more or fewer leads would have meant on the test.
    """

    limit: float
    level: float
    step: Step | None
    marks: tuple[Step, ...]

    @property
    def score(self) -> int:
        """The highest score that is safe to skip; 0 where none is."""
        return 0 if self.step is None else self.step.score

    def at_most(self, n: int) -> int:
        """Return how many of ``n`` leads that are skipped convert at most, with confidence ``level``."""
        return 0 if self.step is None else conversions_at_most(n, self.step, level=self.level)


def cut(by_score: Sequence[tuple[int, int]], *, limit: float = LIMIT, level: float = LEVEL) -> Cut:
    """Return up to which score leads are safe to skip: of all conversions at most ``limit`` lie there.

    ``by_score`` are (leads, conversions) of the test by score, from 1. Raises UsageError for a limit or level that
    cannot be.
    """
    found = steps(by_score, level=level)
    return Cut(limit, level, safe(found, limit=limit), _marks(found))


@dataclass(frozen=True, slots=True)
class SkipList:
    """The leads that are safe to skip, the lowest first, and what skipping costs.

    ``step`` is the highest score up to which skipping is safe under ``limit``, None where none is. Of ``n_open`` leads
    ``n_skipped`` lie there; ``expected`` of these convert by their probabilities, and ``at_most`` with confidence
    ``level``. ``marks`` say what skipping more or fewer leads would have meant on the test. ``table`` has the leads
    that are skipped, and ``places`` (n_skipped,) say where they stood in the input.
    """

    out: Path | None
    limit: float
    level: float
    step: Step | None
    n_open: int
    n_skipped: int
    expected: float
    expected_in_all: float
    at_most: int
    marks: tuple[Step, ...]
    table: pa.Table
    places: Rows
    summary: RankSummary

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON; the leads themselves are in ``out``."""
        names = ("out", "limit", "level", "n_open", "n_skipped", "expected", "expected_in_all", "at_most")
        ranked = {
            name: value for name, value in asdict(self.summary).items() if name.startswith("n_") or name == "notes"
        }
        return {
            **{name: getattr(self, name) for name in names},
            "step": None if self.step is None else self.step._asdict(),
            "marks": [step._asdict() for step in self.marks],
            **ranked,
        }


def skipped(ranking: Ranking, at: Cut) -> SkipList:
    """Return the leads of a ranking that are safe to skip, the lowest score first."""
    table, rows = ranking.table, lowest_first(ranking.table, at.score)
    low = table.take(pa.array(rows))
    return SkipList(
        out=None,
        limit=at.limit,
        level=at.level,
        step=at.step,
        n_open=table.num_rows,
        n_skipped=low.num_rows,
        expected=float(pc.sum(low.column("probability")).as_py() or 0.0),
        expected_in_all=float(pc.sum(table.column("probability")).as_py() or 0.0),
        at_most=at.at_most(low.num_rows),
        marks=at.marks,
        table=low,
        places=ranking.places[rows],
        summary=ranking.summary,
    )


def lowest_first(ranked: pa.Table, score: int) -> Rows:
    """Return the rows of a ranking with at most some score, the lowest first."""
    low = np.flatnonzero(ranked.column("score").to_numpy() <= score)
    rows: Rows = low[np.argsort(ranked.column("logit").to_numpy()[low], kind="stable")]
    return rows


def _marks(found: list[Step]) -> tuple[Step, ...]:
    """Return the steps that spare a tenth, a fifth, ... of the calls, or a little more."""
    marks = [next((step for step in found if step.spared >= share), None) for share in MARKS]
    return tuple(dict.fromkeys(step for step in marks if step is not None))
