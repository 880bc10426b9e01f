"""Which column says what became of a lead, and which of its values mean converted, lost or open."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from leadml.leads.coercion import YES, level
from leadml.leads.guesses.crm_entry import Crm
from leadml.leads.guesses.portrait import Portrait
from leadml.leads.guesses.vocabulary import EARLIER, MONEY, OUTCOME, QUALIFIED, STATUS, Status, spoken, status_of
from leadml.leads.schema import Outcomes

MOST = 40  # levels of an outcome
Values = tuple[tuple[str, int], ...]  # (text, count)


@dataclass(frozen=True, slots=True)
class Placed:
    """The values of an outcome by what they mean; ``unsure``: value -> why a person must say what it means.

    ``yes_no``: it only says whether a lead converted, so "no" may mean not yet.
    """

    converted: Values
    lost: Values
    open: Values
    unsure: Mapping[str, str]
    yes_no: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether some leads converted and some did not."""
        return bool(self.converted) and bool(self.lost or self.open)

    @property
    def outcomes(self) -> Outcomes:
        """What each value means."""
        return Outcomes(*(tuple(text for text, _ in values) for values in (self.converted, self.lost, self.open)))


@dataclass(frozen=True, slots=True)
class OutcomeGuess:
    """The outcome's column, why it was taken, its values, and the other columns that might be it."""

    column: str
    why: str
    placed: Placed
    others: tuple[str, ...] = ()


def guess_outcome(columns: Sequence[Portrait], crm: Crm | None) -> OutcomeGuess | None:
    """Return the column that most looks like the outcome, or None."""
    known = crm.role("outcome", [one.name for one in columns]) if crm else ()
    found = []
    for i, one in enumerate(columns):
        placed = place(one, crm)
        score, why = _score(one, placed)
        if crm is not None and one.name in known:
            score, why = 20 - 2 * known.index(one.name), f"the outcome in {crm.name}"
        if score > 0 and placed.is_usable:
            found.append((score + 0.5 * (i == len(columns) - 1), why, one, placed))
    if not found:
        return None
    found.sort(key=lambda one: -one[0])
    _, why, best, placed = found[0]
    others = () if best.name in known else tuple(one.name for score, _, one, _ in found[1:] if score >= 3)
    return OutcomeGuess(best.name, why, placed, others)


def _score(one: Portrait, placed: Placed) -> tuple[float, str]:
    """Return how much speaks for a column as the outcome, 0 where nothing does, and what."""
    if not 2 <= one.n_levels <= MOST or one.n_levels > len(one.levels):
        return 0.0, ""
    named = 4 if OUTCOME.fullmatch(one.words) else 3 if OUTCOME.search(one.words) else 0
    named = named or (2 if STATUS.search(one.words) or (one.is_binary and MONEY.fullmatch(one.words)) else 0)
    if EARLIER.search(one.words):
        named -= 3
    if one.is_binary:
        return (1.0 + named, "its name, and it says yes or no") if named > 1 else (0.0, "")
    if not placed.converted:
        return 0.0, ""
    spoken_for = 4 if placed.lost else 3
    name = "its name and its values" if named > 0 else "its values"
    return float(spoken_for + (named or -1.5)), name


def place(one: Portrait, crm: Crm | None) -> Placed:
    """Say what each value of a column would mean, were it the outcome."""
    if one.is_binary:
        yes = tuple(pair for pair in one.levels if level(pair[0]) in YES)
        return Placed(yes, tuple(pair for pair in one.levels if pair not in yes), (), {}, yes_no=True)
    meant = {text: (crm.status_of(text) if crm else None) or status_of(text) for text, _ in one.levels}
    unsure: dict[str, str] = {}
    said = set(meant.values())
    for text, status in meant.items():
        if QUALIFIED.match(spoken(text)) and not (crm and crm.status_of(text)):
            meant[text], unsure[text] = _qualified(said)
        elif status is None:
            unsure[text] = "does it mean converted, lost or open?"
    by: dict[Status, list[tuple[str, int]]] = {"converted": [], "lost": [], "open": []}
    for text, n in one.levels:
        by[meant[text] or "open"].append((text, n))
    return Placed(tuple(by["converted"]), tuple(by["lost"]), tuple(by["open"]), unsure)


def _qualified(others: Collection[Status | None]) -> tuple[Status, str]:
    """Return what "qualified" means: a step on the way where another value means converted, else the end of it."""
    if "converted" in others:
        return "open", "is it only a step on the way?"
    return "converted", "is it the end that you sell towards?"


def rarest_as_converted(one: Portrait) -> Placed:
    """Place the values of a column that says nothing: the rarest frequent value is taken for converted."""
    frequent = [pair for pair in one.levels if pair[1] >= 25] or list(one.levels)
    chosen = frequent[-1]
    rest = tuple(pair for pair in one.levels if pair != chosen)
    return Placed((chosen,), rest, (), {chosen[0]: "no value says converted, so a rare one was taken; is it right?"})
