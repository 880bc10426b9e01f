"""How often it is worth to train again: ``python -m bench.backtest``; about three minutes on two cores.

The replay of ``leadml backtest`` over the sample, with its planted drift and without, for some seeds; and, where they
are (``LEADML_PUBLIC_DATA``), over the public sets in time order. Log losses are shown against the running base rate's.
To reach: on the sample with drift the recommended cadence beats training once, by the true probabilities too; on
the public sets no log loss is more than 0.01 above the running base rate's.
"""

from time import perf_counter

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from bench.learning import NOW, SAMPLE_COLUMNS
from bench.public import FOLDER, SETS
from leadml.leads.declared import Columns
from leadml.leads.raw import InMemory
from leadml.leads.sample import Planted, make_sample
from leadml.leads.snapshots import snapshots
from leadml.leads.validation import validate
from leadml.learning.asof import Floats, History, losses_of
from leadml.learning.cadence import CADENCES, cadence, first_cut, periods
from leadml.learning.recommend import BASE, Comparing, recommend
from leadml.training.backtest import FAST

SEEDS = (7, 1, 2, 3)


def replay(
    name: str, table: pa.Table, columns: Columns, horizon_days: int | None = None, true: Floats | None = None
) -> None:
    """Print one table; ``true`` (n,) are the true probabilities of its leads."""
    start = perf_counter()
    leads = validate(InMemory(table), columns, now=NOW, horizon_days=horizon_days)
    shots = snapshots(leads, horizon_days=horizon_days).snapshots
    first = first_cut(shots)
    history = History(shots, leads.schema.parts, first, families=FAST, random_state=0)
    y = shots.y[history.rows]
    losses, shown = {BASE: losses_of(y, history.running_base())}, []
    for one in CADENCES:
        played = history.replay(cadence(shots, first, one), progress=lambda _share: None)
        losses[one] = losses_of(y, played.logit)
        text = f"{one} {losses[one].mean() - losses[BASE].mean():+.4f}"
        if true is not None:
            chance = true[shots.rows][history.rows]
            text += f" (truly {np.mean(np.logaddexp(0, played.logit) - chance * played.logit):.4f})"
        unguarded = losses_of(y, played.unguarded).mean() - losses[BASE].mean()
        shown.append(text + (f" [unguarded {unguarded:+.4f}]" if min(played.trust.values()) < 1 else ""))
    groups = None if shots.groups is None else shots.groups[history.rows]
    compare = Comparing(groups, periods(shots, history.rows, first)[1], n_replicates=1000, random_state=0)
    advice = recommend(CADENCES, losses, compare)
    print(f"{name}: {len(y):,} leads scored, base rate {losses[BASE].mean():.4f}; {', '.join(shown)}")
    print(f"  -> {advice.cadence} ({perf_counter() - start:.0f} s)\n  " + "\n  ".join(advice.sentences), flush=True)


def main() -> None:
    """Print all tables."""
    for drift in (True, False):
        for seed in SEEDS:
            sample = make_sample(seed=seed, events=False, planted=Planted(drift=drift))
            true = sample.truth.column("probability").to_numpy()
            told = f"sample {'with' if drift else 'without'} drift, seed {seed}"
            replay(told, sample.leads, SAMPLE_COLUMNS, 90, true)
    if not FOLDER.is_dir():
        print(f"the public sets are not in {FOLDER}; set LEADML_PUBLIC_DATA")
        return
    for one in SETS:
        replay(one.name, pa.concat_tables(one.tables()), one.columns)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
