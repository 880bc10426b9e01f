"""What an uploaded file may hold: bombs of several kinds, and files that are damaged."""

import struct
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from leadml.errors import DataError
from leadml.serving.desk import limits
from leadml.serving.desk.limits import check_columns, check_file

MB = 1 << 20


def bomb(path: Path, megabytes: int, *, told: int | None = None) -> Path:
    """Write a ZIP that unpacks to so much; ``told`` is what its directory says instead."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([*(packer.compress(bytes(MB)) for _ in range(megabytes)), packer.flush()])
    size = megabytes * MB if told is None else told
    crc = 0
    for _ in range(megabytes):
        crc = zlib.crc32(bytes(MB), crc)
    name = b"xl/worksheets/sheet1.xml"
    facts = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + facts + name + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)
    path.write_bytes(local + entry + end)
    return path


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xlsb"])
def test_a_zip_bomb(tmp_path: Path, ending: str) -> None:
    path = bomb(tmp_path / f"leads.{ending}", 64)
    assert path.stat().st_size < MB // 8

    with pytest.raises(DataError, match=r"must unpack to at most 52 MB, got more; save the table as CSV"):
        check_file(path, 5 * MB)


def test_a_zip_bomb_whose_directory_lies(tmp_path: Path) -> None:
    path = bomb(tmp_path / "leads.xlsx", 64, told=1000)

    with pytest.raises(DataError, match=r"must unpack to at most 52 MB, got more"):
        check_file(path, 5 * MB)


def test_a_workbook_of_its_usual_size(tmp_path: Path) -> None:
    check_file(bomb(tmp_path / "leads.xlsx", 3), 5 * MB)


def test_a_zip_with_a_password(tmp_path: Path) -> None:
    path = bomb(tmp_path / "leads.xlsx", 1)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    with pytest.raises(DataError, match="got one with a password"):
        check_file(path, 5 * MB)


def test_a_zip_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "leads.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "b" * 1000)
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(DataError, match="must be a workbook, got a damaged one"):
        check_file(path, MB)


def test_a_parquet_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leads.parquet"
    pa_parquet.write_table(pa.table({"x": pa.nulls(1_000_001, pa.int8())}), path)
    with pytest.raises(DataError, match="must have at most 1,000,000 rows, got 1,000,001"):
        check_file(path, MB)

    monkeypatch.setattr(limits, "MAX_ROWS", 10_000_000)
    table = pa.table({"x": pa.array(["x" * 1000]).take(pa.array([0] * 100_000))})
    pa_parquet.write_table(table, path, use_dictionary=False, compression="zstd")
    with pytest.raises(DataError, match=r"must unpack to at most 10 MB, got 101 MB"):
        check_file(path, MB)


def test_a_parquet_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    path.write_bytes(b"PAR1" + b"x" * 100)

    with pytest.raises(DataError, match="must be a Parquet file"):
        check_file(path, MB)


def test_a_text_with_too_many_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 11)
    monkeypatch.setattr(limits, "MAX_ROWS", 10)
    with pytest.raises(DataError, match="at most 10 rows, got 11; upload it in parts"):
        check_file(path, MB)


def test_too_many_columns() -> None:
    check_columns("leads.csv", 1000)
    with pytest.raises(DataError, match="at most 1,000 columns, got 1,001"):
        check_columns("leads.csv", 1001)
