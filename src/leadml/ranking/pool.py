"""The leads of a file that may be called: open, contactable, each once; held until all are scored."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

import numpy as np
import pyarrow as pa

from leadml.errors import Fault
from leadml.leads.coercion import Missing
from leadml.leads.duplicates.keys import numbered
from leadml.leads.labels import OPEN, UNLISTED, read_outcomes
from leadml.leads.listed import EXPLORE, written
from leadml.leads.parts import Floats
from leadml.leads.reading import distinct_values, one_chunk, read_ids, read_numbers, read_opt_outs
from leadml.leads.texts import known_texts
from leadml.model.batch import ScoredBatch, decoded
from leadml.model.output import Columns
from leadml.model.reasons import AGAINST, FOR
from leadml.model.rejects import Rejecting
from leadml.model.scorer import stamp
from leadml.model.stream import Leads, Progress
from leadml.ranking.ask import Questions
from leadml.ranking.chance import Slots, crossed, newness, sources
from leadml.ranking.dealing import deal
from leadml.ranking.order import Mask, Rows, best_first, past_horizon
from leadml.ranking.persons import Choice, Persons
from leadml.ranking.plan import Plan
from leadml.ranking.where import Meets, Where

EARLIER = ["slot", "propensity"]  # what a list that leadml wrote says of the lot
MEND_OUTCOME = "If that means open, name it in leads.open and train again, or leave the column out of the file."


class Pool:
    """Collects the batches of a file, then ranks them.

    Of leads that are left out only the id and the date are held. ``scored`` and ``table`` are those that may be
    called; ``places`` (n,) are their places, from 0, among the rows that could be read, and ``late`` (n,) says which
    of them are past the horizon.
    """

    def __init__(self, leads: Leads, *, as_of: datetime, plan: Plan, where: Sequence[Meets] = ()) -> None:
        self._leads, self._as_of, self._plan = leads, as_of, plan
        self._where = Where(leads.scorer.schema, where)
        self._schema = leads.scorer.schema
        self._missing = Missing(self._schema.placeholders)
        self._persons = Persons(self._schema, leads.batches.columns)
        self.n_leads = self.n_not_open = self.n_do_not_contact = 0
        self.n_unlisted = self.n_no_value = self.n_dealt = 0
        self.newcomers: list[str] = []

    def fill(self, rejects: Rejecting, *, reasons: bool, progress: Progress | None = None) -> None:
        """Score the whole file; rows that cannot be read go to ``rejects``."""
        tables, batches, places, met = [], [], [], []
        for done, batch, scored in self._leads.scored(rejects, reasons=reasons, check=self._check):
            rows = self._persons.candidates()
            places.append(self.n_leads + rows)
            met.append(self._where.met(batch)[rows])
            self.n_leads += batch.num_rows
            tables.append(_plain(batch.take(pa.array(rows)).select(self._held(batch))))
            batches.append(scored.take(rows))
            if progress is not None:
                progress(done)
        self._settle(self._persons.choose(), tables, batches)
        self.places = np.concatenate(places)[self.choice.rows]
        self._met = np.concatenate(met)[self.choice.rows]

    def _settle(self, choice: Choice, tables: list[pa.Table], batches: list[ScoredBatch]) -> None:
        """Put the batches together, with one lead of each person."""
        self.choice = choice
        self.n_do_not_contact += choice.n_do_not_contact
        self.table = pa.concat_tables(tables, promote_options="permissive").take(pa.array(choice.rows))
        self.scored = ScoredBatch.joined(batches).take(choice.rows)
        self.late = past_horizon(
            self.scored.created,
            as_of=self._as_of.timestamp(),
            horizon_days=self._leads.scorer.passport.horizon_days,
        )
        self._mark_late()
        self.values = self._values()
        self._owners = self._named_owners()

    def _mark_late(self) -> None:
        """Let the reasons say that a lead is past the horizon."""
        if self.late.any():
            _mark(self.scored, self.late, self._leads.scorer.book.past_horizon)

    def ranked(self) -> Rows:
        """Return the rows of the pool, best first; those past the horizon last."""
        by = self._expected_value if self._plan.by == "expected_value" else None
        ids = self._texts(self.table, self._schema.roles.id).to_pylist()
        order = best_first(self.scored.logit, self.scored.created, ids, by=by, last=self.late)
        return order[self._met[order]]

    @property
    def n_filtered(self) -> int:
        """The number of leads that could be called, but do not meet the criteria."""
        return int(np.count_nonzero(~self._met))

    def owners(self) -> tuple[Rows, list[str | None]]:
        """Return (codes (n,), owners): the owner of each lead; the last one is None."""
        return self._owners

    def deal_out(self, order: Rows) -> None:
        """Give leads without an owner to the owners there are, by rank, as each has room; groups stay together.

        Owners of whom the plan knows the capacity are there too, also those who own nothing yet.
        """
        codes, owners = self._with_planned()
        name, groups = self._schema.roles.group, None
        if name is not None and name in self.table.column_names:
            groups = numbered(known_texts(one_chunk(self.table.column(name)), self._missing))
        dealt = deal(codes, order, len(owners) - 1, groups=groups, capacities=self._capacities(owners[:-1]))
        self.n_dealt = int(np.count_nonzero(dealt != codes))
        self._owners = dealt, owners

    def _with_planned(self) -> tuple[Rows, list[str | None]]:
        """Return (codes (n,), owners), with those that only the plan names."""
        codes, owners = self._owners
        self.newcomers = sorted(set(self._plan.capacities) - set(owners))
        nobody = len(owners) - 1
        codes = np.where(codes == nobody, nobody + len(self.newcomers), codes)
        return codes, [*owners[:-1], *self.newcomers, None]

    def _capacities(self, owners: list[str | None]) -> Floats | None:
        """Return the capacities of owners (n,), None where they are all the same; one without any has the mean."""
        if not self._plan.capacities:
            return None
        told = np.array([self._plan.a_day(owner or "") or np.nan for owner in owners])
        return np.where(np.isnan(told), np.nanmean(list(self._plan.capacities.values())), told)

    def slots(self, order: Rows, name: str | None = None) -> Slots:
        """Return the list that these ranked rows make, by the plan; each name has a draw of its own."""
        strata = self._strata(order) if self._plan.explore else None
        return self._plan.slots(order, as_of=self._as_of, strata=strata, name=name)

    def _with_earlier(self, slots: Slots) -> Slots:
        """Return the list with the lot of the list that these leads come from: both had to let them through."""
        if not written(self._leads.batches.source.columns) or not set(EARLIER) <= set(self.table.column_names):
            return slots
        told, faults = self.table.select(EARLIER), list[tuple[int, str, str]]()
        chance = read_numbers(one_chunk(told.column("propensity")), self._missing, "propensity", faults)[slots.rows]
        drawn = np.array([one == EXPLORE for one in self._texts(told, "slot").to_pylist()], dtype=bool)[slots.rows]
        return Slots(slots.rows, slots.explored | drawn, slots.propensity * np.where(np.isnan(chance), 1.0, chance))

    def _strata(self, order: Rows) -> Rows:
        """Return the stratum of ranked leads (n,): their source by their newness."""
        return crossed([newness(self.scored.created[order]), self._sources[order]])

    @cached_property
    def _sources(self) -> Rows:
        return sources(*distinct_values(self._texts(self.table, self._schema.source)))

    def columns(self, slots: Slots, name: str | None = None, *, as_text: bool) -> Columns:
        """Return the columns of a list, that of an owner's ``name`` or the whole; ``as_text``: reasons as one text."""
        slots = self._with_earlier(slots)
        rows, n = slots.rows, len(slots.rows)
        table, scored = self.table.take(pa.array(rows)), self.scored.take(rows)
        if slots.explored.any():
            _mark(scored, slots.explored, self._leads.scorer.book.drawn)
        value, places = self._expected_value[rows], np.arange(n)
        codes, owners = self._owners
        first: dict[str, pa.Array] = {
            "rank": pa.array(places + 1),
            "owner": pa.array(owners, pa.string()).take(pa.array(codes[rows])),
            "slot": pa.DictionaryArray.from_arrays(slots.explored.astype(np.int8), ["ranked", "explore"]),
            "propensity": pa.array(slots.propensity).dictionary_encode(),
            "expected_value": pa.array(value, mask=np.isnan(value)),
        }
        a_day = self._plan.a_day(name)
        if a_day is not None and self._plan.days > 1:
            first = {"rank": first.pop("rank"), "day": pa.array(places // a_day + 1)} | first
        columns = first | scored.columns(table, as_of=stamp(self._as_of), as_text=as_text)
        if self._plan.first == "call":
            columns["ask"] = Questions(self._leads.scorer).of(table)
        if any(self.choice.merged):
            merged = [self.choice.merged[row] or None for row in rows.tolist()]
            columns["duplicates"] = pa.array(merged, pa.string())
        for carried, shown in self._leads.names(columns).items():
            columns[shown] = one_chunk(table.column(carried))
        return {name: decoded(array) for name, array in columns.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know."""
        roles, notes = self._schema.roles, []
        if self.n_unlisted:
            notes.append(
                f"{self.n_unlisted:,} leads have an outcome in {roles.outcome!r} that the model does not know; "
                f"they are left out as not open. {MEND_OUTCOME}"
            )
        if self.choice.n_unread:
            notes.append(
                f"{self.choice.n_unread:,} leads are left out, as their newest row could not be read; see the rejects"
            )
        if self.choice.n_merged:
            notes.append(
                f"{self.choice.n_merged:,} leads are the same person or company as a newer open one, and merged with it"
            )
        if self.choice.n_back:
            notes.append(
                f"{self.choice.n_back:,} leads are the same person or company as a decided one: they came back"
            )
        if self.n_dealt:
            how = "by their capacities" if self._plan.capacities else "evenly"
            notes.append(f"{self.n_dealt:,} leads without an owner were dealt out {how} among the owners")
        if self.newcomers:
            who = ", ".join(self.newcomers)
            notes.append(f"{who}: a capacity, but no lead of their own here; they get what nobody owns")
        ahead = int(np.count_nonzero(self.scored.created > self._as_of.timestamp()))
        if ahead:
            notes.append(
                f"{ahead:,} leads came in after {stamp(self._as_of)[:10]}, at which the list looks; they are on it"
            )
        if self.n_no_value:
            notes.append(f"{self.n_no_value:,} values in {roles.value!r} are no numbers; their expected value is empty")
        return (*notes, *self.choice.skipped)

    def _texts(self, table: pa.Table | pa.RecordBatch, name: str | None) -> pa.Array:
        if name is None or name not in table.schema.names:
            return pa.nulls(table.num_rows, pa.string())
        return read_ids(one_chunk(table.column(name)))

    def _named_owners(self) -> tuple[Rows, list[str | None]]:
        """Return (codes (n,), owners) as the leads have them; whatever stands for a missing one is the last, None."""
        codes, distinct = distinct_values(self._texts(self.table, self._schema.roles.owner))
        named = pa.array([self._missing.text(value) for value in distinct], pa.string()).take(pa.array(codes))
        codes, distinct = distinct_values(named)
        return codes, [None if value is None else str(value) for value in distinct]

    @cached_property
    def _expected_value(self) -> Floats:
        """Return what a call is worth (n,): probability times value, less the cost of a contact; NaN is unknown."""
        return self.scored.probability * self.values - self._plan.contact_cost

    def _values(self) -> Floats:
        name, faults = self._schema.roles.value, list[tuple[int, str, str]]()
        if name is None or name not in self.table.column_names:
            return np.full(self.table.num_rows, np.nan)
        form = self._schema.formats.get(name)
        values = read_numbers(one_chunk(self.table.column(name)), self._missing, name, faults, form)
        self.n_no_value = len(faults)
        return values

    def _is_open(self, batch: pa.RecordBatch, read: Mask) -> Mask:
        """Return which leads (n,) are open; of those that can be read, count the others."""
        name = self._schema.roles.outcome
        if name is None or name not in batch.schema.names:
            return np.ones(batch.num_rows, dtype=bool)
        status, _ = read_outcomes(one_chunk(batch.column(name)), self._schema.outcomes, self._missing)
        self.n_unlisted += int(np.count_nonzero((status == UNLISTED) & read))
        is_open = np.equal(status, OPEN)
        self.n_not_open += int(np.count_nonzero(~is_open & read))
        return is_open

    def _do_not_contact(self, batch: pa.RecordBatch) -> tuple[Mask, list[tuple[int, str, str]]]:
        """Return (who asked not to be contacted (n,), (row, column, message) of what cannot be read)."""
        asked, faults = np.zeros(batch.num_rows, dtype=bool), list[tuple[int, str, str]]()
        for name in self._schema.roles.opt_outs:
            if name in batch.schema.names:
                asked |= read_opt_outs(one_chunk(batch.column(name)), self._missing, name, faults)
        return asked, faults

    def _held(self, batch: pa.RecordBatch) -> list[str]:
        """Return the columns that the list needs: of the others, types may change from batch to batch."""
        roles = self._schema.roles
        wanted = {roles.id, roles.owner, roles.value, roles.group, self._schema.source, *self._leads.keep}
        wanted |= set(EARLIER)
        wanted |= set(self._schema.answers) if self._plan.first == "call" else set()
        return [name for name in batch.schema.names if name in wanted] or batch.schema.names[:1]  # its length, at least

    def _check(self, batch: pa.RecordBatch, scored: ScoredBatch) -> list[Fault]:
        """Look at every row of a batch, also at those that cannot be read: they may be of a lead that can."""
        asked, wrong = self._do_not_contact(batch)
        faults = [Fault(message, row + 1, name) for row, name, message in wrong]
        unread = np.zeros(batch.num_rows, dtype=bool)
        unread[[(fault.line or 1) - 1 for fault in (*scored.rejected, *faults)]] = True
        asked[[row for row, _, _ in wrong]] = True
        is_open = self._is_open(batch, ~unread)
        self.n_do_not_contact += int(np.count_nonzero(is_open & asked & ~unread))
        ids = self._texts(batch, self._schema.roles.id)
        self._persons.add(batch, ids, scored.created, is_open=is_open, asked=asked, unread=unread)
        return faults


def _mark(scored: ScoredBatch, rows: Mask, key: int) -> None:
    """Give some leads (n,) one more reason, behind those of the score."""
    keys = scored.keys or [np.zeros(len(rows), dtype=np.int64)] * (FOR + AGAINST)
    scored.keys = [*keys, np.where(rows, key, 0)]


def _plain(batch: pa.RecordBatch) -> pa.Table:
    return pa.table({name: decoded(batch.column(name)) for name in batch.schema.names})
