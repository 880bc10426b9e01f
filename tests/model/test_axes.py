"""The three axes: their scores, what is unknown, the sentence, and that an edit moves only its own."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.schema import AXES, LANGUAGES, Language
from leadml.model.axes import CLEARLY, SCORED, SCORES
from leadml.model.bundle import Bundle, load, save
from leadml.model.explain import explain
from leadml.model.guide import Legend
from leadml.model.scorecard import Scorecard
from leadml.model.scorer import ScoredLead, Scorer
from leadml.model.summaries import MIDDLING, STRONG, UNKNOWN, WEAK, sentences

LONGEST = 90  # characters
EVERYTHING = (True, True, True)
VALUES: dict[str, list[object]] = {
    "visits": [None, 0, 2, 9],
    "source": [None, "web", "7", "fair"],
    "newsletter": [None, "yes", "no"],
    "income": [None, 10_000, 44_999, 45_000, 90_000],
    "country": [None, "DE", "AT"],
    "job_title": [None, "Head of Sales", "zzz"],
    "email": [None, "a@gmail.com", "a@acme.de"],
    "last_call": [None, "2026-01-31"],
}
AXIS_OF = {
    **dict.fromkeys(("visits", "source", "newsletter"), "interest"),
    **dict.fromkeys(("income", "country"), "ability"),
    "job_title": "authority",
    **dict.fromkeys(("email", "last_call"), "other"),
}
LEADS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})


def sentence(interest: int, ability: int, authority: int, language: Language = "en") -> str:
    return sentences(EVERYTHING, language)[16 * interest + 4 * ability + authority]


@pytest.mark.parametrize(
    ("states", "english", "german"),
    [
        ((STRONG, MIDDLING, WEAK), "keen, but probably not the one who decides", "aber wohl nicht selbst"),
        ((STRONG, WEAK, MIDDLING), "keen, but the means are probably lacking", "aber wohl nicht die Mittel"),
        ((WEAK, MIDDLING, STRONG), "probably decides, but shows little interest", "zeigt aber wenig Interesse"),
        ((STRONG, STRONG, STRONG), "keen, able and probably decides", "hat die Mittel und entscheidet wohl selbst"),
        ((STRONG, MIDDLING, UNKNOWN), "keen; who decides is not known", "interessiert; wer entscheidet, ist nicht"),
        ((MIDDLING, MIDDLING, MIDDLING), "nothing stands out", "nichts sticht heraus"),
        ((UNKNOWN, UNKNOWN, UNKNOWN), "interest, means and authority are not known", "nicht bekannt"),
    ],
)
def test_sentences(states: tuple[int, int, int], english: str, german: str) -> None:
    assert sentence(*states) == english
    assert german in sentence(*states, "de")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_short_and_says_what_there_is_to_say(language: Language) -> None:
    unknown = "known" if language == "en" else "bekannt"
    for used in product((False, True), repeat=3):
        found = sentences(used, language)
        for states, told in zip(product(range(4), repeat=3), found, strict=True):
            own = {state for state, is_used in zip(states, used, strict=True) if is_used}
            assert len(told) <= LONGEST
            assert "{" not in told
            assert told == " ".join(told.split())
            assert bool(told) is any(used)
            assert (unknown in told) is (UNKNOWN in own)
            assert (("but " if language == "en" else "aber ") in told) is (own >= {STRONG, WEAK})


def test_each_sentence_has_its_own_in_the_other_language() -> None:
    english, german = sentences(EVERYTHING, "en"), sentences(EVERYTHING, "de")
    assert len(set(english)) == len(set(german)) == 64


def test_an_axis_without_a_field_is_left_out_of_the_sentence() -> None:
    assert sentences((True, True, False), "en")[16 * STRONG + 4 * WEAK + UNKNOWN] == sentence(STRONG, WEAK, MIDDLING)
    assert set(sentences((False, False, False), "de")) == {""}


def test_scores_by_hand(module_bundle: Bundle) -> None:
    scorer = Scorer(module_bundle)  # the references run from -1 in steps of 0.02
    lead = scorer.score_one({"visits": 9, "source": "7", "income": 90_000, "job_title": "Head of Sales"})
    assert (lead.interest, lead.ability, lead.authority) == pytest.approx((0.8 - 0.4, 0.45, 0.7))
    assert (lead.interest_score, lead.ability_score, lead.authority_score) == (71, 74, 86)
    assert lead.summary == "keen, able and probably decides"
    low = scorer.score_one({"visits": 0, "source": "7", "newsletter": "no", "income": 0, "job_title": "clerk"})
    assert low.interest == pytest.approx(-0.6 - 0.4 - 0.15)
    assert (low.interest_score, low.summary) == (1, "shows little interest")


@given(LEADS)
def test_unknown_is_what_nothing_is_known_of(module_bundle: Bundle, lead: dict[str, object]) -> None:
    scorer = Scorer(module_bundle)
    scored = scorer.score_one(lead)
    for axis, name in zip(SCORED, SCORES, strict=True):
        fields = [field for field, own in AXIS_OF.items() if own == axis]
        unknown = all(lead[field] is None for field in fields)
        assert (getattr(scored, name) is None) is unknown
        missing = [one.missing for one in explain(scorer, lead) if one.axis == axis]
        assert all(missing) is unknown
    assert ("known" in scored.summary) is any(getattr(scored, name) is None for name in SCORES)


def test_an_axis_is_unknown_however_little_its_missing_values_are_worth(module_bundle: Bundle) -> None:
    scored = Scorer(module_bundle).score_one({"visits": 9})
    assert scored.ability <= -CLEARLY
    assert (scored.ability_score, scored.authority_score) == (None, None)
    assert scored.summary == "keen; means and authority are not known"


@given(LEADS, st.sampled_from(sorted(VALUES)), st.data())
def test_an_edit_moves_only_the_axes_of_its_terms(
    module_bundle: Bundle, paired_bundle: Bundle, lead: dict[str, object], field: str, data: Any
) -> None:
    edited = lead | {field: data.draw(st.sampled_from(VALUES[field]))}
    for bundle in (module_bundle, paired_bundle):
        scorer = Scorer(bundle)
        moved = {AXIS_OF[name] for name in touched(bundle.scorecard, field)}
        before, after = scorer.score_one(lead), scorer.score_one(edited)
        for axis in AXES:
            if axis not in moved:
                assert getattr(before, axis) == getattr(after, axis)
        for axis, name in zip(SCORED, SCORES, strict=True):
            if axis not in moved:
                assert getattr(before, name) == getattr(after, name)
    assert touched(module_bundle.scorecard, field) <= {field}


def touched(card: Scorecard, field: str) -> set[str]:
    """The fields whose contributions hang on a field: its own, and its partners in pairs."""
    own = {field} if any(term.part.split(".")[0] == field for term in card.terms) else set()
    pairs = [{part.split(".")[0] for part in pair.parts} for pair in card.pairs]
    return own.union(*(pair for pair in pairs if field in pair))


def test_a_model_of_before_has_no_axis_scores_but_sums_and_a_sentence(module_bundle: Bundle, tmp_path: Path) -> None:
    passport = msgspec.structs.replace(module_bundle.passport, axis_reference={})
    old = load(save(msgspec.structs.replace(module_bundle, passport=passport), tmp_path / "old"))
    assert json.loads((tmp_path / "old" / "manifest.json").read_bytes())["format"] == 1
    assert b"axis_reference" not in (tmp_path / "old" / "passport.json").read_bytes()
    scored = Scorer(old).score_one({"visits": 9, "source": "web", "job_title": "Head of Sales"})
    assert [getattr(scored, name) for name in SCORES] == [None] * 3
    assert scored.summary == "keen and probably decides; the means are not known"
    assert not Scorer(old).legend.scores_axes
    assert Legend().scores_axes is False


def test_a_model_with_axis_references_is_of_a_format_that_older_readers_refuse(
    module_bundle: Bundle, tmp_path: Path
) -> None:
    folder = save(module_bundle, tmp_path / "new")
    assert json.loads((folder / "manifest.json").read_bytes())["format"] == 2
    assert load(folder).passport.axis_reference == module_bundle.passport.axis_reference


def test_the_columns_stand_where_they_are_said_to_stand() -> None:
    names = [field.name for field in msgspec.structs.fields(ScoredLead)]
    assert names[names.index("grade") + 1 :][:3] == list(SCORES)
    assert names[names.index("reasons") - 1] == "summary"


def test_the_language_is_that_of_the_reasons(module_bundle: Bundle) -> None:
    scored = Scorer(module_bundle, language="de").score_one({"visits": 9})
    assert scored.summary == "interessiert; Mittel und Befugnis sind nicht bekannt"
