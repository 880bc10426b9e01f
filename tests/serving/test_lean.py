"""A lean process: Arrow works without pandas, and does not load it."""

import subprocess
import sys

CODE = """
import sys
from leadml.serving.lean import without_pandas
without_pandas()
without_pandas()
import pyarrow as pa, pyarrow.compute as pc
assert pc.sum(pc.equal(pa.array(["a", "b", None]), pa.scalar("a"))).as_py() == 1
assert pa.table({"x": [1, 2]}).to_pylist() == [{"x": 1}, {"x": 2}]
assert "pandas" not in sys.modules
"""


def test_arrow_works_without_pandas() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", CODE], check=True)
