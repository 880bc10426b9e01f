"""The truth: what makes a lead convert, in log-odds of converting within 90 days when a rep calls.

Each axis is a sum of effects, less a fixed number that centres it near 0 in the default sample. The
numbers are the ones in docs/sample.md.
"""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from leadml.leads.sample import words
from leadml.leads.sample.draw import MISSING, Bools, Floats, Ints, expit
from leadml.leads.sample.hidden import ROLE_SENIORITY, Hidden
from leadml.leads.sample.roles import ROLES

HORIZON = 90.0  # days
BASE = -2.55
CENTRES = {"interest": 0.4, "ability": 0.1, "authority": 0.15, "other": -0.05}

# Each list ends with the effect of a missing value, which the code -1 finds.
SOURCE = np.array([0.0, 0.2, 0.1, -0.8, -0.3, 0.3, 0.8, 0.0])
PRICING = np.array([0.0, 0.4, 0.75, 0.9])  # 0, 1, 2, 3 and more visits
COMPANY_SIZE = np.array([-0.35, 0.0, 0.35, 0.45, 0.1, -0.2])
INDUSTRY = np.array([0.2, 0.35, -0.1, 0.9, 0.0, -0.2, 0.1, -0.15, 0.1, -0.5, -0.1])
SENIORITY = np.array([-1.2, -0.45, 0.0, 0.5, 0.8, -0.3])
FUNCTION = {"sales": 0.3, "owner": 0.2, "marketing": 0.15, "purchasing": 0.1, "finance": -0.1, "hr": -0.3}
ROLE_FUNCTION = np.array([FUNCTION.get(role.function, 0.0) for role in ROLES] + [0.0])
COUNTRY = np.array([0.1, 0.0, 0.0, -0.1, -0.2, -0.1, -0.4, -0.1])

OLD_AGE, OLD_EFFECT = 55, -0.4  # with the proxy: from this age on
BASE_DRIFT = -0.5  # with drift: from +0.25 at the start to -0.25 at as_of
WEBINAR_DRIFT = -0.8
SWITZERLAND_DRIFT = 0.6

CALLED_SHARE = 0.1  # of an overlooked lead
UNCALLED_FACTOR = 0.1  # an uncalled lead converts a tenth as often


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about n leads; arrays have shape (n,). ``base`` and the four axes add up to ``logit``.

    ``probability`` is that of converting within 90 days, before it is known whether a rep calls.
    """

    base: float
    interest: Floats
    ability: Floats
    authority: Floats
    other: Floats
    logit_if_called: Floats
    overlooked: Bools

    @property
    def logit(self) -> Floats:
        """The log-odds of ``probability``."""
        return self.base + self.interest + self.ability + self.authority + self.other

    @property
    def probability(self) -> Floats:
        """The chance of converting within 90 days, as reps work today."""
        return expit(self.logit)

    @property
    def probability_if_called(self) -> Floats:
        """The chance of converting within 90 days of a lead that is called."""
        return expit(self.logit_if_called)

    def take(self, rows: Ints) -> Self:
        """Return the truth about the given rows, in their order."""
        names = [field.name for field in fields(self) if field.name != "base"]
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def true_effects(hidden: Hidden, *, drift: bool, proxy: bool, overlooked: bool) -> Truth:
    """Return the truth about the leads under the given plants."""
    late = (hidden.clock - 0.5) * float(drift)
    interest = _interest(hidden, late) - CENTRES["interest"]
    ability = _ability(hidden) - CENTRES["ability"]
    authority = SENIORITY[ROLE_SENIORITY[hidden.role]] + ROLE_FUNCTION[hidden.role] - CENTRES["authority"]
    other = _other(hidden, late, proxy=proxy) - CENTRES["other"]
    if_called = BASE + interest + ability + authority + other
    group = (hidden.industry == words.HANDWERK) & np.isin(hidden.company_size, (0, 1)) & overlooked
    other = other + np.where(group, _policy(if_called) - if_called, 0.0)
    return Truth(BASE, interest, ability, authority, other, if_called, group)


def campaign_effect(campaign: Ints) -> Floats:
    """Return the effect of campaign k, shape (n,): between -0.2 and 0.2 in a fixed order."""
    return np.where(campaign == MISSING, 0.0, (campaign * 7 % 11 - 5) * 0.04)


def _interest(hidden: Hidden, late: Floats) -> Floats:
    first_seen = np.select([hidden.first_seen_days <= 7, hidden.first_seen_days <= 60], [0.3, 0.0], -0.3)
    effect: Floats = (
        0.2 * np.log1p(np.minimum(hidden.visits, 20))
        + PRICING[np.minimum(hidden.pricing_visits, 3)]
        + np.select([hidden.emails_opened >= 3, hidden.emails_opened >= 1], [0.4, 0.2], 0.0)
        + 0.9 * hidden.demo
        + SOURCE[hidden.source]
        + np.where(hidden.source == words.WEBINAR, WEBINAR_DRIFT * late, 0.0)
        + np.where(np.isnan(hidden.first_seen_days), -0.2, first_seen)
    )
    return effect


def _ability(hidden: Hidden) -> Floats:
    budget = np.clip(0.8 * (np.log10(np.nan_to_num(hidden.budget, nan=1.0)) - 3.7), -0.7, 0.8)
    effect: Floats = (
        np.where(np.isnan(hidden.budget), -0.25, budget) + COMPANY_SIZE[hidden.company_size] + INDUSTRY[hidden.industry]
    )
    return effect


def _other(hidden: Hidden, late: Floats, *, proxy: bool) -> Floats:
    effect: Floats = (
        campaign_effect(hidden.campaign)
        + COUNTRY[hidden.country]
        + np.where(hidden.country == words.SWITZERLAND, SWITZERLAND_DRIFT * late, 0.0)
        + BASE_DRIFT * late
        + np.where((hidden.age >= OLD_AGE) & proxy, OLD_EFFECT, 0.0)
    )
    return effect


def _policy(if_called: Floats) -> Floats:
    """Return the logit of the probability, averaged over whether an overlooked lead is called."""
    probability = expit(if_called) * (CALLED_SHARE + (1 - CALLED_SHARE) * UNCALLED_FACTOR)
    return np.log(probability / (1 - probability))
