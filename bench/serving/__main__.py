"""Serving, as ratios to a pydantic echo and to ``mlflow models serve``, all on loopback in one run.

Run it on a quiet machine: ``python -m bench.serving [--demo FOLDER] [--seconds 3] [--rounds 5]``. It needs ``wrk``.

The model is trained on the sample, or is that of a folder that ``leadml demo`` has filled. Three servers run side by
side, one worker each: ``leadml serve``; a FastAPI endpoint behind the same gate that parses the lead with pydantic
and sends it back; the naive scikit-learn pipeline in MLflow. They take turns, and medians of the rounds count. The
leads are new ones of the sample, 500 different ones in turn, or five bodies of 1,000.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from bench.serving.bodies import Bodies, write_bodies
from bench.serving.figures import Figure, show
from bench.serving.files import stream, times_three, upload, write_long
from bench.serving.load import Load, Target, load, need_wrk, take_turns
from bench.serving.naive import BESIDE, QUIET, mlflow_command, save_naive
from bench.serving.processes import Server, free_port, serving
from leadml.config import Config
from leadml.leads.sample import write_config, write_sample
from leadml.training.train import train

STARTS, FILES = 5, 3
REQUESTS = 10_000  # before the memory of a worker is looked at
HEAVY = ("pandas", "sklearn", "mlflow", "scipy", "pyarrow")
Found = dict[str, Load]


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=Path, help="a folder with leadml.toml, data/leads.csv and models/champion")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    need_wrk()
    with tempfile.TemporaryDirectory(prefix="leadml-bench-") as name:
        folder = Path(name)
        demo = given.demo or _demo(folder / "demo")
        bodies = write_bodies(folder)
        figures = _starts(demo, folder)
        figures += _loads(demo, folder, bodies, given.seconds, given.rounds)
        figures += _files(demo, folder, bodies)
    print()
    show(figures)


def _demo(folder: Path) -> Path:
    write_sample(folder / "data")
    write_config(folder)
    train(Config.load(folder / "leadml.toml"))
    return folder


@contextmanager
def _leadml(demo: Path, folder: Path) -> Iterator[Server]:
    port = free_port()
    words = ["serve", "--config", str(demo / "leadml.toml"), "--port", str(port)]
    with serving([str(BESIDE / "leadml"), *words], port, "/readyz", log=folder / "leadml.log") as server:
        yield server


def _starts(demo: Path, folder: Path) -> list[Figure]:
    taken = []
    for _ in range(STARTS):
        with _leadml(demo, folder) as server:
            taken.append(server.ready_after)
    return [Figure("cold start to ready", median(taken), most=1.5, unit="s")]


def _loads(demo: Path, folder: Path, bodies: Bodies, seconds: int, rounds: int) -> list[Figure]:
    model, room = folder / "naive", folder / "room"
    save_naive(demo / "data" / "leads.csv", model)
    room.mkdir()
    echo_port, mlflow_port = free_port(), free_port()
    echo = [sys.executable, "-m", "bench.serving.echo", str(echo_port), str(demo / "models" / "champion"), str(room)]
    mlflow = mlflow_command(model, mlflow_port)
    with ExitStack() as stack:
        ours = stack.enter_context(_leadml(demo, folder))
        figures = _memory(ours, bodies)
        plain = stack.enter_context(serving(echo, echo_port, "/healthz", log=folder / "echo.log"))
        naive = stack.enter_context(serving(mlflow, mlflow_port, "/ping", log=folder / "mlflow.log", environment=QUIET))
        one = {
            "leadml": Target(ours.url + "/v1/score", bodies.one),
            "echo": Target(plain.url + "/v1/score", bodies.one),
            "mlflow": Target(naive.url + "/invocations", bodies.mlflow_one),
        }
        many = {
            "leadml": Target(ours.url + "/v1/score", bodies.many),
            "echo": Target(plain.url + "/v1/rank", bodies.many),
            "mlflow": Target(naive.url + "/invocations", bodies.mlflow_many),
        }
        alone = _told("one lead, 1 connection", take_turns(one, connections=1, seconds=seconds, rounds=rounds))
        crowd = _told("one lead, 64 connections", take_turns(one, connections=64, seconds=seconds, rounds=rounds))
        lists = _told("1,000 leads, 1 connection", take_turns(many, connections=1, seconds=seconds, rounds=rounds))
    return figures + _beside_echo(alone, crowd, lists) + _beside_mlflow(alone, crowd, lists)


def _told(what: str, found: Found) -> Found:
    print(f"\n{what:<28} {'requests/s':>10} {'p50 ms':>9} {'p99 ms':>9}")
    for name, one in found.items():
        print(f"{name:<28} {one.rps:10,.0f} {one.p50:9.3f} {one.p99:9.3f}", flush=True)
    return found


def _beside_echo(alone: Found, crowd: Found, lists: Found) -> list[Figure]:
    return [
        Figure("one lead beside the echo: median", alone["leadml"].p50 / alone["echo"].p50, most=1.2),
        Figure("64 connections beside the echo: requests/s", crowd["leadml"].rps / crowd["echo"].rps, least=1),
        Figure("64 connections beside the echo: p99", crowd["leadml"].p99 / crowd["echo"].p99, most=2),
        Figure("1,000 leads beside the echo: median", lists["leadml"].p50 / lists["echo"].p50, most=1),
    ]


def _beside_mlflow(alone: Found, crowd: Found, lists: Found) -> list[Figure]:
    return [
        Figure("64 connections beside mlflow: requests/s", crowd["leadml"].rps / crowd["mlflow"].rps, least=50),
        Figure("mlflow's median of one lead beside ours", alone["mlflow"].p50 / alone["leadml"].p50, least=50),
        Figure("mlflow's median of 1,000 leads beside ours", lists["mlflow"].p50 / lists["leadml"].p50, least=6),
    ]


def _memory(server: Server, bodies: Bodies) -> list[Figure]:
    """Look at a worker that has scored some thousand leads, but no file yet."""
    sent = 0.0
    while sent < REQUESTS:
        sent += load(Target(server.url + "/v1/score", bodies.one), connections=64, seconds=2).rps * 2
    found = server.maps(*HEAVY)
    print(f"compiled modules of {', '.join(HEAVY)} in the worker: {', '.join(found) or 'none'}")
    return [
        Figure(f"memory of a worker after {REQUESTS:,} leads", server.memory(), most=100, unit="MB"),
        Figure("pandas, scikit-learn, MLflow and the like in it", len(found), most=0, unit=""),
    ]


def _files(demo: Path, folder: Path, bodies: Bodies) -> list[Figure]:
    path, longer = write_long(folder / "long.csv"), folder / "longer.csv"
    times_three(path, longer)
    figures, most = [], {}
    for name, send in (("the stream", stream), ("the page", upload)):
        with _leadml(demo, folder) as server:
            load(Target(server.url + "/v1/score", bodies.one), connections=1, seconds=1)
            with server.peak() as peak:
                taken = [send(server.url, path) for _ in range(FILES)]
            most[name] = peak[0]
        print(f"100,000 rows through {name}: {', '.join(f'{one:.2f}' for one in taken)} s, at most {peak[0]:.0f} MB")
        figures.append(Figure(f"a CSV of 100,000 rows through {name}", median(taken), most=5, unit="s"))
    with _leadml(demo, folder) as server, server.peak() as peak:
        stream(server.url, longer)
    print(f"300,000 rows through the stream: at most {peak[0]:.0f} MB")
    figures.append(Figure("memory for a stream three times as long", peak[0] / most["the stream"], most=1.2))
    return figures


if __name__ == "__main__":
    main()
