"""The skip list: the open leads of a file that need not be called, and what that costs."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadml.leads.sources import Source
from leadml.model.output import output_kind
from leadml.model.scorer import Scorer
from leadml.model.stream import Progress
from leadml.ranking.lists import RankSummary, rank_file, write_ranked
from leadml.report.files import tested_evidence
from leadml.selling.skip import LEVEL, LIMIT, Step, conversions_at_most, safe, steps

MARKS = (0.1, 0.2, 0.3, 0.5)  # shares of leads spared that are told


@dataclass(frozen=True, slots=True)
class SkipList:
    """The leads that are safe to skip, the lowest first, and what skipping costs.

    ``step`` is the highest score up to which skipping is safe under ``limit``, None where none is. Of ``n_open`` leads
    ``n_skipped`` lie there; ``expected`` of these convert by their probabilities, and ``at_most`` with confidence
    ``level``. ``marks`` say what skipping more or fewer leads would have meant on the test.
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


def skip_list(
    scorer: Scorer,
    path: str | Path | Source,
    out: str | Path | None = None,
    *,
    limit: float = LIMIT,
    level: float = LEVEL,
    as_of: datetime | None = None,
    keep: Iterable[str] | None = None,
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
    events: Any = None,
    events_query: str | None = None,
    reports: Path | None = None,
    progress: Progress | None = None,
) -> SkipList:
    """Find the open leads of a file that are safe to skip, and write them to ``out``, the lowest score first.

    Safe are leads up to the highest score below which, with confidence ``level``, at most the share ``limit`` of all
    conversions lies. That is known from the test of the model's training; ``reports`` is the folder of its reports,
    for a model that does not carry its evidence. The other options are those of ``rank_file``.

    Raises BundleError where the model has no evidence of its test, UsageError for a limit or level that cannot be;
    and as ``rank_file`` does.
    """
    if out is not None:
        output_kind(Path(out))
    found = steps(_by_score(scorer, reports), level=level)
    step = safe(found, limit=limit)
    ranking = rank_file(
        scorer,
        path,
        None,
        as_of=as_of,
        keep=keep,
        query=query,
        sheet=sheet,
        header_row=header_row,
        events=events,
        events_query=events_query,
        progress=progress,
    )
    table, skipped = ranking.table, _lowest_first(ranking.table, 0 if step is None else step.score)
    if out is not None:
        write_ranked(Path(out), skipped, scorer)
    return SkipList(
        out=None if out is None else Path(out),
        limit=limit,
        level=level,
        step=step,
        n_open=table.num_rows,
        n_skipped=skipped.num_rows,
        expected=float(pc.sum(skipped.column("probability")).as_py() or 0.0),
        expected_in_all=float(pc.sum(table.column("probability")).as_py() or 0.0),
        at_most=0 if step is None else conversions_at_most(skipped.num_rows, step, level=level),
        marks=_marks(found),
        table=skipped,
        summary=ranking.summary,
    )


def _by_score(scorer: Scorer, reports: Path | None) -> list[tuple[int, int]]:
    return [(rate.n, rate.converted) for rate in tested_evidence(scorer.bundle, reports).by_score]


def _lowest_first(ranked: pa.Table, score: int) -> pa.Table:
    low = ranked.filter(pc.less_equal(ranked.column("score"), score))
    return low.take(pa.array(np.argsort(low.column("logit").to_numpy(), kind="stable")))


def _marks(found: list[Step]) -> tuple[Step, ...]:
    """Return the steps that spare a tenth, a fifth, ... of the calls, or a little more."""
    marks = [next((step for step in found if step.spared >= share), None) for share in MARKS]
    return tuple(dict.fromkeys(step for step in marks if step is not None))
