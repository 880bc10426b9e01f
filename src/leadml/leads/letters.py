"""Letters as people type them: without case and accents, umlauts as two letters."""

import unicodedata

# letters that are no other one with a mark on it, and how they are written where they lack
AS_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "ø": "oe", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})


def folded(text: str) -> str:
    """Return a text without case: ``Müßig`` as ``müssig``."""
    return unicodedata.normalize("NFKC", text).casefold()


def as_two(text: str) -> str:
    """Return a folded text with its umlauts as two letters: ``müssig`` as ``muessig``."""
    return bare(text.translate(AS_TWO))


def bare(text: str) -> str:
    """Return a text without the marks on its letters: ``müssig`` as ``mussig``."""
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def spellings(text: str) -> str:
    """Return a text in all the ways in which somebody may look for it, one after the other."""
    one = folded(text)
    return one if one.isascii() else " ".join(dict.fromkeys((one, as_two(one), bare(one))))
