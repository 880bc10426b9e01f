"""Whether the three axes of a lead are what was planted: ``python -m bench.axes [SEEDS]``, by default 5.

For each seed leadml learns from a sample of 7,000 leads by the whole line, with the sample's drift and without, and
scores 5,000 leads that came in during the ten days after it. Printed are, for each axis, the Pearson and the Spearman
correlation between the sums of the scorecard and the true ones; and how often a lead that is worded as strong or weak
is so in truth, how often the truth is the other way round, and how many leads are worded.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr

from bench.learning import SAMPLE_COLUMNS, learn
from leadml.leads.columns import Coercer
from leadml.leads.sample import Planted, make_sample, new_leads
from leadml.leads.schema import Axis
from leadml.learning.axes import axis_sums
from leadml.learning.candidates import FAMILIES
from leadml.model.axes import CLEARLY, SCORED, is_known

Floats = NDArray[np.float64]
FIELDS: dict[Axis, tuple[str, ...]] = {
    "interest": (
        *("visits", "pricing_page_visits", "emails_opened", "demo_requested", "newsletter", "source"),
        "first_seen_on",
    ),
    "ability": ("budget", "company_size", "industry"),
    "authority": ("job_title",),
}
COLUMNS = replace(SAMPLE_COLUMNS, axes={name: axis for axis, names in FIELDS.items() for name in names})


@dataclass(frozen=True, slots=True)
class Recovery:
    """How an axis was recovered over n later leads: correlations, and shares of those that are worded."""

    pearson: float
    spearman: float
    worded: float
    right: float
    opposite: float


def recover(
    seed: int, *, drift: bool, families: Sequence[str] = tuple(FAMILIES), n_later: int = 5000
) -> dict[Axis, Recovery]:
    """Return how each axis of later leads was recovered by a scorecard that learned from a sample."""
    sample = make_sample(seed=seed, planted=Planted(drift=drift), events=False)
    schema, _, scorecard = learn(sample.leads, COLUMNS, horizon_days=90, families=families)
    later = new_leads(sample, n_later, seed=seed + 1000, events=False)
    parts = Coercer(schema)(later.leads).parts
    used = {term.part for term in scorecard.terms}
    found = {}
    for axis in SCORED:
        known = np.zeros(n_later, dtype=bool)
        for part in schema.parts:
            if part.axis == axis and part.name in used:
                known |= is_known(parts[part.name])
        average = float(np.mean(sample.truth.column(axis).to_numpy()))
        truth = later.truth.column(axis).to_numpy() - average
        found[axis] = _recovery(axis_sums(scorecard, schema.parts, axis, parts), truth, known)
    return found


def _recovery(sums: Floats, truth: Floats, known: NDArray[np.bool_]) -> Recovery:
    """Compare sums (n,) with the truth (n,), both beside the average lead."""
    said, true = _word(sums), _word(truth)
    worded = known & (said != 0)
    return Recovery(
        float(pearsonr(sums, truth).statistic),
        float(spearmanr(sums, truth).statistic),
        float(worded.mean()),
        float((said == true)[worded].mean()),
        float((said == -true)[worded].mean()),
    )


def _word(x: Floats) -> NDArray[np.int64]:
    """Return 1 where a lead is strong, -1 where it is weak."""
    return (x >= CLEARLY).astype(np.int64) - (x <= -CLEARLY)


def main(n_seeds: int) -> None:
    """Measure and print a table."""
    print("| drift | axis | Pearson | Spearman | worded strong or weak | rightly so | the other way round |")
    print("|---|---|---|---|---|---|---|")
    for drift in (False, True):
        seeds = [recover(seed, drift=drift) for seed in range(n_seeds)]
        rows: dict[str, Floats] = {axis: np.array([_figures(found[axis]) for found in seeds]) for axis in SCORED}
        rows["all three"] = np.mean(list(rows.values()), axis=0)
        for axis, figures in rows.items():
            (pearson, spearman, *shares), least = figures.mean(axis=0), figures.min(axis=0)
            told = " | ".join(f"{share:.0%}" for share in shares)
            print(
                f"| {'yes' if drift else 'no'} | {axis} | {pearson:.2f} (least {least[0]:.2f}) "
                f"| {spearman:.2f} (least {least[1]:.2f}) | {told} |",
                flush=True,
            )


def _figures(found: Recovery) -> tuple[float, ...]:
    return found.pearson, found.spearman, found.worded, found.right, found.opposite


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 5)
