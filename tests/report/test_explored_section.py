"""The section on leads drawn by lot: what it says in plain words, in both languages."""

from dataclasses import replace

import msgspec
import pytest
from reading import parse
from telling import Told, noise, sample

from leadml.leads.schema import Language
from leadml.model.bundle import Interval
from leadml.report.evidence import from_json, to_json
from leadml.report.explored import Explored, Missed
from leadml.report.rates import Rate

METRICS = {"roc_auc": Interval(0.71, 0.66, 0.76), "log_loss": Interval(0.12, 0.1, 0.14)}
MISSED = Missed("industry", "handwerk", None, Rate(85, 14), 1.9, 0.0001)
FACTS = Explored(
    rate=Rate(400, 13),
    below=Interval(0.031, 0.018, 0.05),
    said=0.0102,
    excess=True,
    needed=300,
    n_groups=61,
    group_size=40,
    group_times=7.31,
    missed=(MISSED,),
    n_listed=4000,
    n_effective=612.4,
    weighted=METRICS,
    plain=METRICS,
)


def told(facts: Explored | None) -> Told:
    return replace(sample(), evidence=msgspec.structs.replace(sample().evidence, explored=facts))


def section(facts: Explored, language: Language = "en") -> str:
    page = parse(told(facts).report(language))
    return next(one.text for one in page.all("section") if one.attributes.get("id") == "explored")


def test_it_says_what_skipping_costs_and_what_is_missed() -> None:
    said = section(FACTS)
    assert "Among leads the model would have skipped, 3.1% (1.8% to 5.0%) converted" in said
    assert "it said 1.0%" in said
    assert "missing something in industry = Handwerk." in said
    assert "0.710 (0.660 to 0.760)" in said
    assert "4,000 leads on lists" in said
    assert "worth 612" in said


def test_it_says_so_in_german() -> None:
    said = section(FACTS, "de")
    assert "haben 3,1 % (1,8 % bis 5,0 %) gekauft" in said
    assert "Es übersieht etwas bei Branche = Handwerk" in said


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            msgspec.structs.replace(FACTS, missed=(), excess=False, needed=900),
            "about 900 outcomes of leads drawn by lot are needed",
        ),
        (
            msgspec.structs.replace(FACTS, missed=(), excess=False),
            "Nothing is proven to be missing (a group of 40 leads would have to convert 7.3 times",
        ),
        (msgspec.structs.replace(FACTS, missed=()), "More of them convert than it says."),
        (msgspec.structs.replace(FACTS, missed=(msgspec.structs.replace(MISSED, level=None),)), "industry: unknown"),
        (
            msgspec.structs.replace(FACTS, missed=(Missed("budget", None, (1000.0, None), Rate(9, 3), 0.1, 0.01),)),
            "yearly budget in euros: 1,000 or more",
        ),
    ],
)
def test_it_says_what_is_not_proven(facts: Explored, words: str) -> None:
    assert words in section(facts)


def test_without_leads_drawn_by_lot_there_is_no_section() -> None:
    for made in (told(None), noise()):
        page = parse(made.report())
        assert not [one for one in page.every() if one.attributes.get("href") == "#explored"]
        assert not [one for one in page.all("section") if one.attributes.get("id") == "explored"]


def test_it_is_kept_with_the_evidence() -> None:
    evidence = told(FACTS).evidence
    assert from_json(to_json(evidence)) == evidence
