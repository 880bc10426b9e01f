"""Who is the same: the rules by which leads are taken for one person or company.

The rules, exact ones first. Values are compared in a normal form (``contacts``, ``names``); placeholders are missing.

1. *Same e-mail.* An address that over 3 different names share, and a box of many (info@, sales@) where the table has
   names, speaks only for leads of the same name. Without any names, an address of over 20 leads is a placeholder.
2. *Same phone.* A number that goes with one name at most speaks for all its leads; a number of several names only for
   leads of the same name. Without any names, a number of over 2 addresses is a switchboard, and speaks for nobody.
3. *Same name and company.* First and last name are equal, and the company's name or its e-mail domain is. Free mail
   services are no companies, nor are domains of over 1,000 leads.
4. *Near name*: spelled a little differently (``near``), with the same company, e-mail domain or phone.
5. *Near company*: the same full name, and a company's name that is spelled a little differently.
6. *Same company*, where the table has neither names nor addresses of people: the company's name is equal, and no more
   than one phone goes with it. In such a table the company stands for the name in rules 2 and 4. Where over 30 % of
   the leads (of 100 and more) are of a company that came before, companies are accounts, and rule 6 is not applied.

What is the same as a third is the same: groups are connected components. Further leads never split a group, unless they
show that an address or a phone is shared.
"""

from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.leads.arrays import is_text
from leadml.leads.coercion import Missing
from leadml.leads.duplicates.components import Components, stars
from leadml.leads.duplicates.contacts import boxes, firm_domains, normal_emails, phone_numbers
from leadml.leads.duplicates.keys import Hashes, alike, distinct_per, first_places, mixed, numbered, text_keys
from leadml.leads.duplicates.names import Names, company_names, person_names
from leadml.leads.duplicates.near import MOST_ALIKE, near_names
from leadml.leads.reading import one_chunk
from leadml.leads.schema import Identity
from leadml.leads.texts import Rows, known_texts

Rule = Literal["same e-mail", "same phone", "same name and company", "same company", "near name", "near company"]
RULES: tuple[Rule, ...] = get_args(Rule)

MOST_NAMES = 3  # different names from which on an address is shared
MOST_UNNAMED = 20  # leads without names from which on an address is a placeholder
MOST_ADDRESSES = 2  # different addresses, without names, from which on a phone is shared
MOST_AT_DOMAIN = 1000  # leads from which on a domain is a mail service
MOST_AGAIN = 0.3  # share of leads of a company that came before from which on companies are accounts
_DOMAIN, _PHONE = 2, 3  # told apart from the keys of companies


