"""The load: ``wrk`` with bodies that change from request to request, so that no answer can be remembered."""

import json
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import NamedTuple

SCRIPT = Path(__file__).with_name("load.lua")


class Load(NamedTuple):
    """What one round of load measured, or the medians of several; times in milliseconds."""

    rps: float
    p50: float
    p99: float


class Target(NamedTuple):
    """Where a body is sent: an address, and a file of bodies, one a line."""

    url: str
    bodies: Path


def need_wrk() -> None:
    """Leave with a word where wrk is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk must be installed, and is not; run: apt-get install wrk")


def load(target: Target, *, connections: int, seconds: int) -> Load:
    """Load a target for some seconds; every answer must be one of success."""
    flags = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(SCRIPT)]
    command = ["wrk", *flags, target.url, "--", str(target.bodies)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    if found["failed"] or not found["requests"]:
        raise SystemExit(f"every request to {target.url} must succeed, got {found}; look at {target.bodies}")
    return Load(found["requests"] / found["us"] * 1e6, found["p50"] / 1000, found["p99"] / 1000)


def take_turns(targets: dict[str, Target], *, connections: int, seconds: int, rounds: int) -> dict[str, Load]:
    """Return the medians of rounds in which the targets take turns, so that a busy moment hits all alike."""
    taken: dict[str, list[Load]] = {name: [] for name in targets}
    for target in targets.values():  # warm
        load(target, connections=connections, seconds=1)
    for _ in range(rounds):
        for name, target in targets.items():
            taken[name].append(load(target, connections=connections, seconds=seconds))
    return {name: Load(*map(median, zip(*loads, strict=True))) for name, loads in taken.items()}
