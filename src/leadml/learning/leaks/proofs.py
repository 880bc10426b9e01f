"""Proofs that stand in the values alone: they were known too late, or one of them is the outcome."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column
from leadml.learning.leaks.finding import Bools, Leak, Verdict, finding, lower, states

Floats = NDArray[np.float64]

LATE_SHARE, LATE_ERROR = 0.9, 0.001  # nearly all values, and the error of the bound on their share
LEAST_COVER, LEAST_RATE, TIMES = 0.2, 0.95, 3.0  # of a level that is the outcome
LEVEL_ERROR = 0.05
_MISSING: Final = 0


def known_late(field: str, known: Floats, times: Floats, filled: Bools) -> Leak | None:
    """Return a leak where nearly all values (n,) became known (seconds since 1970) only after their snapshot."""
    told = filled & ~np.isnan(known)
    n, late = int(told.sum()), int((known[told] > times[told]).sum())
    if lower(late, n, LATE_ERROR) < LATE_SHARE:
        return None
    words = "became known only after the lead came in, for {share} of the {n} leads that have it"
    return finding("proven", "known_at", words, late / n, share=late / n, n=n)(field)


def telling_level(field: str, column: Column, y: Bools) -> Leak | None:
    """Return a leak where one level, or any value at all, is as good as a conversion, and common among them.

    It is proven where the rate is also far above that of all leads (n,), else a suspicion.
    """
    codes, text = states(column)
    n, converted = np.bincount(codes), np.bincount(codes, weights=y)
    total, base = float(y.sum()), float(y.mean())
    for code in np.argsort(-converted):
        if converted[code] < LEAST_COVER * total:
            break
        if verdict := _verdict(converted[code], n[code], base):
            words = "says {level} for {n} leads, of which {rate} converted (of all leads {base})"
            level = "nothing" if code == _MISSING else repr(text(int(code)))
            rate = float(converted[code] / n[code])
            return finding(verdict, "level", words, rate, n=int(n[code]), rate=rate, base=base, level=level)(field)
    filled, won = int(n[1:].sum()), float(converted[1:].sum())
    if filled < len(y) and won >= LEAST_COVER * total and (verdict := _verdict(won, filled, base)):
        words = "is filled in for {n} leads, of which {rate} converted (of all leads {base})"
        return finding(verdict, "level", words, won / filled, n=filled, rate=won / filled, base=base)(field)
    return None


def _verdict(converted: float, n: int, base: float) -> Verdict | None:
    bound = lower(converted, int(n), LEVEL_ERROR)
    if bound <= LEAST_RATE:
        return None
    return "proven" if bound > TIMES * base else "suspect"
