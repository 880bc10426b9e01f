"""A real server process for tests: started on a free port, asked over sockets, stopped by a signal."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

START = 60.0  # seconds that a server may take to start on a busy machine


@dataclass
class Running:
    """A server that runs: its address, its process, and the file that its log goes to."""

    address: str
    process: "subprocess.Popen[bytes]"
    log_file: Path
    room: Path
    _clients: list[httpx.Client] = field(default_factory=list)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return urlsplit(self.address).port or 0

    def client(self, timeout: float = 30) -> httpx.Client:
        """Return a client of it, which is closed when the server is stopped."""
        self._clients.append(httpx.Client(base_url=self.address, timeout=timeout, trust_env=False))
        return self._clients[-1]

    def connect(self, timeout: float = 20) -> socket.socket:
        """Return a connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def raw(self, sent: bytes, timeout: float = 20) -> bytes:
        """Send bytes, and return all that comes until the server closes the connection."""
        with self.connect(timeout) as connection:
            with suppress(ConnectionError):  # it may close before it heard all
                connection.sendall(sent)
            return read_all(connection)

    def log(self) -> str:
        """Return all that it logged so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines of its log; each must be one JSON object."""
        return [json.loads(line) for line in self.log().splitlines()]

    def stop(self, by: signal.Signals = signal.SIGTERM, timeout: float = 40) -> int:
        """Stop it by a signal to its process, and return its exit code."""
        for client in self._clients:
            client.close()
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(timeout)


@contextmanager
def running(
    model: Path, folder: Path, *arguments: str, environ: Mapping[str, str] | None = None, ready: bool = True
) -> Iterator[Running]:
    """Run ``leadml serve`` of a model in ``folder``, where its log and its room go, until the end of the block."""
    rooms = folder / "rooms"
    rooms.mkdir(exist_ok=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith("LEADML_")}
    command = [sys.executable, "-m", "leadml", "serve", "--model", str(model), "--port", "0", "--json"]
    log_file = folder / "server.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**own, "TMPDIR": str(rooms), **(environ or {})},
            start_new_session=True,  # a Ctrl-C that a test sends reaches the server's processes alone
        )
    assert process.stdout is not None
    server = None
    try:
        line = process.stdout.readline()
        assert line, log_file.read_text()
        server = Running(json.loads(line)["address"], process, log_file, rooms)
        if ready:
            await_ready(server)
        yield server
    finally:
        if server is not None and process.poll() is None:
            server.stop()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever it left behind
        process.wait()
        process.stdout.close()


def await_ready(server: Running) -> dict[str, Any]:
    """Wait until the server answers /readyz, and return what it says."""
    with httpx.Client(base_url=server.address, timeout=5, trust_env=False) as client:
        end = time.monotonic() + START
        while True:
            with suppress(httpx.TransportError):
                answer = client.get("/readyz")
                if answer.status_code == 200:
                    said: dict[str, Any] = answer.json()
                    return said
            assert server.process.poll() is None, server.log()
            assert time.monotonic() < end, server.log()
            time.sleep(0.05)


def wait_for(done: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something has come about."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def children(process: int) -> list[int]:
    """Return the processes that a process started."""
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]


def read_all(connection: socket.socket) -> bytes:
    """Return all that comes from a connection until it is closed."""
    pieces = []
    with suppress(ConnectionError):
        while piece := connection.recv(1 << 16):
            pieces.append(piece)
    return b"".join(pieces)


def post(path: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Return the bytes of a POST that closes the connection; ``length`` is what it says of its body."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def parts(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of one raw answer with a Content-Length."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    return int(first.split()[1]), headers, body
