"""The pages: they say what the run found, in both languages, to everybody, and ask nobody for anything."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest
from reading import Element, parse
from telling import Told, noise, sample, wide

from leadml.leads.schema import LANGUAGES, Language
from leadml.model.bundle import Bundle, Interval
from leadml.report.evidence import Evidence, Suspicion, to_json
from leadml.report.numbers import Numbers
from leadml.report.page import render_report, style
from leadml.report.words import WORDS

MEGABYTE = 1_000_000
PAGES: dict[str, Callable[[], Callable[[Language], str]]] = {
    "report": lambda: sample().report,
    "card": lambda: sample().card,
    "report of noise": lambda: noise().report,
    "card of noise": lambda: noise().card,
}


@pytest.fixture(params=[(name, language) for name in PAGES for language in LANGUAGES], ids=" ".join)
def page(request: pytest.FixtureRequest) -> tuple[str, Element, str]:
    """Each page in each language: its language, its tree, its source."""
    name, language = request.param
    source = PAGES[name]()(language)
    return language, parse(source), source


def test_a_page_names_its_language_and_has_one_title(page: tuple[str, Element, str]) -> None:
    language, root, source = page
    assert source.startswith("<!DOCTYPE html>")
    (html,) = root.all("html")
    assert html.attributes["lang"] == language
    assert len(root.all("h1")) == 1
    (title, *_) = root.all("title")
    assert title.text
    assert all("lang" in one.attributes for one in (*root.all("q"),))


def test_nothing_is_asked_of_anybody(page: tuple[str, Element, str]) -> None:
    _, root, source = page
    assert not root.all("script")
    assert not re.search(r"https?://|//[a-z]+\.|@import|url\(", source)
    for one in root.every():
        for name, value in one.attributes.items():
            assert name != "src", one
            assert not name.startswith("on"), one
            assert name != "href" or value.startswith(("#", "data:")), value
    policy = next(one for one in root.all("meta") if one.attributes.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy.attributes["content"]


def test_every_picture_has_a_name_words_and_a_table(page: tuple[str, Element, str]) -> None:
    _, root, _ = page
    for svg in root.all("svg"):
        assert svg.attributes["role"] == "img"
        first, second = svg.children[:2]
        assert (first.tag, second.tag) == ("title", "desc")
        assert first.text
        assert second.text
        assert svg.attributes["aria-labelledby"] == f"{first.attributes['id']} {second.attributes['id']}"
    for figure in root.all("figure"):
        assert len(figure.all("svg")) == len(figure.all("table")) == len(figure.all("figcaption")) == 1
        assert figure.all("figcaption")[0].text


def test_every_table_has_a_caption_and_headers_with_scope(page: tuple[str, Element, str]) -> None:
    _, root, _ = page
    assert root.all("table")
    for table in root.all("table"):
        (caption,) = table.all("caption")
        assert caption.text
        (head,) = table.all("thead")
        assert {one.attributes["scope"] for one in head.all("th")} == {"col"}
        width = len(head.all("th"))
        for row in table.all("tbody")[0].all("tr"):
            assert [one.attributes["scope"] for one in row.all("th")] == ["row"], caption.text
            assert len(row.children) == width, caption.text
            assert row.children[0].text, caption.text


def test_headings_go_down_by_single_steps_and_ids_are_the_only_ones(page: tuple[str, Element, str]) -> None:
    _, root, _ = page
    levels = [int(one.tag[1]) for one in root.every() if re.fullmatch(r"h[1-6]", one.tag)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels)), levels
    ids = Counter(one.attributes["id"] for one in root.every() if "id" in one.attributes)
    assert not [name for name, n in ids.items() if n > 1]
    for one in root.every():
        for name in one.attributes.get("aria-labelledby", "").split():
            assert name in ids
        target = one.attributes.get("href", "")
        assert not target.startswith("#") or target[1:] in ids


def test_no_number_is_left_unwritten(page: tuple[str, Element, str]) -> None:
    _, root, _ = page
    (body,) = root.all("body")
    assert not re.search(r"\bnan\b|\binf\b|None|\{\w*\}|undefined", body.text)


def test_texts_of_the_table_stay_texts() -> None:
    source = noise().report("en")
    assert "<script" not in source
    assert "<b>" not in source
    assert "<b>colour</b>" in parse(source).text


def test_the_report_says_what_the_run_found(language: Language) -> None:
    told, numbers = sample(), Numbers(language)
    text, test = parse(told.report(language)).text, told.bundle.passport.test
    for name in ("roc_auc", "log_loss", "brier"):
        one = test.metrics[name]
        assert f"{numbers.decimal(one.value, 3)} ({numbers.decimal(one.low, 3)}" in text.replace("\u00a0", " "), name
    assert _plain(numbers.percent(test.metrics["capture_at_20pct"].value)) in _plain(_h1(told, language))
    assert _plain(numbers.percent(test.base_rate, 1)) in _plain(text)
    for count in (test.n, test.n_converted, told.evidence.flow.rows, told.bundle.passport.n_leads):
        assert numbers.count(count) in text
    for rule, metrics in test.naive.items():
        assert numbers.decimal(metrics["roc_auc"].value, 3) in text, rule
    assert told.bundle.passport.verdict in text


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    found: Language = request.param
    return found


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def _h1(told: Told, language: Language) -> str:
    return parse(told.report(language)).all("h1")[0].text


def test_a_model_without_signal_gets_a_clear_no(language: Language) -> None:
    told = noise()
    assert not told.bundle.passport.promoted
    root = parse(told.report(language))
    assert root.all("h1")[0].text.startswith({"en": ("No", "Not yet"), "de": ("Nein", "Noch nicht")}[language])
    assert WORDS[language]["not_promoted"] in root.text
    assert WORDS[language]["next_signal"] in root.text
    assert WORDS[language]["trust_undated"] in root.text
    assert WORDS[language]["delay_none"] in root.text
    assert WORDS[language]["glass_none"] in root.text


def test_every_refusal_has_its_words(language: Language) -> None:
    told = sample()
    passport = msgspec.structs.replace(told.bundle.passport, promoted=False)
    bundle = msgspec.structs.replace(told.bundle, passport=passport)
    signal = told.evidence.checks
    titles = set()
    for i in range(len(signal)):
        checks = tuple(msgspec.structs.replace(check, passed=j != i) for j, check in enumerate(signal))
        titles.add(_title(bundle, msgspec.structs.replace(told.evidence, checks=checks), language))
    beaten = msgspec.structs.replace(signal[1], gate="champion", passed=False)
    for checks in ((*signal, beaten), signal, ()):
        titles.add(_title(bundle, msgspec.structs.replace(told.evidence, checks=checks), language))
    assert len(titles) == 6
    assert not titles & {_h1(told, language)}


def _title(bundle: Bundle, evidence: Evidence, language: Language) -> str:
    return parse(render_report(bundle, evidence, language)).all("h1")[0].text


def test_a_suspected_leak_is_told_first(language: Language) -> None:
    told = sample()
    evidence = msgspec.structs.replace(told.evidence, suspicions=(Suspicion("visits", False, "power", {"auc": 0.97}),))
    text = parse(render_report(told.bundle, evidence, language)).text
    said = WORDS[language]["leak_power"].format(field="visits", auc=Numbers(language).decimal(0.97, 2))
    assert f"{said} {WORDS[language]['trust_leak']}" in text
    assert f"{said} {WORDS[language]['leak_mend']}" in text


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(1.1, 1.6, "trust_timid"), (0.3, 0.8, "trust_bold"), (0.8, 1.3, None)],
)
def test_probabilities_that_are_too_timid_or_too_bold(
    language: Language, low: float, high: float, said: str | None
) -> None:
    told = sample()
    test = told.bundle.passport.test
    metrics = test.metrics | {"calibration_slope": Interval(1.25, low, high)}
    passport = msgspec.structs.replace(told.bundle.passport, test=msgspec.structs.replace(test, metrics=metrics))
    text = parse(render_report(msgspec.structs.replace(told.bundle, passport=passport), told.evidence, language)).text
    for key in ("trust_timid", "trust_bold"):
        assert (WORDS[language][key].split("(")[0] in text) is (key == said)


def test_the_pages_are_small_even_with_a_hundred_fields() -> None:
    assert len(sample().report("de").encode()) < MEGABYTE
    told = wide(100)
    assert len(told.evidence.terms) == 100
    for language in LANGUAGES:
        source = told.report(language)
        assert len(source.encode()) < 3 * MEGABYTE
        assert len(parse(source).all("svg")) >= 100
    assert len(to_json(told.evidence)) < MEGABYTE


def test_the_evidence_holds_no_lead() -> None:
    told = sample()
    said = to_json(told.evidence).decode() + told.report() + told.card()
    for name in ("lead_id", "email"):
        values = told.training.leads.table.column(name).to_pylist()
        assert not [value for value in values if len(value or "") > 5 and "unknown" not in value and value in said], (
            name
        )


def test_evidence_reads_back_the_same() -> None:
    told = sample()
    assert msgspec.json.decode(to_json(told.evidence), type=Evidence) == told.evidence


COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{6})")
ON_CARD = ("ink", "muted", "model", "neg", "rule", "good", "careful", "bad")


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_texts_can_be_read_in_light_and_dark() -> None:
    """WCAG 2.2: text 4.5 to 1 (1.4.3), what a picture is made of 3 to 1 (1.4.11)."""
    light_sheet, dark_sheet = str(style()).split("prefers-color-scheme: dark", 1)
    light = dict(COLOUR.findall(light_sheet))
    dark = light | dict(COLOUR.findall(dark_sheet[: dark_sheet.index("* {")]))
    for theme in (light, dark):
        for name in ON_CARD:
            for ground in ("card", "bg", "faint"):
                assert _contrast(theme[name], theme[ground]) >= 4.5, (name, ground, theme[name])
        for name in ("good", "careful", "bad"):
            assert _contrast(theme[name], theme[f"{name}-bg"]) >= 4.5, name
        for name in ("random", "rule-2"):
            assert _contrast(theme[name], theme["card"]) >= 3, name


def test_print_is_light_and_cuts_no_picture() -> None:
    sheet = str(style())
    assert "@media screen and (prefers-color-scheme: dark)" in sheet  # so paper never is
    printed = sheet[sheet.index("@media print") :]
    assert re.search(r"figure[^{]*\{ break-inside: avoid", printed)
