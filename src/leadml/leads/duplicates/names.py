"""Names of people and companies as bags of words, in the one form in which they are compared."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.leads.letters import as_two, folded
from leadml.leads.texts import Rows

Hashes = NDArray[np.uint64]

TITLES = frozenset(
    {
        *(
            "mr",
            "mrs",
            "ms",
            "miss",
            "mx",
            "sir",
            "madam",
            "dame",
            "dr",
            "prof",
            "professor",
            "phd",
            "md",
            "mba",
            "msc",
        ),
        *("bsc", "esq", "herr", "herrn", "hr", "frau", "fr", "fraeulein", "doktor", "dipl", "diplom", "ing"),
        *("mag", "magister", "med", "rer", "nat", "habil", "pol", "oec", "jur", "dott", "ir", "mme", "mlle", "sra"),
    }
)
GENERATIONS = frozenset({"jr", "sr", "jun", "junior", "sen", "senior", "ii", "iii", "iv"})  # a father is not his son
LEGAL_FORMS = frozenset(
    {
        *(
            "gmbh",
            "ggmbh",
            "mbh",
            "ag",
            "kg",
            "kgaa",
            "ohg",
            "og",
            "ug",
            "haftungsbeschraenkt",
            "gbr",
            "ek",
            "ev",
            "eg",
        ),
        *(
            "eu",
            "se",
            "co",
            "inc",
            "incorporated",
            "corp",
            "corporation",
            "company",
            "ltd",
            "limited",
            "llc",
            "llp",
            "lp",
        ),
        *("plc", "pty", "pte", "sa", "sas", "sasu", "sarl", "sagl", "srl", "spa", "sl", "slu", "bv", "nv", "vof", "oy"),
        *("oyj", "ab", "as", "aps", "asa", "sp", "zoo", "sro", "kft", "doo", "gesellschaft", "partg", "stiftung"),
    }
)
_FILLERS = frozenset({"and", "und", "the", "et"})
NOBODY = frozenset({"test", "tester", "mustermann", "musterfrau", "muster", "dummy"})
NO_COMPANY = frozenset(
    {
        *(
            "privat",
            "private",
            "privatperson",
            "privatkunde",
            "personal",
            "individual",
            "self",
            "employed",
            "none",
            "no",
        ),
        *(
            "selbstaendig",
            "selbststaendig",
            "selbstaendiger",
            "freelance",
            "freelancer",
            "freiberufler",
            "freiberuflich",
        ),
        *("student", "studentin", "schueler", "home", "retired", "rentner", "rentnerin", "unemployed", "arbeitslos"),
        *("person", "independent", "keine", "kein", "firma", "unternehmen", "test"),
    }
)
_QUOTES = re.compile(r"['’‘`´]")
_BETWEEN = re.compile(r"[\W_]+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")


def fold_words(text: str) -> tuple[str, ...]:
    """Return the words of a text without case, accents and punctuation; ``Müller-Lüdenscheidt`` is two."""
    if text.isascii() and text.isalnum():
        return (text.lower(),)
    return tuple(word for word in _BETWEEN.split(_QUOTES.sub("", as_two(folded(text)))) if word)


def _company_words(text: str) -> tuple[str, ...]:
    return fold_words(text.replace(".", "") if _INITIALS.fullmatch(text) else text)  # S.A. is one word


@dataclass(frozen=True, slots=True)
class Names:
    """The names of n leads as words.

    ``start`` and ``end`` (n,) say where the words of each lead are in ``codes`` (m,), which index into ``words``;
    ``hashes`` has one random number per word. ``keys`` (n,) are sums of them: equal where the words are, in
    whatever order, 0 without a name. Two names of a million have one key by chance once in 40 million tables.
    """

    codes: Rows
    start: Rows
    end: Rows
    words: tuple[str, ...]
    hashes: Hashes
    keys: Hashes

    @property
    def n_words(self) -> Rows:
        """The number of words (n,) of each name."""
        return self.end - self.start

    def words_of(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return the words (m,) of the names of some rows (k,), and which of these rows (m,) each is from."""
        size = self.n_words[rows]
        return self.codes[_ranges(self.start[rows], size)], np.repeat(np.arange(len(rows)), size)


