"""Leaks in words: which fields may know what came after the lead, by what, and what to do."""

from collections.abc import Sequence

from leadml.report.evidence import Suspicion
from leadml.report.voice import Voice

OF_TABLE = ("id", "order", "duplicates")
GRAVE = ("power", "known_at", "outcome", "level", "collapse")  # tests that say more than a name or a gap


def found(one: Suspicion, voice: Voice) -> str:
    """Return what was found in a sentence."""
    facts = {name: _shown(name, fact, voice) for name, fact in one.facts.items()}
    return voice.say(f"leak_{one.test}", field=voice.labels.field(one.field), **facts)


def with_mend(one: Suspicion, voice: Voice) -> str:
    """Return what was found, and what to do."""
    mend = "allowed" if one.allowed else "mend_table" if one.test in OF_TABLE else "mend"
    return f"{found(one, voice)} {voice.words[f'leak_{mend}']}"


def grave(suspicions: Sequence[Suspicion]) -> list[Suspicion]:
    """Return those that leave nothing to trust until they are cleared up."""
    return [one for one in suspicions if one.test in GRAVE]


def _shown(name: str, fact: float | str, voice: Voice) -> str:
    if isinstance(fact, str):
        return fact
    if isinstance(fact, int):
        return voice.numbers.count(fact)
    return voice.numbers.decimal(fact, 2) if name.startswith("auc") else voice.numbers.percent(fact)
