"""Writes docs/cli.md from the ``--help`` of every command: ``python tests/docs/make_cli_reference.py``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from leadml.cli.main import app

DOCS = Path(__file__).parents[2] / "docs"
WIDTH = 100
HEAD = """\
# Commands

This page is generated from `--help`: `python tests/docs/make_cli_reference.py`.

Exit codes: 0 done; 1 the data or the model was refused; 2 wrong usage; 3 done, but some rows were rejected.
A model that is not promoted is exit 0: it is an answer.

With `--json` a command prints one JSON object on standard output, and everything else on standard error.
After an error the object has `error` and `exit_code`. Steps in words are in [your-leads.md](your-leads.md).
"""


def commands(group: Any = None, name: str = "leadml") -> Iterator[tuple[str, Any]]:
    """Yield each command that does something, with its full name."""
    group = typer.main.get_command(app) if group is None else group
    for key, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {key}")
        else:
            yield f"{name} {key}", command


def help_of(name: str, command: Any) -> str:
    """Return the help of a command, at one width wherever it is made."""
    context = command.context_class(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def reference() -> str:
    """Return the whole page."""
    rows = [f"| [`{name}`](#{name.replace(' ', '-')}) | {_first_line(command)} |" for name, command in commands()]
    table = "\n".join(["| command | what it does |", "|---|---|", *rows])
    sections = [f"## {name}\n\n```text\n{help_of(name, command)}\n```\n" for name, command in commands()]
    return "\n".join([HEAD, table + "\n", *sections])


def _first_line(command: Any) -> str:
    return " ".join(str(command.help).split("\n\n")[0].split())


if __name__ == "__main__":
    (DOCS / "cli.md").write_text(reference(), encoding="utf-8")
