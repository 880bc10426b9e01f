"""What is known of one CRM: its columns, what they are for, and which of them are filled in late."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from leadml.leads.guesses.vocabulary import Status, spoken

WITH = "is filled in with the outcome"
MOVES = "is moved along while the lead is worked"
LAST = "is overwritten by whatever comes last"
COUNTS = "goes on counting until the lead is decided"
VISITS = "may count visits until the lead is decided: was it exported as it stood when the lead came in?"
WRITTEN = "names a person or a firm in free text"
SYSTEM = "is bookkeeping"


@dataclass(frozen=True)
class Crm:
    """One CRM; all names are as its maker writes them.

    ``own`` are columns that only this CRM has; ``roles`` lists the columns of each role, the best first; ``apart``:
    why -> columns that are not to be used; ``values``: what the values of its outcome mean where that is special;
    ``titles`` are its columns of job titles.
    """

    name: str
    source: str
    own: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]]
    apart: Mapping[str, tuple[str, ...]]
    values: Mapping[Status, tuple[str, ...]]
    titles: tuple[str, ...] = ()

    def role(self, role: str, columns: Collection[str]) -> tuple[str, ...]:
        """Return those of a table's columns that this CRM uses for a role, the best first."""
        by_words = {spoken(name): name for name in reversed(list(columns))}
        return tuple(by_words[spoken(name)] for name in self.roles.get(role, ()) if spoken(name) in by_words)

    def why_apart(self, column: str) -> str | None:
        """Return why a column must not be a field, as far as this CRM's ways are known, or None."""
        words = spoken(column)
        listed = (*self.apart.items(), (WITH, self.roles["outcome"]))
        return next((why for why, names in listed if words in map(spoken, names)), None)

    def is_title(self, column: str) -> bool:
        """Return whether a column holds job titles."""
        return spoken(column) in map(spoken, self.titles)

    def status_of(self, value: str) -> Status | None:
        """Return what a value of the outcome means in this CRM, or None where it has no say."""
        words = spoken(value)
        return next((status for status, texts in self.values.items() if words in map(spoken, texts)), None)


def names(listed: str) -> tuple[str, ...]:
    """Return the names between commas."""
    return tuple(" ".join(name.split()) for name in listed.split(","))
