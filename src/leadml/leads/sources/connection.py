"""A database as its URL names it: opened for reading alone, with errors that never show a password."""

import difflib
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from leadml.errors import SourceError

if TYPE_CHECKING:
    from sqlalchemy import URL, CursorResult, Engine

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_SQLITE = "sqlite:///"
_MAGIC = b"SQLite format 3\0"
_PATIENCE = 10  # seconds to wait for a server
_SHOWN = 20  # tables that a message names


def is_url(place: str) -> bool:
    """Return whether a text is a URL, and no path."""
    return _URL.match(place) is not None


def located(place: str, folder: Path) -> str:
    """Return a place of leads as seen from a folder; a URL stays, but for the file of an SQLite database."""
    import glob

    if place.startswith(_SQLITE):
        path, question, query = place.removeprefix(_SQLITE).partition("?")
        return f"{_SQLITE}{folder / path}{question}{query}"
    if is_url(place):
        return place
    if glob.has_magic(place) and not (folder / place).exists() and not Path(place).is_absolute():
        return str(Path(glob.escape(str(folder))) / place)
    return str(folder / place)


def shown(place: str) -> str:
    """Return a place of leads as messages show it: without a password."""
    if not is_url(place):
        return place
    try:
        return Database(place).name
    except SourceError:
        return place.partition("://")[0] + "://..."


class Database:
    """An SQLite file or a PostgreSQL server; making one does not connect.

    Raises SourceError for a URL of another kind, or one that cannot be read; ``name`` has neither user nor password.
    """

    def __init__(self, text: str) -> None:
        self._url = _parsed(text)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.file = Path(self._url.database or "") if self.is_sqlite else None
        query = self._url.query
        host = self._url.host or _text(query.get("host"))
        port = f":{self._url.port}" if self._url.port else ""
        self.name = f"{_SQLITE}{self.file}" if self.is_sqlite else f"postgresql://{host}{port}/{self._url.database}"
        self._secrets = [text for text in (self._url.password, _text(query.get("password"))) if text]

    @contextmanager
    def result(self, query: str, at_once: int) -> Iterator["CursorResult[Any]"]:
        """Run a query in a transaction that cannot write; rows come from the server ``at_once`` at a time.

        Raises SourceError: the database cannot be reached, or the query does not run.
        """
        from sqlalchemy.exc import SQLAlchemyError

        with self._connected() as connection:
            options = {"stream_results": True, "no_parameters": True}  # a % or : of the query stays what it is
            try:
                result = connection.exec_driver_sql(query, execution_options=options)
            except SQLAlchemyError as error:
                told = self._told(error)
                connection.rollback()
                mend = _tables(connection)
                raise SourceError(f"{self.name}: the query must run, got: {told}; mend it ({mend})") from None
            if not result.returns_rows:
                raise SourceError(f"{self.name}: the query must return rows, got none of a kind; write a SELECT")
            with closing(result):
                try:
                    yield result.yield_per(at_once)
                except SQLAlchemyError as error:
                    told = self._told(error)
                    raise SourceError(f"{self.name}: the query must run to its end, got: {told}; mend it") from None

    def example(self) -> str:
        """Return what to do where no query is given: an example, and the tables that there are."""
        with self._connected() as connection:
            tables = _tables(connection)
        return f"write one such as SELECT * FROM leads ({tables})"

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        from sqlalchemy.exc import SQLAlchemyError

        self._check_file()
        engine = self._engine()
        try:
            connection = engine.connect()
        except (SQLAlchemyError, sqlite3.Error) as error:
            mend = "check its address, user and password"
            raise SourceError(f"{self.name} must be a database to read, got: {self._told(error)}; {mend}") from None
        with connection:
            yield connection.execution_options(**({} if self.is_sqlite else {"postgresql_readonly": True}))

    def _engine(self) -> "Engine":
        from sqlalchemy import create_engine
        from sqlalchemy.pool import NullPool

        if self.file is not None:
            return create_engine("sqlite://", creator=_reader(self.file), poolclass=NullPool)
        patience = {} if "connect_timeout" in self._url.query else {"connect_timeout": _PATIENCE}
        url = self._url.set(drivername="postgresql+psycopg")
        try:
            return create_engine(url, poolclass=NullPool, connect_args=patience)
        except ImportError:
            needed = "must have the driver psycopg, got none; pip install 'leadml[postgres]'"
            raise SourceError(f"{self.name} {needed}") from None

    def _check_file(self) -> None:
        if self.file is None:
            return
        if not self.file.is_file():
            names = [path.name for path in self.file.parent.iterdir()] if self.file.parent.is_dir() else []
            near = difflib.get_close_matches(self.file.name, names, 1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise SourceError(f"{self.name} must exist, got no such file{hint}; check the path")
        with self.file.open("rb") as file:
            if file.read(len(_MAGIC)) not in (_MAGIC, b""):
                raise SourceError(f"{self.name} must be an SQLite database, got another file; check the path")

    def _told(self, error: Exception) -> str:
        """Return the first line of the database's own words."""
        words = str(getattr(error, "orig", None) or error).strip().splitlines()
        text = words[0].strip() if words else type(error).__name__
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _parsed(text: str) -> "URL":
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    scheme = text.partition("://")[0]
    kind = scheme.partition("+")[0].lower()
    if kind not in ("sqlite", "postgresql", "postgres"):
        must = "leads must be a file, a folder, or a database whose URL begins with sqlite:// or postgresql://"
        raise SourceError(f"{must}, got {scheme}://; save the table as a file first")
    try:
        url = make_url(("sqlite" if kind == "sqlite" else "postgresql") + text[len(scheme) :])
    except (ArgumentError, ValueError):
        shape = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        raise SourceError(f"a database URL must be {shape}, got another shape; mend it, with %40 for @") from None
    if kind == "sqlite" and (not url.database or url.database == ":memory:" or url.host):
        raise SourceError(f"an SQLite database must be {_SQLITE}FILE, got no file; name one")
    return url


def _reader(file: Path) -> Callable[[], sqlite3.Connection]:
    address = f"file:{quote(str(file))}?mode=ro"  # which makes no file either
    return lambda: sqlite3.connect(address, uri=True, check_same_thread=False)


def _tables(connection: Any) -> str:
    """Return the tables and views of a database, in words."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    try:
        there = inspect(connection)
        names = sorted({*there.get_table_names(), *there.get_view_names()})
    except SQLAlchemyError:
        return "its tables cannot be listed"
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"its tables are {', '.join(names[:_SHOWN])}{more}" if names else "it has no tables"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ",".join(value) if isinstance(value, tuple) else ""
