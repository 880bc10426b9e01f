"""The process that does the heavy work on lists: ``python -m leadml.serving.desk.worker``, jobs on standard input.

A file from outside is read here and not in the server, so that one that fills the memory, runs on for ever or brings
down a reader harms nothing but itself. It takes job after job, and goes home when there is none for a while, when its
server has gone, or when it holds so much memory that it had better give it back.
"""

import os
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from leadml.leads.schema import Language
from leadml.serving.desk.view import Query
from leadml.serving.lean import without_pandas
from leadml.serving.settings import EventsAt

MEMORY = 3 << 30  # bytes of data
SECONDS = 120  # of the processor, for a job
IDLE = 60.0  # seconds without a job
KEPT = 256 << 20  # bytes that it may hold to go on


class Rank(msgspec.Struct, frozen=True, tag="rank"):
    """Rank the file ``name`` of ``folder`` with the model of ``bundle``, and what leads did by the table ``events``.

    The list is cut to ``capacity``, with the share ``explore`` drawn by lot.
    """

    bundle: str
    language: Language
    folder: str
    name: str
    max_bytes: int
    events: EventsAt | None = None
    capacity: int | None = None
    explore: float = 0.0


class Write(msgspec.Struct, frozen=True, tag="write"):
    """Write what is asked of the list in ``folder`` to ``name`` there, which ends in .csv or .xlsx."""

    bundle: str
    language: Language
    folder: str
    name: str
    query: Query


class Appraise(msgspec.Struct, frozen=True, tag="price"):
    """Tell what the list in ``folder`` is worth beside the one in ``backlog``, as JSON in ``name``."""

    bundle: str
    language: Language
    folder: str
    name: str
    margin: float
    cost: float
    capacity: int
    backlog: str | None = None
    where: tuple[str, ...] = ()
    reports: str | None = None


Job = Rank | Write | Appraise


class Refused(msgspec.Struct, frozen=True):
    """A fault of a table, as it goes from one process to the other."""

    message: str
    line: int | None = None
    column: str | None = None
    count: int = 1


class Done(msgspec.Struct, frozen=True):
    """What became of it: ``n`` leads in the list, or an error of some ``kind`` in words."""

    n: int = 0
    kind: str = ""
    message: str = ""
    faults: tuple[Refused, ...] = ()


def run(job: Job) -> Done:
    """Do a job; what is wrong is told in the answer."""
    from leadml.errors import DataError, LeadmlError, OutputError, UsageError

    try:
        os.chdir(job.folder)  # messages name the file, not where it lies
        return Done(n=_done(job))
    except DataError as error:
        faults = tuple(Refused(f.message, f.line, f.column, f.count) for f in error.faults)
        return Done(kind="data", message=str(error).partition("\n")[0], faults=faults)
    except (OutputError, OSError) as error:
        return Done(kind="output", message=str(error))
    except MemoryError:
        return Done(kind="memory")
    except UsageError as error:
        return Done(kind="usage", message=str(error))
    except LeadmlError as error:
        return Done(kind="model", message=str(error))
    except Exception:
        return Done(kind="bug", message=traceback.format_exc(limit=-5))


def _done(job: Job) -> int:
    if isinstance(job, Rank):
        return _ranked(job)
    return _written(job) if isinstance(job, Write) else _appraised(job)


def _appraised(job: Appraise) -> int:
    from leadml.model.scorer import load_model
    from leadml.selling.price import Terms
    from leadml.serving.desk.price import price_of, write_price

    found = price_of(
        load_model(job.bundle, language=job.language),
        Path(),
        None if job.backlog is None else Path(job.backlog),
        terms=Terms(job.margin, job.cost, job.capacity),
        where=job.where,
        reports=None if job.reports is None else Path(job.reports),
    )
    write_price(found, Path(job.name))
    return found.n_entering


def _ranked(job: Rank) -> int:
    from leadml.model.scorer import load_model
    from leadml.ranking.plan import Plan
    from leadml.serving.desk.ranked import make_list

    scorer = load_model(job.bundle, language=job.language)
    plan = Plan(job.capacity, explore=job.explore)
    return make_list(scorer, Path(job.name), Path(), max_bytes=job.max_bytes, events=job.events, plan=plan)


def _written(job: Write) -> int:
    from leadml.model.scorer import load_model
    from leadml.serving.desk.download import write_view

    return write_view(Path(job.name), Path(), job.query, load_model(job.bundle, language=job.language).legend)


def read_message(file: IO[bytes]) -> bytes | None:
    """Return the next message, None at the end."""
    head = file.read(4)
    size = int.from_bytes(head)
    data = file.read(size) if len(head) == 4 else b""
    return data if len(head) == 4 and len(data) == size else None


def write_message(file: IO[bytes], data: bytes) -> None:
    """Send a message: its length, then itself."""
    file.write(len(data).to_bytes(4) + data)
    file.flush()


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        _lower(resource.RLIMIT_DATA, MEMORY)
        _lower(resource.RLIMIT_CORE, 0)


def _limit_time() -> None:
    """Allow the next job its time of the processor."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _lower(resource.RLIMIT_CPU, int(time.process_time()) + SECONDS)


def _lower(what: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _held() -> int:
    """Return how many bytes this process holds; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _is_asked(file: IO[bytes]) -> bool:
    """Wait for the next job; return whether there is one, or the end. Nobody sends two at once."""
    if sys.platform == "win32":
        return True
    import select

    return bool(select.select([file], [], [], IDLE)[0])


def main() -> None:
    """Do job after job."""
    without_pandas()
    _limit_memory()
    asked = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    while _is_asked(asked) and (data := read_message(asked)) is not None:
        _limit_time()
        done = run(msgspec.json.decode(data, type=Job))
        write_message(answers, msgspec.json.encode(done))
        if done.kind == "memory" or _held() > KEPT:
            return


if __name__ == "__main__":
    main()
