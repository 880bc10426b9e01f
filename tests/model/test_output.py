"""Written tables: whole or not at all in every format; CSV cells of lead data are no formulas."""

import csv
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadml.errors import OutputError, UsageError
from leadml.leads.guard import guarded, unguarded
from leadml.model.bundle import Bundle
from leadml.model.output import OUTPUTS, OWN_TEXTS, open_output, output_kind, write_table
from leadml.model.scorer import Scorer
from leadml.model.stream import score_file
from leadml.ranking.lists import rank_file

TRAP = '=HYPERLINK("http://x.example","a")'


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("suffix", OUTPUTS)
def test_every_format_is_whole_or_not_at_all(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"o{suffix.upper()}"
    write_table(path, {"a": pa.array(["x", None])})
    before = path.read_bytes()

    def stop() -> None:
        with open_output(path) as write:
            write({"a": pa.array(["y"])})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    with pytest.raises(OutputError, match="folder"):
        write_table(tmp_path / "nowhere" / f"o{suffix}", {"a": pa.array(["x"])})


def test_unknown_endings_name_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"must end in \.csv, \.xlsx or \.parquet, got '\.xls'"):
        output_kind(tmp_path / "o.xls")


def test_csv_cells_of_lead_data_are_guarded(tmp_path: Path) -> None:
    texts = [TRAP, "+49 170", "-5", "plain", "'=1", None]
    coded = pa.array(texts).dictionary_encode()
    alike = pa.DictionaryArray.from_arrays(pa.array([0] * 6, pa.int8()), ["@x"])
    columns = {"lead_id": pa.array(texts), "=name": coded, "one": alike, "bytes": pa.array([b"=1"] * 6)}
    write_table(tmp_path / "o.csv", {**columns, "number": pa.array([-1.5] * 6)})
    header, *rows = read(tmp_path / "o.csv")
    assert header == ["lead_id", "'=name", "one", "bytes", "number"]
    cells = [guarded(text or "") for text in texts]
    assert rows == [[cell, cell, "'@x", "'=1", "-1.5"] for cell in cells]
    assert [unguarded(row[0]) for row in rows] == [text or "" for text in texts]


def test_our_own_texts_are_as_the_contract_says(tmp_path: Path) -> None:
    columns = {name: pa.array(["+ visited; - unknown"]) for name in sorted(OWN_TEXTS)}
    write_table(tmp_path / "o.csv", columns)
    assert read(tmp_path / "o.csv")[1] == ["+ visited; - unknown"] * len(OWN_TEXTS)


def test_other_formats_need_no_guard(tmp_path: Path) -> None:
    write_table(tmp_path / "o.parquet", {"=a": pa.array([TRAP])})
    assert pa_parquet.read_table(tmp_path / "o.parquet").to_pylist() == [{"=a": TRAP}]


LETTERS = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(LETTERS) | st.text("'=+-@\t\r\n,\"1.e", max_size=6), min_size=1))
def test_any_text_comes_back_from_csv(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_table(Path(folder) / "o.csv", {"n": pa.array(range(len(texts))), "text": pa.array(texts)})
        rows = read(Path(folder) / "o.csv")[1:]
    assert [unguarded(row[1]) for row in rows] == texts
    assert [row[1] for row in rows] == [guarded(text) for text in texts]


def test_lists_of_real_leads_are_guarded(module_bundle: Bundle, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(f'lead_id,visits,@note,slot\n=1+1,9,"{TRAP.replace(chr(34), chr(34) * 2)}",@s\n-7,2,-7,x\n')
    scorer = Scorer(module_bundle)
    rank_file(scorer, leads, tmp_path / "r.csv")
    score_file(scorer, leads, tmp_path / "s.csv", keep=["@note", "slot"])
    ranked, scored = read(tmp_path / "r.csv"), read(tmp_path / "s.csv")
    assert ranked[0][-3:] == ["visits", "'@note", "input_slot"]
    assert [row[5] for row in ranked[1:]] == ["'=1+1", "-7"]
    assert ranked[1][-2:] == ["'" + TRAP, "'@s"]
    assert [row[-2:] for row in scored[1:]] == [["'" + TRAP, "'@s"], ["-7", "x"]]
    assert scored[1][scored[0].index("reasons")].startswith("+ ")
