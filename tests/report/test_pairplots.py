"""Pairs on the report: what the leads say, in a picture, in words and in numbers."""

import re
from dataclasses import replace
from functools import cache

import msgspec
import numpy as np
import pytest
from reading import parse
from telling import Told, sample

from leadml.leads.schema import LANGUAGES, Language
from leadml.model.pairs import LevelSide, PairTerm, StepSide
from leadml.model.scorecard import CategoryTerm
from leadml.report.effects import effects, pair_facts
from leadml.report.page import render_report


@cache
def _paired() -> Told:
    """Return the sample's training with a pair, as if it had been proven."""
    told = sample()
    card, shots = told.bundle.scorecard, told.training.labelled.snapshots
    source = card.term("source")
    assert isinstance(source, CategoryTerm)
    rng = np.random.default_rng(0)
    points = tuple(tuple(row) for row in rng.normal(0, 0.3, (len(source.levels) + 2, 4)).tolist())
    pair = PairTerm(LevelSide("source", source.levels), StepSide("visits", (1.0, 4.0)), points)
    card = msgspec.structs.replace(card, pairs=(pair,)).centred(shots.parts)
    bundle = msgspec.structs.replace(told.bundle, scorecard=card)
    terms, axes = effects(card, bundle.schema, shots)
    evidence = msgspec.structs.replace(told.evidence, terms=terms, axes=axes, pairs=pair_facts(card, shots))
    return replace(told, bundle=bundle, evidence=evidence)


def test_facts_of_a_pair() -> None:
    told = _paired()
    shots, card = told.training.labelled.snapshots, told.bundle.scorecard
    (facts,) = told.evidence.pairs
    assert sum(map(sum, facts.leads)) == len(shots)
    assert facts.importance == pytest.approx(2 * np.abs(card.pairs[0].credit(shots.parts)).mean())
    expected = np.abs(card.contributions(shots.parts)).mean(axis=0)
    assert [one.importance for one in told.evidence.terms] == pytest.approx(expected.tolist())
    assert sum(one.share for one in told.evidence.axes) == pytest.approx(1.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_a_pair(language: Language) -> None:
    told = _paired()
    source = render_report(told.bundle, told.evidence, language)
    title, count = {"en": ("Fields that count together", "pairs"), "de": ("Felder, die zusammen zählen", "Paare")}[
        language
    ]
    assert title in source
    assert f"{count} " in source
    picture = re.search(r'<svg[^>]*aria-labelledby="pair-0-t pair-0-d".*?</svg>', source, re.DOTALL)
    assert picture is not None
    root = parse(picture.group())
    there = sum(n > 0 for row in told.evidence.pairs[0].leads for n in row)
    coloured = [one for one in root.all("rect") if one.attributes["fill-opacity"] != "0.00"]
    assert len(coloured) == there
    assert title in told.card(language)


def test_no_pairs_no_words_of_them() -> None:
    assert "Fields that count together" not in sample().report()
    assert "Fields that count together" not in sample().card()
