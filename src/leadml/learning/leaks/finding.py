"""A finding: which field leaks, how sure that is, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from leadml.leads.parts import Column, Levels

Verdict = Literal["proven", "suspect"]
Test = Literal["known_at", "outcome", "level", "power", "missing", "name", "collapse", "id", "order", "duplicates"]
Fact = int | float | str  # a count; a share from 0 to 1 (a ROC AUC where the name begins with "auc"); a text
Codes = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a test found: its figure, a sentence that follows the field's name, and the facts that it names."""

    test: Test
    figure: float
    sentence: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Leak:
    """A field that leaks; ``allowed``: it is proven, but the user lets it in, so that it is only a suspect."""

    field: str
    verdict: Verdict
    evidence: Evidence
    allowed: bool = False

    def __str__(self) -> str:
        """Return the finding in words, with the mend."""
        told = f"{self.field!r} {self.evidence.sentence}"
        if self.verdict == "proven":
            return told
        if self.allowed:
            return f"{told}; leads.allow lets it in"
        if self.evidence.test in _OF_TABLE:
            return f"{told}; look how the table was exported"
        return f"{told}; look when it is filled in: if that is after the outcome, name it under leads.ignore"


_OF_TABLE = ("id", "order", "duplicates")


def finding(verdict: Verdict, test: Test, words: str, figure: float, /, **facts: Fact) -> Callable[[str], Leak]:
    """Return what makes a leak of a field; ``words`` is the sentence with blanks for the facts."""
    told = {name: _shown(name, fact) for name, fact in facts.items()}
    evidence = Evidence(test, float(figure), words.format(**told), facts)
    return lambda field: Leak(field, verdict, evidence)


def _shown(name: str, fact: Fact) -> str:
    if isinstance(fact, str):
        return fact
    if isinstance(fact, int):
        return f"{fact:,}"
    return f"{fact:.2f}" if name.startswith("auc") else f"{fact:.0%}"


def lower(found: float, n: int, error: float) -> float:
    """Return the one-sided lower bound of a share of which ``found`` of n were seen (Clopper, Pearson 1934)."""
    return float(betaincinv(found, n - found + 1, error)) if found > 0 else 0.0


def upper(found: float, n: int, error: float) -> float:
    """Return the one-sided upper bound, likewise."""
    return float(betaincinv(found + 1, n - found, 1 - error)) if found < n else 1.0


def states(column: Column) -> tuple[Codes, Callable[[int], str]]:
    """Return the code (n,) of each value, 0 where it is missing, and the text of a code; equal numbers share one."""
    if isinstance(column, Levels):
        return column.codes + 1, lambda code: column.levels[code - 1]
    values, codes = np.unique(column, return_inverse=True)  # NaN comes last, and once
    missing = len(values) - 1 if len(values) and np.isnan(values[-1]) else -1
    codes = np.where(codes == missing, 0, codes + 1).astype(np.intp)
    return codes, lambda code: f"{values[code - 1]:g}"
