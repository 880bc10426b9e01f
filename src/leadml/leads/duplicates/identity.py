"""Guessing which columns tell who a lead is: e-mail, phone, name and company; ``[duplicates]`` overrides it.

A name of a column must be known, in English or German, and its values must look the part: a count of phone calls is
no phone, and a flag "do not e-mail" no address. Columns of reps (owner, agent, Betreuer) are not taken, nor are names
of campaigns, products and the like.

``name`` alone, and "customer name", may be a person's or a company's. It is a company's where 5 % of the values or
more have a legal form (GmbH, Inc). Else it is a person's where another column is the company, or where the e-mail
addresses hold parts of it. Else nobody can tell, and it is not used.
"""

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from leadml.leads.coercion import NO, YES, Missing
from leadml.leads.duplicates.contacts import ADDRESS, phone_numbers
from leadml.leads.duplicates.names import LEGAL_FORMS, fold_words
from leadml.leads.guesses.vocabulary import spoken
from leadml.leads.reading import one_chunk
from leadml.leads.schema import Identity
from leadml.leads.texts import known_texts

SAMPLE = 2_000  # rows looked at, spread over the table
MOSTLY = 0.8  # share of the known values that must look the part
ADDRESSES = 0.5  # share of addresses in a column of addresses
LEGAL = 0.05  # share of legal forms from which names are those of companies
DIFFERENT = 0.2  # share of different values below which a column tells of few, of reps say

_OTHERS = re.compile(
    r"owner|\brep\b|representative|agent|sales|seller|manager|assign|creat|modif|chang|updat|referr|campaign|product|"
    r"besitzer|inhaber|betreuer|bearbeiter|verk(ä|ae)ufer|vertrieb|zust(ä|ae)ndig|mitarbeiter|berater|erstellt|"
    r"ge(ä|ae)ndert|kampagne|produkt|empfehl"
)
_WHOSE = "(?:(?:the|your|deal|lead|contact|person|prospect|customer|client|primary|main|kontakt|kunden?|interessent) )*"
_MORE = "(?:work|business|office|home|mobile|private|direct|primary|other|privat|dienstlich|gesch(?:ä|ae)ftlich|cell)"
_PHONES = (
    "(?:tele|cell|smart|mobile)?phone|tel|mobile|cell|telefon|mobil|handy|(?:telefon|ruf|mobil|handy)nummer|"
    "mobiltelefon|phonenumber|mobilenumber|festnetz"
)


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(f"{_WHOSE}(?:{pattern})")


_PHONE = _whole(f"(?:{_MORE} )*(?:{_PHONES})(?: (?:number|nr|no|nummer|{_MORE}|[1-3]))*")
_FULL = _whole(
    "full ?name|contact(?: person| name)*|ansprechpartner(?:in)?(?: name)?|kontaktperson|kontaktname|person(?: name)?|"
    "name (?:des|der|of|of the) (?:kontakts|ansprechpartners|person|contact)|vollst(?:ä|ae)ndiger name|"
    "vor (?:und )?nachname"
)
_FIRST = _whole("first ?name|given ?name|fore ?name|fname|vorname")
_LAST = _whole("last ?name|sur ?name|family ?name|lname|nachname|familienname|zuname")
_COMPANY = _whole(
    "(?:company|firma|unternehmen|organi[sz]ation|account|employer|arbeitgeber|firm)(?: account)?(?: name)?|"
    "(?:company|firmen|unternehmens|organisations|account|betriebs)name|org(?:ani[sz]ation)? name|business name|betrieb"
)
_EITHER = re.compile("(?:(?:customer|client|lead|prospect|kunden?) )?name|kundenname")
_ID = re.compile(r"\S*\d\S*")


