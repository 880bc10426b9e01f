"""Several workers as real processes: one killed under load, counts over all of them, and an end by a signal."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from asking import LEAD
from process import Running, children, parts, post, read_all, running, wait_for

from leadml.model.bundle import MANIFEST, Bundle, save

COUNTED = 'leadml_leads_scored_total{grade="'
BODY = httpx.Request("POST", "http://localhost", json=LEAD).content


@pytest.fixture(scope="module")
def two_workers(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(bundle_folder, tmp_path_factory.mktemp("two"), "--workers", "2") as server:
        wait_for(lambda: len(serving_workers(server)) == 2)
        yield server


def workers(server: Running) -> list[int]:
    """Return the workers of a server that hold its port, without what else Python started."""
    return [pid for pid in children(server.process.pid) if b"spawn_main" in _command(pid)]


def serving_workers(server: Running) -> set[int]:
    """Return the workers that have loaded the model: they count by then."""
    return {pid for pid in workers(server) if list(server.room.glob(f"*/metrics/counter_{pid}.db"))}


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def counted(server: Running) -> int:
    """Return how many leads all workers scored, as /metrics tells."""
    text = httpx.get(f"{server.address}/metrics", trust_env=False).text
    return sum(int(float(line.split()[-1])) for line in text.splitlines() if line.startswith(COUNTED))


class Load:
    """Threads that score a lead again and again, each time over a connection of its own."""

    def __init__(self, server: Running, n: int = 4) -> None:
        self.server, self.over = server, threading.Event()
        self.scored, self.cut_off, self.odd = 0, 0, list[bytes]()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(n)]

    def _ask(self) -> None:
        while not self.over.is_set():
            answer = b""
            with suppress(OSError):
                answer = self.server.raw(post("/v1/score", BODY))
            with self._lock:
                self.scored += answer.startswith(b"HTTP/1.1 200 ")
                self.cut_off += not answer
                self.odd += [answer] if answer and not answer.startswith(b"HTTP/1.1 200 ") else []

    @contextmanager
    def under_way(self) -> Iterator["Load"]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self.over.set()
            for thread in self._threads:
                thread.join()


def test_a_worker_killed_under_load_takes_few_requests_with_it_and_comes_back(two_workers: Running) -> None:
    """What it was at is cut off; all else is answered, and the counts of the dead one stay."""
    before = workers(two_workers)
    with Load(two_workers).under_way() as load:
        wait_for(lambda: load.scored > 50)
        told = counted(two_workers)
        os.kill(before[0], signal.SIGKILL)
        for _ in range(20):
            told, earlier = counted(two_workers), told
            assert told >= earlier
            time.sleep(0.02)
        after_kill = load.scored
        wait_for(lambda: load.scored > after_kill + 50)
        wait_for(lambda: len(serving_workers(two_workers)) == 2)
    assert not load.odd
    assert load.cut_off <= 8, "at most what the dead worker was at, and what waited in its hands"
    assert before[1] in workers(two_workers)
    assert "Traceback" not in two_workers.log()
    wait_for(lambda: counted(two_workers) >= load.scored)


def test_every_worker_scores_and_the_metrics_are_those_of_all(two_workers: Running) -> None:
    at = counted(two_workers)
    for _ in range(40):  # new connections, which go to either worker
        assert httpx.post(f"{two_workers.address}/v1/score", json=LEAD, trust_env=False).status_code == 200
    assert [counted(two_workers) for _ in range(10)] == [at + 40] * 10


def test_sigterm_ends_the_server_after_the_requests_under_way(two_workers: Running) -> None:
    """The last one to ask this server."""
    ends_in_order(two_workers, signal.SIGTERM)


@pytest.mark.parametrize(("by", "n"), [(signal.SIGTERM, "1"), (signal.SIGINT, "2")])
def test_a_signal_ends_the_server(bundle_folder: Path, tmp_path: Path, by: signal.Signals, n: str) -> None:
    with running(bundle_folder, tmp_path, "--workers", n) as server:
        ends_in_order(server, by)


def ends_in_order(server: Running, by: signal.Signals) -> None:
    """A request under way is answered, an idle connection is closed, and nothing is left behind."""
    own = workers(server)
    assert len(list(server.room.iterdir())) == 1
    request = post("/v1/score", BODY)
    with server.connect() as connection, server.connect() as idle:
        connection.sendall(request[:-10])
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in idle.recv(4096)
        time.sleep(0.3)  # the first request is under way now
        if by is signal.SIGINT:
            os.killpg(server.process.pid, by)  # as a terminal does
        else:
            server.process.send_signal(by)
        wait_for(lambda: refuses(server.port))
        connection.sendall(request[-10:])
        status, _, body = parts(read_all(connection))
        assert (status, b'"grade"' in body) == (200, True)
    assert server.process.wait(20) == 0
    assert not list(server.room.iterdir()), "the room is gone"
    wait_for(lambda: not any(_command(pid) for pid in own))
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", server.port))
    assert "Traceback" not in server.log()
    assert all(line["event"] == "request" for line in server.lines())


def refuses(port: int) -> bool:
    """Return whether nobody listens any more: a connection that is taken, but by nobody, would wait."""
    with socket.socket() as other:
        return other.connect_ex(("127.0.0.1", port)) != 0


def test_a_worker_that_finds_a_bad_bundle_leaves_the_others_alone(module_bundle: Bundle, tmp_path: Path) -> None:
    """A dead worker's successor cannot serve what is damaged by now; once it is mended, there are two again.

    At the end the server itself is killed, which its workers notice.
    """
    model = save(module_bundle, tmp_path / "bundle")
    with running(model, tmp_path, "--workers", "2") as server:
        wait_for(lambda: len(serving_workers(server)) == 2)
        whole = (model / MANIFEST).read_bytes()
        (model / MANIFEST).write_bytes(whole[:40])
        first, second = workers(server)
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: "will be started again" in server.log())
        assert httpx.post(f"{server.address}/v1/score", json=LEAD, trust_env=False).status_code == 200
        (model / MANIFEST).write_bytes(whole)
        wait_for(lambda: len(serving_workers(server) - {first}) == 2)
        own = serving_workers(server)
        assert second in own
        assert "Traceback" not in server.log()
        server.process.kill()
        server.process.wait()
        wait_for(lambda: not any(_command(pid) for pid in own))
