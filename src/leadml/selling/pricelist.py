"""The price of leads that are scored: what they are worth beside a backlog, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Schema
from leadml.model.scorecard import CategoryTerm, expit
from leadml.model.scorer import Scorer
from leadml.ranking.lists import RankSummary
from leadml.selling.criterion import Criterion, parse
from leadml.selling.price import Terms, deal
from leadml.selling.pricedraws import Range, draw, middle, shifts
from leadml.selling.pricelook import Distance, Lack
from leadml.selling.pricerows import Mask, Ranked
from leadml.selling.pricesure import Past, too_far

SEED = 0
SCORES = ("lead_id", "probability", "logit", "score", "grade")


@dataclass(frozen=True, slots=True)
class Surcharge:
    """What a criterion is worth: the price per lead of those that meet it all, less that of the whole list."""

    where: tuple[str, ...]
    n_leads: int
    n_new: int
    price: float
    per_lead: float
    surcharge: float


@dataclass(frozen=True, slots=True)
class Price:
    """What a list is worth, and what that stands on.

    Of ``n_rows`` of the file ``n_leads`` can be called, each person once: ``n_known`` of these are in the backlog
    already, ``n_late`` are past the horizon, and ``n_new`` are left. Of the new ones ``expected`` convert; ``truth`` is
    where that number lies as the chances are uncertain, ``conversions`` where the count does, luck included.

    ``n_entering`` of them are called, and ``n_displaced`` of the backlog's ``n_backlog`` are not any more; together
    that brings ``gained`` conversions (their range: ``gained_range``). ``price`` is the most to pay for the list,
    ``per_lead`` by row of the file, ``per_new`` by new lead; ``profit`` the range of what the list brings before it is
    paid. ``covered`` is the share of the model's spread that the list carries, with what is ``lacking``; ``farthest``
    are the parts in which it differs most from the past leads. ``spread`` is the standard deviation, in log-odds, of
    what the chances may be off by together, and ``composition`` what of it comes from the kinds of leads in the list.
    ``too_far`` says why the price cannot be told; it is empty where it can. ``table`` (n_new) are the scores of the new
    leads.
    """

    terms: Terms
    n_rows: int
    n_leads: int
    n_known: int
    n_late: int
    n_new: int
    n_backlog: int
    expected: float
    truth: Range
    conversions: Range
    n_entering: int
    n_displaced: int
    gained: float
    gained_range: Range
    price: float
    per_lead: float
    per_new: float
    profit: Range
    covered: float
    lacking: tuple[Lack, ...]
    farthest: tuple[Distance, ...]
    spread: float
    composition: float
    too_far: str
    surcharge: Surcharge | None
    out: Path | None
    table: pa.Table
    summary: RankSummary
    backlog: RankSummary | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON; the leads themselves are in ``out``."""
        left_out = ("terms", "surcharge", "table", "summary", "backlog")
        told = {name: _plain(getattr(self, name)) for name in self.__slots__ if name not in left_out}
        return {
            **self.terms._asdict(),
            **told,
            "surcharge": None if self.surcharge is None else asdict(self.surcharge),
            "list": _counts(self.summary),
            "backlog": None if self.backlog is None else _counts(self.backlog),
        }


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return value._asdict()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _counts(summary: RankSummary) -> dict[str, Any]:
    told = asdict(summary).items()
    return {name: value for name, value in told if name.startswith("n_") or name in ("absent", "faults", "notes")}


def fields_in(where: Sequence[str], schema: Schema) -> list[str]:
    """Return the fields that criteria may speak of: those whose names stand in them."""
    return [field.name for field in schema.fields if any(field.name in one for one in where)]


def criteria_of(scorer: Scorer, where: Sequence[str], parts: Mapping[str, Column]) -> list[Criterion]:
    """Return what criteria mean for leads with these parts; raises UsageError for one that cannot be."""
    levels = _levels(scorer, parts)
    return [parse(one, scorer.schema, levels) for one in where]


def _levels(scorer: Scorer, parts: Mapping[str, Column]) -> dict[str, set[str]]:
    """Return the levels that are known of each category: those of the model, and those of the list."""
    found: dict[str, set[str]] = {}
    for name, column in parts.items():
        if isinstance(column, Levels):
            found[name] = set(column.levels)
    for term in scorer.bundle.scorecard.terms:
        if isinstance(term, CategoryTerm):
            found.setdefault(term.part, set()).update(term.levels)
    return found


