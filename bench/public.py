"""The public lead sets: their fields, and how each is cut in time. See shared data's README for their traps."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.leads.declared import Columns
from leadml.leads.schema import Outcomes, Roles
from leadml.leads.sources import read_table

Rows = NDArray[np.bool_]
FOLDER = Path(os.environ.get("LEADML_PUBLIC_DATA", Path(__file__).parents[2] / "shared" / "data"))


@dataclass(frozen=True)
class PublicSet:
    """A file, what its columns are, and which rows (n,) are the older part."""

    name: str
    file: str
    columns: Columns
    older: Callable[[pa.Table], Rows]

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """Return (older, newer) leads."""
        table = read_table(FOLDER / self.file).table
        older = self.older(table)
        return table.filter(pa.array(older)), table.filter(pa.array(~older))


def _first_70_percent(table: pa.Table) -> Rows:
    n: int = table.num_rows
    return np.arange(n) < round(0.7 * n)


def _before_november(table: pa.Table) -> Rows:
    late = pc.is_in(table.column("Month"), pa.array(["Nov", "Dec"]))
    return ~np.asarray(late.to_numpy(), dtype=bool)


# the same for every lead of a month: they can date a lead, not rank the leads of one day
ECONOMY = ("emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed")
BANK = Columns(
    Roles(outcome="y"),
    Outcomes(("yes",), ("no",)),
    ignore=("duration", "default"),  # known only after the call; creditworthiness
    protected=("age", "marital"),
    placeholders=("999",),  # pdays: never called before
)
SETS = (
    PublicSet("bank", "bank_marketing_early.csv", BANK, _first_70_percent),
    PublicSet(
        "bank, leads",
        "bank_marketing_early.csv",
        msgspec.structs.replace(BANK, ignore=BANK.ignore + ECONOMY),
        _first_70_percent,
    ),
    PublicSet(
        "shoppers",
        "online_shoppers_intention.csv",
        Columns(
            Roles(outcome="Revenue"),
            Outcomes(("TRUE",), ("FALSE",)),
            kinds=dict.fromkeys(("OperatingSystems", "Browser", "Region", "TrafficType"), "category"),
            ignore=("PageValues", "Month"),  # computed from the purchase; the time itself
        ),
        _before_november,
    ),
    PublicSet(
        "x_education",
        "x_education_early.csv",
        Columns(
            Roles(id="Prospect ID", outcome="Converted"),
            Outcomes(("1",), ("0",)),
            ignore=(
                *(
                    "Lead Number",
                    "Tags",
                    "Lead Quality",
                    "Lead Profile",
                    "Last Activity",
                    "Last Notable Activity",
                ),
                *("Asymmetrique Activity Index", "Asymmetrique Profile Index"),
                *("Asymmetrique Activity Score", "Asymmetrique Profile Score"),
            ),
        ),
        _first_70_percent,
    ),
)
