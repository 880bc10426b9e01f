"""The store: a folder of bundles by version, and the link that says which one serves.

::

    models/versions/1/      one bundle per version, never changed once it is there
    models/versions/2/
    models/champion         a symbolic link to ``versions/<n>``, replaced in one step
    models/history.jsonl    one line per promotion or rollback, only ever appended to
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from leadml.errors import BundleError, OutputError, UsageError
from leadml.model.bundle import Bundle, load, save

Act = Literal["promote", "rollback"]


class Change(msgspec.Struct, frozen=True):
    """One line of the history: the version that serves since ``at``."""

    act: Act
    version: int
    at: str


class Store:
    """The bundles under one folder, such as ``models/``. Making one touches nothing on disk."""

    def __init__(self, folder: str | Path, link: str = "champion") -> None:
        self.folder = Path(folder)
        self.link = self.folder / link
        self._versions = self.folder / "versions"
        self._history = self.folder / "history.jsonl"

    def versions(self) -> list[int]:
        """Return the versions that are there, oldest first."""
        if not self._versions.is_dir():
            return []
        names = (path.name for path in self._versions.iterdir() if path.is_dir())
        return sorted(int(name) for name in names if _is_version(name))

    def path(self, version: int) -> Path:
        """Return the folder of a version; raises BundleError naming the versions there are."""
        known = self.versions()
        if not known:
            raise BundleError(f"{self._versions} must hold version {version}, but holds none; run `leadml train` first")
        if version not in known:
            raise BundleError(
                f"version {version} must be one of {', '.join(map(str, known))}; `leadml models list` shows them"
            )
        return self._versions / str(version)

    def load(self, version: int) -> Bundle:
        """Read the bundle of a version after checking every byte; raises BundleError."""
        return load(self.path(version))

    def champion(self) -> int | None:
        """Return the version that serves, None where none does yet."""
        if not self.link.is_symlink():
            if self.link.exists():
                raise BundleError(
                    f"{self.link} must be a link that leadml made, got a folder or file; move it away and "
                    "run `leadml models promote VERSION`"
                )
            return None
        target = self.link.readlink()
        if not _is_version(target.name) or (self.folder / target).parent.resolve() != self._versions.resolve():
            raise BundleError(
                f"{self.link} must point to a version in {self._versions}, got {target}; "
                "run `leadml models promote VERSION`"
            )
        return int(target.name)

    def save(self, make_bundle: Callable[[str], Bundle]) -> tuple[int, Path]:
        """Save a bundle as the next version and return its number and folder.

        ``make_bundle`` gets the version as text; it is asked again where another process took that version.
        """
        while True:
            version = max(self._taken(), default=0) + 1
            folder = self._versions / str(version)
            try:
                return version, save(make_bundle(str(version)), folder)
            except OutputError:
                if not folder.exists():
                    raise

    def _taken(self) -> list[int]:
        """Return the numbers that are taken, also by files and broken links, which are no versions."""
        if not self._versions.is_dir():
            return []
        return [int(path.name) for path in self._versions.iterdir() if _is_version(path.name)]

    def promote(self, version: int) -> int | None:
        """Let a version serve, after checking that it loads; returns the champion until then."""
        return self._point(version, "promote")

    def rollback(self) -> int:
        """Let the previous champion serve again and return its version; a further rollback goes further back."""
        previous = self.previous()
        if previous is None:
            raise BundleError(
                f"{self.link} must have had a champion before the present one, but had none; "
                "choose a version with `leadml models promote VERSION`"
            )
        self._point(previous, "rollback")
        return previous

    def previous(self) -> int | None:
        """Return the champion before the present one, as far as it is still there."""
        champion, known = self.champion(), set(self.versions())
        earlier = [version for version in self._champions() if version in known]
        while earlier and earlier[-1] == champion:
            earlier.pop()
        return earlier[-1] if earlier else None

    def history(self) -> list[Change]:
        """Return every promotion and rollback, oldest first; a line that was cut off is left out."""
        if not self._history.is_file():
            return []
        changes = []
        for line in self._history.read_bytes().splitlines():
            try:
                changes.append(msgspec.json.decode(line, type=Change))
            except msgspec.MsgspecError:
                continue
        return changes

    def export(self, version: int, out: str | Path) -> Path:
        """Copy the checked bundle of a version to a new folder."""
        source, out = self.path(version), Path(out)
        load(source)
        if out.exists() or out.is_symlink():
            raise UsageError(f"{out} must be a new folder, but it is there already; choose another name")
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as half:
                shutil.copytree(source, Path(half) / out.name).rename(out)
        except OSError as error:
            raise OutputError(f"{out} must be a new folder that can be written, got {error}") from error
        return out

    def _champions(self) -> list[int]:
        """Replay the history: a rollback takes back the newest promotion."""
        serving: list[int] = []
        for change in self.history():
            if change.act == "promote":
                serving.append(change.version)
            else:  # versions that were gone by then were skipped, and are taken back too
                while serving and serving[-1] != change.version:
                    serving.pop()
        return serving

    def _point(self, version: int, act: Act) -> int | None:
        """Replace the link, then write the history: a crash in between loses a line, never the champion."""
        self.load(version)
        before = self._champion_or_none()
        if before != version:
            self._replace_link(version)
            self._append(Change(act, version, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))
        return before

    def _champion_or_none(self) -> int | None:
        try:
            return self.champion()
        except BundleError:  # a link to somewhere else: promoting is what mends it
            return None

    def _replace_link(self, version: int) -> None:
        half = self.folder / f".champion-{os.getpid()}"
        try:
            half.unlink(missing_ok=True)
            half.symlink_to(Path("versions") / str(version), target_is_directory=True)
            half.replace(self.link)
        except OSError as error:
            half.unlink(missing_ok=True)
            raise OutputError(f"{self.link} must be a link that can be replaced, got {error}") from error

    def _append(self, change: Change) -> None:
        try:
            with self._history.open("ab") as file:
                file.write(msgspec.json.encode(change) + b"\n")
        except OSError as error:
            raise OutputError(f"{self._history} must be writable, got {error}") from error


def _is_version(name: str) -> bool:
    return name.isascii() and name.isdecimal() and not name.startswith("0")
