"""Packed tables: gzip, bzip2, zstd and ZIP, with the names and lines of what is in them. No file is kept."""

import bz2
import csv
import gc
import gzip
import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from leadml.errors import SourceError
from leadml.leads.sources import archive, open_batches, open_source, read_table

RAGGED = b'id,note\n1,"x\ny"\n2\n3,"a ""b""\n\nc"\n4,5,6\n'


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, "zstd", asbytes=True))


PACK: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "zst": zstd}


def zipped(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("kind", ["gz", "bz2", "zst", "zip"])
def test_line_breaks_in_cells_survive_and_lines_stay_right(tmp_path: Path, temporary: Path, kind: str) -> None:
    path = tmp_path / f"leads.csv.{kind}"
    if kind == "zip":
        zipped(path, **{"leads.csv": RAGGED})
    else:
        path.write_bytes(PACK[kind](RAGGED))
    raw = read_table(path)
    assert raw.table.to_pydict() == {"id": ["1", "3"], "note": ["x\ny", 'a "b"\n\nc']}
    assert raw.lines_of([0, 1]) == {0: 2, 1: 5}
    assert [(reject.line, reject.text, reject.first) for reject in raw.rejected] == [
        (4, "2", ("id", "2")),
        (8, "4,5,6", ("id", "4")),
    ]
    assert str(raw.faults[0]) == "line 4: a row must have 2 cells, got 1"
    source = open_batches(path)
    assert sum(batch.num_rows for _, batch in source) == 2
    assert tuple(source.rejects()) == raw.rejected
    assert len(list(temporary.iterdir())) == 2
    del raw, source
    gc.collect()
    assert list(temporary.iterdir()) == []  # what is unpacked lives as long as its source


def test_every_kind_of_file_may_be_packed(tmp_path: Path) -> None:
    table = pa.table({"id": ["1"], "visits": [3]})
    pa_parquet.write_table(table, tmp_path / "leads.parquet")
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        for name, row in {"First": ["x"], "Leads": ["id", "visits"]}.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, row)
            sheet.write_row(1, 0, ["1", 3])
    for name, options in {"leads.parquet": {}, "leads.xlsx": {"sheet": "Leads"}}.items():
        packed = tmp_path / f"{name}.gz"
        packed.write_bytes(gzip.compress((tmp_path / name).read_bytes()))
        zipped(tmp_path / "leads.zip", **{f"folder/{name}": (tmp_path / name).read_bytes()})
        for path in (packed, tmp_path / "leads.zip"):
            assert read_table(path, sheet=options.get("sheet")).table.to_pydict() == {"id": ["1"], "visits": [3]}
    (tmp_path / "export.gz").write_bytes(gzip.compress(b"id\n1\n", mtime=0) + gzip.compress(b"2\n", mtime=0))
    assert read_table(tmp_path / "export.gz").table.to_pydict() == {"id": ["1", "2"]}  # no ending: text


