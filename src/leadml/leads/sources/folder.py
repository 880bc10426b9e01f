"""A folder of files, or those that a pattern such as ``exports/2025-*.csv`` names, as one table."""

import glob
from fnmatch import fnmatch
from pathlib import Path

from leadml.errors import SourceError
from leadml.leads.sources.archive import ArchiveSource
from leadml.leads.sources.files import FILES, ending, is_hidden, open_file
from leadml.leads.sources.source import DEFAULT, Options, Source
from leadml.leads.sources.together import Part, Together, left_out

KINDS: tuple[str, ...] = (*FILES, *ArchiveSource.suffixes)


class FolderSource(Together):
    """The tables in a folder, or of a pattern (``**`` is any depth), in order of their names.

    Hidden files, files of other kinds and folders within the folder are not read, which a note says.
    """

    def __init__(self, path: Path, options: Options = DEFAULT) -> None:
        self.path = path
        self._base, self._pattern = (path, ("*",)) if path.is_dir() else _split(path)
        found = self._found()
        files = [file for file in found if file.is_file() and _is_table(file.relative_to(self._base).parts)]
        left = sorted(set(found) - set(files))
        others = [self._shown(file) + ("/" if file.is_dir() else "") for file in left]
        if not files:
            got = ", ".join(others[:5]) or "nothing"
            raise SourceError(f"{path} must hold at least one table ({', '.join(KINDS)}), got {got}; check the path")
        parts = [Part(self._shown(file), _open(file, options)) for file in files]
        super().__init__(str(path), parts, left_out(str(path), others))

    def reads(self, path: Path) -> bool:
        """Return whether a file at this path is, or would be, read."""
        if any(part.source.reads(path) for part in self.parts):
            return True
        whole, base = path.resolve(), self._base.resolve()
        names = whole.relative_to(base).parts if whole.is_relative_to(base) else ()
        if not _is_table(names):
            return False
        if "**" in self._pattern:
            return fnmatch(names[-1], self._pattern[-1])
        return len(names) == len(self._pattern) and all(map(fnmatch, names, self._pattern))

    def _found(self) -> list[Path]:
        if self.path.is_dir():
            return sorted(self.path.iterdir())
        found = self._base.glob("/".join(self._pattern))
        return sorted(file for file in found if "**" not in self._pattern or not file.is_dir())

    def _shown(self, file: Path) -> str:
        return file.relative_to(self._base).as_posix()


def _split(pattern: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the folder in which all files of a pattern lie, and the rest of the pattern."""
    parts = pattern.parts
    first = next(at for at, part in enumerate(parts) if glob.has_magic(part))
    names = parts[first:]
    return Path(*parts[:first]), (*names, "*") if names[-1] == "**" else names


def _is_table(names: tuple[str, ...]) -> bool:
    """Return whether a file, whose path within the folder has these parts, is one to read."""
    return bool(names) and ending(names[-1]) in KINDS and not any(map(is_hidden, names))


def _open(file: Path, options: Options) -> Source:
    if ending(file.name) in ArchiveSource.suffixes:
        return ArchiveSource(file, options)
    return open_file(file, options)
