"""The matrix that every family learns from."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.learning.design import MAX_LEVELS, MIN_LEADS, Design, fit_design

NAMES = st.sampled_from(["web", "fair", "list", "partner", None])


def _levels(names: Sequence[str | None]) -> Levels:
    known = tuple(dict.fromkeys(name for name in names if name is not None))
    return Levels(np.array([-1 if name is None else known.index(name) for name in names], dtype=np.intp), known)


def _fit(columns: dict[str, Column], rows: list[int]) -> Design:
    parts = [Part(name, name, not isinstance(column, Levels), "other") for name, column in columns.items()]
    return fit_design(parts, columns, np.array(rows, dtype=np.intp))


@given(st.lists(NAMES, min_size=1, max_size=80), st.integers(0, 40))
def test_codes_mean_missing_levels_and_other(names: list[str | None], n_train: int) -> None:
    column = _levels(names)
    train = list(range(min(n_train, len(names))))
    design = _fit({"source": column}, train)
    seen = [names[row] for row in train]
    frequent = sorted({name for name in seen if name is not None and seen.count(name) >= MIN_LEADS})
    sorts = {None if name is None else name if name in frequent else "other" for name in seen}
    if len(sorts) < 2:
        assert design.parts == ()
        return
    assert design.levels["source"] == tuple(frequent)
    expected = [
        0 if name is None else frequent.index(name) + 1 if name in frequent else len(frequent) + 1 for name in names
    ]
    assert design.matrix({"source": column})[:, 0].tolist() == expected
    assert max(expected) < design.n_codes(design.parts[0])


def test_parts_that_do_not_vary_among_the_training_rows_are_left_out() -> None:
    n = 40
    nan = np.nan
    columns: dict[str, Column] = {
        "constant": np.full(n, 3.0),
        "never_known": np.full(n, nan),
        "varies_later": np.array([0.0] * 30 + [1.0] * 10),
        "known_or_not": np.array([3.0, nan] * 20),
        "one_level": _levels(["web"] * n),
        "all_rare": _levels([f"firm {i}" for i in range(n)]),
        "never_given": _levels([None] * n),
        "level_or_not": _levels(["web", None] * 20),
        "number": np.arange(n, dtype=float),
    }
    design = _fit(columns, list(range(30)))
    assert [part.name for part in design.parts] == ["known_or_not", "level_or_not", "number"]
    assert design.numeric.tolist() == [True, False, True]


def test_only_training_rows_choose_levels() -> None:
    column = _levels(["old"] * 20 + ["older"] * 20 + ["new"] * 60)
    design = _fit({"source": column}, list(range(40)))
    assert design.levels["source"] == ("old", "older")
    assert design.matrix({"source": column}, np.array([0, 39, 99]))[:, 0].tolist() == [1, 2, 3]


def test_a_table_with_other_levels_in_another_order_has_the_same_codes() -> None:
    design = _fit({"source": _levels(["a"] * 20 + ["b"] * 20)}, list(range(40)))
    later = Levels(np.array([0, 1, 2, -1]), ("zzz", "b", "a"))
    assert design.matrix({"source": later})[:, 0].tolist() == [3, 2, 1, 0]


def test_the_most_frequent_levels_are_kept() -> None:
    names: list[str | None] = [f"{i:03}" for i in range(MAX_LEVELS + 5) for _ in range(MIN_LEADS + (i >= 5))]
    design = _fit({"source": _levels(names)}, list(range(len(names))))
    assert len(design.levels["source"]) == MAX_LEVELS
    assert design.levels["source"][0] == "005"
