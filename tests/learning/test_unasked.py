"""Leads that nobody has asked yet; ``python -m bench.first`` measures it over several seeds."""

from bench.first import unasked


def test_what_nobody_has_asked_counts_as_the_average() -> None:
    found = unasked(7, n_later=2000)
    assert found["average"][0] < found["missing"][0] - 0.003
    assert abs(found["average"][1] - 1) < abs(found["missing"][1] - 1)
    assert found["answered"][0] < found["average"][0], "answers tell more"
