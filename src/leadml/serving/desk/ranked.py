"""Ranking an upload: its open leads, best first, with all that a page shows of them."""

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from leadml.errors import DataError, UsageError
from leadml.leads.arrays import is_text
from leadml.leads.coercion import Missing
from leadml.leads.duplicates import guess_identity
from leadml.leads.guard import unguarded
from leadml.leads.letters import spellings
from leadml.leads.reading import one_chunk
from leadml.leads.schema import LANGUAGES, Language, Schema
from leadml.leads.sources import Source, located, open_source
from leadml.model.axes import SCORES
from leadml.model.feed import Feed, open_feed
from leadml.model.reasons import Phrasebook
from leadml.model.scorer import Scorer, utc
from leadml.model.stream import NO_EVENTS
from leadml.ranking.lists import RankSummary, rank_file
from leadml.ranking.plan import Plan
from leadml.selling.pricerows import people_of
from leadml.serving.desk.limits import check_columns, check_file
from leadml.serving.desk.listed import (
    CANON,
    IN,
    MADE,
    Left,
    Listed,
    Unread,
    Wrong,
    column_type,
    write_list,
    write_people,
)
from leadml.serving.desk.preview import Preview
from leadml.serving.desk.ready import is_ready, ready_table
from leadml.serving.settings import EventsAt

MOST_UNREAD, MOST_NOTES = 500, 100  # that are shown
_REJECTED = "rejected.csv"
UNREAD_EVENTS = "the table of events cannot be read; ask whoever runs the server"


def make_list(
    scorer: Scorer,
    path: Path,
    folder: Path,
    *,
    max_bytes: int,
    events: EventsAt | None = None,
    plan: Plan | None = None,
) -> int:
    """Rank a file by a plan, or take the list that it is, into ``folder``; return the number of leads in the list.

    ``events`` is where the events of leads are, for a model that makes fields of them.

    Raises DataError for a file that cannot be read or is too large, OSError or OutputError where there is no room.
    """
    check_file(path, max_bytes)
    source = open_source(path)
    check_columns(path.name, len(source.columns))
    if is_ready(source.columns):
        table, told = _ready(scorer, source, path.name)
    else:
        table, told = _ranked(scorer, source, folder, events, plan or Plan())
        write_people(folder, people_of(scorer.schema, source))
    write_list(folder, table, told, phrases(scorer) if _is_by(scorer, told) else {})
    return told.n


def phrases(scorer: Scorer) -> dict[Language, list[str]]:
    """Return the words of all reasons and summaries that a model gives, by language, in the same order."""
    bundle = scorer.bundle
    books = {language: Phrasebook(bundle.scorecard, bundle.schema, language) for language in LANGUAGES}
    return {
        language: [*(phrase.text for phrase in book.phrases), *scorer.scale.sentences(language)]
        for language, book in books.items()
    }


def _is_by(scorer: Scorer, told: Listed) -> bool:
    return told.model_version == scorer.passport.model_version


def _ranked(
    scorer: Scorer, source: Source, folder: Path, events: EventsAt | None, plan: Plan
) -> tuple[pa.Table, Listed]:
    preview = Preview(scorer, source)
    columns = preview.columns()
    rejects, as_of = folder / _REJECTED, utc()
    feed, notes = _feed(scorer, events, as_of)
    ranking = rank_file(
        scorer, source, None, plan=plan, keep=source.columns, rejects_to=rejects, as_of=as_of, events=feed
    )
    summary, listed = ranking.summary, ranking.table
    roles = scorer.schema.roles
    twice = {name for name, role in (("lead_id", roles.id), ("owner", roles.owner)) if name == role}
    carried = [name for name in source.columns if name not in twice]
    own, others = _split(listed, carried)
    table = _with_made(with_persons(own, others, scorer.schema), feed)
    told = Listed(
        name=source_name(source),
        is_ready=False,
        n=summary.n_ranked,
        n_file=summary.n_leads + summary.n_rejected,
        model_version=scorer.passport.model_version,
        as_of=_first(listed, "as_of"),
        horizon_days=scorer.passport.horizon_days,
        language=scorer.legend.language,
        grades=summary.grades,
        owners=owners_of(table),
        has=filled(table),
        carried=tuple(carried),
        lacks_events=NO_EVENTS in summary.notes,
        scores_axes=scorer.legend.scores_axes,
        capacity=plan.capacity,
        n_explored=summary.n_explored,
        left=Left(summary.n_not_open, summary.n_do_not_contact, summary.n_duplicates, summary.n_merged),
        n_past_horizon=summary.n_past_horizon,
        n_rejected=summary.n_rejected,
        rejected=tuple(_unread(rejects)),
        faults=tuple(Wrong(fault.message, fault.column, fault.count) for fault in summary.faults),
        notes=(*notes, *_notes(summary))[:MOST_NOTES],
        absent=preview.absent(summary.absent),
        columns=columns,
    )
    rejects.unlink(missing_ok=True)
    return table, told


def _feed(scorer: Scorer, events: EventsAt | None, as_of: datetime) -> tuple[Feed | None, list[str]]:
    """Return the events of leads; without them a list is made all the same, and a note says why they lack."""
    if events is None:
        return None, []
    try:
        path = located(events.path, Path(events.folder))
        return open_feed(scorer, path, as_of=as_of, query=events.query), []
    except (DataError, UsageError):  # whoever uploads can do nothing about it, nor need they know where it lies
        return None, [UNREAD_EVENTS]


