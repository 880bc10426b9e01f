"""The words: both languages whole, with the same blanks, and none that no page says."""

import re
from pathlib import Path
from string import Formatter

import leadml.report
from leadml.leads.schema import AXES, PARTS
from leadml.learning.candidates import FAMILIES
from leadml.learning.metrics import METRICS
from leadml.report.words import WORDS

ROOM = Path(leadml.report.__file__).parent
MAY_BE_EMPTY = {"why_rows"}


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_with_the_same_blanks() -> None:
    en, de = WORDS["en"], WORDS["de"]
    assert en.keys() == de.keys()
    for key in en:
        assert _blanks(en[key]) == _blanks(de[key]), key
        assert (en[key] and de[key]) or key in MAY_BE_EMPTY, key


def test_every_metric_family_and_axis_has_words() -> None:
    for language, words in WORDS.items():
        for name in METRICS:
            assert {f"metric_{name}", f"meaning_{name}"} <= words.keys(), (language, name)
        for axis in AXES:
            assert f"axis_{axis}" in words
        suffixes = {suffix.removeprefix(".") for parts in PARTS.values() for suffix, _ in parts if suffix}
        assert {f"part_{suffix}" for suffix in suffixes} <= words.keys()
    assert {"family_logistic", "family_ebm", "family_blend", "family_trees"} <= WORDS["de"].keys()
    assert FAMILIES  # a family without words is called by its title


def test_no_words_are_idle() -> None:
    """A key stands in the code as it is, or begins with what the code puts before a blank: ``axis_{axis}``."""
    files = [path for path in ROOM.rglob("*") if path.suffix in (".py", ".html") and "words" not in path.parts]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    started = set(re.findall(r'"(\w+_)\{', code)) | set(re.findall(r'"(\w+_)" ~', code))
    idle = [
        key
        for key in WORDS["en"]
        if not re.search(rf"\b{key}\b", code) and not any(key.startswith(start) for start in started)
    ]
    assert not idle
