"""``python -m bench``: all measurements, one after the other."""

import subprocess
import sys

NAMES = (
    "startup intake events history scoring ranking training learning axes first coldstart backtest leaks delay price "
    "explore others serving"
)
for name in NAMES.split():
    print(f"== bench.{name}", flush=True)
    subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True)