def person_names(columns: Sequence[pa.Array]) -> Names:
    """Return the names of n people; ``columns`` are known texts (n,), read together: first and last name, say.

    Titles (Dr., Herr, Mrs) are dropped, and so are the names of nobody (Max Mustermann, Test).
    """
    split = _split(columns, fold_words)
    split = split.without(split.among(TITLES))
    return split.names(nobody=split.any_word(NOBODY))


def company_names(columns: Sequence[pa.Array]) -> Names:
    """Return the names of n companies; of several ``columns`` (n,) the first known counts.

    Legal forms (GmbH, Inc, S.A., & Co. KG) are dropped behind the first word, and so is what says that there is no
    company (private, Freiberufler).
    """
    split = _split([pc.coalesce(*columns)] if columns else [], _company_words)
    split = split.without(split.among(_FILLERS))
    split = split.without(split.among(LEGAL_FORMS) & ~split.first())
    return split.names(nobody=split.only_words(NO_COMPANY | LEGAL_FORMS))


@dataclass(frozen=True, slots=True)
class _Split:
    """The words of n texts: ``rows`` (m,) in order, ``codes`` (m,) into ``words``."""

    n: int
    rows: Rows
    codes: Rows
    words: tuple[str, ...]

    def among(self, some: Collection[str]) -> NDArray[np.bool_]:
        """Return which words (m,) are some of these."""
        return np.array([word in some for word in self.words], dtype=bool)[self.codes]

    def first(self) -> NDArray[np.bool_]:
        """Return which words (m,) are the first of their text."""
        first: NDArray[np.bool_] = np.diff(self.rows, prepend=-1) != 0
        return first

    def without(self, dropped: NDArray[np.bool_]) -> "_Split":
        return _Split(self.n, self.rows[~dropped], self.codes[~dropped], self.words)

    def any_word(self, some: Collection[str]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = np.bincount(self.rows[self.among(some)], minlength=self.n) > 0
        return found

    def only_words(self, some: Collection[str]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = np.bincount(self.rows[~self.among(some)], minlength=self.n) == 0
        return found

    def names(self, *, nobody: NDArray[np.bool_]) -> Names:
        """Return the texts as names, without those of ``nobody`` (n,)."""
        rows, codes = (kept[~nobody[self.rows]] for kept in (self.rows, self.codes))
        end = np.cumsum(np.bincount(rows, minlength=self.n)).astype(np.intp)
        start = np.concatenate(([0], end))[: self.n].astype(np.intp)
        hashes = np.random.default_rng(1).integers(1, 2**64, max(len(self.words), 1), dtype=np.uint64, endpoint=False)
        total = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(hashes[codes], dtype=np.uint64)))
        return Names(codes, start, end, self.words, hashes, total[end] - total[start])


def _split(columns: Sequence[pa.Array], fold: Callable[[str], tuple[str, ...]]) -> _Split:
    """Split columns (n,) of text into words; each distinct word is folded once."""
    index: dict[str, int] = {}
    rows, codes = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.intp)]
    for text in columns:
        lists = pc.utf8_split_whitespace(text)
        raw = lists.flatten().dictionary_encode()
        folded = [fold(word) for word in raw.dictionary.to_pylist()]
        parts = np.array([index.setdefault(word, len(index)) for words in folded for word in words], dtype=np.intp)
        sizes = np.array([len(words) for words in folded], dtype=np.intp)
        held = raw.indices.to_numpy().astype(np.intp)
        row = np.repeat(np.arange(len(text)), pc.fill_null(pc.list_value_length(lists), 0).to_numpy())
        rows.append(np.repeat(row, sizes[held]))
        codes.append(parts[_ranges(np.cumsum(sizes)[held] - sizes[held], sizes[held])])
    row, code = np.concatenate(rows), np.concatenate(codes)
    order = np.argsort(row, kind="stable")
    return _Split(len(columns[0]) if columns else 0, row[order], code[order], tuple(index))


def _ranges(start: Rows, size: Rows) -> Rows:
    """Return start, start + 1 ... of each range, one after the other."""
    ends = np.cumsum(size)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(start - ends + size, size)
