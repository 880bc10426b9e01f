"""Having heavy work done by a process of its own, a few at a time."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from weakref import WeakKeyDictionary

import msgspec

from leadml.errors import BundleError, DataError, Fault, OutputError
from leadml.serving.desk.worker import Done, Job

AT_ONCE = 2  # in one worker; the others wait
TIMEOUT = 150.0  # seconds
_COMMAND = ("-P", "-m", "leadml.serving.desk.worker")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def do(job: Job) -> int:
    """Have a job done; return the number of leads that were ranked or written.

    Raises DataError for a file that is refused, also one that takes too much memory or time; OutputError where there
    is no room, BundleError where the model is gone, RuntimeError with what it said where it failed otherwise.
    """
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
    async with turn:
        done = await _done(job)
    if done.kind == "data":
        raise DataError(done.message, [Fault(f.message, f.line, f.column, f.count) for f in done.faults])
    if done.kind == "output":
        raise OutputError(done.message)
    if done.kind == "memory":
        raise DataError(f"{job.name} must fit the memory of one list, got more; upload it in parts, or as CSV")
    if done.kind:
        raise BundleError(done.message)
    return done.n


async def _done(job: Job) -> Done:
    environ = {**os.environ, **_ONE_THREAD}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *_COMMAND, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environ
    )
    try:
        out, told = await asyncio.wait_for(process.communicate(msgspec.json.encode(job)), TIMEOUT)
    except TimeoutError:
        raise DataError(f"{job.name} must be read within {TIMEOUT:.0f} seconds; upload it in parts") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        return msgspec.json.decode(out, type=Done)
    except msgspec.MsgspecError:
        if (process.returncode or 0) < 0 or b"MemoryError" in told:  # ended by its limits, or its reader broke down
            return Done(kind="memory")
        raise RuntimeError(told.decode(errors="replace")[-2000:]) from None
