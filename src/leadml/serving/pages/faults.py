"""Faults and notes of a file, in the language of the page and without what only its administrator could do."""

import re
from functools import cache

from leadml.leads.schema import Language
from leadml.serving.pages.words.de.faults import FAULTS

_FOR_OTHERS = re.compile(r"; (?:say .+ in \[leads\.formats\]|(?:sheet|header_row) names another)")


def plain(message: str, language: Language) -> str:
    """Return a message in the words of a language; pieces that are not known stay as they are."""
    message = _FOR_OTHERS.sub("", message)
    if language == "en":
        return message
    pieces = [_translated(piece) for piece in re.split(r"(; |: (?=must ))", message)]
    return _upper("".join(pieces), like=message)


def _translated(piece: str) -> str:
    for pattern, words in _patterns():
        match = pattern.fullmatch(piece)
        if match is not None:
            return match.expand(words)
    return piece


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.DOTALL), words) for pattern, words in FAULTS)


def _upper(text: str, *, like: str) -> str:
    """Begin a note with a capital; what begins with the name of a file, or goes on after a column's, is left."""
    return text if like.startswith("must ") or text[:3] == like[:3] else text[:1].upper() + text[1:]
