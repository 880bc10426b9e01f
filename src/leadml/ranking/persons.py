"""Whose the rows of a file are, and which one of each person may be called.

Rows of one id are one lead, of which the newest row counts: what an older one says is out of date. Leads that are the
same person or company by the model's columns of identity (``leads.duplicates``) are merged: of those that are open the
newest stays on the list, with the ids of the others beside it. So, for each person,

- if any row asks not to be contacted, or may do so, nobody calls, even where that row is of another lead, is decided
  or could not be read;
- if the newest row of a lead could not be read, its older rows are not ranked instead;
- if another lead of the person is decided, won or lost, the open one stays: they came back. That is counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from leadml.leads.arrays import is_text
from leadml.leads.coercion import Missing
from leadml.leads.duplicates import Duplicates, find_duplicates
from leadml.leads.duplicates.keys import numbered
from leadml.leads.parts import Floats
from leadml.leads.reading import one_chunk
from leadml.leads.schema import Schema
from leadml.leads.texts import known_texts
from leadml.ranking.order import Mask, Rows, newest_of_each


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of k candidates are called: ``rows`` (c,); ``merged`` (c,) has the ids of the leads merged with each.

    ``n_do_not_contact`` candidates are persons who asked not to be contacted, ``n_duplicates`` are older rows of a
    lead, ``n_unread`` of them older than one that could not be read, and ``n_merged`` are other leads of a person.
    ``n_back`` of those that are called are persons with a decided lead; ``skipped`` says what was not compared.
    """

    rows: Rows
    merged: tuple[str, ...]
    n_do_not_contact: int
    n_duplicates: int
    n_unread: int
    n_merged: int
    n_back: int
    skipped: tuple[str, ...] = ()


class Persons:
    """Holds of each row of a file, read or not, only what tells whose it is and whether it may be called."""

    def __init__(self, schema: Schema, columns: Iterable[str]) -> None:
        there = set(columns)
        self._identity, self._placeholders = schema.identity, schema.placeholders
        self._names = tuple(dict.fromkeys(name for name in schema.identity.columns() if name in there))
        self._missing = Missing(schema.placeholders)
        self._ids: list[pa.Array] = [pa.array([], pa.string())]
        self._identities: list[pa.Table] = [pa.table({name: pa.array([], pa.string()) for name in self._names})]
        self._created: list[Floats] = [np.empty(0)]
        self._masks: list[Mask] = [np.empty((3, 0), dtype=bool)]  # open, asked, unread

    def add(
        self, batch: pa.RecordBatch, ids: pa.Array, created: Floats, *, is_open: Mask, asked: Mask, unread: Mask
    ) -> None:
        """Take in n rows; ``asked`` (n,) not to be contacted, ``unread`` (n,) could not be read."""
        self._ids.append(ids)
        self._created.append(created)
        self._masks.append(np.stack((is_open, asked, unread)))
        self._identities.append(pa.table({name: self._text(one_chunk(batch.column(name))) for name in self._names}))

    def candidates(self) -> Rows:
        """Return which of the read rows of the newest batch may be called, as far as that row says."""
        is_open, asked, unread = self._masks[-1]
        return np.flatnonzero((is_open & ~asked)[~unread])

    def _text(self, array: pa.Array) -> pa.Array:
        """Return a column as text: types may change from batch to batch."""
        return array.cast(pa.string()) if is_text(array.type) else known_texts(array, self._missing)

    def choose(self) -> Choice:
        """Decide which candidate of each person is called."""
        is_open, asked, unread = np.concatenate(self._masks, axis=1)
        created, ids = np.concatenate(self._created), pa.chunked_array(self._ids)
        leads = numbered(one_chunk(ids))
        persons, skipped = leads, tuple[str, ...]()
        if self._names:
            same = self._duplicates()
            persons, skipped = same.joined(leads), same.skipped
        candidate = is_open & ~asked & ~unread
        refused = candidate & _any_of(persons, asked)
        newest = newest_of_each(leads, created)
        older = candidate & ~refused & ~newest
        rest = np.flatnonzero(candidate & ~refused & newest)
        stays = newest_of_each(persons[rest], created[rest])
        kept, gone = rest[stays], rest[~stays]
        unread_newest = _any_of(leads, newest & unread)
        return Choice(
            rows=(np.cumsum(candidate) - 1)[kept],
            merged=_ids_of(ids, persons, kept, gone),
            n_do_not_contact=int(np.count_nonzero(refused)),
            n_duplicates=int(np.count_nonzero(older)),
            n_unread=int(np.count_nonzero(older & unread_newest)),
            n_merged=len(gone),
            n_back=_n_back(leads, persons, kept, np.flatnonzero(~is_open & ~unread)),
            skipped=skipped,
        )

    def _duplicates(self) -> Duplicates:
        table = pa.concat_tables(self._identities)
        self._identities.clear()
        return find_duplicates(table, self._identity, placeholders=self._placeholders)


def _any_of(codes: Rows, mask: Mask) -> Mask:
    """Return which rows (n,) share a code with one of ``mask`` (n,), or are such a row; -1 is a code of its own."""
    found = np.zeros(int(codes.max(initial=-1)) + 2, dtype=bool)
    found[codes[mask] + 1] = True
    found[0] = False
    return mask | found[codes + 1]


def _ids_of(ids: pa.ChunkedArray, persons: Rows, kept: Rows, gone: Rows) -> tuple[str, ...]:
    """Return the ids of the rows that went for each that stayed, in the order of the file."""
    place = np.full(int(persons.max(initial=-1)) + 1, -1, dtype=np.intp)
    known = persons[kept] >= 0
    place[persons[kept[known]]] = np.flatnonzero(known)
    merged = [""] * len(kept)
    for lead_id, at in zip(ids.take(pa.array(gone)).to_pylist(), place[persons[gone]].tolist(), strict=True):
        if lead_id is not None:
            merged[at] = f"{merged[at]}, {lead_id}" if merged[at] else lead_id
    return tuple(merged)


def _n_back(leads: Rows, persons: Rows, kept: Rows, decided: Rows) -> int:
    """Return how many rows that stay are of a person who has another lead that is decided."""
    own = np.full(int(persons.max(initial=-1)) + 1, -2, dtype=np.intp)
    known = kept[persons[kept] >= 0]
    own[persons[known]] = leads[known]
    decided = decided[persons[decided] >= 0]
    held = own[persons[decided]]
    return len(np.unique(persons[decided[(held != -2) & ((held != leads[decided]) | (held == -1))]]))
