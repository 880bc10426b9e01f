"""Streams of leads: the same scores as a file gives, whatever the pieces, and one row for every row."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadml.errors import DataError, Fault, SourceError
from leadml.model.bundle import Bundle
from leadml.model.scorer import ScoredLead, Scorer
from leadml.model.stream import score_file
from leadml.serving import stream
from leadml.serving.csvrows import CsvRows
from leadml.serving.jsonrows import JsonLines
from leadml.serving.stream import Format, Piece, scored

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = "lead_id,visits,source,country,job_title,created_at\n"
ROWS = 'a,5,web,Germany,"Head, Sales",2026-10-01\nb,,"Messe\n2026",,,\nc,0,7,DE,"the ""boss""",2026-10-02\n'


@pytest.fixture(scope="module")
def scorer(module_bundle: Bundle) -> Scorer:
    return Scorer(module_bundle)


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def sent(form: Format, data: bytes, *, size: int = 1 << 16, seen: list[Piece] | None = None) -> bytes:
    """Return the whole answer to a stream that comes in pieces of a size."""

    async def all_of() -> bytes:
        told = None if seen is None else seen.append
        return b"".join([piece async for piece in scored(pieces(data, size), form, told)])

    return anyio.run(all_of)


def rows_of(answer: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.decode(), newline="")))


