"""The clean facts behind the lead table, before anyone types them into a CRM.

Categories are codes into ``words`` and ``roles``; -1 means missing. Times are seconds since 1970 (UTC).
"""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from leadml.leads.sample import words
from leadml.leads.sample.draw import DAY, MISSING, Bools, Floats, Ints, draw_codes, stream, with_missing
from leadml.leads.sample.roles import ROLES, SENIORITIES

CAMPAIGNS = 60  # campaigns in the time of the past leads
ALIVE = 7  # campaigns that run at the same time
ROLE_SENIORITY = np.array([SENIORITIES.index(role.seniority) for role in ROLES] + [MISSING])
SIZE_FACTOR = np.array([1.0, 1.6, 3.0, 6.0, 12.0])  # how budgets and deals grow with the company


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """The clean facts of n leads; every array has shape (n,)."""

    created: Ints
    clock: Floats  # 0 at the start of the sample, 1 at its as_of
    account: Ints
    company_size: Ints
    industry: Ints
    country: Ints
    source: Ints
    campaign: Ints
    role: Ints
    budget: Floats  # euros a year, NaN if missing
    visits: Ints
    pricing_visits: Ints
    emails_opened: Ints
    demo: Bools
    newsletter: Bools
    first_seen_days: Floats  # days from the first visit to creation, NaN if missing
    language: Ints
    age: Floats  # years
    age_known: Bools
    channel: Ints
    opted_out: Bools
    deal_value: Ints  # euros
    owner_draw: Floats  # uniform in [0, 1), the same for one account
    person: Ints
    first_name: Ints
    last_name: Ints
    email_kind: Ints  # 0 of the firm, 1 of a free provider, -1 missing
    email_style: Ints

    def take(self, rows: Ints) -> Self:
        """Return the facts of the given rows, in their order."""
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def moved(self, created: Ints) -> Self:
        """Return the same leads created at other times; they were first seen when they were."""
        shift = (created - self.created) / DAY
        return replace(self, created=created, first_seen_days=self.first_seen_days + shift)


def draw_hidden(created: Ints, clock: Floats, *, seed: int, past: int, drift: bool, proxy: bool) -> Hidden:
    """Draw the facts of leads created at the given times, shape (n,); ``past`` leads came before."""
    n = len(created)
    account = _accounts(n, seed)
    company_size, industry, country, owner_draw = _firms(account, seed)
    role, age = _people(n, seed)
    source = draw_codes(stream(seed, "source"), words.SOURCE_WEIGHTS, n)
    visits, pricing_visits, emails_opened, demo = _interest(source, seed)
    rng = stream(seed, "the rest")
    first, last, kind, style = _addresses(n, seed)
    size_factor = SIZE_FACTOR[company_size]
    return Hidden(
        created=created,
        clock=clock,
        account=account + past,
        company_size=with_missing(rng, company_size, 0.05),
        industry=with_missing(rng, industry, 0.05),
        country=with_missing(rng, country, 0.03),
        source=with_missing(rng, source, 0.02),
        campaign=_campaigns(clock, seed, drift=drift),
        role=with_missing(rng, role, 0.07),
        budget=_budgets(size_factor, seed),
        visits=visits,
        pricing_visits=pricing_visits,
        emails_opened=emails_opened,
        demo=demo,
        newsletter=rng.random(n) < 0.3,
        first_seen_days=_first_seen(visits, seed),
        language=_languages(country, seed),
        age=age,
        age_known=rng.random(n) > 0.08,
        channel=_channels(age, seed, proxy=proxy),
        opted_out=rng.random(n) < 0.02,
        deal_value=(np.rint(120 * size_factor * np.exp(0.4 * rng.standard_normal(n))) * 10).astype(np.int64),
        owner_draw=owner_draw,
        person=np.arange(past, past + n),
        first_name=first,
        last_name=last,
        email_kind=kind,
        email_style=style,
    )


def _accounts(n: int, seed: int) -> Ints:
    """Give 18 % of the leads the account of a lead shortly before; accounts are numbered as they appear."""
    rng = stream(seed, "accounts")
    row = np.arange(n)
    back = rng.geometric(min(1.0, 50 / n), n)  # on average 2 % of the time covered
    root = np.where((rng.random(n) < 0.18) & (back <= row), row - back, row)
    while (root[root] != root).any():
        root = root[root]
    return np.cumsum(root == row)[root] - 1


def _firms(account: Ints, seed: int) -> tuple[Ints, Ints, Ints, Floats]:
    """Draw size, industry, country and owner for each account, and hand them to its leads."""
    rng = stream(seed, "firms")
    n = int(account.max()) + 1
    size = draw_codes(rng, words.COMPANY_SIZE_WEIGHTS, n)
    industry = draw_codes(rng, words.INDUSTRY_WEIGHTS, n)
    country = draw_codes(rng, words.COUNTRY_WEIGHTS, n)
    return size[account], industry[account], country[account], rng.random(n)[account]


