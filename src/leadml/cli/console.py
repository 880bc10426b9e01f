"""How commands speak: results on standard output, everything else on standard error."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

Progress = Callable[[str, float], None]  # what is being done, and the share done
WIDE = 200  # columns of output that goes to a file
QUIET_SECONDS = 10.0  # after which a long work says in a file how far it is


def out() -> Console:
    """Return the console of results."""
    return _console(stderr=False)


def err() -> Console:
    """Return the console of everything else."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    """Return a console that folds lines for a terminal only: a file keeps them whole."""
    console = Console(stderr=stderr, soft_wrap=True, highlight=False, markup=False)  # names may hold [brackets]
    if not console.is_terminal:
        console.width = WIDE
    return console


def print_json(result: Mapping[str, Any]) -> None:
    """Print one JSON object on standard output."""
    import msgspec

    sys.stdout.write(msgspec.json.encode(result, enc_hook=str).decode() + "\n")


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Show what a long work is doing: a bar on a terminal; a line now and then where standard error is a file."""
    console = err()
    if quiet or not console.is_terminal:
        yield (lambda _what, _share: None) if quiet else _now_and_then(console)
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description:<60}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, share: bar.update(task, description=what[:60], completed=share)


def _now_and_then(console: Console) -> Progress:
    said = time.monotonic()

    def say(what: str, share: float) -> None:
        nonlocal said
        if time.monotonic() - said >= QUIET_SECONDS:
            said = time.monotonic()
            console.print(f"{share:4.0%} {what} ...")

    return say


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> Table:
    """Return a plain table; the columns numbered in ``right`` are set to the right."""
    result = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for i, header in enumerate(headers):
        result.add_column(header, justify="right" if i in right else "left")
    for row in rows:
        result.add_row(*row)
    return result