class Case:
    """A list beside a backlog: what it is worth; ``entering`` are the leads of the list that are called."""

    def __init__(
        self,
        mine: Ranked,
        theirs: Ranked | None,
        known: Mask,
        *,
        parts: Mapping[str, Column],
        terms: Terms,
        past: Past,
    ) -> None:
        self.mine, self.theirs, self.known, self.parts, self.terms, self.past = mine, theirs, known, parts, terms, past
        self.held = np.empty(0) if theirs is None else theirs.logit[~theirs.late]
        self.fresh = np.flatnonzero(~known & ~mine.late)
        self.deal = deal(expit(mine.logit[self.fresh]), expit(self.held), terms)
        self.entering = self.fresh[self.deal.entering]
        self.n_rows = mine.ranking.summary.n_leads + mine.ranking.summary.n_rejected

    def price(self, criteria: Sequence[Criterion]) -> Price:
        """Return the price and all that is told with it."""
        mine, fresh, worth = self.mine, self.fresh, self.deal.price
        everyone = np.arange(len(mine.logit))
        look, spread = self.past.look(self.parts, everyone), self.past.spread(self.parts, everyone)
        chance, lost = expit(mine.logit), expit(self.held[self.deal.displaced])
        return Price(
            terms=self.terms,
            n_rows=self.n_rows,
            n_leads=len(everyone),
            n_known=int(self.known.sum()),
            n_late=int((mine.late & ~self.known).sum()),
            n_new=len(fresh),
            n_backlog=len(self.held),
            expected=float(chance[fresh].sum()),
            n_entering=len(self.entering),
            n_displaced=len(lost),
            gained=float(chance[self.entering].sum() - lost.sum()),
            price=worth,
            per_lead=worth / max(self.n_rows, 1),
            per_new=worth / max(len(fresh), 1),
            covered=look.covered,
            lacking=look.lacking,
            farthest=look.farthest,
            spread=spread.at(float(mine.logit.mean())) if len(everyone) else 0.0,
            composition=float(np.sqrt(spread.composition)),
            too_far=too_far(look, spread) if len(everyone) else "",
            surcharge=self._surcharge(criteria) if criteria else None,
            out=None,
            table=mine.ranking.table.select(list(SCORES)).take(pa.array(fresh)),
            summary=mine.ranking.summary,
            backlog=None if self.theirs is None else self.theirs.ranking.summary,
            **self._ranges(),
        )

    def _ranges(self) -> dict[str, Range]:
        """Draw what may come; leads of the list that are called share their shift with those that they displace."""
        rng, logit, displaced = np.random.default_rng(SEED), self.mine.logit, self.held[self.deal.displaced]
        of_list, of_entering = (self.past.spread(self.parts, rows) for rows in (self.fresh, self.entering))
        whole = draw(logit[self.fresh], of_list, shifts(of_list, rng), rng, listed=True)
        shift = shifts(of_entering, rng)
        come = draw(logit[self.entering], of_entering, shift, rng, listed=True)
        gone = draw(displaced, of_entering, shift, rng, listed=False)
        gained = come.happened - gone.happened
        calls = len(self.entering) - len(displaced)
        return {
            "truth": middle(whole.expected),
            "conversions": middle(whole.happened),
            "gained_range": middle(gained),
            "profit": middle(self.terms.margin * gained - self.terms.cost * calls),
        }

    def _surcharge(self, criteria: Sequence[Criterion]) -> Surcharge:
        """Return what the criteria are worth; each lead that can be called costs as many rows as in the whole list."""
        met = np.ones(len(self.mine.logit), dtype=bool)
        for one in criteria:
            met &= one.met(self.parts[one.part.name])
        fresh = met & ~self.known & ~self.mine.late
        worth = deal(expit(self.mine.logit[fresh]), expit(self.held), self.terms).price
        rows = self.n_rows * int(met.sum()) / max(len(met), 1)
        per_lead = worth / rows if rows else 0.0
        where = tuple(one.text for one in criteria)
        whole = self.deal.price / max(self.n_rows, 1)
        return Surcharge(where, int(met.sum()), int(fresh.sum()), worth, per_lead, per_lead - whole)
