"""A lead scored again: what its answers did adds up to what changed."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import DataError
from leadml.model.bundle import Bundle
from leadml.model.rescore import rescore
from leadml.model.scorer import Scorer

NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
LEADS = st.fixed_dictionaries(
    {},
    optional={
        "created_at": st.sampled_from(["2026-10-01", "2026-10-02", None]),
        "visits": st.integers(0, 9) | st.none() | st.just("-"),
        "income": st.sampled_from([1, 20_000.0, "45000", 10**6, None]),
        "source": st.sampled_from(["web", "fair", "n/a", "else", None]),
        "newsletter": st.sampled_from(["yes", False, None]),
        "job_title": st.sampled_from(["Head of Sales", "CEO", "zzz", "", None]),
        "email": st.emails() | st.none(),
        "last_call": st.sampled_from(["2026-09-01", "2026-10-02", None]),
    },
)


@pytest.mark.parametrize("paired", [False, True])
@given(lead=LEADS, answers=LEADS)
def test_what_changed_adds_up(
    module_bundle: Bundle, paired_bundle: Bundle, paired: bool, lead: dict[str, Any], answers: dict[str, Any]
) -> None:
    scorer = Scorer(paired_bundle if paired else module_bundle)
    answers.pop("created_at", None)
    found = rescore(scorer, lead, answers, as_of=NOW)

    given_answers = {name: value for name, value in answers.items() if value not in (None, "", "-", "n/a")}
    assert found.before == scorer.score_one(lead, as_of=NOW)
    assert found.after == scorer.score_one({**lead, **given_answers}, as_of=NOW), "the same request with the answers"
    assert found.change == found.after.logit - found.before.logit
    assert sum(one.change for one in found.why) == pytest.approx(found.change, abs=1e-9)
    assert all(one.change == one.points_after - one.points_before != 0 for one in found.why)
    sizes = [abs(one.change) for one in found.why]
    assert sizes == sorted(sizes, reverse=True)
    if not paired:
        assert {one.field for one in found.why} <= set(given_answers), "nothing else moves"


def test_words(module_bundle: Bundle) -> None:
    lead, answers = {"visits": 1}, {"visits": 9, "job_title": "CEO"}
    for language, known, new in (
        ("en", "visits 9 (was 1): +", "(was not known): +"),
        ("de", " 9 (bisher 1): +", "bisher"),
    ):
        found = rescore(Scorer(module_bundle, language=language), lead, answers)  # type: ignore[arg-type]
        texts = {one.field: one.text for one in found.why}
        assert known in texts["visits"]
        assert new in texts["job_title"]


def test_a_pair_moves_its_other_field_too(paired_bundle: Bundle) -> None:
    pair = paired_bundle.scorecard.pairs[0]
    parts = {part.name: part.field for part in paired_bundle.schema.parts}
    fields = {parts[part] for part in pair.parts}
    lead: dict[str, object] = {"visits": 1, "income": 1, "source": "web", "newsletter": "yes"}
    moved = set()
    for answers in ({"visits": 9}, {"income": 10**6}, {"source": "fair"}, {"newsletter": "no"}):
        found = rescore(Scorer(paired_bundle), lead, answers)
        moved |= {one.field for one in found.why if one.field not in answers}
        assert all("counts differently beside it" in one.text for one in found.why if one.field not in answers)
    assert moved & fields


def test_answers_that_cannot_be(module_bundle: Bundle) -> None:
    scorer = Scorer(module_bundle)
    with pytest.raises(DataError, match="must be a field of the model, but it is not; did you mean 'visits'") as caught:
        rescore(scorer, {}, {"vists": 3, "colour": "red"})
    assert [fault.column for fault in caught.value.faults] == ["vists", "colour"]
    with pytest.raises(DataError, match="must be a number"):
        rescore(scorer, {}, {"visits": "many"})


def test_it_is_plain_data(module_bundle: Bundle) -> None:
    found = msgspec.to_builtins(rescore(Scorer(module_bundle), {"visits": 1}, {"visits": 9}))
    assert found.keys() == {"before", "after", "change", "why"}
    assert {"field", "axis", "before", "after", "points_before", "points_after", "change", "text"} == found["why"][
        0
    ].keys()
