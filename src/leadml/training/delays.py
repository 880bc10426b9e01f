"""What the past leads say of the delay to a conversion: the curve, in figures, and the horizons with their costs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.labels import CONVERTED, Labels
from leadml.leads.snapshots import groups_of
from leadml.leads.validation import LeadTable
from leadml.learning.delay import DelayCurve, Share, delay_curve
from leadml.learning.maturity import Ripening, ripening
from leadml.training.horizon import Horizon, best, costs

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dates:
    """When leads came in and converted, as known at ``as_of``; all in seconds since 1970, each array (n,).

    ``rows`` (n,) are theirs in the table; left out are leads that came later, and those whose conversion has no date.
    """

    created: Floats
    converted: Floats
    groups: NDArray[np.intp] | None
    rows: NDArray[np.intp]
    as_of: float


@dataclass(frozen=True, slots=True)
class Delays:
    """The delay in figures.

    Of the conversions until ``until_days`` half come within ``median_days``, nine in ten within ``late_days``; ``ever``
    is the share of leads that convert until then. ``levelled_off``: hardly any come later, as far as can be told.
    ``proposed`` is the horizon of ``horizons`` that is proposed, None where none leaves half of the leads.
    """

    median_days: float
    late_days: float
    until_days: float
    ever: Share
    levelled_off: bool
    horizons: tuple[Horizon, ...]
    proposed: int | None

    def __str__(self) -> str:
        """Return the figures in words."""
        end = "hardly any convert later" if self.levelled_off else "how many convert later can't be told yet"
        share = f"{self.ever.value:.1%} of all leads ({self.ever.low:.1%} to {self.ever.high:.1%})"
        return (
            f"half of the conversions come within {self.median_days:.0f} days, nine in ten within "
            f"{self.late_days:.0f}; {share} convert within {self.until_days:.0f} days, and {end}"
        )


def dates(leads: LeadTable, labels: Labels) -> Dates | None:
    """Return the dates of leads; None where there are none of conversions."""
    roles, at = leads.schema.roles, labels.as_of
    if roles.created_at is None or roles.converted_at is None:
        return None
    won = leads.status == CONVERTED
    rows = np.flatnonzero((leads.created <= at) & ~(won & np.isnan(leads.converted)))
    converted = np.where(won & (leads.converted <= at), leads.converted, np.nan)
    return Dates(leads.created[rows], converted[rows], groups_of(leads, rows), rows, at)


def delay_of(known: Dates | None) -> tuple[DelayCurve, Ripening] | None:
    """Return the curve of the delay, and how conversions come in until it ends; None with too few dates to say."""
    if known is None:
        return None
    curve = delay_curve(known.created, known.converted, as_of=known.as_of, groups=known.groups)
    ripe = None if curve is None else ripe_by(known, curve.last)
    return None if curve is None or ripe is None else (curve, ripe)


def ripe_by(known: Dates, horizon_days: float) -> Ripening | None:
    """Return how conversions within a horizon come in; None where the leads are too young."""
    return ripening(known.created, known.converted, as_of=known.as_of, horizon_days=horizon_days, groups=known.groups)


def horizons(known: Dates, ripe: Ripening, own: int | None) -> list[Horizon]:
    """Return the horizons with their costs, also the one that is set."""
    return costs(ripe, known.created, known.converted, as_of=known.as_of, also=() if own is None else (own,))


def delays(leads: LeadTable, labels: Labels) -> Delays | None:
    """Return what is said of the delay; None where there are too few dates to say."""
    known = dates(leads, labels)
    found = delay_of(known)
    if known is None or found is None:
        return None
    curve, ripe = found
    every, plateau = horizons(known, ripe, labels.horizon_days), curve.plateau()
    first = best(every)
    return Delays(
        ripe.quantile(0.5),
        ripe.quantile(0.9),
        plateau.days,
        plateau.share,
        plateau.reached,
        tuple(every),
        None if first is None else first.days,
    )
