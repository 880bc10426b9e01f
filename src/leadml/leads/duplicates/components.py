"""Connected components: what hangs together when some things are known to be the same."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


class Components:
    """n things, each its own component until things are joined.

    ``root`` (n,) is the first thing of each thing's component. Roots are hooked onto smaller ones and paths
    shortened until nothing changes, all at once in arrays (after Shiloach and Vishkin, 1982).
    """

    def __init__(self, n: int) -> None:
        self.root: Rows = np.arange(n, dtype=np.intp)

    def join(self, left: Rows, right: Rows) -> int:
        """Join pairs of things, (m,) each; return how many components fewer there are."""
        left, right = self.root[left], self.root[right]
        roots = np.unique(np.concatenate((left, right)))
        while left.size:
            a, b = self.root[left], self.root[right]
            apart = a != b
            left, right, a, b = left[apart], right[apart], a[apart], b[apart]
            np.minimum.at(self.root, np.maximum(a, b), np.minimum(a, b))
            self._shorten(roots)
        fewer = len(roots) - len(np.unique(self.root[roots]))
        if fewer:
            self.root = self.root[self.root]  # a thing pointed to a root, which now points to its own
        return fewer

    def _shorten(self, roots: Rows) -> None:
        """Let the given roots, and those that were, point to the end of their path."""
        while True:
            above = self.root[self.root[roots]]
            if np.array_equal(above, self.root[roots]):
                return
            self.root[roots] = above

    def codes(self) -> Rows:
        """Return the number (n,) of each thing's component; they are numbered by their first thing."""
        first = self.root == np.arange(len(self.root))
        return (np.cumsum(first) - 1)[self.root].astype(np.intp)


def stars(keys: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """Return pairs (m,), (m,): each row with the first one of the same key.

    ``keys`` (k,) are any numbers, ``rows`` (k,) what they belong to.
    """
    if not keys.size:
        return rows[:0], rows[:0]
    order = np.lexsort((rows, keys))
    keys, rows = keys[order], rows[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    first = np.repeat(rows[starts], np.diff(np.concatenate((starts, [len(keys)]))))
    apart = first != rows
    return first[apart], rows[apart]
