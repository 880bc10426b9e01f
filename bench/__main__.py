"""``python -m bench``: all measurements, one after the other."""

import subprocess
import sys

for name in ("startup", "intake", "events", "scoring", "training", "learning", "backtest", "leaks", "delay", "serving"):
    print(f"== bench.{name}", flush=True)
    subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True)
