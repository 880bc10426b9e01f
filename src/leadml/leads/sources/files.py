"""Which class reads a single file that is not packed, by the ending of its name."""

from pathlib import Path, PurePath

from leadml.leads.sources.excel import ExcelSource
from leadml.leads.sources.parquet import ParquetSource
from leadml.leads.sources.source import Options, Source
from leadml.leads.sources.text import TextSource

KINDS: tuple[type[Source], ...] = (TextSource, ParquetSource, ExcelSource)
FILES: dict[str, type[Source]] = {suffix: kind for kind in KINDS for suffix in kind.suffixes}


def ending(name: str) -> str:
    """Return the ending of a file's name, in small letters."""
    return PurePath(name).suffix.lower()


def is_hidden(name: str) -> bool:
    """Return whether a file is one that programs keep for themselves: ``.DS_Store``, Excel's ``~$leads.xlsx``."""
    return name.startswith((".", "~$"))


def open_file(path: Path, options: Options) -> Source:
    """Return the source of a file whose ending is one of ``FILES``; it heeds the options that are meant for it."""
    return FILES[ending(path.name)](path, options)
