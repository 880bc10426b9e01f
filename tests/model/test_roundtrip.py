"""What is read, written and read again is the same: CSV, Parquet and workbooks, whatever the texts."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadml.leads.reading import one_chunk
from leadml.leads.sources import open_batches, read_table
from leadml.model.output import write_table

LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"])
TEXTS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=12).filter(str.strip),
    st.sampled_from(["=1+1", "'=1", "''=x", "+49 30 1", "-", "@a", "\tx", "-5", "a,b", 'say "x"', "a\nb"]),
)
NAMES = st.one_of(st.text(LETTERS, min_size=1, max_size=6), st.sampled_from(["=x", "+y", "'@z", "a b"])).map(str.strip)


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Texts, some of them missing; the first column is whole, for a blank line is no row."""
    names = draw(st.lists(NAMES.filter(bool), min_size=1, max_size=4, unique=True))
    n = draw(st.integers(1, 6))
    columns = [
        draw(st.lists(TEXTS if at == 0 else TEXTS | st.none(), min_size=n, max_size=n)) for at in range(len(names))
    ]
    return pa.table([pa.array(column, pa.string()) for column in columns], names=names)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@settings(deadline=None)
@given(table=tables())
@example(pa.table({"=x": ["'=1", "=1"], "y": ["\tx", None]}))
def test_texts_come_back(ending: str, table: pa.Table) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"leads{ending}"
        write_table(path, {name: one_chunk(table.column(name)) for name in table.column_names})
        assert read_table(path).table.to_pylist() == table.to_pylist()
        assert [row for _, batch in open_batches(path) for row in batch.to_pylist()] == table.to_pylist()


@settings(deadline=None, max_examples=40)
@given(table=tables())
def test_workbooks_hold_the_same_texts(table: pa.Table) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "leads.xlsx"
        write_table(path, {name: one_chunk(table.column(name)) for name in table.column_names})
        assert read_table(path, header_row=1).table.to_pylist() == table.to_pylist()


def test_a_csv_that_was_written_holds_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    write_table(path, {"=name": pa.array(["=1+1", "-5", "ok"])})
    assert path.read_text() == "'=name\n'=1+1\n-5\nok\n"
    table = read_table(path).table
    assert table.to_pydict() == {"=name": ["=1+1", "-5", "ok"]}
