"""A table of answers: what leads said since they were scored, by lead, and the rows that say nothing usable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leadml.errors import DataError, Fault, UsageError
from leadml.leads.coercion import CoercionError, Missing, identity, reader
from leadml.leads.sources import read_table
from leadml.model.rescore import askable, is_given, known_answers, unknown
from leadml.model.scorer import Scorer

LEAD_ID = "lead_id"  # what the id is called in the lists that leadml writes


@dataclass(slots=True)
class Answers:
    """The answers by lead; a later row wins, field by field.

    ``lines`` are where the answers of a lead stand, ``faults`` what is wrong with the rows that are left out, and
    ``notes`` what a person should know.
    """

    by_lead: dict[str, dict[str, object]] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    faults: list[tuple[str | None, Fault]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, lead_id: str, line: int, told: Mapping[str, object]) -> None:
        """Take in one row."""
        self.by_lead.setdefault(lead_id, {}).update(told)
        self.lines.setdefault(lead_id, []).append(line)

    def without(self, known: set[str]) -> list[tuple[str | None, Fault]]:
        """Return what is wrong with answers of leads that are not known, and leave them out."""
        gone = [lead_id for lead_id in self.by_lead if lead_id not in known]
        for lead_id in gone:
            del self.by_lead[lead_id]
        return [
            (one, Fault(f"must be the id of one of the leads, got {one!r}", line))
            for one in gone
            for line in self.lines[one]
        ]


def one_answer(scorer: Scorer, lead_id: str, told: Mapping[str, object]) -> Answers:
    """Return the answers of a single lead; raises DataError as ``rescore`` does."""
    answers = Answers()
    answers.add(lead_id, 1, known_answers(scorer, told))
    return answers


def read_answers(scorer: Scorer, path: str | Path) -> Answers:
    """Read a table of answers: a column with the ids of leads, and columns of fields; empty cells say nothing.

    Raises SourceError where it cannot be read, DataError where it has no such columns, UsageError for a model that does
    not know the id of a lead.
    """
    raw = read_table(path)
    names = raw.table.column_names
    id_column = id_of(scorer, names, str(path))
    fields = askable(scorer.schema)
    asked = [name for name in names if name in fields]
    if not asked:
        near = "; ".join(f"{name!r} {unknown(name, fields)}" for name in names if name != id_column)
        raise DataError(
            f"{path} must have a column with the answers to a field of the model, got none: {near or 'nothing'}"
        )
    answers = Answers(notes=list(raw.notes))
    others = [name for name in names if name not in (*asked, id_column)]
    if others:
        answers.notes.append(
            f"columns of the answers that are no fields of the model count for nothing: {', '.join(others)}"
        )
    missing = Missing(scorer.schema.placeholders)
    readers = {name: reader(fields[name], scorer.schema.placeholders) for name in asked}
    rows = raw.table.select([id_column, *asked]).to_pylist()
    lines = raw.lines_of(range(len(rows)))
    for row, cells in enumerate(rows):
        lead_id, wrong = identity(cells[id_column]), list[Fault]()
        told = {name: cells[name] for name in asked if is_given(cells[name], missing)}
        for name, value in told.items():
            try:
                readers[name](value, float("nan"))
            except CoercionError as error:
                wrong.append(Fault(str(error), lines[row], name))
        if lead_id is None:
            wrong.append(Fault("must be given, got nothing", lines[row], id_column))
        answers.faults += [(lead_id, fault) for fault in wrong]
        if not wrong and lead_id is not None:
            answers.add(lead_id, lines[row], told)
    answers.faults += [(None, Fault(fault.message, fault.line)) for fault in raw.faults]
    return answers


def id_of(scorer: Scorer, names: Sequence[str], file: str) -> str:
    """Return the column with the ids of leads, that of the model or ``lead_id``; raises UsageError or DataError."""
    own = scorer.schema.roles.id
    if own is None:
        raise UsageError("the model must know the id of a lead, got none; set leads.id and train again")
    for name in (own, LEAD_ID):
        if name in names:
            return name
    raise DataError(f"{file} must have the column {own!r} with the ids of the leads, got {', '.join(names)}; add it")
