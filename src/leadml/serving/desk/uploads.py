"""Where uploads lie: one folder for each, named by a token that nobody can guess, below a folder for its owner.

Several worker processes share it: a folder is made under another name and takes its own when all is in it, so that
what is there is whole. What is older than ``keep_hours`` goes whenever something is uploaded or listed.
"""

import hashlib
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from leadml.errors import DataError, OutputError

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet")
MOST = 20  # uploads of one owner; the oldest go
FORGOTTEN = 3600.0  # seconds after which what is half done was left by a worker that died
_CHUNK = 1 << 20
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
_UNSAFE = re.compile(r"[^\w .,()+-]|^[.\s]+|\s+$")
_ABOUT = "upload.json"


class Upload(msgspec.Struct, frozen=True):
    """One upload: ``name`` of the file, ``size`` in bytes, ``at`` seconds since 1970, ``n`` leads in the list.

    ``origin`` tells a list of the lists folder from others: which file, of which state.
    """

    id: str
    name: str
    size: int
    at: float
    n: int = 0
    origin: str | None = None


class Half:
    """An upload that is being made: the folder to put things in, and what will be told of it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.size, self.n = 0, 0

    @property
    def file(self) -> Path:
        """The file that is uploaded."""
        return self.folder / self.name

    def write(self, file: IO[bytes], most: int) -> None:
        """Copy a file, at most ``most`` bytes; raises DataError for more, or for none, OutputError without room."""
        with written(), self.file.open("wb") as target:
            while chunk := file.read(_CHUNK):
                self.size += len(chunk)
                if self.size > most:
                    raise DataError(f"{self.name} must have at most {most >> 20} MB, got more; upload it in parts")
                target.write(chunk)
        if not self.size:
            raise DataError(f"{self.name} must hold leads, got an empty file; export it again")


class Uploads:
    """The uploads of all owners in ``room``."""

    def __init__(self, room: str | Path, *, keep_hours: float) -> None:
        self._room = Path(room) / "uploads"
        self._keep = keep_hours * 3600

    @contextmanager
    def making(self, owner: str, name: str, origin: str | None = None) -> Iterator[Half]:
        """Give an upload to be made, which is there at the end under ``half.folder.name``; nothing after an error.

        Raises DataError for a name of an unknown kind, OutputError where the disk is full.
        """
        name = safe_name(name)
        check_ending(name)
        self.sweep()
        token = secrets.token_urlsafe(24)
        home = self._home(owner)
        half = Half(home / f".{token}", name)
        try:
            with written():
                half.folder.mkdir(parents=True, mode=0o700)
            yield half
            with written():
                half.file.unlink(missing_ok=True)  # the list holds all that is needed
                upload = Upload(token, name, half.size, time.time(), half.n, origin)
                (half.folder / _ABOUT).write_bytes(msgspec.json.encode(upload))
                half.folder = half.folder.rename(home / token)
        except BaseException:
            shutil.rmtree(half.folder, ignore_errors=True)
            raise
        for old in self.listing(owner)[MOST:]:
            self.remove(owner, old.id)

    def listing(self, owner: str) -> list[Upload]:
        """Return the uploads of an owner, the newest first."""
        self.sweep()
        found = [self.find(owner, folder.name) for folder in _folders(self._home(owner))]
        return sorted((upload for upload in found if upload is not None), key=lambda upload: -upload.at)

    def find(self, owner: str, token: str) -> Upload | None:
        """Return an upload of an owner, None where there is no such one, or no more."""
        if not _TOKEN.fullmatch(token):
            return None
        try:
            upload = msgspec.json.decode((self.folder(owner, token) / _ABOUT).read_bytes(), type=Upload)
        except (OSError, msgspec.MsgspecError):
            return None
        return upload if time.time() - upload.at < self._keep else None

    def folder(self, owner: str, token: str) -> Path:
        """Return the folder of an upload that was found."""
        return self._home(owner) / token

    def remove(self, owner: str, token: str) -> None:
        """Take an upload away; whoever reads it at the moment can go on."""
        if _TOKEN.fullmatch(token):
            shutil.rmtree(self.folder(owner, token), ignore_errors=True)

    def sweep(self) -> None:
        """Take away what is too old, and what a worker that died left behind."""
        now = time.time()
        for home in _folders(self._room):
            for folder in _folders(home):
                with suppress(OSError):
                    most = min(FORGOTTEN, self._keep) if folder.name.startswith(".") else self._keep
                    if now - folder.stat().st_mtime > most:
                        shutil.rmtree(folder, ignore_errors=True)

    def _home(self, owner: str) -> Path:
        return self._room / hashlib.sha256(owner.encode()).hexdigest()[:32]


def safe_name(name: str) -> str:
    """Return the name of an uploaded file as one that can be written: its last part, without what may harm."""
    last = re.split(r"[/\\]", name)[-1]
    stem, dot, ending = _UNSAFE.sub("", last).rpartition(".")
    return f"{stem[:80] or 'leads'}{dot}{ending[:10]}" if dot else ending[:80] or "leads"


def check_ending(name: str) -> None:
    """Refuse a file of an unknown kind by the ending of its name; raises DataError."""
    ending = Path(name).suffix.lower()
    if ending not in ENDINGS:
        got = repr(ending) if ending else "a name without one"
        raise DataError(f"{name} must end in one of {', '.join(ENDINGS)}, got {got}; save the table as CSV or Excel")


@contextmanager
def written() -> Iterator[None]:
    """Turn what a full disk raises into an OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"the room for uploads must be writable, got: {error.strerror}; make room") from None


def _folders(place: Path) -> list[Path]:
    try:
        return [folder for folder in place.iterdir() if folder.is_dir()]
    except OSError:
        return []
