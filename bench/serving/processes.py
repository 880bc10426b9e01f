"""The servers: real processes on loopback, how soon they are ready, and what they hold in memory."""

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its first process, its address, and the seconds from its start to the first answer."""

    pid: int
    url: str
    ready_after: float

    def worker(self) -> int:
        """Return the process that answers: the youngest of the server's own."""
        return max(_family(self.pid))

    def memory(self) -> float:
        """Return the resident memory of the worker, in MB."""
        return _resident(self.worker())

    @contextmanager
    def peak(self) -> Iterator[list[float]]:
        """Watch the resident memory of all processes of the server together; the most, in MB, is there at the end."""
        most, ended = [0.0], threading.Event()

        def watch() -> None:
            while not ended.wait(0.02):
                most[0] = max(most[0], sum(map(_resident, _family(self.pid))))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield most
        finally:
            ended.set()
            watcher.join()

    def maps(self, *packages: str) -> list[str]:
        """Return those packages of which the worker has a compiled module in memory."""
        mapped = (PROC / str(self.worker()) / "maps").read_text(encoding="utf-8")
        return [name for name in packages if f"/site-packages/{name}/" in mapped]


def free_port() -> int:
    """Return a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    command: Sequence[str], port: int, ready: str, *, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a server, yield it once ``ready`` answers with success, and end it with all its processes."""
    url, start = f"http://127.0.0.1:{port}", time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    try:
        while not _answers(url + ready):
            if process.poll() is not None or time.perf_counter() - start > PATIENCE:
                raise SystemExit(f"{command[0]} must get ready, and did not:\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.005)
        yield Server(process.pid, url, time.perf_counter() - start)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _resident(pid: int) -> float:
    try:
        status = (PROC / str(pid) / "status").read_text(encoding="ascii")
    except OSError:
        return 0.0  # it ended meanwhile
    held = status.partition("VmRSS:")[2].split()
    return int(held[0]) / 1024 if held else 0.0


def _family(pid: int) -> list[int]:
    """Return a process and all that it started, directly or not."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                parent = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
            except OSError:
                continue  # it ended meanwhile
            children.setdefault(int(parent), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found
