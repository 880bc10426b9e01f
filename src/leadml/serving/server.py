"""Running the app: one process, or several that share a port, a room and their counts."""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from leadml.errors import BundleError, UsageError
from leadml.serving.champion import Champion
from leadml.serving.lean import without_pandas
from leadml.serving.log import JsonLines
from leadml.serving.settings import Settings

ROOM = "LEADML_ROOM"  # tells a worker where the settings of its server lie
_SETTINGS = "settings.json"
GRACE = 30  # seconds that requests have to end once the server is told to stop
AGAIN = 1.0  # seconds after which a worker that found no model is started again
YOUNG = 20_000  # new objects between two looks of the collector: a list of 1,000 leads is no reason for several
_STOP = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_log = logging.getLogger("leadml.serving")


@contextmanager
def open_room() -> Iterator[str]:
    """Give a folder that only this user can look into, for as long as a server runs; none is left by a signal."""
    with _ended_by_signals(), tempfile.TemporaryDirectory(prefix="leadml-", ignore_cleanup_errors=True) as folder:
        try:
            yield folder
        finally:
            for one in _STOP:
                signal.signal(one, signal.SIG_IGN)  # the server ends anyway, and tidies up first


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let the signals that stop a server end it as if its work were done, which it is: exit code 0.

    uvicorn raises them once more after the last request; what would otherwise be killed here still tidies up.
    """
    before = {one: signal.signal(one, _end) for one in _STOP if signal.getsignal(one) is not signal.SIG_IGN}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _end(*_told: object) -> None:
    raise SystemExit(0)


def serve(settings: Settings, *, ready: Callable[[str], None] | None = None) -> None:
    """Serve until told to stop; ``ready`` is called with the address once the port is taken.

    Raises BundleError where there is no model, UsageError where the port cannot be had.
    """
    import uvicorn

    from leadml.serving.protocol import Config, Protocol

    Champion(settings.model)  # refuses at once what no worker could serve
    taken = _bind(settings)
    host, port = taken.getsockname()[:2]
    if ready is not None:
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
    room = Path(settings.room)
    (room / _SETTINGS).write_bytes(msgspec.json.encode(settings))
    os.environ[ROOM] = str(room)
    several = settings.workers > 1
    if several:
        counts = room / "metrics"
        counts.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
    config = Config(
        "leadml.serving.server:worker",
        factory=True,
        http=Protocol,
        ws="none",
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=GRACE,
        backlog=2048,
    )
    config.head_seconds = settings.timeout_seconds
    _log_to_json()
    if several:
        _several(config, taken)
    else:
        uvicorn.Server(config).run(sockets=[taken])


def _several(config: Any, taken: socket.socket) -> None:
    """Run the workers; once they are told to stop, who knocks is refused, and does not wait for nobody."""
    from uvicorn.supervisors import Multiprocess

    class Workers(Multiprocess):
        def terminate_all(self) -> None:
            taken.close()
            super().terminate_all()

    Workers(config, sockets=[taken]).run()


def worker() -> Any:
    """Return the app of one worker, which finds its settings in the room."""
    from leadml.serving.app import make_app

    without_pandas()
    _log_to_json()
    if multiprocessing.parent_process() is not None:
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    data = (Path(os.environ[ROOM]) / _SETTINGS).read_bytes()
    try:
        app = make_app(msgspec.json.decode(data, type=Settings))
    except BundleError as error:  # only one that takes the place of a dead one comes here: the others go on
        _log.error("a worker found no model that it can serve, and will be started again: %s", error)
        time.sleep(AGAIN)
        raise SystemExit(1) from None
    gc.collect()
    gc.freeze()  # what is there now stays: the collector need not go through it again and again
    gc.set_threshold(YOUNG)
    return app


def _end_with(server: int) -> None:
    """End this worker once its server is gone: one that was killed tells its workers nothing."""
    while os.getppid() == server:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # on Linux; what a client does not take is not kept for it for ever
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(settings.timeout_seconds * 1000))
    try:
        taken.bind((settings.host.strip("[]"), settings.port))
    except OSError as error:
        taken.close()
        told = error.strerror or str(error)
        raise UsageError(
            f"port {settings.port} of {settings.host} must be free, got: {told}; name another with --port"
        ) from None
    taken.set_inheritable(True)
    return taken


def _log_to_json() -> None:
    """Let everything that is logged be a line of JSON on standard error."""
    root = logging.getLogger()
    root.handlers[:] = [JsonLines()]
    root.setLevel(logging.WARNING)
    logging.getLogger("leadml.serving").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
