"""Leads that nobody has asked yet: ``python -m bench.first [SEEDS]``, by default 10.

For each seed leadml learns from a sample of 7,000 leads (the family ``logistic``, without drift), of which some never
said their budget or their job title, and scores 5,000 leads that came in later and have not been asked: both are hidden
in all of them. Printed are the loss against the true chances and the stated by the true conversions: with what is not
known counted as missing, as in the past leads, and as the average (``model.first``); and with the answers known. To
reach: with the average, a lower loss than with missing.
"""

import sys
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bench.axes import COLUMNS
from bench.learning import learn
from leadml.leads.columns import Coercer
from leadml.leads.parts import Column
from leadml.leads.sample import Planted, make_sample, new_leads
from leadml.model.first import neutral
from leadml.model.scorecard import Scorecard, expit

ANSWERS = ("budget", "job_title")
WAYS = ("missing", "average", "answered")


def unasked(seed: int, n_later: int = 5000) -> dict[str, tuple[float, float]]:
    """Return (loss against the true chances, stated by true conversions) for each way to count what is not known."""
    sample = make_sample(seed=seed, planted=Planted(drift=False), events=False)
    schema, _, scorecard = learn(sample.leads, COLUMNS, horizon_days=90, families=("logistic",))
    later = new_leads(sample, n_later, seed=seed + 1000, events=False)
    true = later.truth.column("probability").to_numpy()
    read = Coercer(schema)
    whole, hidden = read(later.leads).parts, read(later.leads.drop_columns(list(ANSWERS))).parts
    parts = {part.name for part in schema.parts if part.field in ANSWERS}
    cards: dict[str, tuple[Scorecard, Mapping[str, Column]]] = {
        "missing": (scorecard, hidden),
        "average": (neutral(scorecard, parts), hidden),
        "answered": (scorecard, whole),
    }
    return {way: _found(true, expit(card.logit(columns))) for way, (card, columns) in cards.items()}


def _found(true: NDArray[np.float64], said: NDArray[np.float64]) -> tuple[float, float]:
    loss = -np.mean(true * np.log(said) + (1 - true) * np.log1p(-said))
    return float(loss), float(said.sum() / true.sum())


def main() -> None:
    """Measure and print."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    found = [unasked(seed) for seed in range(1, seeds + 1)]
    print("what is not known counts as   loss (sd)          stated by true conversions (sd)")
    for way in WAYS:
        losses, stated = np.array([one[way] for one in found]).T
        print(f"{way:<28} {losses.mean():.4f} ({losses.std():.4f})    {stated.mean():.3f} ({stated.std():.3f})")
    better = np.array([one["missing"][0] - one["average"][0] for one in found])
    gain = f"{better.mean():+.4f} (sd {better.std():.4f}), in {np.mean(better > 0):.0%} of seeds"
    print(f"gain of the average over missing: {gain}")


if __name__ == "__main__":
    main()
