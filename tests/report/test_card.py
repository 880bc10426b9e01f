"""The model card: whole with the evidence of the training, honest without."""

import msgspec
import pytest
from reading import parse
from telling import noise, sample

from leadml.leads.schema import LANGUAGES, Language
from leadml.report.card import AVOID, render_card
from leadml.report.numbers import Numbers
from leadml.report.words import WORDS


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    found: Language = request.param
    return found


def test_the_card_has_what_a_reviewer_needs(language: Language) -> None:
    told, words = sample(), WORDS[language]
    root = parse(told.card(language))
    headings = [one.text for one in root.all("h2")]
    expected = ("purpose", "data", "tested", "segments", "limits", "sign")
    assert headings == [words[f"card_h_{name}"] for name in expected]
    for name in AVOID:
        assert " ".join(words[f"avoid_{name}"].split()) in root.text
    for name in ("sign_name", "sign_date", "sign_signature", "sign_yes", "sign_no"):
        assert words[name] in root.text
    passport = told.bundle.passport
    assert passport.data_digest in root.text
    assert Numbers(language).count(passport.n_leads) in root.text
    assert Numbers(language).decimal(passport.test.metrics["roc_auc"].value, 3) in root.text
    assert words["limit_causes"] in root.text


def test_segments_of_protected_columns_have_a_table_of_their_own() -> None:
    told = sample()
    captions = {one.all("caption")[0].text: one for one in parse(told.card()).all("table")}
    table = captions[WORDS["en"]["segments_protected_caption"]]
    rows = [row.children[0].text for row in table.all("tbody")[0].all("tr")]
    assert rows
    assert all(name.startswith("age: ") for name in rows)


def test_without_evidence_the_card_says_what_it_cannot_tell(language: Language) -> None:
    told = sample()
    root = parse(render_card(told.bundle, None, language))
    assert WORDS[language]["segments_unknown"] in root.text
    captions = {one.all("caption")[0].text for one in root.all("table")}
    assert not captions & {WORDS[language]["segments_caption"], WORDS[language]["segments_protected_caption"]}
    assert WORDS[language]["metrics_caption"] in captions


def test_a_bundle_of_before_with_few_metrics_and_no_rules_has_a_card(language: Language) -> None:
    told = sample()
    old = told.bundle.passport
    few = {"roc_auc": old.test.metrics["roc_auc"]}
    test = msgspec.structs.replace(old.test, metrics=few, naive={})
    passport = msgspec.structs.replace(old, test=test, trained_until=None, horizon_days=None, as_of=None)
    root = parse(render_card(msgspec.structs.replace(told.bundle, passport=passport), None, language))
    assert WORDS[language]["trust_undated"] in root.text
    assert WORDS[language]["within_none"] in root.text


def test_a_card_of_a_refused_model_says_so(language: Language) -> None:
    told = noise()
    text = parse(told.card(language)).text
    assert WORDS[language]["limit_not_promoted"] in text
    assert WORDS[language]["protected_none"] in text
    assert told.bundle.passport.verdict in text
