"""A rate, and how sure it is."""

from math import sqrt

import msgspec

from leadml.model.bundle import Interval

Z = 1.959964  # of a two-sided 95 % interval


class Rate(msgspec.Struct, frozen=True):
    """``converted`` of ``n`` leads."""

    n: int
    converted: int

    @property
    def interval(self) -> Interval:
        """The rate with its 95 % score interval, undefined without leads.

        Wilson, "Probable inference, the law of succession, and statistical inference" (JASA 22, 1927): unlike a
        bootstrap it says something where nothing or everything converted.
        """
        if self.n == 0:
            return Interval(None, None, None)
        share, extra = self.converted / self.n, Z * Z / self.n
        middle = (share + extra / 2) / (1 + extra)
        half = Z / (1 + extra) * sqrt(share * (1 - share) / self.n + extra / self.n / 4)
        return Interval(share, min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))