def rows_csv(scorer: Scorer, data: bytes, size: int = 1 << 16) -> list[dict[str, str]]:
    return rows_of(sent(CsvRows(scorer, as_of=AS_OF), data, size=size))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of few rows, so that a short stream has many; the first one holds the header."""
    monkeypatch.setattr(stream, "BLOCK_BYTES", 300)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_scores_as_the_same_file(scorer: Scorer, tmp_path: Path, delimiter: str, ending: str) -> None:
    body = csv.reader(io.StringIO(HEADER + ROWS * 40, newline=""))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_NONNUMERIC).writerows(body)
    path = tmp_path / "leads.csv"
    path.write_text(out.getvalue(), newline="")
    score_file(scorer, path, tmp_path / "scored.csv", as_of=AS_OF)
    expected = [{**row, "error": ""} for row in rows_of((tmp_path / "scored.csv").read_bytes())]
    for size in (1, 50, 1 << 20):
        assert rows_csv(scorer, path.read_bytes(), size=size) == expected


ENCODED = [
    ("utf-8", ""),
    ("utf-8-sig", ""),
    ("utf-16", ""),
    ("cp1252", ""),
    ("cp1252", "plain,,,,,\n" * 200),  # what comes first says nothing
    ("utf-8", "plain,,,,,\n" * 200),
]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(("encoding", "first"), ENCODED)
def test_every_encoding(scorer: Scorer, encoding: str, first: str) -> None:
    data = (HEADER + first + "Zoë,5,Zürich,Österreich,Geschäftsführer,\n" * 30).encode(encoding)
    rows = rows_csv(scorer, data)
    assert [row["lead_id"] for row in rows[first.count("\n") :]] == ["Zoë"] * 30
    assert not any(row["error"] for row in rows)


def test_letters_that_windows_does_not_have(scorer: Scorer) -> None:
    assert rows_csv(scorer, HEADER.encode() + b"\xe9\x81,5,,,,\n")[0]["lead_id"] == "é\x81"


@pytest.mark.usefixtures("small_blocks")
def test_rows_that_cannot_be_read_keep_their_places(scorer: Scorer) -> None:
    data = HEADER + 'a,5,,,,\nb,many,,,,soon\nc,1\n,,,,,\nTotal,9,,,,\n\nd,1,,,,,\n"e\n",1\nf,2,,,,\n' * 10
    seen: list[Piece] = []
    answer = rows_of(sent(CsvRows(scorer), data.encode(), seen=seen))
    assert [row["lead_id"] for row in answer[:8]] == ["a", "b", "c", "", "Total", "d", "e\n", "f"]
    assert len(answer) == 80
    errors = [row["error"] for row in answer[:8]]
    assert errors[0] == errors[3] == errors[7] == ""
    assert errors[1].startswith("created_at: must be a date")
    assert errors[1].endswith("; visits: must be a number, got 'many'")
    assert errors[2] == "line 4: a row must have 6 cells, got 2"
    assert "looks like a total" in errors[4]
    assert errors[5] == "line 8: a row must have 6 cells, got 7"
    assert errors[6] == "line 9: a row must have 6 cells, got 2; it spans several lines, so a quote may be left open"
    assert answer[1]["logit"] == answer[1]["model_version"] == answer[1]["reasons"] == ""
    assert answer[-1]["logit"]
    assert sum(len(piece.scores) for piece in seen) == 30
    assert sum(piece.n_unread for piece in seen) == 50
    lines = [row["error"].partition(":")[0] for row in answer if row["error"].startswith("line")]
    assert lines[3:6] == ["line 14", "line 18", "line 19"]


def test_the_columns_and_no_reasons(scorer: Scorer) -> None:
    rows = rows_of(sent(CsvRows(scorer, as_of=AS_OF, reasons=False), (HEADER + ROWS).encode()))
    assert list(rows[0])[-5:] == ["reasons", "model_version", "as_of", "horizon_days", "error"]
    assert {row["reasons"] for row in rows} == {""}
    assert {row["as_of"] for row in rows} == {"2026-11-01T00:00:00Z"}


def test_no_spreadsheet_takes_an_id_for_a_formula(scorer: Scorer) -> None:
    answer = sent(CsvRows(scorer), (HEADER + "=1+1,5,,,,\n'=2,x,,,,\n").encode())
    assert [row["lead_id"] for row in rows_of(answer)] == ["'=1+1", "'=2"]


def test_a_header_alone(scorer: Scorer) -> None:
    for data in (HEADER, HEADER.strip(), HEADER + "\n\n"):
        answer = sent(CsvRows(scorer), data.encode())
        assert answer.startswith(b"lead_id,probability,")
        assert answer.count(b"\n") == 1


def test_rows_that_are_all_ragged(scorer: Scorer) -> None:
    assert [row["error"] for row in rows_csv(scorer, (HEADER + "a,1\nb\n").encode())] == [
        "line 2: a row must have 6 cells, got 2",
        "line 3: a row must have 6 cells, got 1",
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "got an empty file"),
        (b"\n\n", "got an empty file"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"visits,visits\n1,2\n", "name each column once"),
        (b"a,b\n1,2\n", "columns that the model reads"),
        (b'"visits,source\n1,2\n', "must have a header"),
        (b"\xef\xbb\xbfvisits\n\xff\n", "one encoding"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused_before_anything_comes_out(
    scorer: Scorer, data: bytes, told: str
) -> None:
    seen: list[Piece] = []
    with pytest.raises(DataError, match=told):
        sent(CsvRows(scorer), data, seen=seen)
    assert not seen


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("begin", "bad", "told"),
    [
        ("é,1,,,,\n", b"x,1,\xff,,,\n", "line 53: text must be UTF-8, as it begins, got byte 0xFF"),
        ("b,1,,,,\n", b'x,1,"w,,,\ny,1,,,,\n', "line 53: a quoted cell must be closed"),
    ],
)
def test_a_stream_that_breaks_says_so_in_its_last_row(scorer: Scorer, begin: str, bad: bytes, told: str) -> None:
    data = HEADER.encode() + (begin * 51).encode() + bad
    rows = rows_csv(scorer, data)
    assert len(rows) == 52
    assert not any(row["error"] for row in rows[:-1])
    assert rows[-1]["error"].startswith(told)
    assert rows[-1]["error"].endswith("; the rest was not read")
    if b"\xff" in bad:
        assert len(rows_csv(scorer, data + b"z,1,,,,\n" * 1000)) == 52


def test_broken_utf16(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (HEADER + "a,1,,,,\n").encode("utf-16")
    (row, broken) = rows_csv(scorer, data + b"\x00\xd8\n")
    assert (row["error"], broken["error"][:31]) == ("", "line 3: text must be UTF-16, as")
    monkeypatch.setattr(stream, "BLOCK_BYTES", 256)
    more = "b,2,,,,\n".encode("utf-16-le") * 30
    rows = rows_csv(scorer, data + more + b"\x00\xd8\n\x00" + more)
    assert len(rows) == 32
    assert "line 33: text must be UTF-16" in rows[-1]["error"]


def test_a_row_without_an_end(scorer: Scorer) -> None:
    rows = rows_csv(scorer, (HEADER + "a,1,,,,\n" * 20 + 'b,2,"').encode() + b"x" * (10 << 20))
    assert len(rows) == 21
    assert rows[-1]["error"].startswith("line 22: a row must have at most 8 MB, got more; a quote that opens here")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.text(st.sampled_from('ab",\n\r;é '), max_size=6), min_size=2, max_size=4), max_size=30),
    st.integers(300, 500),
)
def test_any_cells_give_a_row_each(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch, cells: list[list[str]], block: int
) -> None:
    monkeypatch.setattr(stream, "BLOCK_BYTES", block)
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([["lead_id", "visits", "source"], *([str(i), "1", "web"] for i in range(20)), *cells])
    answer = rows_csv(scorer, out.getvalue().encode())
    assert len(answer) == 20 + len(cells)
    assert [": a row must have 3 cells" in row["error"] for row in answer[20:]] == [len(row) != 3 for row in cells]


# lines of JSON


def lines_of(scorer: Scorer, limit: int = 10_000, most: int = 1000) -> JsonLines:
    """Return what scores lines, at most ``limit`` at once; more than ``most`` faults are not told one by one."""

    def score(body: bytes) -> list[ScoredLead]:
        try:
            leads = msgspec.json.decode(body, type=list[dict[str, object]])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise DataError(str(error)) from None
        assert len(leads) <= limit
        found, faults = list[ScoredLead](), list[Fault]()
        for row, lead in enumerate(leads):
            try:
                found.append(scorer.score_one(lead, as_of=AS_OF))
            except DataError as error:
                faults += [replace(fault, line=row + 1) for fault in error.faults]
        if faults:
            raise DataError("wrong", faults if len(faults) <= most or len(leads) == 1 else ())
        return found

    return JsonLines(score, ["lead_id"], at_once=limit)


def answers(scorer: Scorer, data: bytes, *, limit: int = 10_000, size: int = 1 << 16) -> list[dict[str, object]]:
    return [json.loads(line) for line in sent(lines_of(scorer, limit), data, size=size).splitlines()]


@pytest.mark.usefixtures("small_blocks")
def test_lines_score_as_single_leads(scorer: Scorer) -> None:
    leads: list[dict[str, object]] = [{"lead_id": str(i), "visits": i, "source": "wéb"} for i in range(300)]
    data = b"".join(msgspec.json.encode(lead) + b"\r\n" for lead in leads)
    alone = [msgspec.to_builtins(scorer.score_one(lead, as_of=AS_OF)) for lead in leads]
    for size in (1, 100, 1 << 20):
        assert answers(scorer, data, size=size) == alone
        assert answers(scorer, data.strip(), size=size) == alone
    assert answers(scorer, b"\xef\xbb\xbf" + data, limit=7) == alone


def test_lines_that_cannot_be_read(scorer: Scorer) -> None:
    lines = [
        b'{"lead_id": "a", "visits": 1}',
        b'{"lead_id": "b", "visits": "x"}',
        b"",
        b'{"lead_id": "c"',
        b'{"lead_id": "d"},{"lead_id": "e"}',
        b'{"lead_id": "\xff"}',
        b"[]",
        b"[" * 5000,
        b'{"lead_id": 7, "visits": 1}',
    ]
    found = answers(scorer, b"\n".join(lines))
    assert [(one["lead_id"], one.get("line")) for one in found] == [
        *(("a", None), ("b", 2), (None, 4), (None, 5), (None, 6), (None, 7), (None, 8), ("7", None)),
    ]
    assert found[1]["error"] == "visits: must be a number, got 'x'"
    assert {one["error"] for one in found[2:7]} == {"must be one lead, as an object of JSON in one line"}


@pytest.mark.parametrize("most", [1, 5, 1000])
def test_many_lines_that_cannot_be_read(scorer: Scorer, most: int) -> None:
    bad = [i for i in range(200) if i % 3 == 0 or i > 150]
    lines = [b'{"visits": "x", "income": "y"}' if i in bad else b'{"visits": 1}' for i in range(200)]
    found = [json.loads(line) for line in sent(lines_of(scorer, 50, most), b"\n".join(lines)).splitlines()]
    assert [i for i, one in enumerate(found) if "error" in one] == bad
    assert [one["line"] for one in found if "error" in one] == [i + 1 for i in bad]
    assert {one["error"] for one in found if "error" in one} == {
        "visits: must be a number, got 'x'; income: must be a number, got 'y'"
    }


def test_what_is_no_lines_of_json_is_refused(scorer: Scorer) -> None:
    assert answers(scorer, b"") == answers(scorer, b"\n\n") == []
    for data in (b"lead_id,visits\n", b'[{"visits": 1}]'):
        with pytest.raises(SourceError, match="one lead a line"):
            answers(scorer, data)


def test_a_line_without_an_end(scorer: Scorer) -> None:
    line = b'{"lead_id": "a", "visits": 1}\n'
    rows = answers(scorer, line + b'{"source": "' + b"x" * (12 << 20))
    assert [row["lead_id"] for row in rows] == ["a", None]
    assert "at most 8 MB" in str(rows[-1]["error"])
    assert rows[-1]["line"] == 2
    rows = answers(scorer, line + b'{"source": "' + b"x" * (8 << 20) + b'"}')
    assert [row["lead_id"] for row in rows] == ["a", None]


# the flow


class Counting:
    """A format that gives back what it gets."""

    def feed(self, data: bytes, *, last: bool) -> Piece:
        return Piece(data + b"!" * last)


def test_no_block_is_read_before_the_last_one_is_taken() -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * (stream.BLOCK_BYTES // 4)

    async def check() -> None:
        taken = 0
        answer = scored(chunks(), Counting())
        async for piece in answer:
            taken += len(piece)
            assert read * (stream.BLOCK_BYTES // 4) == taken
            if taken > 5 * stream.BLOCK_BYTES:
                break
        await answer.aclose()
        assert read == 24

    anyio.run(check)


def test_one_large_chunk_is_cut() -> None:
    seen: list[Piece] = []
    size = 3 * stream.BLOCK_BYTES + 7
    assert len(sent(Counting(), b"x" * size, size=size, seen=seen)) == size + 1
    assert [len(piece.data) for piece in seen] == [*[stream.BLOCK_BYTES] * 3, 8]
