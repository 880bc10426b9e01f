"""The notebooks run as they are written, without a warning, and leave nothing but a temporary folder."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
TRAINS = "tempfile.mkdtemp"
# the pictures are drawn to the end, as a browser would do it, and none may be empty
RUN = """
import runpy, sys
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt

def show():
    for number in plt.get_fignums():
        figure = plt.figure(number)
        figure.canvas.draw()
        assert figure.get_suptitle() or any(ax.get_title(loc="left") for ax in figure.axes)
        print("picture")
        plt.close(number)

plt.show = show
runpy.run_path(sys.argv[1], run_name="__main__")
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    environment = os.environ | {"TMPDIR": str(tmp_path), "OMP_NUM_THREADS": "1", "MPLCONFIGDIR": str(tmp_path / "mpl")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, str(path)],
        cwd=path.parent if path == NOTEBOOKS[0] else ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines().count("picture") == text.count("\nplt.show()") > 0
    assert len(list(tmp_path.glob("leadml-*/models/champion/manifest.json"))) == text.count(TRAINS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_opens_as_a_notebook(path: Path) -> None:
    cells = jupytext.read(path).cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert cells[-1].cell_type == "markdown"
    for cell in cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)


def test_each_is_told_of() -> None:
    page = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
    assert all(f"(../notebooks/{path.name})" in page for path in NOTEBOOKS)
    assert len(NOTEBOOKS) == 4
