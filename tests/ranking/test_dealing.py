"""Dealing out leads that nobody owns."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leadml.ranking.dealing import deal

LEADS = st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 6)), max_size=40)


@given(LEADS, st.integers(0, 4), st.integers(0, 9))
def test_each_lead_has_one_owner_and_groups_stay_together(
    leads: list[tuple[int, int]], n_owners: int, seed: int
) -> None:
    owners, groups = (np.array([pair[i] for pair in leads], dtype=np.intp) for i in (0, 1))
    order = np.random.default_rng(seed).permutation(len(leads))
    dealt = deal(owners, order, n_owners, groups=groups)

    had = owners < n_owners
    assert dealt[had].tolist() == owners[had].tolist(), "who has an owner keeps it"
    if not n_owners:
        assert dealt.tolist() == owners.tolist()
        return
    assert (dealt < n_owners).all()
    for group in set(groups.tolist()) - {-1}:
        own = order[groups[order] == group]
        kept = own[had[own]]
        free = own[~had[own]]
        assert len(set(dealt[free].tolist())) <= 1
        if kept.size and free.size:
            assert set(dealt[free].tolist()) == {int(owners[kept[0]])}, "the owner of its best lead"


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 3), st.booleans())
def test_leads_are_dealt_evenly_by_rank(owners: list[int], n_owners: int, grouped: bool) -> None:
    order = np.arange(len(owners))
    alone = np.full(len(owners), -1)
    dealt = deal(np.array(owners, dtype=np.intp), order, n_owners, groups=alone if grouped else None)
    free = [int(dealt[row]) for row in order if owners[row] >= n_owners]
    for end in range(len(free) + 1):
        counts = Counter(dict.fromkeys(range(n_owners), 0)) + Counter(free[:end])
        assert max(counts.values(), default=0) - min((counts[o] for o in range(n_owners)), default=0) <= 1


@given(st.lists(st.integers(0, 3), max_size=60), st.lists(st.integers(1, 50), min_size=1, max_size=3))
def test_who_can_take_more_is_dealt_more(owners: list[int], capacities: list[int]) -> None:
    n_owners = len(capacities)
    codes, order = np.array(owners, dtype=np.intp), np.arange(len(owners))
    dealt = deal(codes, order, n_owners, capacities=np.array(capacities, dtype=float))
    free = [int(dealt[row]) for row in order if owners[row] >= n_owners]
    for end in range(len(free) + 1):
        counts = Counter(free[:end])
        for one, room in enumerate(capacities):
            assert all((counts[one] - 1) * other <= counts[j] * room for j, other in enumerate(capacities))
