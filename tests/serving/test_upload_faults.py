"""Uploads to a real server: many at once, a zip bomb, a full disk, and one that breaks off."""

import io
import os
import re
import subprocess
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from asking import LEAD
from process import Running, children, running, wait_for

MARK = "Zarniwoop-4711"
MOST_MB = 6
ROOM_MB = 4  # of the small disk
ROWS = "lead_id,visits,source,job_title,email\n" + "".join(
    f"{MARK}-{row},{row % 7},web,Head of Sales,{MARK}{row}@example.com\n" for row in range(40)
)


@pytest.fixture(scope="module")
def server(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server whose room is on a small disk, where this machine lets the tests have one."""
    folder = tmp_path_factory.mktemp("uploads")
    environ = {"LEADML_SERVING_MAX_UPLOAD_MB": str(MOST_MB)}
    rooms = folder / "rooms"
    rooms.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_MB}m", "tmpfs", str(rooms)]
    mounted = False
    with suppress(OSError):
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        with running(bundle_folder, folder, environ=environ) as server:
            if not mounted:
                _limit(server)
            yield server
            readers = children(server.process.pid)
        wait_for(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in readers))
        assert "Traceback" not in server.log()
        assert MARK not in server.log()
        assert not list(rooms.iterdir()), "nothing of a list is left behind"
    finally:
        if mounted:
            subprocess.run(["umount", str(rooms)], check=True)


def _limit(server: Running) -> None:
    """Let a file of the server have no more bytes than the small disk, and its log with it."""
    import resource

    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (ROOM_MB << 20, ROOM_MB << 20))


class Visitor:
    """A browser's session: its cookie, and the token of its forms."""

    def __init__(self, server: Running) -> None:
        self.client = server.client(timeout=120)
        found = re.search(r'name="token" value="([^"]+)"', self.client.get("/").text)
        assert found is not None
        self.token = found[1]

    def upload(self, name: str, data: bytes) -> httpx.Response:
        accept = {"accept": "application/json"}
        return self.client.post("/uploads", data={"token": self.token}, files={"file": (name, data)}, headers=accept)


@pytest.fixture
def visitor(server: Running) -> Visitor:
    return Visitor(server)


def works(server: Running, visitor: Visitor) -> None:
    """The server must take a list as ever, show it, and score a lead."""
    answer = visitor.upload("leads.csv", ROWS.encode())
    assert answer.status_code == 303, answer.text
    page = visitor.client.get(answer.headers["location"].replace("/uploads/", "/lists/"))
    assert page.status_code == 200
    assert MARK in page.text
    assert httpx.post(f"{server.address}/v1/score", json=LEAD, trust_env=False).status_code == 200


def test_50_uploads_at_once(server: Running) -> None:
    """A fifth of them are lists; the others are of no known kind, empty, or no tables."""
    visitors = [Visitor(server) for _ in range(5)]
    kinds = [("a.csv", ROWS.encode(), 303), ("a.exe", b"MZ", 422), ("a.csv", b"", 422), ("a.xlsx", b"no", 422)]
    kinds.append(("a.parquet", b"PAR1" * 100, 422))

    def send(number: int) -> tuple[int, int]:
        name, data, wanted = kinds[number % 5]
        return visitors[number // 10].upload(name, data).status_code, wanted

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert all(got in (wanted, 429) for got, wanted in answers), answers
    assert answers.count((303, 303)) >= 5
    works(server, visitors[0])


def test_a_zip_bomb_is_refused(server: Running, visitor: Visitor) -> None:
    """A workbook of kilobytes that unpacks to far more than an upload may have."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(20 * MOST_MB << 20))
    assert len(bomb.getvalue()) < MOST_MB << 20
    start = time.perf_counter()
    answer = visitor.upload("bomb.xlsx", bomb.getvalue())
    assert answer.status_code == 422, answer.text
    assert "unpack" in answer.json()["detail"]
    assert time.perf_counter() - start < 30
    works(server, visitor)


def test_a_full_disk_is_told_and_nothing_stays_on_it(server: Running, visitor: Visitor) -> None:
    large = ROWS.encode() + b"x,1,web,,\n" * ((ROOM_MB + 1) * 100_000)
    assert ROOM_MB << 20 < len(large) < MOST_MB << 20
    for _ in range(3):
        answer = visitor.upload("leads.csv", large)
        assert answer.status_code == 507, answer.text
        told = answer.json()
        assert told["type"].endswith("#no-room")
        assert str(server.room) not in answer.text
    works(server, visitor)


def test_a_file_that_is_too_large(server: Running, visitor: Visitor) -> None:
    answer = visitor.upload("leads.csv", bytes((MOST_MB + 1) << 20))
    assert answer.status_code == 413
    assert answer.json()["type"].endswith("#body-too-large")
    works(server, visitor)


def test_an_upload_that_breaks_off_or_is_no_form(server: Running, visitor: Visitor) -> None:
    cookie = visitor.client.cookies["leadml_session"]
    head = (
        "POST /uploads HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n"
        f"Cookie: leadml_session={cookie}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    )
    part = f'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n{ROWS}'
    with server.connect() as connection:
        connection.sendall(f"{head}Content-Length: 100000\r\n\r\n{part}".encode())
    for body in ("", "--x", part, "garbage", part.replace('"file"', '"other"') + "\r\n--x--\r\n"):
        answer = server.raw(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        assert re.match(rb"HTTP/1.1 4\d\d ", answer), answer
        assert b"application/problem+json" in answer
    works(server, visitor)


def test_a_form_from_elsewhere_is_refused(server: Running, visitor: Visitor) -> None:
    visitor.token = Visitor(server).token  # that of another session
    answer = visitor.upload("leads.csv", ROWS.encode())
    assert answer.status_code == 403
    assert os.environ.get("HOME", "/root") not in answer.text
