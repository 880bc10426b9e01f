"""The process that does the heavy work on a list: ``python -m leadml.serving.desk.worker``, a job on standard input.

A file from outside is read here and not in the server, so that one that fills the memory, runs on for ever or brings
down a reader harms nothing but itself; and what it took is given back at once.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from leadml.leads.schema import Language
from leadml.serving.desk.view import Query
from leadml.serving.lean import without_pandas

MEMORY = 3 << 30  # bytes of data
SECONDS = 120  # of the processor


class Rank(msgspec.Struct, frozen=True, tag="rank"):
    """Rank the file ``name`` of ``folder`` with the model of ``bundle``."""

    bundle: str
    language: Language
    folder: str
    name: str
    max_bytes: int


class Write(msgspec.Struct, frozen=True, tag="write"):
    """Write what is asked of the list in ``folder`` to ``name`` there, which ends in .csv or .xlsx."""

    bundle: str
    language: Language
    folder: str
    name: str
    query: Query


Job = Rank | Write


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
    from leadml.errors import DataError, LeadmlError, OutputError

    try:
        os.chdir(job.folder)  # messages name the file, not where it lies
        return Done(n=_ranked(job) if isinstance(job, Rank) else _written(job))
    except DataError as error:
        faults = tuple(Refused(f.message, f.line, f.column, f.count) for f in error.faults)
        return Done(kind="data", message=str(error).partition("\n")[0], faults=faults)
    except (OutputError, OSError) as error:
        return Done(kind="output", message=str(error))
    except MemoryError:
        return Done(kind="memory")
    except LeadmlError as error:
        return Done(kind="model", message=str(error))


def _ranked(job: Rank) -> int:
    from leadml.model.scorer import load_model
    from leadml.serving.desk.ranked import make_list

    return make_list(load_model(job.bundle, language=job.language), Path(job.name), Path(), max_bytes=job.max_bytes)


def _written(job: Write) -> int:
    from leadml.model.scorer import load_model
    from leadml.serving.desk.download import write_view

    return write_view(Path(job.name), Path(), job.query, load_model(job.bundle, language=job.language).legend)


def _limit() -> None:
    with suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        for what, most in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
            _, hard = resource.getrlimit(what)
            resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main() -> None:
    """Read a job, do it, write what became of it."""
    _limit()
    without_pandas()
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.json.encode(run(job)))


if __name__ == "__main__":
    main()
