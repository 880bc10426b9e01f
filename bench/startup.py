"""How quickly leadml starts: ``python -m bench.startup``; medians of 15 fresh processes, in turn.

To reach: ``import leadml`` at most 50 ms more than a bare interpreter; ``leadml --help`` at most 2.5 times
``python -c "import typer"``.
"""

import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from time import perf_counter

REPEATS = 15
COMMANDS = {
    "bare": (sys.executable, "-c", "pass"),
    "import leadml": (sys.executable, "-c", "import leadml"),
    "import typer": (sys.executable, "-c", "import typer"),
    "leadml --help": (sys.executable, "-m", "leadml", "--help"),
}


def seconds(command: Sequence[str]) -> float:
    """Return how long one process takes."""
    start = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start


def main() -> None:
    """Print the medians and the two figures."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(REPEATS):  # in turn, so that a busy moment hits all alike
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    medians = {name: median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:<16} {1000 * value:6.0f} ms")
    extra = 1000 * (medians["import leadml"] - medians["bare"])
    print(f"import leadml over a bare interpreter: {extra:+.0f} ms (to reach: at most 50)")
    print(f"leadml --help to import typer: {medians['leadml --help'] / medians['import typer']:.2f} (at most 2.5)")


if __name__ == "__main__":
    main()
