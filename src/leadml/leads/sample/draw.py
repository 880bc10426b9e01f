"""Drawing: one random stream for each subject, so that switching one plant off leaves all else as it was."""

from collections.abc import Sequence
from statistics import NormalDist
from zlib import crc32

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DAY = 86_400  # seconds
MISSING = -1  # the code of a missing category, count or number of days


def stream(seed: int, subject: str) -> np.random.Generator:
    """Return the random generator of a subject, such as "people"; it is the same for the same seed."""
    return np.random.default_rng([seed, crc32(subject.encode())])


def draw_codes(rng: np.random.Generator, weights: Sequence[float], n: int) -> Ints:
    """Draw codes 0..len(weights)-1 with the given relative weights, shape (n,)."""
    edges = np.cumsum(weights)
    return np.searchsorted(edges[:-1] / edges[-1], rng.random(n), side="right").astype(np.int64)


def with_missing(rng: np.random.Generator, codes: Ints, share: float) -> Ints:
    """Return the codes, shape (n,), with a share of them set to ``MISSING``."""
    return np.where(rng.random(len(codes)) < share, MISSING, codes)


def draw_log_normal(rng: np.random.Generator, low: Floats, high: Floats, *, median: float, sigma: float) -> Floats:
    """Draw from a log-normal distribution cut to (low, high); both have shape (n,), as has the result."""
    normal = NormalDist()
    z = np.linspace(-6, 6, 2_401)
    share_below = np.array([normal.cdf(value) for value in z])
    edge_low, edge_high = (np.interp(np.log(edge / median) / sigma, z, share_below) for edge in (low, high))
    u = edge_low + (edge_high - edge_low) * rng.random(len(low))
    drawn: Floats = median * np.exp(sigma * np.interp(u, share_below, z))
    return drawn


def expit(logit: Floats) -> Floats:
    """Return 1 / (1 + exp(-logit)), shape as given."""
    return 1 / (1 + np.exp(-logit))
