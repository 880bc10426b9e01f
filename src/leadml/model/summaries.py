"""A lead in a sentence: how interest, ability and authority stand, in English and German.

A sentence has up to three pieces: what is strong, what is weak, and what is not known, such as ``keen, but probably not
the one who decides`` and ``keen; who decides is not known``. Each piece is worded once for every set of axes; what is
middling is not worth a word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from leadml.leads.schema import Language

WEAK, MIDDLING, STRONG, UNKNOWN = range(4)
Set = str  # of axes, by their letters: i(nterest), a(bility), d(eciding)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The pieces by set of axes; a weak piece says with ``{but}`` where the word of contrast stands after a strong one.

    ``nothing`` is for leads of which no axis stands out.
    """

    strong: Mapping[Set, str]
    weak: Mapping[Set, str]
    unknown: Mapping[Set, str]
    but: str
    nothing: str


GRAMMARS: Mapping[Language, Grammar] = {
    "en": Grammar(
        strong={
            "i": "keen",
            "a": "has the means",
            "d": "probably decides",
            "ia": "keen and able",
            "id": "keen and probably decides",
            "ad": "able and probably decides",
            "iad": "keen, able and probably decides",
        },
        weak={
            "i": "{but}shows little interest",
            "a": "{but}the means are probably lacking",
            "d": "{but}probably not the one who decides",
            "ia": "{but}shows little interest and probably lacks the means",
            "id": "{but}shows little interest and probably does not decide",
            "ad": "{but}probably has neither the means nor the say",
            "iad": "{but}shows little interest and probably has neither the means nor the say",
        },
        unknown={
            "i": "the interest is not known",
            "a": "the means are not known",
            "d": "who decides is not known",
            "ia": "interest and means are not known",
            "id": "interest and authority are not known",
            "ad": "means and authority are not known",
            "iad": "interest, means and authority are not known",
        },
        but="but ",
        nothing="nothing stands out",
    ),
    "de": Grammar(
        strong={
            "i": "interessiert",
            "a": "hat die Mittel",
            "d": "entscheidet wohl selbst",
            "ia": "interessiert und hat die Mittel",
            "id": "interessiert und entscheidet wohl selbst",
            "ad": "hat die Mittel und entscheidet wohl selbst",
            "iad": "interessiert, hat die Mittel und entscheidet wohl selbst",
        },
        weak={
            "i": "zeigt {but}wenig Interesse",
            "a": "hat {but}wohl nicht die Mittel",
            "d": "entscheidet {but}wohl nicht selbst",
            "ia": "zeigt {but}wenig Interesse und hat wohl nicht die Mittel",
            "id": "zeigt {but}wenig Interesse und entscheidet wohl nicht selbst",
            "ad": "hat {but}wohl weder die Mittel noch das Sagen",
            "iad": "zeigt {but}wenig Interesse und hat wohl weder die Mittel noch das Sagen",
        },
        unknown={
            "i": "das Interesse ist nicht bekannt",
            "a": "die Mittel sind nicht bekannt",
            "d": "wer entscheidet, ist nicht bekannt",
            "ia": "Interesse und Mittel sind nicht bekannt",
            "id": "Interesse und Befugnis sind nicht bekannt",
            "ad": "Mittel und Befugnis sind nicht bekannt",
            "iad": "Interesse, Mittel und Befugnis sind nicht bekannt",
        },
        but="aber ",
        nothing="nichts sticht heraus",
    ),
}


def sentences(used: Sequence[bool], language: Language) -> list[str]:
    """Return the sentence of each state of the three axes: the states are the digits of its place, to the base 4.

    Axes that are not ``used`` are left out; without any, all sentences are empty.
    """
    grammar = GRAMMARS[language]
    return [_sentence(states, used, grammar) for states in product(range(4), repeat=3)]


def _sentence(states: Sequence[int], used: Sequence[bool], grammar: Grammar) -> str:
    def axes(wanted: int) -> Set:
        found = zip("iad", states, used, strict=True)
        return "".join(letter for letter, state, is_used in found if is_used and state == wanted)

    if not any(used):
        return ""
    strong, weak = grammar.strong.get(axes(STRONG), ""), grammar.weak.get(axes(WEAK), "")
    told = [strong] if strong else []
    told += [weak.format(but=grammar.but if strong else "")] if weak else []
    unknown = grammar.unknown.get(axes(UNKNOWN), "")
    return "; ".join(filter(None, (", ".join(told), unknown))) or grammar.nothing
