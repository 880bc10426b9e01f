"""Whom not to call: the bound covers, and so does the limit that is looked for."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import UsageError
from leadml.selling.skip import conversions_at_most, safe, steps, upper

COUNTS = st.lists(st.integers(0, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1)


@given(COUNTS.filter(lambda pairs: any(converted for _, converted in pairs)))
def test_steps_rise_to_all(by_score: list[tuple[int, int]]) -> None:
    found = steps(by_score)
    assert [step.score for step in found] == list(range(1, len(by_score) + 1))
    assert (found[-1].spared, found[-1].lost, found[-1].at_most) == (1.0, 1.0, 1.0)
    for before, after in pairwise(found):
        assert before.spared <= after.spared
        assert before.lost <= after.lost
        assert before.at_most <= after.at_most
    assert all(step.lost <= step.at_most for step in found)


def test_the_bound_by_hand() -> None:
    """Nobody of n seen: the bound is where (1 - share)^n is 5 % (the rule of three, exactly)."""
    assert upper(0, 58) == pytest.approx(1 - 0.05 ** (1 / 58))
    assert upper(3, 3) == 1.0
    found = steps([(10, 0), (10, 1), (80, 99 - 40)], level=0.9)
    assert found[0].at_most == pytest.approx(1 - 0.1 ** (1 / 60))
    assert (found[1].spared, found[1].lost) == pytest.approx((0.2, 1 / 60))


def test_it_stops_at_the_first_score_that_fails() -> None:
    found = steps([(5, 0), (5, 3), (50, 0), (40, 97)])
    assert safe(found, limit=0.05) == found[0]
    assert safe(steps([(5, 0), (10, 9)]), limit=0.05) is None, "nine conversions cannot show so little"
    assert safe(steps([(0, 0), (10, 100)]), limit=0.05) is None, "no lead has so low a score"


def test_the_limit_is_kept_at_the_nominal_rate() -> None:
    """Known truth: a share F(s) of conversions lies up to score s. Skipping loses more than 5 % in 1 of 20 at most."""
    rng = np.random.default_rng(4)
    true = np.cumsum(np.linspace(0.2, 3.0, 100) / np.linspace(0.2, 3.0, 100).sum())
    draws, too_much, covered = 600, 0, 0
    for _ in range(draws):
        n_converted = int(rng.integers(60, 200))
        converted = rng.multinomial(n_converted, np.diff(true, prepend=0.0))
        found = steps([(int(k) + 9, int(k)) for k in converted])
        step = safe(found, limit=0.05)
        too_much += step is not None and true[step.score - 1] > 0.05
        covered += found[29].at_most >= true[29]
    slack = 3 * math.sqrt(0.05 * 0.95 / draws)
    assert too_much / draws <= 0.05 + slack
    assert covered / draws >= 0.95 - slack


def test_what_new_leads_would_convert_is_covered() -> None:
    """Known truth: a rate of 3 % of 400 test leads and 150 new ones."""
    rng = np.random.default_rng(5)
    draws = 500
    covered = 0
    for _ in range(draws):
        seen, new = rng.binomial(400, 0.03), rng.binomial(150, 0.03)
        step = steps([(400, int(seen)), (100, 50)])[0]
        covered += new <= conversions_at_most(150, step)
    assert covered / draws >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / draws)
    assert conversions_at_most(0, step) == 0


def test_without_a_conversion_nobody_is_safe_to_skip() -> None:
    found = steps([(5, 0), (7, 0)])
    assert [(step.lost, step.at_most) for step in found] == [(0.0, 1.0)] * 2
    assert safe(found) is None


def test_what_cannot_be() -> None:
    with pytest.raises(UsageError, match=r"0\.5 <= level < 1, got 1"):
        steps([(5, 1)], level=1)
    with pytest.raises(UsageError, match="0 < limit < 1, got 0"):
        safe(steps([(5, 1)]), limit=0)