def _people(n: int, seed: int) -> tuple[Ints, Floats]:
    """Draw role and age; ages rise with seniority."""
    rng = stream(seed, "people")
    role = draw_codes(rng, [role.weight for role in ROLES], n)
    mean_age = np.array([27.0, 41.0, 42.0, 46.0, 49.0])[ROLE_SENIORITY[role]]
    spread = np.where(ROLE_SENIORITY[role] == 0, 4.0, 10.0)
    return role, np.clip(np.rint(mean_age + spread * rng.standard_normal(n)), 18, 76)


def _interest(source: Ints, seed: int) -> tuple[Ints, Ints, Ints, Bools]:
    """Draw visits, visits of the pricing page among them, opened e-mails, and the wish for a demo."""
    rng = stream(seed, "interest")
    n = len(source)
    warmth = np.where(source == words.COLD_LIST, 0.25, 1.0)
    visits = rng.poisson(rng.gamma(0.8, 3.0, n) * warmth)
    pricing_visits = rng.binomial(visits, 0.22)
    emails_opened = rng.poisson(rng.gamma(0.8, 1.0, n) * warmth)
    demo = rng.random(n) < 0.04 + 0.12 * np.minimum(visits, 6) / 6
    return visits, pricing_visits, emails_opened, demo


def _first_seen(visits: Ints, seed: int) -> Floats:
    """Draw the days from first visit to creation; unknown without a visit, and for 6 % of the others."""
    rng = stream(seed, "first seen")
    days = np.minimum(12 * np.exp(1.4 * rng.standard_normal(len(visits))), 300)
    return np.where((visits == 0) | (rng.random(len(visits)) < 0.06), np.nan, days)


def _budgets(size_factor: Floats, seed: int) -> Floats:
    """Draw yearly budgets in euros, rounded to hundreds; 40 % are missing."""
    rng = stream(seed, "budget")
    n = len(size_factor)
    budget = np.maximum(np.rint(30 * size_factor * np.exp(0.8 * rng.standard_normal(n))), 1) * 100
    return np.where(rng.random(n) < 0.4, np.nan, budget)


def _campaigns(clock: Floats, seed: int, *, drift: bool) -> Ints:
    """Draw campaigns; with drift each runs for a ninth of the time and makes room for the next."""
    rng = stream(seed, "campaign")
    n = len(clock)
    newest = np.floor(clock * (CAMPAIGNS - ALIVE + 1)).astype(np.int64) + ALIVE - 1
    rotating = newest - rng.integers(0, ALIVE, n)
    steady = rng.integers(0, CAMPAIGNS, n)
    return with_missing(rng, rotating if drift else steady, 0.12)


def _languages(country: Ints, seed: int) -> Ints:
    """Draw the language; mostly the one of the country, else English."""
    own = np.array([0, 0, 0, 1, 2, 3, 1])[country]
    return np.where(stream(seed, "language").random(len(country)) < 0.9, own, 1)


def _channels(age: Floats, seed: int, *, proxy: bool) -> Ints:
    """Draw the preferred channel; with the proxy, the old write letters and the young chat."""
    rng = stream(seed, "channel")
    years = (age - 44) * float(proxy)
    slope, start = np.array([0.13, 0.05, -0.02, -0.14]), np.array([-0.6, 0.3, 0.6, -0.3])
    taste = start + slope * years[:, None]
    chosen: Ints = np.argmax(taste + rng.gumbel(size=taste.shape), axis=1)
    return chosen


def _addresses(n: int, seed: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Draw first name, last name, kind and style of the e-mail address."""
    rng = stream(seed, "addresses")
    first, last = (rng.integers(0, len(names), n) for names in (words.FIRST_NAMES, words.LAST_NAMES))
    kind = with_missing(rng, draw_codes(rng, (0.8, 0.2), n), 0.05)
    return first, last, kind, draw_codes(rng, (0.7, 0.2, 0.1), n)


def draw_created(n: int, start: int, end: int, seed: int) -> Ints:
    """Draw creation times in [start, end), both midnights in seconds; ascending, shape (n,).

    Leads come mostly on working days and in office hours, more of them each month, fewer in August and
    at the turn of the year.
    """
    rng = stream(seed, "created")
    day = np.arange(start // DAY, end // DAY)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weekend = (day + 3) % 7 >= 5  # 1 January 1970 was a Thursday
    growth = 1 + 0.4 * np.linspace(0, 1, len(day))
    quiet = np.isin(month, (7, 11))
    chosen = day[draw_codes(rng, list(growth * np.where(weekend, 0.15, 1.0) * np.where(quiet, 0.7, 1.0)), n)]
    second = np.clip(rng.normal(13 * 3600, 3 * 3600, n), 0, DAY - 1).astype(np.int64)
    return np.sort(chosen * DAY + second)
