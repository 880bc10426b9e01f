"""The process that ranks an upload: it does its job, and what brings it down harms nobody else."""

import asyncio
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from desk_leads import MB, row, write_csv

from leadml.errors import BundleError, DataError, OutputError
from leadml.serving.desk import child
from leadml.serving.desk.listed import open_table
from leadml.serving.desk.view import Query
from leadml.serving.desk.worker import Done, Rank, Write, write_message

ROWS = [row(i) for i in range(20)]


@pytest.fixture(autouse=True)
def nobody_is_idle() -> Iterator[None]:
    child.send_home()
    yield
    waiting = list(child._idle)
    child.send_home()
    assert all(process.returncode == 0 for process in waiting), "they go home when their server has gone"


def rank_of(folder: Path, bundle: Path, name: str = "leads.csv") -> Rank:
    return Rank(str(bundle), "en", str(folder), name, 20 * MB)


def test_ranks_and_writes(tmp_path: Path, desk_folder: Path) -> None:
    write_csv(tmp_path / "leads.csv", ROWS)

    assert asyncio.run(child.do(rank_of(tmp_path, desk_folder))) == 20
    assert asyncio.run(child.do(Write(str(desk_folder), "de", str(tmp_path), "view.xlsx", Query(owner="Kim")))) == 7

    assert open_table(tmp_path).num_rows == 20
    assert (tmp_path / "view.xlsx").stat().st_size > 1000


def test_several_at_once(tmp_path: Path, desk_folder: Path) -> None:
    folders = [tmp_path / str(i) for i in range(5)]
    for folder in folders:
        folder.mkdir()
        write_csv(folder / "leads.csv", ROWS)

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(child.do(rank_of(folder, desk_folder)) for folder in folders))

    assert asyncio.run(all_of_them()) == [20] * 5


def test_a_fault_names_the_file_and_not_where_it_lies(tmp_path: Path, desk_folder: Path) -> None:
    (tmp_path / "leads.csv").write_text("a,a\n1,2\n")

    with pytest.raises(DataError) as caught:
        asyncio.run(child.do(rank_of(tmp_path, desk_folder)))

    assert str(caught.value).startswith("leads.csv must name each column once")
    assert str(tmp_path) not in str(caught.value)
    assert caught.value.faults[0].column == "a"


def test_a_model_that_is_gone(tmp_path: Path) -> None:
    write_csv(tmp_path / "leads.csv", ROWS)

    with pytest.raises(BundleError):
        asyncio.run(child.do(rank_of(tmp_path, tmp_path / "none")))


def test_one_that_is_killed_is_a_file_too_large(
    tmp_path: Path, desk_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv(tmp_path / "leads.csv", ROWS)
    monkeypatch.setattr(child, "_COMMAND", ("-c", "import os; os.abort()"))

    with pytest.raises(DataError, match="must fit the memory of one list"):
        asyncio.run(child.do(rank_of(tmp_path, desk_folder)))


def test_one_that_fails_otherwise_tells_why(tmp_path: Path, desk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_COMMAND", ("-c", "raise SystemExit(3)"))

    with pytest.raises(RuntimeError, match="ended with 3"):
        asyncio.run(child.do(rank_of(tmp_path, desk_folder)))


def test_one_that_takes_too_long_is_ended(tmp_path: Path, desk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_COMMAND", ("-c", "import time; time.sleep(600)"))
    monkeypatch.setattr(child, "TIMEOUT", 0.5)

    with pytest.raises(DataError, match="must be read within 0 seconds"):
        asyncio.run(child.do(rank_of(tmp_path, desk_folder)))


_LIMITED = """
import resource, sys
resource.setrlimit(resource.{what}, ({most}, {most}))
from leadml.serving.desk import worker
{more}
worker.main()
"""


def run_limited(job: Rank, what: str, most: int, more: str = "") -> str:
    """Run a job with little room; return its answer."""
    code, asked = _LIMITED.format(what=what, most=most, more=more), io.BytesIO()
    write_message(asked, msgspec.json.encode(job))
    done = subprocess.run([sys.executable, "-c", code], input=asked.getvalue(), capture_output=True, check=False)
    return done.stdout[4:].decode() or f"died with {done.returncode}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of a process are known to Unix")
def test_a_full_disk(tmp_path: Path, desk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_csv(tmp_path / "leads.csv", [row(i) for i in range(500)])

    answer = run_limited(rank_of(tmp_path, desk_folder), "RLIMIT_FSIZE", 20_000)
    assert '"kind":"output"' in answer

    monkeypatch.setattr(child._Task, "run", lambda _: Done(kind="output", message="full"))
    with pytest.raises(OutputError, match="full"):
        asyncio.run(child.do(rank_of(tmp_path, desk_folder)))


def test_a_process_stays_for_the_next_job(tmp_path: Path, desk_folder: Path) -> None:
    for i in range(3):
        write_csv(tmp_path / "leads.csv", ROWS[: i + 1])
        assert asyncio.run(child.do(rank_of(tmp_path, desk_folder))) == i + 1
        assert len(child._idle) == 1


def test_one_that_went_home_is_followed_by_another(tmp_path: Path, desk_folder: Path) -> None:
    write_csv(tmp_path / "leads.csv", ROWS)
    asyncio.run(child.do(rank_of(tmp_path, desk_folder)))
    (first,) = child._idle
    first.kill()
    first.wait()

    assert asyncio.run(child.do(rank_of(tmp_path, desk_folder))) == 20
    assert child._idle != [first]


def test_one_that_is_given_up_is_ended(tmp_path: Path, desk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_COMMAND", ("-c", "import time; time.sleep(600)"))

    async def give_up() -> None:
        async with asyncio.timeout(0.5):
            await child.do(rank_of(tmp_path, desk_folder))

    start = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    child._threads.submit(int).result()
    assert time.monotonic() - start < 60


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone counts the data of a process")
def test_a_file_that_fills_the_memory(tmp_path: Path, desk_folder: Path) -> None:
    write_csv(tmp_path / "leads.csv", [row(i, note="x" * 9000) for i in range(9000)])

    answer = run_limited(rank_of(tmp_path, desk_folder), "RLIMIT_CPU", 600, f"worker.MEMORY = {250 * MB}")

    assert '"kind":"memory"' in answer or answer.startswith("died with -"), answer
