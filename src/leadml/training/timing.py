"""What changes with time, for the report: the delay, and the months with the leads that are still young."""

import numpy as np

from leadml.leads.coercion import DAY
from leadml.leads.snapshots import Labelled
from leadml.leads.validation import LeadTable
from leadml.learning.splits import Split
from leadml.report.rates import Rate
from leadml.report.time import Ages, delay, interval, months
from leadml.report.timefacts import Delay, HorizonCost, Month
from leadml.training.delays import dates, delay_of, horizons, ripe_by
from leadml.training.horizon import best


def timing(leads: LeadTable, labelled: Labelled, split: Split) -> tuple[Delay | None, tuple[Month, ...]]:
    """Return the delay, None with too few dates to say, and the months."""
    known, own = dates(leads, labelled.labels), labelled.labels.horizon_days
    found = delay_of(known)
    if known is None or found is None:
        return None, months(labelled.snapshots, split)
    curve, ripe = found
    every = horizons(known, ripe, own)
    first = best(every)
    costs = [
        HorizonCost(one.days, interval(one.in_time), one.matured, Rate(one.n_leads, one.n_converted), one is first)
        for one in every
    ]
    told = delay(curve, ripe, costs)
    if own is None:
        return told, months(labelled.snapshots, split)
    in_time = np.asarray(known.converted - known.created <= own * DAY)
    ages = Ages(known.created, (known.as_of - known.created) / DAY, in_time, known.groups, ripe_by(known, own))
    return told, months(labelled.snapshots, split, ages)
