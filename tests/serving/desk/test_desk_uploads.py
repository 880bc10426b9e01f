"""The store of uploads: whole or not at all, for their owner alone, for some hours."""

import io
import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import DataError, OutputError
from leadml.serving.desk import uploads as module
from leadml.serving.desk.uploads import MOST, Upload, Uploads, check_ending, safe_name, written

MB = 1 << 20


def put(uploads: Uploads, owner: str, name: str = "leads.csv", content: bytes = b"a\n1\n") -> str:
    with uploads.making(owner, name) as half:
        half.write(io.BytesIO(content), MB)
        half.n = 1
    return half.folder.name


def test_an_upload_is_there_for_its_owner_alone(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, keep_hours=1)

    token = put(uploads, "ann")

    found = uploads.find("ann", token)
    assert isinstance(found, Upload)
    assert (found.name, found.size, found.n) == ("leads.csv", 4, 1)
    assert uploads.find("bob", token) is None
    assert uploads.listing("bob") == []
    assert [one.id for one in uploads.listing("ann")] == [token]
    assert uploads.folder("ann", token).stat().st_mode & 0o077 == 0
    assert not (uploads.folder("ann", token) / "leads.csv").exists(), "the file itself is not kept"


@pytest.mark.parametrize("token", ["", "..", "../..", "a/b" * 10, "x" * 32, "x" * 500, "\0" * 30])
def test_a_token_that_is_none_finds_nothing(tmp_path: Path, token: str) -> None:
    uploads = Uploads(tmp_path, keep_hours=1)
    put(uploads, "ann")

    assert uploads.find("ann", token) is None
    uploads.remove("ann", token)
    assert len(uploads.listing("ann")) == 1


def test_several_workers_share_the_room(tmp_path: Path) -> None:
    stores = [Uploads(tmp_path, keep_hours=1) for _ in range(4)]
    threads = [threading.Thread(target=put, args=(store, "ann", f"{i}.csv")) for i, store in enumerate(stores * 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {one.name for one in stores[0].listing("ann")} == {f"{i}.csv" for i in range(8)}


def test_after_an_error_nothing_is_left(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, keep_hours=1)

    with pytest.raises(ZeroDivisionError), uploads.making("ann", "leads.csv") as half:
        assert half.file.write_bytes(b"a\n") / 0

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_more_than_may_be_is_refused(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, keep_hours=1)

    with (
        pytest.raises(DataError, match=r"leads\.csv must have at most 2 MB"),
        uploads.making("ann", "leads.csv") as one,
    ):
        one.write(io.BytesIO(b"x" * (3 * MB)), 2 * MB)
    with pytest.raises(DataError, match="got an empty file"), uploads.making("ann", "leads.csv") as one:
        one.write(io.BytesIO(b""), MB)

    assert uploads.listing("ann") == []


def test_what_is_old_goes(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, keep_hours=1)
    old, new = put(uploads, "ann"), put(uploads, "ann")
    past = time.time() - 3700
    os.utime(uploads.folder("ann", old), (past, past))

    assert [one.id for one in uploads.listing("ann")] == [new]
    assert not uploads.folder("ann", old).exists()
    assert Uploads(tmp_path, keep_hours=0).find("ann", new) is None


def test_what_a_dead_worker_left_goes(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, keep_hours=100)
    home = uploads.folder("ann", put(uploads, "ann")).parent
    (home / ".half").mkdir()
    uploads.sweep()
    assert (home / ".half").exists(), "it may be under way"
    past = time.time() - module.FORGOTTEN - 60
    os.utime(home / ".half", (past, past))

    uploads.sweep()

    assert not (home / ".half").exists()


def test_the_oldest_goes_where_there_are_too_many(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, keep_hours=1)
    tokens = [put(uploads, "ann", f"{i}.csv") for i in range(MOST + 3)]
    put(uploads, "bob")

    assert [one.id for one in uploads.listing("ann")] == tokens[:2:-1]
    assert len(uploads.listing("bob")) == 1


@pytest.mark.parametrize("name", ["leads.exe", "leads", "leads.csv.html", ".csv.", "leads.zip"])
def test_a_file_of_another_kind_is_refused(name: str) -> None:
    with pytest.raises(DataError, match=r"must end in one of \.csv, \.tsv"):
        check_ending(safe_name(name))


@given(st.text(max_size=300))
def test_a_name_is_made_safe(name: str) -> None:
    safe = safe_name(name)

    assert safe
    assert safe == Path(safe).name
    assert not safe.startswith(".")
    assert len(safe.encode()) < 400
    assert all(letter.isprintable() for letter in safe)


def test_names_that_are_known_stay_as_they_are() -> None:
    assert safe_name("Neue Leads (März).xlsx") == "Neue Leads (März).xlsx"
    assert safe_name(r"C:\Users\kim\leads.CSV") == "leads.CSV"
    assert safe_name("../../etc/leads.csv") == "leads.csv"
    assert safe_name("<b>.csv") == "b.csv"


def test_a_full_disk_is_told() -> None:
    with pytest.raises(OutputError, match="got: No space left on device; make room"), written():
        raise OSError(28, "No space left on device")
