"""Having heavy work done by processes of their own, a few at a time; they stay for a while, ready for the next job."""

import asyncio
import atexit
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO

import msgspec

from leadml.errors import BundleError, DataError, Fault, OutputError, UsageError
from leadml.serving.desk.worker import Done, Job, read_message, write_message

AT_ONCE = 2  # in one worker of the server; other jobs wait
TIMEOUT = 150.0  # seconds
_COMMAND = ("-P", "-m", "leadml.serving.desk.worker")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="leadml-desk")
_idle: "list[subprocess.Popen[bytes]]" = []


async def do(job: Job) -> int:
    """Have a job done; return the number of leads that were ranked or written.

    Raises DataError for a file that is refused, also one that takes too much memory or time; OutputError where there
    is no room, UsageError for what cannot be asked, BundleError where the model is gone, RuntimeError with what was
    told where it failed otherwise.
    """
    task = _Task(job)
    future = asyncio.wrap_future(_threads.submit(task.run))
    try:
        done = await future
    except asyncio.CancelledError:
        task.stop()
        raise
    if done.kind == "data":
        raise DataError(done.message, [Fault(f.message, f.line, f.column, f.count) for f in done.faults])
    if done.kind == "output":
        raise OutputError(done.message)
    if done.kind == "memory":
        raise DataError(f"{job.name} must fit the memory of one list, got more; upload it in parts, or as CSV")
    if done.kind == "time":
        raise DataError(f"{job.name} must be read within {TIMEOUT:.0f} seconds; upload it in parts")
    if done.kind == "usage":
        raise UsageError(done.message)
    if done.kind == "model":
        raise BundleError(done.message)
    if done.kind:
        raise RuntimeError(done.message)
    return done.n


class _Task:
    """One job on its way: given to a process that is idle, or to a new one."""

    def __init__(self, job: Job) -> None:
        self._data = msgspec.json.encode(job)
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = ""  # why it was ended from here

    def run(self) -> Done:
        """Have it done, in a thread."""
        while not self._ended:
            known = _waiting()
            process = self._process = known or _started()
            answer = self._ask(process)
            if answer is not None:
                _idle.append(process)
                return msgspec.json.decode(answer, type=Done)
            code = _closed(process)
            if known is None or code != 0:  # else it had gone home meanwhile
                return Done(kind=self._ended or _why(code), message=f"ended with {code}")
        return Done(kind=self._ended)

    def stop(self, why: str = "cancelled") -> None:
        """End it, at whatever it is."""
        self._ended = why
        if self._process is not None:
            with suppress(OSError):
                self._process.kill()

    def _ask(self, process: "subprocess.Popen[bytes]") -> bytes | None:
        """Return what a process answers, None if it ends without an answer."""
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(TIMEOUT, self.stop, ("time",))
        timer.daemon = True
        timer.start()
        try:
            write_message(process.stdin, self._data)
            return read_message(process.stdout)
        except OSError:  # it has gone
            return None
        finally:
            timer.cancel()


def _waiting() -> "subprocess.Popen[bytes] | None":
    """Return a process that waits for a job, if there is one."""
    while _idle:
        process = _idle.pop()
        if process.poll() is None:
            return process
        _closed(process)
    return None


@atexit.register
def send_home() -> None:
    """End the processes that wait for a job."""
    while _idle:
        _closed(_idle.pop())


def _why(code: int) -> str:
    """Return why a process ended without an answer: by a limit, by a reader that broke down, or by our mistake."""
    if code == -getattr(signal, "SIGXCPU", 0):
        return "time"
    return "memory" if code < 0 else "bug"


def _started() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, *_COMMAND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_ONE_THREAD},
        start_new_session=True,  # a Ctrl-C is for the server, which ends it
    )


def _closed(process: "subprocess.Popen[bytes]") -> int:
    """Wait for the end of a process that is about to end, and return its exit code."""
    streams: list[IO[bytes] | None] = [process.stdin, process.stdout]
    for stream in streams:
        with suppress(OSError):
            if stream is not None:
                stream.close()
    return process.wait()
