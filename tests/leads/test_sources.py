"""Reading tables: dialects, encodings, line numbers, ragged rows, batches. No file is kept."""

import bz2
import csv
import gzip
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadml.errors import SourceError, UsageError
from leadml.leads.guard import unguarded
from leadml.leads.sources import SOURCES, BatchSource, open_batches, open_source, read_table
from leadml.leads.sources.dialect import detect_dialect, scan_rows


def write(folder: Path, content: str | bytes, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows_of(source: BatchSource) -> list[dict[str, object]]:
    return [row for _, batch in source for row in batch.to_pylist()]


def read_batches(path: Path) -> None:
    source = open_batches(path)
    rows_of(source)
    list(source.rejects())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "latin-1"])
def test_dialects_are_recognised(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = delimiter.join(["id", " größe ", "ort"]) + "\r\n" + delimiter.join(["1", '"a,;|\tb"', "Köln"]) + "\r\n"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    undefined = "\x81".encode("latin-1") if encoding == "latin-1" else b""
    path = write(tmp_path, mark + text.encode(encoding) + undefined)

    dialect = detect_dialect(path)

    assert dialect.delimiter == delimiter
    assert dialect.encoding == ("utf-16" if "16" in encoding else encoding)
    assert dialect.has_bom == (encoding in ("utf-8-sig", "utf-16", "utf-16-be"))
    assert dialect.header == ("id", "größe", "ort")
    assert bool(dialect.notes) == (encoding in ("cp1252", "latin-1"))
    assert read_table(path).table.to_pylist()[0] == {"id": "1", "größe": "a,;|\tb", "ort": "Köln"}


def test_decimal_commas_do_not_make_a_comma_table(tmp_path: Path) -> None:
    path = write(tmp_path, "id;price\n" + "".join(f"{i};1,5\n" for i in range(9)))
    assert detect_dialect(path).delimiter == ";"


def test_one_umlaut_in_the_last_row_decides_the_encoding(tmp_path: Path) -> None:
    plain = b"id,city\n" + b"1,Bonn\n" * 60_000
    assert detect_dialect(write(tmp_path, plain + "2,Köln\n".encode("cp1252"))).encoding == "cp1252"
    assert detect_dialect(write(tmp_path, plain + "2,Köln\n".encode())).encoding == "utf-8"
    assert detect_dialect(write(tmp_path, plain + "2,Uckerö".encode("cp1252"))).encoding == "cp1252"


def test_mixed_encodings_are_refused_with_the_line(tmp_path: Path) -> None:
    content = "id,city\n1,Köln\n".encode() + "2,Köln\n".encode("cp1252")
    with pytest.raises(SourceError, match="line 3: text must be UTF-8, got byte 0xF6"):
        read_table(write(tmp_path, content))
    with pytest.raises(SourceError, match="half of one"):
        read_table(write(tmp_path, "id,city\n1,Köln\n2,Kö".encode()[:-1]))


def test_damaged_utf_16_is_refused(tmp_path: Path) -> None:
    whole = "id,city\n1,Köln\n".encode("utf-16") + "2,Bonn\n".encode("utf-16-le") * 60_000
    with pytest.raises(SourceError, match="must be utf-16 throughout"):
        read_table(write(tmp_path, whole[:-1]))


@pytest.mark.parametrize("blank", ["", "\n\r\n"])
@pytest.mark.parametrize("hint", ["", "sep=;\r\n", "SEP=;\n"])
def test_lines_before_the_header_are_skipped(tmp_path: Path, blank: str, hint: str) -> None:
    path = write(tmp_path, f"{blank}{hint}a;b\n1,0;2\n")
    raw = read_table(path)
    assert raw.table.to_pylist() == [{"a": "1,0", "b": "2"}]
    assert raw.lines_of([0]) == {0: 2 + (blank + hint).count("\n")}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("leads.csv", b"", "got an empty file"),
        ("leads.csv", b"\n\r\n\n", "got an empty file"),
        ("leads.csv", b"\xef\xbb\xbf", "got an empty file"),
        ("leads.csv", b"PK\x03\x04 and more", "must be text, got a ZIP archive; rename it to end in .xlsx"),
        ("leads.csv", b"PAR1 and more", "got a Parquet file; rename"),
        ("leads.csv", b"\x1f\x8b\x08 and more", "a gzip archive; rename it to end in .csv.gz"),
        ("leads.csv", b"a,b\n\x00,2\n", "NUL bytes"),
        ("leads.csv", b"a,b\n\x01\x02\x03\x04", "4 control bytes"),
        ("leads.csv", b'"a,b\n1,2\n', "header within its first 256 KB"),
        ("leads.csv", b"a" * 300_000, "header within its first 256 KB"),
        ("leads.csv", b"a,b,a,b\n1,2,3,4\n", r"(?s)column 'a'.*places 1, 3.*column 'b'.*places 2, 4"),
        ("leads.csv", b'a,b\n1,2\n3,"4\n5,6\n', "line 3: a quoted cell must be closed"),
        ("leads.csv", b'a,b\n1,2\n"3,4\n5,6\n', "line 3: a quoted cell must be closed"),
        ("leads.parquet", b"a,b\n1,2\n", "must be a Parquet file"),
        ("leads.csv", b"SQLite format 3\0", "an SQLite database; name it as sqlite:///FILE and give a query"),
        ("leads.json", b"[]", r"must end in one of .csv, .tsv, .txt, .parquet, .pq, .xlsx.* .zip, got '.json'"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = write(tmp_path, content, name)
    with pytest.raises(SourceError, match=message):
        read_table(path)
    with pytest.raises(SourceError, match=message):
        read_batches(path)


def test_missing_files_and_folders_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a\n1\n")
    with pytest.raises(SourceError, match=r"no such file \(did you mean 'leads.csv'\?\)"):
        read_table(tmp_path / "lead.csv")
    with pytest.raises(SourceError, match="got no folder"):
        read_table(tmp_path / "nowhere" / "leads.csv")
    with pytest.raises(SourceError, match="device or pipe"):
        read_table("/dev/null")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match="permission denied"):
        read_table(tmp_path / "leads.csv")


@pytest.mark.parametrize("content", ["a,b", "a,b\n", "a,b\r\n\n\n"])
def test_a_header_alone_is_a_table_without_rows(tmp_path: Path, content: str) -> None:
    path = write(tmp_path, content)
    raw = read_table(path)
    assert (raw.table.num_rows, raw.table.column_names, raw.faults) == (0, ["a", "b"], ())
    assert rows_of(open_batches(path)) == []


def test_empty_cells_are_missing_and_the_rest_is_text(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b,,\n"",NA,x,\n007, ,null,1\n')
    assert read_table(path).table.to_pylist() == [
        {"a": None, "b": "NA", "column_3": "x", "column_4": None},
        {"a": "007", "b": " ", "column_3": "null", "column_4": "1"},
    ]


RAGGED = 'a,b\n1,"x\ny"\n\n2\n3,4\n5,6,7\n"8\n8",9,9\nlast,z\n'


def test_ragged_rows_are_reported_and_lines_stay_right(tmp_path: Path) -> None:
    path = write(tmp_path, RAGGED)
    raw = read_table(path)
    assert raw.table.column("a").to_pylist() == ["1", "3", "last"]
    assert raw.lines_of(range(3)) == {0: 2, 1: 6, 2: 10}
    assert [(reject.line, reject.text) for reject in raw.rejected] == [
        (5, "2"),
        (7, "5,6,7"),
        (8, '"8\n8",9,9'),
    ]
    assert [str(fault) for fault in raw.faults] == [
        "line 5: a row must have 2 cells, got 1",
        "line 7: a row must have 2 cells, got 3",
        "line 8: a row must have 2 cells, got 3; it spans several lines, so a quote may be left open",
    ]
    source = open_batches(path, columns=["a"])
    assert [row["a"] for row in rows_of(source)] == ["1", "3", "last"]
    assert tuple(source.rejects()) == raw.rejected
    assert source.lines_of([2]) == {2: 10}


def test_a_cell_longer_than_a_block_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n1,2\n3,"x' + "\ny" * 3000 + '"\n' + "5,6\n" * 3000)
    with pytest.raises(SourceError, match="line 3: a quoted cell must be closed"):
        rows_of(open_batches(path, block_size=1024))
    assert read_table(path).table.num_rows == 3002


def test_columns_are_projected_in_order_and_unknown_ones_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "source,visits,id\nweb,3,1\n")
    assert read_table(path, columns=["visits", "source"]).table.to_pylist() == [{"visits": "3", "source": "web"}]
    assert rows_of(open_batches(path, columns=["visits", "source"])) == [{"visits": "3", "source": "web"}]
    with pytest.raises(SourceError, match=r"column 'visit': .* \(did you mean 'visits'\?\)"):
        read_table(path, columns=["visit"])


def test_a_placeholder_deep_in_the_file_makes_only_its_block_text(tmp_path: Path) -> None:
    lines = [f"{i},web,{i / 2}\n" for i in range(5000)]
    lines[4000] = "4000,web,n/a\n"
    path = write(tmp_path, "id,source,income\n" + "".join(lines))
    source = open_batches(path, dictionary=["source", "absent"], numbers=["income", "absent"], block_size=4096)
    texts, seen = 0, 0
    for offset, batch in source:
        assert offset == seen
        assert batch.column("id")[0].as_py() == str(offset)
        assert batch.column("source").type == pa.dictionary(pa.int32(), pa.string())
        assert batch.column("income").type in (pa.float64(), pa.string())
        texts += batch.column("income").type == pa.string()
        seen += batch.num_rows
    assert (seen, texts) == (5000, 1)


def test_a_reading_may_be_left_early_and_begun_again(tmp_path: Path) -> None:
    path = write(tmp_path, "id\n" + "1\n" * 5000 + "1,2\n")
    source = open_batches(path, block_size=1024)
    next(iter(source))
    for _ in range(2):
        assert len(rows_of(source)) == 5000
        assert [reject.line for reject in source.rejects()] == [5002]


def test_parquet_keeps_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [1, 2, 3],
            "source": ["web", None, "fair"],
            "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
        }
    )
    path = tmp_path / "leads.parquet"
    pa_parquet.write_table(table, path)
    raw = read_table(path, columns=["source", "id"])
    assert raw.table.equals(table.select(["source", "id"]))
    assert raw.lines_of([2]) == {2: 3}
    source = open_batches(path, columns=["source", "id"], dictionary=["source", "id"], numbers=["id"])
    (first,) = source
    assert first[1].schema.types == [pa.dictionary(pa.int32(), pa.string()), pa.int64()]
    assert rows_of(source) == raw.table.to_pylist()
    double = tmp_path / "double.parquet"
    pa_parquet.write_table(pa.table([[1], [2]], names=["a", "a"]), double)
    with pytest.raises(SourceError, match="places 1, 2"):
        read_table(double)


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, "zstd", asbytes=True))


PACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstd}


def write_text(path: Path) -> tuple[str | Path, dict[str, Any]]:
    path.write_text("a\tb\n1\tx\n\ty\n")
    return path, {}


def write_parquet(path: Path) -> tuple[str | Path, dict[str, Any]]:
    pa_parquet.write_table(pa.table({"a": ["1", None], "b": ["x", "y"]}), path)
    return path, {}


def write_excel(path: Path) -> tuple[str | Path, dict[str, Any]]:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([["a", "b"], ["1", "x"], [None, "y"]]):
            sheet.write_row(at, 0, row)
    return path, {}


def write_archive(path: Path) -> tuple[str | Path, dict[str, Any]]:
    text = b"a\tb\n1\tx\n\ty\n"
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("leads.csv", text)
    else:
        path.write_bytes(PACK[path.suffix.lower()](text))
    return path, {}


def write_folder(path: Path) -> tuple[str | Path, dict[str, Any]]:
    path.mkdir()
    (path / "1.csv").write_text("a,b\n1,x\n")
    (path / "2.tsv").write_text("a\tb\n\ty\n")
    return path, {}


def write_database(path: Path) -> tuple[str | Path, dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE leads (a TEXT, b TEXT)")
        connection.execute("INSERT INTO leads VALUES ('1', 'x'), (NULL, 'y')")
        connection.commit()
    return f"sqlite:///{path}", {"query": "SELECT * FROM leads ORDER BY b"}


WRITERS = {
    "TextSource": write_text,
    "ParquetSource": write_parquet,
    "ExcelSource": write_excel,
    "ArchiveSource": write_archive,
    "FolderSource": write_folder,
    "DatabaseSource": write_database,
}


def test_options_that_a_source_has_no_use_for_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a\n1\n")
    with pytest.raises(UsageError, match=r"query must go with a database URL, got it with .*leads.csv; leave it out"):
        read_table(path, query="SELECT 1")
    with pytest.raises(UsageError, match="sheet must go with an Excel workbook, got it with "):
        read_table(tmp_path, sheet="Leads")
    with pytest.raises(UsageError, match="header_row must go with an Excel workbook"):
        open_batches(path, header_row=2)
    with pytest.raises(SourceError, match="begins with sqlite:// or postgresql://, got https://; save"):
        read_table("https://example.org/leads.csv")


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_reads_the_same_whole_and_in_batches(tmp_path: Path, kind: type) -> None:
    for suffix in kind.suffixes or ("",):  # type: ignore[attr-defined]
        path = tmp_path / f"leads{suffix.upper()}"
        place, options = WRITERS[kind.__name__](path)
        source = open_source(place, **options)
        assert isinstance(source, kind)
        assert source.columns == ("a", "b")
        raw = read_table(place, **options)
        assert raw.table.to_pylist() == [{"a": "1", "b": "x"}, {"a": None, "b": "y"}]
        assert raw.table.schema.equals(source.schema)
        assert rows_of(open_batches(place, columns=["b"], **options)) == [{"b": "x"}, {"b": "y"}]
        assert rows_of(open_batches(source, columns=["b", "a"], dictionary=["b"])) == [
            {"b": "x", "a": "1"},
            {"b": "y", "a": None},
        ]
        assert source.lines_of([]) == {}
        assert source.lines_of([1]) == raw.lines_of([1])
        assert list(source.rejects()) == []
        assert source.notes == ()
        assert str(tmp_path) in source.name
        assert not source.reads(tmp_path / "result.parquet.old")


def csv_lines(path: Path, encoding: str, delimiter: str) -> list[int]:
    """Return the line each row after the header starts on, as the csv module counts lines."""
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        ends = [reader.line_num for _ in reader]
    return [end + 1 for end in ends[:-1]]


LETTERS = {"utf-8": "aé€😀 ,;|\t\"\n\r'=", "cp1252": "aé€ ,;|\t\"\n\r'=", "utf-16": "aé😀 ,;|\t\"\n\r'="}


@settings(deadline=None)
@given(data=st.data())
def test_a_written_table_is_read_back_the_same(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(sorted(LETTERS)))
    delimiter = data.draw(st.sampled_from(",;\t|"))
    width = data.draw(st.integers(2, 5))
    cell = st.text(LETTERS[encoding], max_size=6)
    row = st.lists(cell, min_size=width, max_size=width)
    rows = data.draw(st.lists(row.filter(any), min_size=1, max_size=12))
    path = tmp_path_factory.getbasetemp() / "leads.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        out = csv.writer(
            file,
            delimiter=delimiter,
            quoting=csv.QUOTE_ALL,
            lineterminator=data.draw(st.sampled_from(["\n", "\r\n"])),
        )
        out.writerow([f"c{at}" for at in range(width)])
        out.writerows(rows)

    raw = read_table(path)

    expected = [{f"c{at}": unguarded(text) or None for at, text in enumerate(row)} for row in rows]
    assert open_source(path).columns == raw.source.columns == tuple(f"c{at}" for at in range(width))
    assert raw.table.to_pylist() == expected
    assert rows_of(open_batches(path, block_size=512)) == expected
    assert raw.rejected == ()
    assert raw.lines_of(range(len(rows))) == dict(enumerate(csv_lines(path, encoding, delimiter)))