def guess_identity(table: pa.Table) -> Identity:
    """Return the columns of a table that tell who a lead is; empty where there are none. See the module."""
    names = [name for name in table.column_names if table.column_names.count(name) == 1]
    columns = [_Column(name, table.column(name)) for name in names if not _OTHERS.search(spoken(name))]
    emails = [one for one in columns if one.is_email()]
    phones = [one for one in columns if one.is_called(_PHONE) and one.is_phone()]
    company = next((one for one in columns if one.is_called(_COMPANY) and one.is_company()), None)
    name = _name(columns)
    either = next((one for one in columns if one.is_called(_EITHER) and one.is_words()), None)
    if either is not None:
        if company is None and either.share(_has_legal_form) >= LEGAL:
            company = either
        elif not name and (company is not None or any(_holds(email, either) for email in emails)):
            name = (either,)
    return Identity(
        email=tuple(one.name for one in emails),
        phone=tuple(one.name for one in phones),
        name=tuple(one.name for one in name),
        company=() if company is None else (company.name,),
    )


def _name(columns: list["_Column"]) -> tuple["_Column", ...]:
    """Return the columns of a person's name: one of the whole name, or the first and last name."""
    for one in columns:
        if one.is_called(_FULL) and one.is_words() and one.share(lambda text: len(text.split()) > 1) >= ADDRESSES:
            return (one,)
    first = next((one for one in columns if one.is_called(_FIRST) and one.is_words()), None)
    last = next((one for one in columns if one.is_called(_LAST) and one.is_words()), None)
    if last is None:
        return ()
    return (last,) if first is None else (first, last)


class _Column:
    """A column: its name as it is spoken, and the known values of a sample of its rows."""

    def __init__(self, name: str, column: pa.ChunkedArray) -> None:
        self.name = name
        self._spoken = spoken(name)
        self._column = column
        self._texts: list[str | None] | None = None

    @property
    def texts(self) -> list[str | None]:
        """The texts of the sample, None where missing."""
        if self._texts is None:
            rows = np.arange(0, len(self._column), max(1, len(self._column) // SAMPLE))
            self._texts = known_texts(one_chunk(self._column.take(pa.array(rows))), Missing()).to_pylist()
        return self._texts

    def share(self, fits: Callable[[str], bool]) -> float:
        """Return the share of the known values that fit; 0 without any."""
        known = [text for text in self.texts if text is not None]
        return sum(map(fits, known)) / len(known) if known else 0.0

    def is_called(self, pattern: re.Pattern[str]) -> bool:
        """Return whether the whole name is of a pattern."""
        return pattern.fullmatch(self._spoken) is not None

    def is_email(self) -> bool:
        """Return whether most values are addresses, and mostly different ones."""
        kind = self._column.type
        if pa.types.is_boolean(kind) or pa.types.is_temporal(kind) or pa.types.is_primitive(kind):
            return False
        return self.share(lambda text: re.match(ADDRESS, text) is not None) >= ADDRESSES and self._differs()

    def is_phone(self) -> bool:
        """Return whether most values are telephone numbers, and mostly different ones."""
        known = [text for text in self.texts if text is not None]
        if not known or not self._differs():
            return False
        numbers = phone_numbers(pa.array(known, pa.string()))
        return bool((numbers != 0).mean() >= ADDRESSES)

    def is_words(self) -> bool:
        """Return whether the values are a few words without digits each, as names are."""
        return self.share(_is_words) >= MOSTLY

    def is_company(self) -> bool:
        """Return whether the values may be names of companies: no ids, no yes and no."""
        return self.share(lambda text: not _ID.fullmatch(text) and text.casefold() not in YES | NO) >= MOSTLY

    def _differs(self) -> bool:
        known = [text for text in self.texts if text is not None]
        return len(known) < 20 or len({text.casefold() for text in known}) >= DIFFERENT * len(known)


def _is_words(text: str) -> bool:
    return len(text) <= 80 and any(map(str.isalpha, text)) and not any(map(str.isdigit, text)) and "@" not in text


def _has_legal_form(text: str) -> bool:
    return any(word in LEGAL_FORMS for word in fold_words(text)[1:])


def _holds(email: _Column, name: _Column) -> bool:
    """Return whether addresses hold a part of the name before the ``@`` in a third of the rows or more."""
    pairs = [
        (at.partition("@")[0].casefold(), fold_words(one))
        for at, one in zip(email.texts, name.texts, strict=True)
        if at and one
    ]
    held = sum(any(len(word) > 2 and word in box for word in found) for box, found in pairs)
    return bool(pairs) and held >= len(pairs) / 3
