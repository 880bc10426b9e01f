"""Leaks in words: every test has a sentence in both languages, which names all it must."""

from collections.abc import Mapping
from typing import get_args

import pytest
from telling import sample

from leadml.leads.schema import LANGUAGES, Language
from leadml.learning.leaks.finding import Test as LeakTest
from leadml.report.evidence import Suspicion
from leadml.report.leaks import found, with_mend
from leadml.report.voice import Voice

FACTS: Mapping[str, Mapping[str, int | float | str]] = {
    "known_at": {"share": 0.98, "n": 1200},
    "outcome": {"decided": 0.91, "still": 0.3, "level": "'new'"},
    "level": {"level": "'paid'", "n": 1200, "rate": 0.98, "base": 0.1},
    "power": {"auc": 0.93},
    "missing": {"converted": 0.41, "others": 0.18},
    "name": {"why": "a stage", "auc": 0.6},
    "collapse": {"auc": 0.9, "auc_known": 0.6},
    "id": {"auc": 0.9},
    "order": {"auc": 0.9},
    "duplicates": {"n": 1200},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("test", get_args(LeakTest))
def test_each_test_has_its_sentence(test: str, language: Language) -> None:
    voice = Voice.of(sample().bundle, language)
    one = Suspicion("visits", False, test, dict(FACTS[test]))
    text = found(one, voice)
    assert text.endswith(".")
    assert "{" not in text
    if "n" in FACTS[test]:
        assert {"en": "1,200", "de": "1.200"}[language] in text
    assert with_mend(one, voice).startswith(text)
    assert with_mend(one, voice) != with_mend(Suspicion("visits", True, test, dict(FACTS[test])), voice)
