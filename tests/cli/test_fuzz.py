"""Whatever is thrown at it: a command ends with a result or one clear error, never a traceback."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from leadml.cli.main import app
from leadml.errors import LeadmlError
from leadml.model.bundle import Bundle, save

Table = tuple[list[str], list[list[str]]]
CELLS = st.one_of(
    st.sampled_from(["", " ", "n/a", "-", "Select", "unknown", "=1+1", "'=1", "@x", '"', "a\nb", "a;b;c"]),
    st.sampled_from(["1", "1.5", "1,5", "1.234,50 €", "12 %", "(3)", "1e400", "-0", "NaN", "1 000", "0x1", "٣"]),
    st.sampled_from(
        ["2026-01-31", "31.12.2025", "12/31/2025 9:05 PM", "03/04/2025", "1767225600", "2099-01-01", "0000-00-00"]
    ),
    st.sampled_from(
        ["yes", "nein", "TRUE", "x", "won", "lost", "new", "Geschäftsführer", "DE", "a@b.example", "+49 30 1"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)
NAMES = st.one_of(
    st.sampled_from(["lead_id", "created_at", "status", "won_at", "visits", "source", "job_title", "email", "income"]),
    st.sampled_from(
        ["Name", "Telefon", "Umsatz", "Erstellt am", "Firma", "id", "ID", "", " ", "=cmd", "a.b", "ü", "x\ny"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
)


@st.composite
def tables(draw: st.DrawFn, *, rows: tuple[int, int] = (0, 40)) -> Table:
    """A header and rows; each column is drawn from a few cells, so that levels come back."""
    names = draw(st.lists(NAMES, min_size=1, max_size=8, unique_by=None if draw(st.integers(0, 9)) == 9 else str.strip))
    n, seed = draw(st.integers(*rows)), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    columns = [rng.choice(np.array(draw(st.lists(CELLS, min_size=1, max_size=6)), dtype=object), n) for _ in names]
    return names, [[str(column[i]) for column in columns] for i in range(n)]


def write(path: Path, names: list[str], rows: list[list[str]], delimiter: str, encoding: str) -> None:
    with path.open("w", newline="", encoding=encoding, errors="replace") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(names)
        writer.writerows(rows)


def ends_well(*arguments: str) -> int:
    """Run a command; anything but an exit code or a leadml error is a failure."""
    result = CliRunner().invoke(app, list(arguments))
    error = result.exception
    if error is None or isinstance(error, SystemExit):
        return result.exit_code
    if not isinstance(error, LeadmlError):
        raise error
    assert str(error)
    return error.exit_code


DIALECTS = st.tuples(st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
FUZZ = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(table=tables(), as_text=st.booleans(), dialect=DIALECTS)
def test_check_and_init(tmp_path: Path, table: Table, as_text: bool, dialect: tuple[str, str]) -> None:
    leads = tmp_path / "leads.csv"
    write(leads, *table, *dialect)
    config = tmp_path / "leadml.toml"
    config.unlink(missing_ok=True)
    if ends_well("init", str(leads), "--out", str(config)) == 0:
        assert ends_well("check", "--config", str(config), *([] if as_text else ["--json"])) in (0, 1)
    name = next((name.strip() for name in table[0] if name.strip()), "status")
    told = {"path": "leads.csv", "outcome": name, "converted": ["won", "yes", "1"]}
    config.write_text("[leads]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in told.items()))
    assert ends_well("check", "--config", str(config), *([] if as_text else ["--json"])) in (0, 1, 2)


@FUZZ
@given(table=tables(), ending=st.sampled_from([".csv", ".parquet", ".xlsx"]), dialect=DIALECTS)
def test_score_and_rank(
    module_bundle: Bundle, tmp_path: Path, table: Table, ending: str, dialect: tuple[str, str]
) -> None:
    model, leads = tmp_path / "model", tmp_path / "leads.csv"
    if not model.exists():
        save(module_bundle, model)
    write(leads, *table, *dialect)
    for command in ("score", "rank"):
        out = tmp_path / f"out{ending}"
        out.unlink(missing_ok=True)
        code = ends_well(command, str(leads), "--model", str(model), "--out", str(out))
        assert code in (0, 1, 3)
        assert out.exists() == (code != 1)


@pytest.fixture(scope="module")
def trained(_migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    shutil.copy(_migrated, folder / "mlflow.db")
    return folder


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables(rows=(150, 300)), seed=st.integers(0, 2**32 - 1))
def test_train(trained: Path, table: Table, seed: int) -> None:
    """Any columns beside an outcome that can be learned from: trained, or refused with a reason."""
    names, rows = table
    rng = np.random.default_rng(seed)
    names = ["the_outcome", *names]
    rows = [[str(rng.choice(["won", "lost", "new"], p=[0.4, 0.5, 0.1])), *row] for row in rows]
    write(trained / "leads.csv", names, rows, ",", "utf-8")
    told: dict[str, Any] = {"path": "leads.csv", "outcome": "the_outcome", "converted": ["won"], "open": ["new"]}
    text = "[leads]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in told.items())
    (trained / "leadml.toml").write_text(text + '[training]\nfamilies = ["logistic"]\nreplicates = 100\n')
    config = str(trained / "leadml.toml")
    assert ends_well("train", "--config", config, "--skip-faulty", "--json") in (0, 1, 3)
