"""The documents are true: their examples run, their references are whole, their links lead somewhere."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from make_cli_reference import commands, help_of, reference

from leadml.config import Config
from leadml.config.sections import Sections
from leadml.leads.sample import write_config, write_sample
from leadml.leads.schema import AXES, KINDS
from leadml.training.train import train

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
QUICK = '\n[training]\nfamilies = ["logistic"]\nreplicates = 100\n'
NOT_RUN = "<!-- not run -->\n"  # before a python block that must not run; give the reason beside it


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """Return (line of its first line, text) of each fenced block of a language."""
    text = page.read_text(encoding="utf-8")
    found = (match for match in FENCE.finditer(text) if match[1] == language)
    return [(text[: m.start(2)].count("\n") + 1, m[2]) for m in found if not text[: m.start()].endswith(NOT_RUN)]


def script(page: Path) -> str:
    """Return the python blocks of a page as one script, each on the lines that it has in the page."""
    lines: list[str] = []
    for first, text in blocks(page, "python"):
        lines += [""] * (first - 1 - len(lines)) + text.splitlines()
    return "\n".join(lines)


@pytest.fixture(scope="session")
def trained(_migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as ``leadml demo`` leaves it, but with fewer leads and one family, so that a training takes seconds."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(_migrated, folder / "mlflow.db")
    config = write_config(folder)
    config.write_text(config.read_text(encoding="utf-8") + QUICK, encoding="utf-8")
    write_sample(folder / "data", n_leads=3000, n_new=40)
    run = train(Config.load(config), now=datetime(2026, 10, 2, tzinfo=UTC))
    assert run.promoted, run.verdict
    return folder


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name)
def test_python_blocks_run(page: Path, trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(trained, folder, symlinks=True)
    (folder / page.name).write_text(script(page), encoding="utf-8")  # tracebacks name the page and its lines
    done = subprocess.run(
        [sys.executable, "-W", "error", page.name], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_few_blocks_are_not_run() -> None:
    assert sum(page.read_text(encoding="utf-8").count(NOT_RUN) for page in PAGES) == 0


def test_the_command_reference_is_current() -> None:
    told = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert told == reference(), "run python tests/docs/make_cli_reference.py"


def test_each_command_has_help_with_an_example() -> None:
    for name, command in commands():
        assert command.help, name
        assert re.search(rf"Example: {name}\b", help_of(name, command)), name


def console_lines() -> list[tuple[str, str]]:
    """Return (page, command) of each ``$ leadml ...`` line."""
    return [
        (page.name, line.removeprefix("$ "))
        for page in PAGES
        for _, text in blocks(page, "console")
        for line in text.splitlines()
        if line.startswith("$ leadml ")
    ]


@pytest.mark.parametrize(("page", "line"), console_lines())
def test_commands_that_are_told_exist(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    known = dict(commands())
    name = next(name for name in (" ".join(words[:3]), " ".join(words[:2])) if name in known)
    known[name].make_context(name, words[name.count(" ") + 1 :])  # refuses what is no option of it


def sections() -> Iterator[tuple[str, type[msgspec.Struct]]]:
    for field in msgspec.structs.fields(Sections):
        hint = field.type
        yield field.name, next(t for t in getattr(hint, "__args__", (hint,)) if isinstance(t, type))


def default_of(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    return "none" if value is None else f"`{toml(value)}`"


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def test_every_key_of_the_configuration_is_told_with_its_default() -> None:
    text = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+\.\w+)` \| [^|]+ \| ([^|]+) \| [^|]+ \|$", text, re.MULTILINE)
    expected = [(f"{name}.{f.name}", default_of(f)) for name, kind in sections() for f in msgspec.structs.fields(kind)]
    assert told == expected
    for name in (*KINDS, *AXES):
        assert f"`{name}`" in text


def test_every_key_of_the_configuration_has_an_example() -> None:
    keys: set[str] = set()
    for _, text in blocks(ROOT / "docs" / "config.md", "toml"):
        for name, section in tomllib.loads(text).items():
            keys |= {f"{name}.{key}" for key in section}
    optional = {f"{name}.{f.name}" for name, kind in sections() for f in msgspec.structs.fields(kind)}
    assert keys == optional


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_configurations_that_are_told_are_accepted(page: Path) -> None:
    for _, text in blocks(page, "toml"):
        told = tomllib.loads(text)
        told["leads"] = {"path": "leads.csv", "outcome": "status", "converted": ["won"]} | told.get("leads", {})
        if {"events", "history"} & told.keys():
            told["leads"] |= {"id": "lead_id", "created_at": "created_at"}
        if "label" in told:
            told["leads"] |= {"created_at": "created_at", "converted_at": "won_at"}
        Config.of(told)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith("http"):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_each_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in index
