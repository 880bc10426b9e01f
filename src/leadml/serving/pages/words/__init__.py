"""The words of the web page. To add a language: a folder with the keys of ``en``, and an entry in ``WORDS``."""

from collections.abc import Mapping

from leadml.leads.schema import Language
from leadml.serving.pages.words import de, en

Words = Mapping[str, str]


def _bound(words: Words) -> Words:
    """Keep a number and its percent sign on one line."""
    return {key: text.replace(" %", "\u00a0%").replace("-%-", "\u2011%\u2011") for key, text in words.items()}


WORDS: Mapping[Language, Words] = {
    "en": _bound(en.WORDS),
    "de": _bound(de.WORDS),
}
