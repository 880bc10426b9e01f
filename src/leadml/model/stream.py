"""Scoring a file of any length: read, score and write at the same time, in constant memory."""

import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from leadml.errors import DataError, Fault, OutputError
from leadml.leads.history.reading import Changes
from leadml.leads.reading import one_chunk, read_ids, total_rows
from leadml.leads.schema import Roles
from leadml.leads.sources import BatchSource, Source, open_batches, open_source
from leadml.model.batch import ScoredBatch, decoded, score_parts
from leadml.model.feed import Feed, made, open_feed
from leadml.model.output import Columns, Write, free_name, open_output, output_kind
from leadml.model.past import Past, open_past
from leadml.model.rejects import Rejecting, Rejects, rejected_path
from leadml.model.scorer import Scorer, stamp, utc
from leadml.model.unlike import unlike

BLOCK_BYTES = 4 << 20
NO_EVENTS = "the model makes fields of events, but no events were given, so these fields count as missing"
_AHEAD = 2  # batches that may wait to be written
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What became of a file of leads.

    ``rejected_path``: the rows that could not be scored, None where there are none; ``faults``: what was wrong
    with them, one of each sort. ``absent``: columns of the model that the file does not have; they count as
    missing. ``grades``: leads by grade. ``notes``: what was guessed in reading.
    """

    out: Path
    n_scored: int
    n_rejected: int
    rejected_path: Path | None
    faults: tuple[Fault, ...]
    absent: tuple[str, ...]
    grades: dict[str, int]
    notes: tuple[str, ...]
    seconds: float


def score_file(
    scorer: Scorer,
    path: str | Path,
    out: str | Path,
    *,
    as_of: datetime | None = None,
    reasons: bool = True,
    keep: Iterable[str] = (),
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
    events: Any = None,
    events_query: str | None = None,
    history: Changes | None = None,
    progress: Progress | None = None,
) -> ScoreSummary:
    """Score every lead of a file, in input order, into ``out`` (.csv, .xlsx or .parquet).

    ``path``, ``query``, ``sheet`` and ``header_row`` name the leads as ``leads.sources.open_source`` takes them.
    Columns are those of a scored lead, then the input columns named in ``keep``, a name that clashes with the
    prefix ``input_``. A row that cannot be scored goes to ``OUT.rejected.csv`` instead. ``events`` are those of the
    leads, as ``feed.open_feed`` takes them, looked at at ``as_of``; by their ``history`` fields are set back to it.
    ``progress`` is called with the number of rows done. Nothing is left behind after an error.

    Raises SourceError (the file cannot be read, or lacks a column of ``keep``), DataError (it has none of the
    model's fields), OutputError (``out`` cannot be written), UsageError (an ending that is not known).
    """
    start, out = time.perf_counter(), Path(out)
    kind = output_kind(out)
    feed = None if events is None else open_feed(scorer, events, as_of=utc(as_of), query=events_query)
    past = None if history is None else open_past(scorer, history, as_of=utc(as_of))
    leads = open_leads(scorer, path, keep=keep, feed=feed, past=past, query=query, sheet=sheet, header_row=header_row)
    check_apart(leads.batches.source, out, rejected_path(out))
    moment, as_text = stamp(as_of), kind.as_text
    grades = np.zeros(101, dtype=np.int64)

    with Rejects() as rejects:
        with open_output(out, scorer.legend) as write:
            with _behind(write) as write_later:
                for done, batch, scored in leads.scored(rejects, reasons=reasons):
                    grades += np.bincount(scored.score, minlength=101)
                    write_later(partial(leads.columns, scored, batch, as_of=moment, as_text=as_text))
                    if progress is not None:
                        progress(done)
            rejected = rejects.write(rejected_path(out), leads.batches, scorer.schema.roles.id)
        return ScoreSummary(
            out=out,
            n_scored=int(grades.sum()),
            n_rejected=rejects.n_rows,
            rejected_path=rejected,
            faults=rejects.faults(),
            absent=leads.absent,
            grades=by_grade(scorer, grades),
            notes=tuple(leads.notes),
            seconds=time.perf_counter() - start,
        )


@dataclass(frozen=True)
class Leads:
    """A file of leads about to be scored: its batches, the columns that are carried along, and those it lacks.

    ``notes``: what a person should know of the file; complete once it has been scored. ``feed``: their events; ``past``
    sets their fields back to an earlier moment. ``hidden`` columns do not count, whatever is in them.
    """

    scorer: Scorer
    batches: BatchSource
    keep: tuple[str, ...]
    absent: tuple[str, ...]
    notes: list[str] = field(default_factory=list)
    feed: Feed | None = None
    past: Past | None = None
    hidden: tuple[str, ...] = ()

    def scored(
        self,
        rejects: Rejecting,
        *,
        reasons: bool,
        check: Callable[[pa.RecordBatch, ScoredBatch], list[Fault]] | None = None,
    ) -> Iterator[tuple[int, pa.RecordBatch, ScoredBatch]]:
        """Yield (rows read so far, batch, its scores), without the rows that go to ``rejects``.

        ``check`` sees every batch whole, with all scores, and may find further faults (line: its row from 1).
        Without rows there is one empty batch.
        """
        coercer, done = self.scorer.coercer(), 0
        self.notes.extend(() if self.feed is None else self.feed.notes)
        self.notes.extend(() if self.past is None else self.past.notes)
        for first, batch in self.batches:
            done = first + batch.num_rows
            whole = self._seen(batch)
            coerced = coercer(whole) if self.past is None else self.past(coercer(whole), whole)
            scored = score_parts(self.scorer, coerced, reasons=reasons)
            if first == 0:
                self.notes.extend((*self.batches.notes, *unlike(self.scorer, whole)))
            scored.rejected += self._totals(batch)
            faults = scored.rejected + (check(batch, scored) if check is not None else [])
            if faults:
                rows = rejects.add(first, batch.num_rows, self._ids(batch), faults)
                yield done, batch.take(pa.array(rows)), scored.take(rows)
            else:
                yield done, batch, scored
        if not done:
            self.notes.extend(self.batches.notes)
            empty = pa.record_batch({name: pa.array([], pa.string()) for name in self.batches.columns})
            yield 0, empty, self.scorer.score_batch(self._seen(empty), reasons=reasons)

    def _seen(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch as it is scored: with what is made of events, without what is hidden."""
        whole = batch if self.feed is None else self.feed(batch)
        hidden = [name for name in self.hidden if name in whole.schema.names]
        return whole.drop_columns(hidden) if hidden else whole

    def _totals(self, batch: pa.RecordBatch) -> list[Fault]:
        return [Fault(message, row + 1, self.scorer.schema.roles.id) for row, message in total_rows(self._ids(batch))]

    def _ids(self, batch: pa.RecordBatch) -> pa.Array:
        name = self.scorer.schema.roles.id
        there = name is not None and name in batch.schema.names
        return read_ids(one_chunk(batch.column(name))) if there else pa.nulls(batch.num_rows, pa.string())

    def columns(self, scored: ScoredBatch, batch: pa.RecordBatch, *, as_of: str, as_text: bool) -> Columns:
        """Return the columns that are written: those of a scored lead, then those that are kept."""
        columns = scored.columns(batch, as_of=as_of, as_text=as_text)
        return {**columns, **self.kept(batch, taken=columns)}

    def kept(self, batch: pa.RecordBatch, *, taken: Iterable[str]) -> Columns:
        """Return the kept columns of a batch under their names in the result."""
        return {shown: decoded(batch.column(name)) for name, shown in self.names(taken).items()}

    def names(self, taken: Iterable[str]) -> dict[str, str]:
        """Return the kept columns and their names in the result."""
        return carried_names(self.scorer.schema.roles, self.keep, taken)


def carried_names(roles: Roles, keep: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Return input columns and their names in a result with the columns ``taken``.

    An id or owner is not shown a second time.
    """
    known = set(taken)
    twice = {name for name, column in (("lead_id", roles.id), ("owner", roles.owner)) if name == column} & known
    names: dict[str, str] = {}
    for name in keep:
        if name not in twice:
            names[name] = free_name(name, known)
            known.add(names[name])
    return names


def open_leads(
    scorer: Scorer,
    path: str | Path | Source,
    *,
    keep: Iterable[str] | None,
    roles: Iterable[str | None] = (),
    feed: Feed | None = None,
    past: Past | None = None,
    hidden: tuple[str, ...] = (),
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
) -> Leads:
    """Open leads for scoring: only what is needed is read. ``keep`` None keeps all columns.

    ``roles`` are further columns that are wanted where they are there; ``feed`` has their events, if these are given,
    and ``past`` their history; ``hidden`` columns count as missing. A source that is open already is taken as it is.
    Raises SourceError where it cannot be read or lacks a column of ``keep``, DataError without any field.
    """
    if isinstance(path, (str, Path)):
        path = open_source(path, query=query, sheet=sheet, header_row=header_row)
    source: Source = path
    kept = source.columns if keep is None else tuple(dict.fromkeys(keep))
    wanted = needed(scorer, source.name, source.columns, roles=roles, kept=kept, has_events=feed is not None)
    batches = open_batches(
        source,
        columns=wanted.columns,
        dictionary=wanted.dictionary,
        numbers=wanted.numbers,
        block_size=BLOCK_BYTES,
    )
    without = feed is None and any(field.name not in source.columns for field in made(scorer))
    return Leads(scorer, batches, kept, wanted.absent, [NO_EVENTS] if without else [], feed, past, hidden)


class Needed(NamedTuple):
    """The columns of a file that are read: those of few texts as dictionaries, those of numbers as such.

    ``absent`` are columns of the model that the file does not have.
    """

    columns: tuple[str, ...]
    dictionary: frozenset[str]
    numbers: frozenset[str]
    absent: tuple[str, ...]


def needed(
    scorer: Scorer,
    name: str,
    there: Iterable[str],
    *,
    roles: Iterable[str | None] = (),
    kept: Collection[str] = (),
    has_events: bool = False,
) -> Needed:
    """Return which of the columns ``there`` are read to score leads; raises DataError where there is no field.

    ``name`` is that of the source; ``roles`` and ``kept`` are further columns that are wanted; ``has_events``: fields
    of events are made, not read.
    """
    known = set(there)
    own = [field for field in scorer.fields if field.measure is None]
    fields = [field for field in (own if has_events else scorer.fields) if field.name in known]
    if own and not fields:
        wanted = ", ".join(field.name for field in own)
        must = f"{name} must have columns that the model reads ({wanted})"
        raise DataError(f"{must}, got none of them; check the file")
    ids = (scorer.schema.roles.id, scorer.schema.roles.created_at)
    others = [column for column in (*ids, *roles) if column in known]
    wanted_names = (*ids, *(field.name for field in own))
    return Needed(
        columns=tuple(dict.fromkeys([*(field.name for field in fields), *others, *kept])),
        dictionary=frozenset(field.name for field in fields if field.kind not in ("number", "date", "email")),
        numbers=frozenset(f.name for f in fields if f.kind == "number" and f.format != "decimal_comma") - set(kept),
        absent=tuple(column for column in wanted_names if column is not None and column not in known),
    )


def check_apart(source: Source, *results: Path) -> None:
    """Refuse to write a result onto a file that is read, or into a folder of leads; raises OutputError."""
    for result in results:
        if source.reads(result):
            got = "the same" if result.exists() else f"one that would be read with {source.name}"
            raise OutputError(f"{result} must be another file than the leads, got {got}; name another output")


def by_grade(scorer: Scorer, scores: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> dict[str, int]:
    """Return the number of leads by grade, from the number (101,) by score."""
    counts: Counter[str] = Counter(dict.fromkeys(scorer.grades.letters, 0))
    for grade, n in zip(scorer.grades.by_score, scores.tolist(), strict=True):
        counts[grade] += n
    return dict(counts)


@contextmanager
def _behind(write: Write) -> Iterator[Callable[[Callable[[], Columns]], None]]:
    """Give a function that makes and writes columns in another thread, in order, at most ``_AHEAD`` waiting."""
    waiting: deque[Future[None]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="leadml-write") as writer:

        def later(make: Callable[[], Columns]) -> None:
            waiting.append(writer.submit(lambda: write(make())))
            while len(waiting) > _AHEAD:
                waiting.popleft().result()

        yield later
        while waiting:
            waiting.popleft().result()
