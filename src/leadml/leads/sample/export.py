"""The lead table as a CRM exports it, and the table of the truth behind it."""

import numpy as np
import pyarrow as pa

from leadml.leads.sample import words
from leadml.leads.sample.draw import DAY, MISSING, Ints, stream
from leadml.leads.sample.effects import HORIZON, Truth
from leadml.leads.sample.funnel import NEVER, NEW, WON, Funnel, draw_quality
from leadml.leads.sample.hidden import Hidden
from leadml.leads.sample.roles import ROLES
from leadml.leads.sample.spelling import budgets, days, emails, moments, numbered, plain, spell

LEADS_PER_NEW_REP = 25_000


def lead_table(
    hidden: Hidden,
    funnel: Funnel,
    lead_id: pa.Array,
    *,
    seed: int,
    as_of: int,
    past: int,
    leak: bool,
    messy: bool,
) -> pa.Table:
    """Return the lead table, n rows, as it stands at ``as_of``; ``past`` leads came before it."""
    status = funnel.status(hidden.created, as_of)
    judged = np.full_like(status, NEW) if past else status  # nobody has judged new leads yet
    quality = draw_quality(judged, seed=seed, leak=leak)
    return pa.table({
        "lead_id": lead_id,
        "created_at": moments(hidden.created),
        "account_id": numbered("A", hidden.account + 1),
        "email": emails(stream(seed, "spelling email"), hidden, funnel.original != MISSING, messy=messy),
        **_spelled(hidden, seed, messy=messy),
        "campaign": plain(hidden.campaign, _campaign_names(hidden.campaign)),
        "budget": budgets(stream(seed, "spelling budget"), hidden.budget, messy=messy),
        "visits": pa.array(hidden.visits),
        "pricing_page_visits": pa.array(hidden.pricing_visits),
        "emails_opened": pa.array(hidden.emails_opened),
        "newsletter": pa.array(hidden.newsletter.astype(np.int64)),
        "first_seen_on": days(hidden.created - hidden.first_seen_days * DAY),
        "language": plain(hidden.language, words.LANGUAGES),
        "age": pa.array(hidden.age.astype(np.int64), mask=~hidden.age_known),
        "preferred_channel": plain(hidden.channel, words.CHANNELS),
        "lead_quality": plain(quality, words.QUALITIES if messy else [*words.QUALITIES[:3], None]),
        "owner": _owners(hidden, past or len(lead_id)),
        "opted_out": pa.array(hidden.opted_out),
        "deal_value": pa.array(hidden.deal_value),
        "status": plain(status, words.STATUSES),
        "won_at": moments(pa.array(funnel.won, mask=status != WON)),
    })  # fmt: skip


def truth_table(hidden: Hidden, truth: Truth, funnel: Funnel, lead_id: pa.Array) -> pa.Table:
    """Return the truth, n rows; docs/sample.md says what the columns are."""
    delay = (funnel.won - hidden.created) / DAY
    never = funnel.won == NEVER
    outcome = np.select([never, delay > HORIZON], [2, 1], 0)
    original = pa.array(np.maximum(funnel.original, 0), mask=funnel.original == MISSING)
    return pa.table({
        "lead_id": lead_id,
        "logit": truth.logit,
        "probability": truth.probability,
        "base": np.full(len(lead_id), truth.base),
        "interest": truth.interest,
        "ability": truth.ability,
        "authority": truth.authority,
        "other": truth.other,
        "overlooked": truth.overlooked,
        "called": funnel.called,
        "probability_if_called": truth.probability_if_called,
        "true_outcome": plain(outcome, ("converted", "late", "never")),
        "delay_days": pa.array(delay, mask=never),
        "duplicate_of": lead_id.take(original),
        "seniority": plain(hidden.role, [role.seniority for role in ROLES]),
        "function": plain(hidden.role, [role.function for role in ROLES]),
        "country": plain(hidden.country, words.COUNTRY_CODES),
    })  # fmt: skip


def _spelled(hidden: Hidden, seed: int, *, messy: bool) -> dict[str, pa.Array]:
    """Return the columns that people type; job titles are the freest."""
    titles = [role.titles for role in ROLES]
    columns = {
        "job_title": (hidden.role, titles, 0.2),
        "company_size": (hidden.company_size, words.COMPANY_SIZES, 0.95),
        "industry": (hidden.industry, words.INDUSTRIES, 0.85),
        "country": (hidden.country, words.COUNTRIES, 0.7),
        "source": (hidden.source, words.SOURCES, 0.93),
        "demo_requested": (hidden.demo.astype(np.int64), words.YES_NO, 0.9),
    }
    return {
        name: spell(stream(seed, f"spelling {name}"), codes, levels, messy=messy, tidy=tidy)
        for name, (codes, levels, tidy) in columns.items()
    }


def _campaign_names(campaign: Ints) -> list[str]:
    """Return the names of campaigns 0 to the greatest one."""
    return [f"C{k:02d} {words.THEMES[k % len(words.THEMES)]}" for k in range(int(campaign.max()) + 1)]


def _owners(hidden: Hidden, total: int) -> pa.Array:
    """Return the rep of each lead, shape (n,): one of its region, mostly the same for one account."""
    count = len(words.REPS) + total // LEADS_PER_NEW_REP
    seat = np.arange(count) % len(words.REPS)
    names = [f"{words.REPS[k % len(words.REPS)]} {k // len(words.REPS) + 1}" for k in range(count)]
    names[: len(words.REPS)] = words.REPS
    region = np.where(hidden.country == MISSING, 3, np.minimum(hidden.country, 3))
    owner = np.zeros(len(region), np.int64)
    for here in range(4):
        reps = np.flatnonzero(np.array(words.REP_REGIONS)[seat] == here)
        rows = region == here
        owner[rows] = reps[(hidden.owner_draw[rows] * len(reps)).astype(np.int64)]
    return plain(owner, names)
