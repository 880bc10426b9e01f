"""How long ``leadml train`` takes on the 28,831 rows of the bank set: ``python -m bench.training``.

The whole command in a process of its own, with a fresh MLflow database; to reach: at most 180 s on two cores.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bench.public import BANK, FOLDER


def main() -> None:
    """Print the seconds, and the verdict."""
    names = {"ignore": BANK.ignore, "protected": BANK.protected, "placeholders": BANK.placeholders}
    lists = "\n".join(f"{key} = {list(values)}" for key, values in names.items())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leadml.toml"
        path.write_text(
            f'[leads]\npath = "{FOLDER / "bank_marketing_early.csv"}"\noutcome = "y"\n'
            f'converted = ["yes"]\nlost = ["no"]\n{lists}\n'.replace("'", '"')
        )
        start = perf_counter()
        command = [sys.executable, "-m", "leadml", "train", "--config", str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"leadml train, 28,831 rows: {perf_counter() - start:.0f} s (to reach: at most 180)")
        print(done.stdout.splitlines()[1])


if __name__ == "__main__":
    main()