def _with_made(table: pa.Table, feed: Feed | None) -> pa.Table:
    """Return the table of a list with what the model made of the events of its leads."""
    if feed is None:
        return table
    roles, created = feed.schema.roles, IN + (feed.schema.roles.created_at or "")
    leads = {roles.id or "": table.column("lead_id")}
    if created in table.column_names:
        leads[roles.created_at or ""] = table.column(created)
    made = feed(pa.table(leads))
    for one in feed.wanted:
        table = table.append_column(MADE + one.name, made.column(one.name))
    return table


def _ready(scorer: Scorer, source: Source, name: str) -> tuple[pa.Table, Listed]:
    ready = ready_table(source, name, letters=scorer.legend.letters)
    table = with_persons(ready.own, ready.carried, scorer.schema)
    counts = dict.fromkeys(scorer.legend.letters, 0)
    counts |= {one["values"]: one["counts"] for one in pc.value_counts(table.column("grade")).to_pylist()}
    return table, Listed(
        name=name,
        is_ready=True,
        n=table.num_rows,
        n_file=table.num_rows,
        model_version=ready.model_version,
        as_of=ready.as_of,
        horizon_days=ready.horizon_days,
        language=scorer.legend.language,
        grades=counts,
        owners=owners_of(table),
        has=filled(table),
        carried=tuple(ready.carried),
        scores_axes=any(table.column(name).null_count < table.num_rows for name in SCORES),
        n_explored=pc.sum(pc.equal(table.column("slot"), "explore")).as_py() or 0,
        notes=tuple(source.notes)[:MOST_NOTES],
    )


def source_name(source: Source) -> str:
    """Return the name of a source's file."""
    return Path(source.name).name


def _split(listed: pa.Table, carried: Iterable[str]) -> tuple[dict[str, pa.Array], dict[str, pa.Array]]:
    """Return the columns of a list that are its own, and those of the file under their names there."""
    names = list(carried)
    first = len(listed.column_names) - len(names)
    arrays = [one_chunk(column) for column in listed.columns]
    return dict(zip(listed.column_names[:first], arrays, strict=False)), dict(zip(names, arrays[first:], strict=True))


def with_persons(own: Mapping[str, pa.Array], carried: Mapping[str, pa.Array], schema: Schema) -> pa.Table:
    """Return the table of a list: ``CANON``, with who each lead is and what is searched, then what is carried."""
    n, identity, missing = len(own["rank"]), schema.identity, Missing(schema.placeholders)
    if not set(identity.columns()) & set(carried):
        identity = guess_identity(pa.table(dict(carried))) if carried else identity
    texts = {name: _text(carried[name], missing) for name in identity.columns() if name in carried}
    names, company = _joined(texts, identity.name, n), _joined(texts, identity.company, n)
    email = _joined(texts, identity.email[:1], n)
    title = pc.coalesce(names, company, email)
    second = pc.if_else(pc.is_valid(names), pc.coalesce(company, email), pc.if_else(pc.is_valid(company), email, None))
    known = {**own, "title": title, "company": second}
    known |= {name: pa.nulls(n, column_type(name)) for name in CANON if name not in known}
    looked_for = _glued([known["lead_id"], title, second, known["owner"], *texts.values()], n).to_pylist()
    search = pa.array(map(spellings, looked_for), pa.string())
    columns = {name: known[name] for name in CANON if name != "search"} | {"search": search}
    return pa.table(columns | {IN + name: array for name, array in carried.items()})


def _text(array: pa.Array, missing: Missing) -> pa.Array:
    array = array if is_text(array.type) else pc.cast(array, pa.string(), safe=False)
    trimmed = pc.utf8_trim_whitespace(array.cast(pa.string()))
    blank = pa.array(sorted(missing.texts | {""}), pa.string())  # a "-" is nobody's name
    return pc.if_else(pc.is_in(pc.utf8_lower(trimmed), blank), None, trimmed)


def _joined(texts: Mapping[str, pa.Array], names: Iterable[str], n: int) -> pa.Array:
    there = [texts[name] for name in names if name in texts]
    if not there:
        return pa.nulls(n, pa.string())
    joined = _glued(there, n)
    return pc.if_else(pc.equal(joined, ""), None, joined)


def _glued(arrays: Iterable[pa.Array], n: int) -> pa.Array:
    """Return texts with a space between; null counts as nothing."""
    filled_in = [pc.fill_null(array, "") for array in arrays]
    if not filled_in:
        return pa.repeat("", n)
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*filled_in, " "))


def owners_of(table: pa.Table) -> tuple[tuple[str | None, int], ...]:
    """Return each owner with the number of leads; None, which comes last, for those without."""
    counts = pc.value_counts(table.column("owner")).to_pylist()
    pairs = [(one["values"], one["counts"]) for one in counts]
    return tuple(sorted(pairs, key=lambda pair: (pair[0] is None, (pair[0] or "").casefold())))


def filled(table: pa.Table) -> tuple[str, ...]:
    """Return the columns of ``CANON`` that hold anything."""
    return tuple(name for name in CANON if table.column(name).null_count < table.num_rows)


def _first(table: pa.Table, name: str) -> str | None:
    return table.column(name)[0].as_py() if table.num_rows else None


def _notes(summary: RankSummary) -> tuple[str, ...]:
    """Return what is to be told beside the counts."""
    merged = f"{summary.n_merged:,} leads are the same person or company as a newer"
    return tuple(note for note in summary.notes if note != NO_EVENTS and not note.startswith(merged))


def _unread(path: Path) -> Iterable[Unread]:
    if not path.exists():
        return
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        for row in islice(rows, MOST_UNREAD):
            yield Unread(row[0], *(unguarded(cell) for cell in row[1:]))
