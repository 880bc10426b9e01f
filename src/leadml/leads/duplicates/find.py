"""Duplicates: leads that are the same person, or the same company, by what their columns tell; see ``matching``."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.coercion import Missing
from leadml.leads.duplicates.components import Components, stars
from leadml.leads.duplicates.matching import RULES, Rule, Search
from leadml.leads.reading import one_chunk
from leadml.leads.schema import Identity
from leadml.leads.texts import Rows, known_texts

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Example:
    """A group of leads that are the same: their rows, from 0, and the rules that say so."""

    rows: tuple[int, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Which of n leads are the same person or company.

    ``groups`` (n,) are codes from 0 on, numbered by their first lead: equal for the same person. ``evidence`` (n,) has
    a bit for each of ``RULES`` that tied the lead to another. ``skipped`` says in words what was not compared.
    """

    groups: Rows
    evidence: NDArray[np.uint8]
    skipped: tuple[str, ...] = ()

    @property
    def shared(self) -> NDArray[np.bool_]:
        """Which leads (n,) are the same as another."""
        return np.bincount(self.groups, minlength=1)[self.groups] > 1

    @property
    def n_rows(self) -> int:
        """The number of leads that are the same as another."""
        return int(np.count_nonzero(self.shared))

    @property
    def n_groups(self) -> int:
        """The number of persons or companies that are more than one lead."""
        return int(np.count_nonzero(np.bincount(self.groups, minlength=1) > 1))

    @property
    def n_copies(self) -> int:
        """The number of leads beyond the first of each person."""
        return self.n_rows - self.n_groups

    @property
    def by_rule(self) -> dict[Rule, int]:
        """The number of leads that each rule tied to another; a lead may count for several."""
        bits = self.evidence[self.shared]
        counts = {rule: int(np.count_nonzero(bits & (1 << i))) for i, rule in enumerate(RULES)}
        return {rule: n for rule, n in counts.items() if n}

    def joined(self, codes: Rows) -> Rows:
        """Return codes (n,) of what hangs together, by these codes (n,) or as one person; -1 is a code of its own.

        Where -1 hangs together with nothing, it stays.
        """
        alone = np.arange(len(codes), dtype=np.intp) + codes.max(initial=-1) + 1
        nodes = np.where(codes < 0, alone, codes)
        shared = np.flatnonzero(self.shared)
        first, other = stars(self.groups[shared], shared)
        components = Components(int(nodes.max(initial=-1)) + 1)
        components.join(nodes[first], nodes[other])
        result = np.where(codes < 0, -1, components.root[nodes])
        result[shared] = components.root[nodes[shared]]
        return result

    def take(self, rows: Rows) -> "Duplicates":
        """Return the same for some leads; those that were the same by one that is left out still are."""
        codes = np.unique(self.groups[rows], return_inverse=True)[1]
        components = Components(len(rows))
        components.join(*stars(codes, np.arange(len(rows), dtype=np.intp)))
        return Duplicates(components.codes(), self.evidence[rows], self.skipped)

    def examples(self, limit: int = 3) -> tuple[Example, ...]:
        """Return some groups, the first one of each rule before others."""
        shared = np.flatnonzero(self.shared)
        first = [shared[(self.evidence[shared] & (1 << i)) > 0][:1] for i in range(len(RULES))]
        some = dict.fromkeys(self.groups[np.concatenate((*first, shared[: 20 * limit]))].tolist())
        return tuple(self._example(group) for group in list(some)[:limit])

    def _example(self, group: int) -> Example:
        rows = np.flatnonzero(self.groups == group)
        bits = int(np.bitwise_or.reduce(self.evidence[rows]))
        return Example(tuple(rows.tolist()), tuple(rule for i, rule in enumerate(RULES) if bits >> i & 1))


def find_duplicates(table: pa.Table, identity: Identity, *, placeholders: Collection[str] = ()) -> Duplicates:
    """Return which of the n leads of a table are the same person or company, by the rules of ``matching``.

    Columns of ``identity`` that the table lacks are left out. ``placeholders`` are missing, as the usual ones are.
    """
    search = Search(table, _present(identity, table.schema.names), Missing(placeholders))
    if table.num_rows:
        search.exact()
        if identity.near:
            search.near()
    return Duplicates(search.components.codes(), search.evidence, tuple(search.skipped))


def _present(identity: Identity, columns: Collection[str]) -> Identity:
    kinds = {kind: getattr(identity, kind) for kind in ("email", "phone", "name", "company")}
    there = {kind: tuple(name for name in names if name in columns) for kind, names in kinds.items()}
    return msgspec.structs.replace(identity, **there)


def masked(text: str) -> str:
    """Return personal data so that it may be shown: the first sign of each word, the last two digits of a phone."""
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 5 and not any(sign.isalpha() for sign in text):
        return f"***{digits[-2:]}"
    return _WORD.sub(lambda word: f"{word[0][0]}***", text)


def masked_row(table: pa.Table, identity: Identity, row: int, *, placeholders: Collection[str] = ()) -> dict[str, str]:
    """Return what tells who a lead is, by column and masked; what is missing is left out."""
    missing = Missing(placeholders)
    names = _present(identity, table.schema.names).columns()
    texts = {name: known_texts(one_chunk(table.column(name).slice(row, 1)), missing)[0].as_py() for name in names}
    return {name: masked(text) for name, text in texts.items() if text is not None}
