"""The words of the web page: both languages whole, with the same blanks, and none that no page says."""

import re
from pathlib import Path
from string import Formatter

import pytest

import leadml.serving
from leadml.serving.pages.words import WORDS, de, en
from leadml.serving.problems import TITLES

ROOM = Path(leadml.serving.__file__).parent
STRENGTHS = {f"{how}_{side}" for how in ("strong", "clear", "weak") for side in ("for", "against")}
PARTS = ("frame", "home", "model", "desk")


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_with_the_same_blanks() -> None:
    assert WORDS["en"].keys() == WORDS["de"].keys()
    for key in WORDS["en"]:
        assert _blanks(WORDS["en"][key]) == _blanks(WORDS["de"][key]), key
        assert WORDS["en"][key], key
        assert WORDS["de"][key], key


@pytest.mark.parametrize("language", [en, de])
def test_no_key_stands_in_two_parts(language: object) -> None:
    parts = [getattr(getattr(language, name), name.upper()) for name in PARTS]
    assert sum(map(len, parts)) == len(set().union(*parts))


def test_one_and_many_come_together() -> None:
    for key in WORDS["en"]:
        if key.endswith("_one"):
            assert key.removesuffix("_one") + "_many" in WORDS["en"], key


def test_no_words_are_idle() -> None:
    """A key stands in the code as it is, or begins with what the code puts before a blank: ``problem_{slug}``."""
    files = [path for path in ROOM.rglob("*") if path.suffix in (".py", ".html") and "words" not in path.parts]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    started = set(re.findall(r'"(\w+_)\{', code)) | set(re.findall(r'"(\w+_)" ~', code))
    idle = [
        key
        for key in WORDS["en"]
        if not re.search(rf"\b{key}\b", code)
        and not re.search(rf"\b{re.sub('_(one|many)$', '', key)}\b", code)
        and not any(key.startswith(start) for start in started)
        and key not in STRENGTHS
    ]
    assert not idle


def test_every_problem_that_a_page_can_meet_has_a_title_and_advice() -> None:
    api = {"invalid-http", "head-too-large", "invalid-json", "no-key"}
    for slug in TITLES.keys() - api:
        assert {f"problem_{slug}", f"advice_{slug}"} <= WORDS["de"].keys(), slug
