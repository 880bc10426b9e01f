"""The files for Docker, as far as they can be checked without an engine."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml  # type: ignore[import-untyped]

from leadml.cli.main import app

ROOT = Path(__file__).parents[2]
DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
IMPORTED_AS = {"scikit-learn": "sklearn", "interpret-core": "interpret", "python-dateutil": "dateutil"}


def lines(instruction: str, text: str = DOCKERFILE) -> list[str]:
    return re.findall(rf"^\s*{instruction} (.+)$", text, re.MULTILINE)


def stages() -> dict[str, str]:
    """Return the text of each stage by its name, in order."""
    pieces = re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)[1:]
    return {piece.splitlines()[0].split(" AS ")[1]: piece for piece in pieces}


def pruned() -> list[str]:
    return re.findall(r"--prune (\S+)", DOCKERFILE)


def requirements() -> set[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        told = tomllib.load(file)["project"]["dependencies"]
    return {re.split(r"[<>=; ]", one)[0] for one in told}


def test_what_is_copied_is_there_and_nothing_else_is_sent() -> None:
    copied = {name for line in lines("COPY") if "--from" not in line for name in line.split()[:-1]}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert all((ROOT / name).exists() for name in copied)
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == copied


def test_stages_and_targets_fit() -> None:
    known = stages()
    assert list(known)[-1] == "serve", "the default image serves"
    started = [text.split()[1] for text in known.values()]
    assert all(name in known or name == "python:3.12-slim" for name in started)
    assert all(name in known for name in re.findall(r"COPY --from=(\S+)", DOCKERFILE))
    assert {service["build"]["target"] for service in SERVICES.values()} <= set(known)


@pytest.mark.parametrize("target", ["serve", "learn"])
def test_images_run_as_a_user_without_rights(target: str) -> None:
    assert lines("USER", stages()[target]) == ["leadml"]
    assert "useradd --uid 10001" in stages()["base"]


def test_uv_is_that_of_the_makefile() -> None:
    version = re.search(r"^UV_VERSION := (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert f"uv=={version[1]}" in DOCKERFILE
    assert all("--frozen" in line for line in re.findall(r"uv (?:sync|export)[^&\n]+", DOCKERFILE))


def test_the_command_is_understood() -> None:
    command = json.loads(lines("CMD", stages()["serve"])[0])
    assert command[:2] == ["leadml", "serve"]
    serve = typer.main.get_command(app).commands["serve"]  # type: ignore[attr-defined]
    context = serve.make_context("serve", command[2:])
    assert (context.params["host"], str(context.params["port"])) == ("0.0.0.0", lines("EXPOSE")[0])
    assert context.params["model"] == "/models/champion"
    assert "./models:/models:ro" in SERVICES["leadml"]["volumes"]


def test_the_health_check_is_a_program() -> None:
    check = json.loads(lines("HEALTHCHECK .* CMD", stages()["serve"])[0])
    compile(check[2], "HEALTHCHECK", "exec")
    assert ":8000/readyz" in check[2]
    of_mlflow = SERVICES["mlflow"]["healthcheck"]["test"]
    compile(of_mlflow[3], "healthcheck", "exec")


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_held_tight(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"][0].startswith("/tmp:")
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_keys_come_from_the_environment_and_must_be_given() -> None:
    assert SERVICES["leadml"]["environment"]["LEADML_SERVING_KEYS"].startswith("${LEADML_SERVING_KEYS:?")
    assert not re.search(r"sha256:[0-9a-f]{64}", DOCKERFILE + json.dumps(COMPOSE))


def test_options_of_the_mlflow_server_exist() -> None:
    words = shlex.split(SERVICES["mlflow"]["command"])
    assert words[:2] == ["mlflow", "server"]
    program = Path(sys.executable).with_name("mlflow")
    told = subprocess.run([program, "server", "--help"], check=True, capture_output=True, text=True).stdout
    assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[\w-]+", told))


def test_serving_needs_nothing_that_is_left_out() -> None:
    assert set(pruned()) <= requirements()
    names = [IMPORTED_AS.get(name, name) for name in pruned()]
    program = f"""
import sys
sys.modules.update(dict.fromkeys({names!r}))  # importing one raises
import leadml.cli.main, leadml.cli.score, leadml.cli.serve, leadml.serving.server
from leadml.serving.app import make_app
"""
    subprocess.run([sys.executable, "-c", program], check=True)