@settings(max_examples=300, deadline=None)
@example(body='"\r","')
@given(body=st.text('ab",\n\r', max_size=60))
def test_rows_are_counted_as_arrow_counts_them(tmp_path_factory: pytest.TempPathFactory, body: str) -> None:
    path = write(tmp_path_factory.getbasetemp(), f"x,y\n{body}")
    try:
        raw = read_table(path)
    except SourceError:
        return  # a quote left open
    kept = [row for row in scan_rows(path, detect_dialect(path)) if row.cells == 2]
    assert len(kept) == raw.table.num_rows
    for row, cells in zip(kept, raw.table.to_pylist(), strict=True):
        assert next(csv.reader(row.text.splitlines(keepends=True))) == [text or "" for text in cells.values()]


def test_a_damaged_parquet_file_is_a_source_error(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    pa_parquet.write_table(pa.table({"id": [str(i) for i in range(5000)]}), path)
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * 400 + data[404:])
    for read in (read_table, read_batches):
        with pytest.raises(SourceError, match=r"must be a Parquet file, got: .*; export it again"):
            read(path)
    path.write_bytes(data)
    with pytest.raises(OSError, match="disk full"):  # an error of who reads the batches stays what it is
        _fail_while_reading(path)


def _fail_while_reading(path: Path) -> None:
    for _ in open_batches(path):
        raise OSError("disk full")


@pytest.mark.parametrize(
    "title",
    ["Leads of Acme\n", "Leads of Acme\n\nas of 1 November\n", "Leads;;;\n", "Leads of Acme;;;\n;;;\nas of;1.11.;;\n"],
)
def test_titles_above_the_header(tmp_path: Path, title: str) -> None:
    path = write(tmp_path, title + "id;source;visits;status\n1;web;3;won\n2;fair;4;lost\n3;web;5;lost\n")
    raw = read_table(path)
    assert raw.table.column_names == ["id", "source", "visits", "status"]
    assert raw.table.to_pylist()[0] == {"id": "1", "source": "web", "visits": "3", "status": "won"}
    assert raw.lines_of([0])[0] == title.count("\n") + 2
    assert any("column names are taken from line" in note for note in raw.notes)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2,3\n4,5,6\n",  # a header that is too short is a fault of each row
        "id,2023,2024\nx,y,z\nu,v,w\n",
        "only\n1\n2\n",
        "a;b;c\n",
    ],
)
def test_a_first_row_that_may_be_the_header_is_it(tmp_path: Path, content: str) -> None:
    assert detect_dialect(write(tmp_path, content)).header_line == 1
