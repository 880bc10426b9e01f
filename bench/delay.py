"""Whether the delay is estimated right: ``python -m bench.delay`` prints a table; about three minutes on two cores.

Many samples of the made-up CRM, each of 7,000 leads of two years with the planted delay, and what is said of them: the
curve at the horizon and where it ends; the share of conversions in time; and the rate of each of the newest months,
beside the naive one. Each interval should cover the truth in 95 % of cases; how often it does stands with Wilson's
interval of that share. The truth of a month is the mean of the planted probabilities of its leads. Last: how often a
curve that has not levelled off is taken for one that has, and the time for a million leads.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.leads.sample import Planted, Sample, make_sample
from leadml.learning.delay import Share, delay_curve
from leadml.learning.maturity import cohort, ripening
from leadml.report.rates import Rate

HORIZON = 90
MONTHS = 4  # the newest spans of 30 days, of which the first three are young
IN_TIME = 0.852  # of all planted conversions
LAST = 540.0  # days after which no planted conversion comes
PLANTS = {
    "nothing drifts": Planted(messy=False, duplicates=False, drift=False),
    "the rate drifts": Planted(messy=False, duplicates=False),
    "the rate drifts, 2 % copies": Planted(messy=False),
}
Floats = NDArray[np.float64]


@dataclass
class Tally:
    """How often intervals covered the truth, and the mean of what was said over the truth."""

    covered: int = 0
    n: int = 0
    ratio: float = 0.0

    def add(self, found: Share | None, truth: float) -> None:
        """Count one interval."""
        self.n += 1
        if found is not None:
            self.covered += found.low <= truth <= found.high
            self.ratio += found.value / truth

    def __str__(self) -> str:
        """Return the coverage with its interval, and the ratio."""
        span = Rate(self.n, self.covered).interval
        share = f"{span.value:6.1%} ({span.low:.1%} to {span.high:.1%})"
        return f"covers the truth in {share} of {self.n}; mean {self.ratio / self.n:.3f} of it"


def seconds(column: object) -> Floats:
    """Return a column of moments as seconds since 1970, NaN where there is none."""
    found = np.asarray(column.to_numpy(zero_copy_only=False)).astype("datetime64[us]")  # type: ignore[attr-defined]
    return np.where(np.isnat(found), np.nan, found.astype(np.int64) / 1e6)


def said(sample: Sample, as_of: float) -> Iterator[tuple[str, Share | None, float]]:
    """Yield what is measured, what was said, and the truth, of one sample."""
    leads, truth = sample.leads, sample.truth
    created, converted = seconds(leads["created_at"].combine_chunks()), seconds(leads["won_at"].combine_chunks())
    _, groups = np.unique(leads["account_id"].to_numpy(zero_copy_only=False), return_inverse=True)
    chance = truth["probability"].to_numpy()
    ever = chance + (1 - chance) * np.minimum(chance / (1 - chance) * (1 - IN_TIME) / IN_TIME, 1.0)
    curve = delay_curve(created, converted, as_of=as_of, groups=groups)
    ripe = ripening(created, converted, as_of=as_of, horizon_days=HORIZON, groups=groups)
    assert curve is not None
    assert ripe is not None
    yield "curve at 90 days", curve.at(HORIZON), float(chance.mean())
    yield "curve where it ends", curve.at(curve.last), float(ever.mean())
    ever_ripe = ripening(created, converted, as_of=as_of, horizon_days=curve.last, groups=groups)
    assert ever_ripe is not None
    yield "share in time", ever_ripe.within(HORIZON), IN_TIME
    in_time = converted - created <= HORIZON * DAY
    age = (as_of - created) / DAY
    for i in range(MONTHS):
        rows = (age >= 30 * i) & (age < 30 * (i + 1))
        found = cohort(age[rows], in_time[rows], ripe, groups=groups[rows])
        span = Rate(found.n, found.n_converted).interval
        naive = Share(span.value or 0.0, span.low or 0.0, span.high or 0.0)
        days = f"{30 * i} to {30 * (i + 1)} days old"
        yield f"rate of leads {days}", found.rate, float(chance[rows].mean())
        yield f"  naive rate, {days}", naive, float(chance[rows].mean())


def planted(n_seeds: int) -> None:
    """Print the coverage on samples with the planted delay."""
    for name, plants in PLANTS.items():
        tallies: dict[str, Tally] = defaultdict(Tally)
        for seed in range(n_seeds):
            sample = make_sample(seed=1000 + seed, planted=plants, events=False)
            as_of = float(np.datetime64("2026-10-01", "s").astype(np.int64))
            for what, found, truth in said(sample, as_of):
                tallies[what].add(found, truth)
        print(f"\n{name}, {n_seeds} samples")
        for what, tally in tallies.items():
            print(f"  {what:<36}{tally}")


def plateaus(n_draws: int) -> None:
    """Print how often the curve is said to have levelled off: where it has, where it has not."""
    print()
    for name, sigma, cut, watched in (
        ("all come within 540 days, watched for two years", 1.9, LAST, 730.0),
        ("the same, watched for one year", 1.9, LAST, 365.0),
        ("no end, watched for 150 days: a tenth come later", 1.9, np.inf, 150.0),
        ("long sales: half come after a year, watched for one", 0.8, np.inf, 365.0),
    ):
        for n in (1000, 7000):
            reached = 0
            for seed in range(n_draws):
                rng = np.random.default_rng(seed)
                created, converted = drawn(rng, n, watched, sigma=sigma, cut=cut)
                curve = delay_curve(created, np.where(converted <= 0, converted, np.nan), as_of=0.0)
                reached += curve is not None and curve.plateau().reached
            span = Rate(n_draws, reached).interval
            told = f"{span.value:6.1%} ({span.low:.1%} to {span.high:.1%})"
            print(f"  {name}, {n:,} leads: said to have levelled off in {told}")


def drawn(rng: np.random.Generator, n: int, watched: float, *, sigma: float, cut: float) -> tuple[Floats, Floats]:
    """Return when n leads came in and convert, in seconds before and after now; 12 % ever do."""
    median = 15.0 if sigma > 1 else 365.0
    delay = rng.lognormal(np.log(median), sigma, n)
    while (late := delay > cut).any():
        delay[late] = rng.lognormal(np.log(median), sigma, int(late.sum()))
    created = -rng.uniform(0, watched, n) * DAY
    return created, np.where(rng.random(n) < 0.12, created + delay * DAY, np.nan)


def speed(n: int = 1_000_000) -> None:
    """Print the seconds for n leads."""
    rng = np.random.default_rng(1)
    created, converted = drawn(rng, n, 730.0, sigma=1.9, cut=LAST)
    for name, groups in (("without groups", None), ("in groups", rng.integers(0, n // 2, n))):
        started = perf_counter()
        delay_curve(created, converted, as_of=0.0, groups=groups)
        print(f"  the curve of {n:,} leads {name}: {perf_counter() - started:.2f} s")
    started = perf_counter()
    ripe = ripening(created, converted, as_of=0.0, horizon_days=HORIZON)
    assert ripe is not None
    rows = created > -HORIZON * DAY
    cohort(-created[rows] / DAY, converted[rows] <= 0, ripe)
    print(f"  the rate of {rows.sum():,} young ones of them: {perf_counter() - started:.2f} s")


if __name__ == "__main__":
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    planted(n_seeds)
    plateaus(n_seeds)
    speed()
