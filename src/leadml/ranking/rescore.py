"""Leads scored again as answers come in: what changed and why, best first."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from leadml.errors import Fault
from leadml.leads.coercion import plain_text
from leadml.leads.parts import Floats
from leadml.leads.reading import one_chunk, read_ids
from leadml.leads.sources import open_source
from leadml.model.axes import SCORES
from leadml.model.feed import open_feed
from leadml.model.output import Columns, free_name, output_kind, write_table
from leadml.model.reasons import text
from leadml.model.rejects import Rejects, rejected_path, write_rejected
from leadml.model.rescore import Rescored, rescore
from leadml.model.scorer import ScoredLead, Scorer, utc
from leadml.model.stream import Leads, Progress, check_apart, open_leads
from leadml.ranking.answers import Answers, id_of

Lead = dict[str, Any]
CHANGED = ("rank", "score", "grade", "probability")  # each with the column of before
LISTED = frozenset(
    {
        *ScoredLead.__struct_fields__,
        *CHANGED,
        *(f"{name}_before" for name in CHANGED),
        "change",
        "why",
        "expected_value",
    }
)


@dataclass(frozen=True, slots=True)
class RescoreSummary:
    """What became of the answers.

    Of ``n_leads``, ``n_answered`` have answers and ``n_changed`` another chance for it. ``n_rejected`` rows are left
    out: ``faults`` says why; ``rejected_path`` holds those of leads, ``answers_rejected_path`` those of answers.
    """

    out: Path | None
    n_leads: int
    n_answered: int
    n_changed: int
    n_rejected: int
    rejected_path: Path | None
    answers_rejected_path: Path | None
    faults: tuple[Fault, ...]
    absent: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Rescoring:
    """Leads with answers (k,), best first by what is known now, with their ranks among all leads before and after."""

    rescored: Sequence[Rescored]
    leads: Sequence[Lead]
    ranks: Sequence[tuple[int, int]]
    summary: RescoreSummary


def rescore_file(
    scorer: Scorer,
    path: str | Path,
    answers: Answers,
    out: str | Path | None,
    *,
    everything: bool = False,
    as_of: datetime | None = None,
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
    events: Any = None,
    events_query: str | None = None,
    progress: Progress | None = None,
) -> Rescoring:
    """Score the leads of a file again, with their answers, into ``out`` (.csv, .xlsx or .parquet; None writes nothing).

    ``path`` is a file of leads, or a list that ``rank`` or ``score --keep`` wrote. The columns are ``lead_id``, rank,
    score, grade and probability before and after, ``change`` in log-odds and ``why``, what a scored lead has, then the
    columns of the lead with its answers in place. Leads without answers are left out, unless ``everything`` is wanted.
    Ranks are among all leads of the file. Rows of leads that cannot be scored go to ``OUT.rejected.csv``, those of
    answers that cannot be used to ``OUT.answers.rejected.csv``.

    Raises as ``score_file`` does.
    """
    start, out = time.perf_counter(), None if out is None else Path(out)
    if out is not None:
        output_kind(out)
    feed = None if events is None else open_feed(scorer, events, as_of=utc(as_of), query=events_query)
    source = open_source(path, query=query, sheet=sheet, header_row=header_row)
    id_column = id_of(scorer, source.columns, source.name)
    leads = open_leads(scorer, source, keep=None, feed=feed)
    if out is not None:
        check_apart(source, out, rejected_path(out), answers_path(out))
    with Rejects() as rejects:
        found = _Found(scorer, leads, answers, id_column, everything=everything, as_of=as_of)
        for done, batch, scored in leads.scored(rejects, reasons=False):
            found.add(batch, scored.logit)
            if progress is not None:
                progress(done)
        wrong = [*answers.faults, *answers.without(found.known)]
        rejected = unused = None
        if out is None:
            rejects.count_ragged(leads.batches)
        else:
            rejected = rejects.write(rejected_path(out), leads.batches, id_column)
            unused = _write_wrong(answers_path(out), wrong)
        ranked = found.ranked()
        if out is not None:
            carried = dict.fromkeys([*source.columns, *(name for told in answers.by_lead.values() for name in told)])
            write_table(out, _columns(scorer, ranked, carried, as_text=output_kind(out).as_text), scorer.legend)
        summary = RescoreSummary(
            out=out,
            n_leads=found.n_leads,
            n_answered=found.n_answered,
            n_changed=sum(one.change != 0 for one, _, _ in ranked),
            n_rejected=rejects.n_rows + len({fault.line for _, fault in wrong}),
            rejected_path=rejected,
            answers_rejected_path=unused,
            faults=(*rejects.faults(), *(fault for _, fault in wrong)),
            absent=leads.absent,
            notes=(*leads.notes, *answers.notes),
            seconds=time.perf_counter() - start,
        )
    rescored, rows, ranks = zip(*ranked, strict=True) if ranked else ((), (), ())
    return Rescoring(rescored, rows, ranks, summary)


def answers_path(out: Path) -> Path:
    """Return where the rows of answers go that cannot be used."""
    return out.with_name(f"{out.stem}.answers.rejected.csv")


class _Found:
    """Gathers the leads of a file that are to be scored again."""

    def __init__(
        self,
        scorer: Scorer,
        leads: Leads,
        answers: Answers,
        id_column: str,
        *,
        everything: bool,
        as_of: datetime | None,
    ) -> None:
        self._scorer, self._leads, self._answers = scorer, leads, answers
        self._id, self._everything, self._as_of = id_column, everything, as_of
        self.n_leads = self.n_answered = 0
        self.known: set[str] = set()
        self._logits: list[Floats] = []
        self._rescored: list[tuple[int, Rescored, Lead]] = []

    def add(self, batch: pa.RecordBatch, logit: Floats) -> None:
        """Take in a batch of leads with their logits (n,)."""
        ids = read_ids(one_chunk(batch.column(self._id))).to_pylist()
        told = self._answers.by_lead
        self.known.update(lead_id for lead_id in ids if lead_id in told)
        rows = [row for row, lead_id in enumerate(ids) if self._everything or lead_id in told]
        taken = batch.take(pa.array(rows, pa.int64()))
        whole = taken if self._leads.feed is None or not rows else self._leads.feed(taken)
        for row, own, lead in zip(rows, taken.to_pylist(), whole.to_pylist(), strict=True):
            new = told.get(ids[row] or "", {})
            self.n_answered += bool(new)
            scored = rescore(self._scorer, lead, new, as_of=self._as_of)
            self._rescored.append((self.n_leads + row, scored, own | new | {self._id: ids[row]}))
        self._logits.append(logit)
        self.n_leads += batch.num_rows

    def ranked(self) -> list[tuple[Rescored, Lead, tuple[int, int]]]:
        """Return the leads, best first by what is known now, each with its rank before and after."""
        before = np.concatenate(self._logits) if self._logits else np.empty(0)
        after = before.copy()
        for place, scored, _ in self._rescored:
            after[place] = scored.after.logit
        place_in = _ranker(before), _ranker(after)
        ordered = sorted(self._rescored, key=lambda one: -one[1].after.logit)
        return [
            (scored, lead, (place_in[0](float(before[place])), place_in[1](float(after[place]))))
            for place, scored, lead in ordered
        ]


def _ranker(logits: Floats) -> Callable[[float], int]:
    """Return what gives the rank of a logit, from 1: how many are above it, and one."""
    rising = np.sort(logits)
    return lambda logit: len(rising) - int(np.searchsorted(rising, logit, side="right")) + 1


def _columns(
    scorer: Scorer, ranked: Sequence[tuple[Rescored, Lead, tuple[int, int]]], carried: Iterable[str], *, as_text: bool
) -> Columns:
    """Return what is written of leads (k,)."""
    now = [one.after for one, _, _ in ranked]
    columns: dict[str, pa.Array] = {"lead_id": pa.array([one.lead_id for one in now], pa.string())}
    columns["rank_before"], columns["rank"] = (
        pa.array([ranks[i] for _, _, ranks in ranked], pa.int64()) for i in (0, 1)
    )
    for name, kind in (("score", pa.int64()), ("grade", pa.string()), ("probability", pa.float64())):
        columns[f"{name}_before"] = pa.array([getattr(one.before, name) for one, _, _ in ranked], kind)
        columns[name] = pa.array([getattr(one, name) for one in now], kind)
    columns["logit"] = pa.array([one.logit for one in now], pa.float64())
    columns["change"] = pa.array([one.change for one, _, _ in ranked], pa.float64())
    columns["why"] = _why(ranked, as_text=as_text)
    for name in SCORES:
        columns[name] = pa.array([getattr(one, name) for one in now], pa.int64())
    columns["summary"] = pa.array([one.summary for one in now], pa.string())
    columns["reasons"] = pa.array(
        [text(one.reasons) for one in now] if as_text else [msgspec.to_builtins(one.reasons) for one in now]
    )
    for name in ("model_version", "as_of"):
        columns[name] = pa.array([getattr(one, name) for one in now], pa.string())
    for name in _carried(scorer, carried):
        columns[free_name(name, columns)] = pa.array([_cell(lead.get(name)) for _, lead, _ in ranked], pa.string())
    return columns


def _carried(scorer: Scorer, names: Iterable[str]) -> list[str]:
    """Return the columns of the leads themselves: not what an earlier list says of them."""
    schema = scorer.schema
    own = {*(field.name for field in schema.fields), *schema.roles.columns(), *schema.identity.columns()} - {"lead_id"}
    return [name for name in names if name in own or name not in LISTED]


def _why(ranked: Sequence[tuple[Rescored, Lead, tuple[int, int]]], *, as_text: bool) -> pa.Array:
    if as_text:
        return pa.array(["; ".join(change.text for change in one.why) for one, _, _ in ranked], pa.string())
    return pa.array([msgspec.to_builtins(one.why) for one, _, _ in ranked])


def _cell(value: object) -> str | None:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else plain_text(value)


def _write_wrong(path: Path, wrong: Sequence[tuple[str | None, Fault]]) -> Path | None:
    """Write the rows of answers that cannot be used, by their line; remove an old file where there are none."""
    if not wrong:
        path.unlink(missing_ok=True)
        return None
    rows = ((fault.line or 0, [lead_id or "", fault.column or "", fault.message]) for lead_id, fault in wrong)
    write_rejected(path, sorted(rows, key=itemgetter(0)))
    return path
