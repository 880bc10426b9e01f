"""Everything that a score is made of."""

import pytest

from leadml.model.bundle import Bundle
from leadml.model.explain import explain
from leadml.model.scorer import Scorer

LEAD = {"created_at": "2026-10-01", "visits": 5, "source": "web", "job_title": "Head of Sales", "income": None}


def test_the_contributions_add_up_to_the_logit(module_bundle: Bundle) -> None:
    scorer = Scorer(module_bundle)

    found, lead = explain(scorer, LEAD), scorer.score_one(LEAD)

    assert len(found) == len(module_bundle.scorecard.terms)
    assert lead.base + sum(one.contribution for one in found) == pytest.approx(lead.logit, abs=1e-12)
    for axis in ("interest", "ability", "authority", "other"):
        total = sum(one.contribution for one in found if one.axis == axis)
        assert total == pytest.approx(getattr(lead, axis), abs=1e-12)


def test_the_largest_come_first_and_what_is_not_known_says_so(module_bundle: Bundle) -> None:
    found = explain(Scorer(module_bundle), LEAD)

    assert [one.contribution for one in found] == sorted((one.contribution for one in found), reverse=True)
    assert {one.field for one in found if one.missing} == {"newsletter", "income", "country", "email", "last_call"}
    assert next(one.text for one in found if one.field == "visits") == "visited the pricing page 4 or more times"


def test_reasons_are_among_the_contributions(module_bundle: Bundle) -> None:
    scorer = Scorer(module_bundle)
    told = {one.text for one in explain(scorer, LEAD)}

    assert {reason.text for reason in scorer.score_one(LEAD).reasons} <= told
