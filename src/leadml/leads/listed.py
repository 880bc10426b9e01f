"""How past leads came on a list: by their place, or drawn by lot (``rank --explore``), and with what chance."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.leads.coercion import Missing, shown
from leadml.leads.parts import Floats
from leadml.leads.reading import one_chunk, read_numbers
from leadml.leads.schema import AXES, Format, Roles
from leadml.leads.texts import known_texts

RANKED, EXPLORE = "ranked", "explore"
_SURE = frozenset({"slot", "propensity", "logit", "score", "model_version"})  # together only on our lists
_OWN = frozenset({
    *("rank", "day", "expected_value", "probability", "logit", "score", "grade", "base", "summary", "reasons"),
    *("model_version", "as_of", "horizon_days", "duplicates", "slot", "propensity"),
    *AXES,
    *(f"{axis}_score" for axis in AXES if axis != "other"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """How n leads came on a list: ``explored`` (n,) were drawn by lot; ``propensity`` (n,) is NaN for those on none."""

    explored: NDArray[np.bool_]
    propensity: Floats

    @property
    def on_list(self) -> NDArray[np.bool_]:
        """Which leads (n,) were on a list."""
        return ~np.isnan(self.propensity)

    def take(self, rows: NDArray[np.intp]) -> "Listed":
        """Return the same for some leads."""
        return Listed(self.explored[rows], self.propensity[rows])


def read_listed(
    table: pa.Table, roles: Roles, missing: Missing, faults: list[tuple[int, str, str]], form: Format | None
) -> Listed | None:
    """Read ``leads.slot`` and ``leads.propensity`` of n leads; None where there are no such columns.

    What cannot be so is appended to ``faults`` as (row, column, message).
    """
    if roles.slot is None or roles.propensity is None:
        return None
    texts = known_texts(one_chunk(table.column(roles.slot)), missing).to_pylist()
    slot = np.array([text.casefold() if text is not None else "" for text in texts], dtype=object)
    before = len(faults)
    chance = read_numbers(one_chunk(table.column(roles.propensity)), missing, roles.propensity, faults, form)
    unread = {row for row, _, _ in faults[before:]}
    on_list, said = slot != "", ~np.isnan(chance)
    both = "must be given where {} is, got nothing; take both from the list"
    kinds = f"must be {RANKED} or {EXPLORE}, or empty for a lead on no list"

    def flag(bad: NDArray[np.bool_], column: str, message: Callable[[int], str]) -> None:
        faults.extend((row, column, message(row)) for row in np.flatnonzero(bad).tolist() if row not in unread)

    flag(~np.isin(slot, (RANKED, EXPLORE, "")), roles.slot, lambda row: f"{kinds}, got {shown(texts[row])}; mend it")
    outside = "must be above 0 and at most 1, got {:g}; mend it"
    flag((chance <= 0) | (chance > 1), roles.propensity, lambda row: outside.format(chance[row]))
    flag(on_list & ~said, roles.propensity, lambda _row: both.format(roles.slot))
    flag(said & ~on_list, roles.slot, lambda _row: both.format(roles.propensity))
    return Listed(slot == EXPLORE, np.where(on_list, chance, np.nan))


def written(names: Collection[str]) -> frozenset[str]:
    """Return the columns that leadml wrote itself, where a table is one of its lists: what it said is no field."""
    return _OWN & set(names) if set(names) >= _SURE else frozenset()
