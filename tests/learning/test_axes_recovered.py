"""The planted axes are recovered; ``python -m bench.axes`` measures it over several seeds and with all families."""

from bench.axes import recover

FLOORS = {"interest": 0.88, "ability": 0.74, "authority": 0.82}  # of both correlations


def test_the_planted_axes_are_recovered() -> None:
    found = recover(7, drift=True, families=("logistic",), n_later=2000)
    for axis, floor in FLOORS.items():
        one = found[axis]  # type: ignore[index]
        assert min(one.pearson, one.spearman) >= floor, axis
        assert one.worded >= 0.4, axis
        assert one.right >= 0.7, axis
        assert one.opposite <= 0.04, axis
