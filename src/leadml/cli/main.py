"""The program ``leadml``: its commands, and how errors become messages and exit codes.

Exit codes: 0 done; 1 the data or the model was refused; 2 wrong usage; 3 done, but some rows were rejected.
"""

import sys
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import Annotated, Any

import typer

from leadml.cli.backtest import backtest
from leadml.cli.check import check
from leadml.cli.demo import demo
from leadml.cli.init import init
from leadml.cli.models import app as models
from leadml.cli.price import price
from leadml.cli.rank import rank
from leadml.cli.report import report
from leadml.cli.rescore import rescore
from leadml.cli.sample import sample
from leadml.cli.score import score
from leadml.cli.search import search
from leadml.cli.serve import key, serve
from leadml.cli.skip import skip
from leadml.cli.train import train
from leadml.errors import LeadmlError

app = typer.Typer(
    name="leadml",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"leadml {version('leadml')}")
        raise typer.Exit


@app.callback()
def leadml(
    _show: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Learns from past leads which new ones will convert, ranks them, and says why."""


def _stoppable(command: Callable[..., None]) -> Callable[..., None]:
    """Let Ctrl-C end a command with a message and exit code 130, as shells expect."""

    @wraps(command)
    def stoppable(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            _fail("stopped; nothing was promoted and no half-written file was left", 130)

    return stoppable


for _command in (
    demo,
    sample,
    init,
    check,
    train,
    search,
    backtest,
    score,
    rank,
    rescore,
    skip,
    price,
    serve,
    key,
    report,
):
    app.command()(_stoppable(_command))
app.add_typer(models, name="models")


def run() -> None:
    """Run the program; every error that leadml raises on purpose is one clear message."""
    try:
        app()
    except LeadmlError as error:
        _fail(str(error), error.exit_code)


def _fail(message: str, code: int) -> None:
    if "--json" in sys.argv:
        import json

        sys.stdout.write(json.dumps({"error": message, "exit_code": code}) + "\n")
    sys.stderr.write(f"error: {message}\n")
    sys.exit(code)
