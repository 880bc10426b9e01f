"""Worklists: one file per owner, best first and cut to capacity."""

import re
import unicodedata
from pathlib import Path

from leadml.errors import OutputError
from leadml.model.guide import Legend
from leadml.model.output import write_table
from leadml.ranking.order import Rows, worklists
from leadml.ranking.pool import Pool

NO_OWNER = "no_owner"
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))})


def write_worklists(folder: Path, pool: Pool, rows: Rows, *, beside: Path | None, legend: Legend) -> dict[str, Path]:
    """Write the list of each owner, of these ranked rows, to ``folder``; return the file of each owner.

    Leads without an owner are dealt out among the others; where nobody owns any, they are in ``no_owner``, under the
    owner "". The files are workbooks where the whole list ``beside`` is one, else CSV. Raises OutputError.
    """
    ending = ".xlsx" if beside is not None and beside.suffix.lower() == ".xlsx" else ".csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} must be a folder that can be written to, got: {error}") from None
    codes, owners = pool.owners()
    lists = worklists(codes, rows)
    names = file_names([owners[code] for code in lists])
    files: dict[str, Path] = {}
    for (code, part), name in zip(lists.items(), names, strict=True):
        path = folder / f"{name}{ending}"
        owner = owners[code] or ""
        write_table(path, pool.columns(pool.slots(part, owner), as_text=True), legend)
        files[owner] = path
    return files


def file_names(owners: list[str | None]) -> list[str]:
    """Return a safe file name for each owner, without ending; no two are the same, even where case does not count."""
    taken: set[str] = set()
    names = []
    for owner in owners:
        stem = NO_OWNER if owner is None else _safe(owner)
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _safe(owner: str) -> str:
    """Return letters, digits, ``-`` and ``_`` of a name, at most 80 characters."""
    text = unicodedata.normalize("NFC", owner)
    text = re.sub(r"[^\w-]+", "_", text).strip("_")[:80]
    return f"{text or 'owner'}_" if text.casefold() in _RESERVED or not text else text
