"""Leads as lines of JSON: one object a line, and one line of the answer for each, in order."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from leadml.errors import DataError, SourceError
from leadml.leads.coercion import identity
from leadml.model.scorer import ScoredLead
from leadml.serving.stream import BODY, MOST_ROW, Piece

AT_ONCE = 2000  # leads
_BOM = b"\xef\xbb\xbf"
_TOO_LONG = f"a lead must have at most {MOST_ROW >> 20} MB, got more; the rest was not read"
_encode = msgspec.json.Encoder().encode_lines


class Unread(msgspec.Struct):
    """The answer for a line that is no lead, or one that cannot be read."""

    lead_id: str | None
    line: int
    error: str


Line = tuple[int, bytes]  # its number, from 1, and what it holds


class JsonLines:
    """Scores lines of JSON.

    ``score`` scores the n leads of a JSON list, at most ``at_once``, and raises DataError: naming every value that
    cannot be read (the line of a fault is the place in the list, from 1), or nothing where it is no list of leads.
    ``ids`` are the columns that may hold the id.
    """

    def __init__(
        self, score: Callable[[bytes], Sequence[ScoredLead]], ids: Sequence[str], *, at_once: int = AT_ONCE
    ) -> None:
        self._score, self._ids, self._at_once = score, ids, min(at_once, AT_ONCE)
        self._rest, self._line, self._begun = b"", 1, False

    def feed(self, data: bytes, *, last: bool) -> Piece:
        """Take in the next bytes; see ``stream.Format``."""
        data = self._rest + data
        if not self._begun:
            data = data.removeprefix(_BOM)
        end = len(data) if last else data.rfind(b"\n") + 1
        self._rest = data[end:]
        lines = list(self._lines(data[:end]))
        if lines and not self._begun:
            self._check_first(lines[0][1])
        self._begun = self._begun or bool(lines)
        step = self._at_once
        answers = [one for at in range(0, len(lines), step) for one in self._answers(lines[at : at + step])]
        is_over = len(self._rest) > MOST_ROW
        if is_over:
            answers.append(Unread(None, self._line, _TOO_LONG))
        scores = [one.score for one in answers if isinstance(one, ScoredLead)]
        return Piece(_encode(answers), scores, len(answers) - len(scores), last=is_over)

    def _lines(self, block: bytes) -> Iterator[Line]:
        lines = block.split(b"\n")
        for number, line in enumerate(lines, start=self._line):
            if stripped := line.strip():
                yield number, stripped
        self._line += len(lines) - 1

    def _check_first(self, line: bytes) -> None:
        """Refuse what is something else than lines of JSON."""
        if not line.startswith(b"{"):
            got = repr(line[:40].decode(errors="replace"))
            raise SourceError(f"{BODY} must hold one lead a line, each an object of JSON, got {got}; send it so")

    def _answers(self, lines: Sequence[Line]) -> list[ScoredLead | Unread]:
        """Return the answers (n,) to n lines; where nobody says which cannot be read, they are found by halving."""
        if not lines:
            return []
        wrong: dict[int, str] = {}
        try:
            if all(len(line) <= MOST_ROW for _, line in lines):
                scored = self._score(b"[" + b",\n".join(line for _, line in lines) + b"]")
                if len(scored) == len(lines):
                    return list(scored)
            elif len(lines) == 1:
                wrong[0] = _TOO_LONG
        except DataError as refused:
            wrong = _by_row(refused)
        if not wrong and len(lines) > 1:
            half = len(lines) // 2
            return self._answers(lines[:half]) + self._answers(lines[half:])
        wrong = wrong or {0: "must be one lead, as an object of JSON in one line"}
        others = iter(self._answers([line for row, line in enumerate(lines) if row not in wrong]))
        return [
            Unread(self._id(line), number, wrong[row]) if row in wrong else next(others)
            for row, (number, line) in enumerate(lines)
        ]

    def _id(self, line: bytes) -> str | None:
        """Return the id of a lead that cannot be read, if there is one."""
        try:
            lead = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        values = [lead.get(name) for name in self._ids] if isinstance(lead, dict) else []
        return next((identity(value) for value in values if isinstance(value, (str, int, float))), None)


def _by_row(refused: DataError) -> dict[int, str]:
    """Return what is wrong with the leads of a list by their place, from 0; empty where that is not told."""
    told: dict[int, str] = {}
    for fault in refused.faults:
        if fault.line is None:
            return {}
        text = f"{fault.column}: {fault.message}" if fault.column else fault.message
        row = fault.line - 1
        told[row] = f"{told[row]}; {text}" if row in told else text
    return told
