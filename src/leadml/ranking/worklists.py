"""Worklists: one file or one sheet per owner, best first and cut to capacity."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from leadml.errors import OutputError
from leadml.model.guide import Legend
from leadml.model.output import write_sheets, write_table
from leadml.ranking.order import Rows, worklists
from leadml.ranking.pool import Pool

NO_OWNER, WORKBOOK = "no_owner", ".xlsx"
SHEET_LETTERS = 31
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))})


def write_worklists(place: Path, pool: Pool, rows: Rows, *, beside: Path | None, legend: Legend) -> dict[str, Path]:
    """Write the list of each owner, of these ranked rows, to ``place``; return the file of each owner.

    A place that ends in .xlsx is one workbook with a sheet for each owner, any other a folder with a file for each:
    workbooks where the whole list ``beside`` is one, else CSV. Leads without an owner are dealt out among the others;
    where nobody owns any, they are in ``no_owner``, under the owner "". Raises OutputError.
    """
    codes, owners = pool.owners()
    lists = {owners[code]: part for code, part in worklists(codes, rows).items()}
    made = (pool.columns(pool.slots(part, owner or ""), owner or "", as_text=True) for owner, part in lists.items())
    if place.suffix.lower() == WORKBOOK:
        write_sheets(place, zip(distinct_names(lists, most=SHEET_LETTERS), made, strict=True), legend)
        return {owner or "": place for owner in lists}
    ending = WORKBOOK if beside is not None and beside.suffix.lower() == WORKBOOK else ".csv"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{place} must be a folder that can be written to, got: {error}") from None
    files = [place / f"{name}{ending}" for name in distinct_names(lists)]
    for path, columns in zip(files, made, strict=True):
        write_table(path, columns, legend)
    return {owner or "": path for owner, path in zip(lists, files, strict=True)}


def distinct_names(owners: Iterable[str | None], *, most: int = 80) -> list[str]:
    """Return a safe name of at most so many letters for each owner; no two are the same, where case does not count."""
    taken: set[str] = set()
    names = []
    for owner in owners:
        stem = (NO_OWNER if owner is None else _safe(owner))[:most]
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem[: most - 1 - len(str(number))]}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _safe(owner: str) -> str:
    """Return letters, digits, ``-`` and ``_`` of a name."""
    text = unicodedata.normalize("NFC", owner)
    text = re.sub(r"[^\w-]+", "_", text).strip("_")
    return f"{text or 'owner'}_" if text.casefold() in _RESERVED or not text else text
