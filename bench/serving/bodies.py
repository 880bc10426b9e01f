"""The leads that are sent: new ones of the sample, as JSON bodies, one a line."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from bench.serving.echo import Lead
from leadml.leads.sample import make_sample

YES = "yj"  # yes and ja
ONES, LISTS, LONG = 500, 20, 1000  # lists: more e-mail addresses than any memory of texts holds
Row = dict[str, Any]


class Bodies(NamedTuple):
    """Files of bodies: one lead or a thousand, as JSON or as MLflow wants them."""

    one: Path
    many: Path
    mlflow_one: Path
    mlflow_many: Path


def write_bodies(folder: Path) -> Bodies:
    """Write the files of bodies and return their paths."""
    leads = [_lead(row) for row in make_sample(LISTS * LONG, seed=11, events=False).leads.to_pylist()]
    lists = [leads[start : start + LONG] for start in range(0, len(leads), LONG)]
    ones = [[lead] for lead in leads[:ONES]]
    return Bodies(
        one=_write(folder / "one.jsonl", leads[:ONES]),
        many=_write(folder / "many.jsonl", lists),
        mlflow_one=_write(folder / "mlflow_one.jsonl", map(_split, ones)),
        mlflow_many=_write(folder / "mlflow_many.jsonl", map(_split, lists)),
    )


def _lead(row: Row) -> Row:
    """Return a row as a program would send it: flags and numbers typed, what is missing as null."""
    values: Row = {name: row[name] for name in Lead.model_fields}
    flag, budget = values["demo_requested"], values["budget"]
    values["demo_requested"] = None if flag is None else flag.strip().lower()[0] in YES
    values["budget"] = float(budget) if budget is not None and budget.isdigit() else None
    return values


def _split(leads: list[Row]) -> Row:
    return {"dataframe_split": {"columns": list(leads[0]), "data": [list(lead.values()) for lead in leads]}}


def _write(path: Path, bodies: Iterable[Any]) -> Path:
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
    return path