class Search:
    """Looks through a table of n leads, rule by rule; a key 0 is none, and so is a number -1."""

    def __init__(self, table: pa.Table, identity: Identity, missing: Missing) -> None:
        self._table, self._identity, self._missing = table, identity, missing
        self._n = table.num_rows
        self._rows = np.arange(self._n, dtype=np.intp)
        self._of_companies = bool(identity.company) and not identity.name and not identity.email
        self.components = Components(self._n)
        self.evidence = np.zeros(self._n, dtype=np.uint8)
        self.skipped: list[str] = []

    def exact(self) -> None:
        """Apply the rules in which names are spelled alike."""
        if self._identity.email:
            self._same_email()
        if self._identity.phone:
            self._same_phone()
        if self._identity.name:
            for block in self._firms:
                keys = np.where(block != 0, mixed(self._full, block), 0)
                self._link("same name and company", np.where(self._full != 0, keys, 0), self._rows)
        elif self._of_companies:
            self._same_company()

    def near(self) -> None:
        """Apply the rules in which names are spelled a little differently."""
        numbers = self._phones.reshape(-1, self._n)
        blocks = [*(self._firms if self._identity.name else ()), *np.where(numbers != 0, mixed(numbers, _PHONE), 0)]
        if self._who is not None and blocks:
            rows = np.tile(self._rows, len(blocks))
            self._link_near("near name", np.concatenate(blocks), rows, self._who, one_more=not self._of_companies)
        if self._identity.name and self._identity.company:
            self._link_near("near company", self._full, self._rows, self._companies, alone=True)

    def _link_near(
        self, rule: Rule, blocks: Hashes, rows: Rows, names: Names, *, one_more: bool = False, alone: bool = False
    ) -> None:
        """Tie one row of each spelling; rows that are spelled alike are tied by the exact rules."""
        found = near_names(blocks, rows, names, one_more=one_more, alone=alone)
        self._tie(rule, found.left, found.right)
        if found.skipped:
            self.skipped.append(
                f"{rule}: {found.skipped:,} spellings are not compared, as over {MOST_ALIKE} in one place are alike"
            )

    def _link(self, rule: Rule, keys: Hashes, rows: Rows) -> None:
        """Tie rows (m,) with equal keys (m,)."""
        places, codes = alike(keys)
        self._tie(rule, *stars(codes, rows[places]))

    def _tie(self, rule: Rule, left: Rows, right: Rows) -> None:
        self.components.join(left, right)
        bit = np.uint8(1 << RULES.index(rule))
        self.evidence[left] |= bit
        self.evidence[right] |= bit

    def _same_email(self) -> None:
        places, codes = alike(self._addresses)
        rows, n = places % self._n, int(codes.max(initial=-1)) + 1
        values = self._emails.take(pa.array(places[first_places(codes)]))
        real, shared = boxes(values)
        real &= ~pc.is_in(values, pa.array(sorted(self._missing.texts))).to_numpy(zero_copy_only=False)
        who = self._keys(self._who)[rows]
        n_names = distinct_per(codes, who, n)
        crowded = real & (n_names == 0) & (np.bincount(codes, minlength=n) > MOST_UNNAMED)
        if crowded.any():
            self.skipped.append(f"same e-mail: {crowded.sum():,} addresses are of over {MOST_UNNAMED} leads each")
        shared = (shared & bool(self._identity.name)) | (n_names > MOST_NAMES) | crowded
        self._link_shared("same e-mail", codes, rows, who, speaks=real, shared=shared)

    def _same_phone(self) -> None:
        places, codes = alike(np.where(self._phones != 0, mixed(self._phones, _PHONE), np.uint64(0)))
        rows, n = places % self._n, int(codes.max(initial=-1)) + 1
        who = self._keys(self._who)[rows]
        n_names = distinct_per(codes, who, n)
        n_addresses = np.zeros(n, dtype=np.intp)
        if self._identity.email:
            n_addresses = distinct_per(codes, self._addresses[rows], n)  # of the first column
        switchboard = (n_names == 0) & (n_addresses > MOST_ADDRESSES)
        self._link_shared("same phone", codes, rows, who, speaks=~switchboard, shared=n_names > 1)

    def _link_shared(
        self, rule: Rule, codes: Rows, rows: Rows, who: Hashes, *, speaks: NDArray[np.bool_], shared: NDArray[np.bool_]
    ) -> None:
        """Tie rows (m,) with equal codes (m,) that ``speaks``; where one is ``shared``, only those of one name."""
        same_name = np.where(who != 0, mixed(codes + 1, who), 0)
        keys = np.where(shared[codes], same_name, mixed(codes + 1))
        self._link(rule, np.where(speaks[codes], keys, 0), rows)

    def _same_company(self) -> None:
        places, codes = alike(self._companies.keys)
        n = int(codes.max(initial=-1)) + 1
        numbers = self._phones.reshape(-1, self._n)[:, places]
        n_phones = distinct_per(np.tile(codes, len(numbers)), numbers.ravel().astype(np.uint64), n)
        again = len(codes) - n
        if self._n >= 100 and again > MOST_AGAIN * self._n:
            self.skipped.append(
                f"same company: {again:,} of {self._n:,} leads are of a company that came before; such companies are "
                "accounts with several leads, not one lead twice: name the column in leads.group to keep them together"
            )
            return
        self._link("same company", np.where(n_phones[codes] <= 1, mixed(codes + 1), 0), places)

    def _keys(self, names: Names | None) -> Hashes:
        return np.zeros(self._n, dtype=np.uint64) if names is None else names.keys

    @cached_property
    def _who(self) -> Names | None:
        """The names of the leads (n,): of people, or of companies in a table of companies."""
        if self._identity.name:
            return person_names([self._text(name) for name in self._identity.name])
        return self._companies if self._of_companies else None

    @cached_property
    def _full(self) -> Hashes:
        """The keys (n,) of names of two words and more."""
        assert self._who is not None
        return np.where(self._who.n_words >= 2, self._who.keys, np.uint64(0))

    @cached_property
    def _companies(self) -> Names:
        return company_names([self._text(name) for name in self._identity.company])

    @cached_property
    def _firms(self) -> list[Hashes]:
        """The keys (n,) of companies by their name, and by the domain of each e-mail column."""
        firms = [self._companies.keys] if self._identity.company else []
        if self._identity.email:
            domains = numbered(firm_domains(self._emails))
            counts = np.bincount(domains + 1)
            counts[0] = 0
            crowded = counts > MOST_AT_DOMAIN
            if crowded.any():
                self.skipped.append(
                    f"{crowded.sum():,} e-mail domains of over {MOST_AT_DOMAIN:,} leads are no companies"
                )
            firm = (domains >= 0) & ~crowded[domains + 1]
            firms += list(np.where(firm, mixed(domains + 1, _DOMAIN), 0).reshape(-1, self._n))
        return firms

    @cached_property
    def _emails(self) -> pa.Array:
        """The addresses (n * k,) of the k columns, one column after the other."""
        return pa.concat_arrays([normal_emails(self._text(name, raw=True)) for name in self._identity.email])

    @cached_property
    def _addresses(self) -> Hashes:
        """The keys (n * k,) of the addresses."""
        return text_keys(self._emails)

    @cached_property
    def _phones(self) -> NDArray[np.int64]:
        """The numbers (n * k,) of the k columns, one column after the other."""
        columns = [phone_numbers(self._text(name)) for name in self._identity.phone]
        return np.concatenate(columns) if columns else np.zeros(0, dtype=np.int64)

    def _text(self, name: str, *, raw: bool = False) -> pa.Array:
        """Return a column as text (n,), null where missing; ``raw`` leaves placeholders in, which is faster."""
        array = one_chunk(self._table.column(name))
        return array.cast(pa.string()) if raw and is_text(array.type) else known_texts(array, self._missing)