def test_the_tables_of_a_zip_are_read_as_those_of_a_folder(tmp_path: Path) -> None:
    files = {
        "b.tsv": b"Lead ID\tcity\n3\tBonn\n",
        "a.csv": b"lead_id,city\n1,K\xc3\xb6ln\n1,2,3\n",
        "notes.docx": b"",
        "__MACOSX/a.csv": b"",
        "old/.hidden.csv": b"",
        "old/": b"",
        "inner.zip": b"",
    }
    raw = read_table(zipped(tmp_path / "leads.zip", **files))
    assert raw.table.to_pydict() == {"lead_id": ["1", "3"], "city": ["Köln", "Bonn"]}
    assert [str(fault) for fault in raw.faults] == ["line 3 of a.csv: a row must have 2 cells, got 3"]
    assert {row: str(line) for row, line in raw.lines_of([0, 1]).items()} == {0: "2 of a.csv", 1: "2 of b.tsv"}
    assert raw.notes == (
        f"not read in {tmp_path}/leads.zip, as no table: __MACOSX/a.csv, inner.zip, notes.docx and 1 more",
        "column 'lead_id' is written 'Lead ID' in b.tsv; they are one column",
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("leads.csv.gz", b"id\n1\n", r"leads.csv.gz must be a whole archive, got: Not a gzipped file .*; copy or pack"),
        (
            "leads.csv.gz",
            gzip.compress(b"id\n1\n" * 99, mtime=0)[:-9],
            r"whole archive, got: Compressed file ended before",
        ),
        ("leads.csv.bz2", b"BZh9" + b"x" * 20, r"leads.csv.bz2 must be a whole archive, got: Invalid data"),
        ("leads.csv.zst", b"x" * 20, r"leads.csv.zst must be a whole archive, got: "),
        ("leads.zip", b"PK\x03\x04", r"leads.zip must be a whole archive, got: File is not a zip file"),
        (
            "leads.tar.gz",
            gzip.compress(b"x", mtime=0),
            r"must end in one of .csv.gz, .*, got '.tar'; unpack or rename it",
        ),
        ("leads.csv.gz", gzip.compress(b"", mtime=0), r"leads.csv.gz must hold a header and rows, got an empty file"),
        ("leads.xlsx.gz", gzip.compress(b"a,b\n", mtime=0), r"leads.xlsx.gz must be a workbook, got text"),
        (
            "leads.csv.gz",
            gzip.compress(b'a,b\n"1,2\n3,4\n', mtime=0),
            r"(?s)leads.csv.gz cannot be read.*line 2: a quoted cell",
        ),
    ],
)
def test_what_is_no_archive_of_a_table_is_refused(
    tmp_path: Path, temporary: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message) as error:
        read_table(tmp_path / name)
    assert str(temporary) not in str(error.value)
    del error
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_a_zip_without_tables_or_with_a_password_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "leads.zip", **{"readme.md": b"x"})
    with pytest.raises(SourceError, match=r"must hold a table \(.csv, .*\), got readme.md; pack the table"):
        open_source(path)
    content = bytearray(zipped(path, **{"leads.csv": b"id\n1\n"}).read_bytes())
    content[6] |= 1  # the flag of encryption, in the file's head and in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"must have no password, got one for leads.csv; pack it without"):
        open_source(path)
    broken = zipped(path, **{"a.csv": b"id\n1\n", "b.csv": b"", "c.csv": b"id\n2\n"})
    with pytest.raises(SourceError, match=r"leads.zip/b.csv must hold a header and rows, got an empty file"):
        open_source(broken)


def test_what_unpacks_without_end_is_refused(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "leads.csv.gz"
    bomb.write_bytes(gzip.compress(b"id\n" + b"1\n" * 4_000_000, mtime=0))
    monkeypatch.setattr(archive, "FREE_BYTES", 1 << 20)
    with pytest.raises(
        SourceError, match=r"leads.csv.gz must unpack to a table, got more than 0.0 GB of 0.\d+ GB; check"
    ):
        open_source(bomb)
    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(archive, "MAX_BYTES", 1 << 20)
    packed = zipped(tmp_path / "leads.zip", **{f"{at}.csv": b"id\n" + b"1\n" * 300_000 for at in range(3)})
    with pytest.raises(SourceError, match=r"must unpack to a table"):
        open_source(packed)
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "leads.csv.gz").write_bytes(gzip.compress(b"id\n1\n", mtime=0))
    monkeypatch.setattr(archive._Unpacker, "copy", full)
    with pytest.raises(SourceError, match=r"leads.csv.gz must fit unpacked into .*temporary, got no room"):
        open_source(tmp_path / "leads.csv.gz")


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(st.lists(st.text("aé€,;\"\n\r '", max_size=5), min_size=2, max_size=2).filter(any), max_size=8),
    kind=st.sampled_from(["gz", "bz2", "zst", "zip"]),
)
def test_packed_is_as_unpacked(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], kind: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    (folder / "same.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
    content, packed = (folder / "same.csv").read_bytes(), folder / f"same.csv.{kind}"
    if kind == "zip":
        zipped(packed, **{"same.csv": content})
    else:
        packed.write_bytes(PACK[kind](content))
    left, right = read_table(packed), read_table(folder / "same.csv")
    assert left.table.equals(right.table)
    assert left.lines_of(range(len(rows))) == right.lines_of(range(len(rows)))
    assert [batch.to_pylist() for _, batch in open_batches(packed)] == [
        batch.to_pylist() for _, batch in open_batches(folder / "same.csv")
    ]
