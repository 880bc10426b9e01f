"""Uploads that go wrong, at a real server process: it goes on, and leaves nothing behind."""

import os
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from desk_leads import row, write_csv
from process import Running, running

MB = 1 << 20
TOKEN = re.compile(r'name="token" value="([^"]+)"')


@pytest.fixture(scope="module")
def server(desk_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    environ = {"LEADML_SERVING_MAX_UPLOAD_MB": "4"}  # unpacked at most ten times that
    with running(desk_folder, tmp_path_factory.mktemp("uploads"), environ=environ) as server:
        yield server


def send(server: Running, name: str, content: bytes) -> httpx.Response:
    with httpx.Client(base_url=server.address, timeout=120, trust_env=False) as client:
        token = TOKEN.findall(client.get("/").text)[0]
        return client.post(
            "/uploads",
            data={"token": token},
            files={"file": (name, content)},
            headers={"accept": "application/json"},
        )


def left_in(server: Running) -> list[Path]:
    """Return what half-done uploads left in the room of the server."""
    return [path for path in server.room.rglob("uploads/*/*") if path.name.startswith(".")]


def resident(server: Running) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) // 1024


def test_many_uploads_at_once(server: Running, tmp_path: Path) -> None:
    content = write_csv(tmp_path / "leads.csv", [row(i) for i in range(50)]).read_bytes()
    longest = 0.0
    with ThreadPoolExecutor(50) as pool:
        waiting = [pool.submit(send, server, f"{i}.csv", content) for i in range(50)]
        with server.client() as client:
            while not all(one.done() for one in waiting):
                start = time.perf_counter()
                assert client.get("/healthz").status_code == 200
                longest = max(longest, time.perf_counter() - start)
                time.sleep(0.2)

    assert {one.result().status_code for one in waiting} == {303}
    assert longest < 3, "others are served meanwhile"
    assert left_in(server) == []


def test_a_zip_bomb(server: Running, tmp_path: Path) -> None:
    import zipfile

    with (
        zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(60):
            member.write(bytes(MB))
    before = resident(server) if sys.platform == "linux" else 0

    answer = send(server, "bomb.xlsx", (tmp_path / "bomb.xlsx").read_bytes())

    assert answer.status_code == 422
    assert "must unpack to at most" in answer.json()["detail"]
    assert left_in(server) == []
    if sys.platform == "linux":
        assert resident(server) - before < 32


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone can limit a process that runs")
def test_a_disk_that_is_full(server: Running, tmp_path: Path) -> None:
    content = write_csv(tmp_path / "leads.csv", [row(i, note="x" * 400) for i in range(4500)]).read_bytes()
    assert len(content) > 2 * MB
    half = content[: MB // 2].rpartition(b"\n")[0]
    for sent, most in ((content, MB + MB // 2), (half, 100_000)):  # the file that comes in; what is made of it
        old = [limit(pid, most) for pid in processes(server)]
        answer = send(server, "leads.csv", sent)
        assert answer.status_code == 507, answer.text
        assert str(server.room) not in answer.text
        assert left_in(server) == []
        for pid, known in zip(processes(server), old, strict=False):
            limit(pid, known)

    assert send(server, "leads.csv", content).status_code == 303


def processes(server: Running) -> list[int]:
    """Return the server and those that work for it."""
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return [server.process.pid, *sorted(int(pid) for file in children for pid in file.read_text().split())]


def limit(pid: int, most: int) -> int:
    """Let a process write files of so many bytes; return what it was."""
    import resource

    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
    return soft


def test_a_client_that_goes_away(server: Running) -> None:
    with httpx.Client(base_url=server.address, trust_env=False) as client:
        token = TOKEN.findall(client.get("/").text)[0]
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    body = f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n--x\r\n'.encode()
    body += b'Content-Disposition: form-data; name="file"; filename="leads.csv"\r\n\r\nlead_id,visits\r\n'
    head = f"POST /uploads HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Length: 1000000\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    for _ in range(10):
        with server.connect() as connection:
            connection.sendall(head.encode() + body)

    assert send(server, "leads.csv", b"lead_id,visits\nL1,3\n").status_code == 303
    assert left_in(server) == []
    assert not any('"status":500' in line or "Traceback" in line for line in server.log().splitlines())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals are known to Unix")
def test_nothing_is_left_when_the_server_stops(desk_folder: Path, tmp_path: Path) -> None:
    with running(desk_folder, tmp_path) as server:
        assert send(server, "leads.csv", b"lead_id,visits\nL1,3\n").status_code == 303
        server.stop()

        assert list(server.room.iterdir()) == []
