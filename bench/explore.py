"""``python -m bench.explore [SEEDS]``: does exploration find a group that a model overlooks? By default 20 seeds.

The sample's overlooked group (small firms of the trades, 7 % of the leads) converts well when called, but was called in
one case of ten, and a lead that nobody calls converts a tenth as often. In each of twelve rounds 2,000 new leads come
in, the model ranks them, the 400 on the list are called, all outcomes become known, and the model is trained again:

- ordinary: no exploration; all leads of the table are learned from, called or not;
- called: no exploration; leads that nobody called since there are lists are left out;
- explored: 15 % of the places are drawn by lot; learned from as in "ordinary";
- weighted: as explored, but learned from with ``training.propensity_weights``.

Twice: by the sample's own fields, none of which tells the group apart (an additive model sees part of its worth by
the other leads of the trades), and with a field that does, such as a customer segment.

It prints by round (mean over the seeds and its standard error) the share of the group that was called, how far the
model's log-odds of the group and of all others lie from the truth of called leads, and the conversions among the leads
called (expected ones, by the truth), also had the same model given no place away ("all by rank"); beside them the same
for lists by the truth. "named" is the share of seeds in
which the report, were it written after that round, would name the group; it is told what each round's model said of
leads that it had not seen. Last, how many explored outcomes it takes until a model that is never trained again is found
out. To reach, where a field tells the group apart: in the last round "weighted" calls 1.5 times as many of the group as
"ordinary", and its log-odds are within 0.75 of the truth, those of "ordinary" not within 1.5.
"""

import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import special

from leadml.leads.columns import Coercer
from leadml.leads.listed import Listed
from leadml.leads.parts import Column, Levels, take
from leadml.leads.sample import Planted, make_sample, new_leads
from leadml.leads.sample.effects import UNCALLED_FACTOR
from leadml.leads.schema import Field, Part, Roles, Schema
from leadml.leads.snapshots import Snapshots
from leadml.learning.explored import explored_leads
from leadml.learning.propensity import weigh
from leadml.learning.search import Fitted, fit
from leadml.ranking.chance import Slots, slots

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]
N_PAST, N_NEW, N_ROUNDS, CAPACITY, SHARE = 3_000, 2_000, 12, 400, 0.15
ARMS = ("ordinary", "called", "explored", "weighted")
WITH_LOT = ("explored", "weighted")
SEGMENT = Part("segment", "segment", numeric=False, axis="other")
GROUP = ("small trades",)  # the level of the segment
NAMES = (("industry", "handwerk"), ("segment", *GROUP))  # what the report has to name: one of them
FIGURES = ("called", "group off", "others off", "conversions", "all by rank", "named")
SETTINGS = {"C": 1.0}
OUTCOMES = (500, 1_000, 2_000, 4_000, 8_000)
PLANTED = Planted(leak=False, proxy=False, drift=False, open=False, duplicates=False, messy=False)
SCHEMA = Schema(
    fields=(
        *(Field(name, "category") for name in ("source", "company_size", "industry", "demo_requested", "newsletter")),
        *(Field(name, "number") for name in ("budget", "visits", "pricing_page_visits", "emails_opened")),
        Field("job_title", "job_title"),
        Field("country", "country"),
    ),
    roles=Roles(id="lead_id"),
)


@dataclass(frozen=True, slots=True)
class World:
    """All leads of a seed (n,), those of the past first, in rounds of ``n_new``.

    ``truth`` (n,) is the chance of converting when called, ``luck`` (n,) uniform: a lead converts where it lies below
    its chance. ``group`` (n,) is the overlooked one; ``past`` (n_past,) are the outcomes of those of the past.
    """

    parts: Mapping[str, Column]
    fields: tuple[Part, ...]
    truth: Floats
    luck: Floats
    group: Bools
    past: Bools
    n_new: int


def world(
    seed: int, *, told: bool = False, n_past: int = N_PAST, n_new: int = N_NEW, n_rounds: int = N_ROUNDS
) -> World:
    """Make the leads of a seed; ``told``: a field tells the group apart."""
    old = make_sample(n_past, seed=seed, planted=PLANTED, events=False)
    new = [new_leads(old, n_new, seed=1000 * (seed + 1) + i, events=False) for i in range(n_rounds)]
    names = [field.name for field in SCHEMA.fields]
    table = pa.concat_tables([one.leads.select(names) for one in (old, *new)], promote_options="permissive")
    coerced = Coercer(SCHEMA)(table)
    truth = pa.concat_tables([one.truth for one in (old, *new)])
    group = truth["overlooked"].to_numpy()
    segment = {SEGMENT.name: Levels(np.where(group, 1, 0).astype(np.intp), ("other", *GROUP))} if told else {}
    return World(
        {**coerced.parts, **segment},
        (*SCHEMA.parts, *((SEGMENT,) if told else ())),
        truth["probability_if_called"].to_numpy(),
        np.random.default_rng(seed).random(table.num_rows),
        group,
        np.array([outcome == "converted" for outcome in old.truth["true_outcome"].to_pylist()]),
        n_new,
    )


def played(made: World, arm: str, *, capacity: int = CAPACITY, share: float = SHARE, seed: int = 0) -> Floats:
    """Return the ``FIGURES`` (rounds, 6) of one way to go on."""
    n, n_past = len(made.truth), len(made.past)
    y, said = np.concatenate((made.past, np.zeros(n - n_past, dtype=bool))), np.full(n, np.nan)
    listed = Listed(np.zeros(n, dtype=bool), np.full(n, np.nan))
    figures = []
    for first in range(n_past, n, made.n_new):
        rows = np.arange(first, first + made.n_new)
        model = _learned(made, y, listed, first, arm)
        said[rows] = model.logit(_shots(made, y), rows)
        made_list = _list(made, said, rows, capacity=capacity, share=share if arm in WITH_LOT else 0.0, seed=seed)
        on_it = rows[made_list.rows]
        listed.explored[on_it], listed.propensity[on_it] = made_list.explored, made_list.propensity
        called = listed.on_list[rows]
        y[rows] = made.luck[rows] < made.truth[rows] * np.where(called, 1.0, UNCALLED_FACTOR)
        off, group = said[rows] - special.logit(made.truth[rows]), made.group[rows]
        figures.append([
            called[group].mean(),
            off[group].mean(),
            off[~group].mean(),
            made.truth[rows][called].sum(),
            made.truth[rows[np.argsort(-said[rows], kind="stable")[:capacity]]].sum(),
            float(_names(made, y, said, listed, np.arange(n_past, rows[-1] + 1))),
        ])  # fmt: skip
    return np.array(figures)


def _list(made: World, said: Floats, rows: Rows, *, capacity: int, share: float, seed: int) -> Slots:
    """Return the list of some leads; its rows are places among them."""
    source = made.parts["source"]
    assert isinstance(source, Levels)
    order = np.argsort(-said[rows], kind="stable")
    return slots(order, capacity=capacity, share=share, seed=[seed, int(rows[0])], strata=source.codes[rows][order])


def _shots(made: World, y: Bools) -> Snapshots:
    """Return the first leads, in the order in which they came in."""
    rows = np.arange(len(y), dtype=np.intp)
    at = rows.astype(np.float64)
    return Snapshots({name: take(column, rows) for name, column in made.parts.items()}, y, at, at, None, rows, False)


def _learned(made: World, y: Bools, listed: Listed, end: int, arm: str) -> Fitted:
    """Learn from the leads before ``end``."""
    shots, so_far = _shots(made, y[:end]), listed.take(np.arange(end))
    rows = np.arange(end, dtype=np.intp)
    if arm == "weighted" and so_far.on_list.any():
        shots = weigh(shots, so_far).shots
        rows = np.arange(len(shots), dtype=np.intp)
    elif arm == "called":
        rows = np.flatnonzero(so_far.on_list | (rows < len(made.past)))
    return fit(shots, made.fields, rows, "logistic", SETTINGS, final=False, random_state=0)


def _names(made: World, y: Bools, said: Floats, listed: Listed, rows: Rows) -> bool:
    """Return whether the explored ones of some leads prove that the group is missed."""
    columns = {name: take(column, rows) for name, column in made.parts.items()}
    found = explored_leads(y[rows], said[rows], listed.take(rows), columns, n_replicates=1)
    return found is not None and any((one.part, one.level) in NAMES for one in found.missed)


def found_out(made: World, *, seed: int = 0) -> list[bool]:
    """Return whether a model of the past alone is said to miss the group, by the number of explored ``OUTCOMES``."""
    n, n_past = len(made.truth), len(made.past)
    listed = Listed(np.zeros(n, dtype=bool), np.full(n, np.nan))
    y = made.luck < made.truth  # of those that are called
    model = _learned(made, made.past, listed, n_past, "ordinary")
    rows = np.arange(n_past, n)
    said = np.concatenate((np.full(n_past, np.nan), model.logit(_shots(made, y), rows)))
    capacity = max(OUTCOMES) + len(rows) * CAPACITY // N_NEW
    made_list = _list(made, said, rows, capacity=capacity, share=max(OUTCOMES) / capacity, seed=seed)
    drawn = rows[made_list.rows[made_list.explored]]
    answers = []
    for n_drawn in OUTCOMES:
        some = drawn[:n_drawn]
        alone = Listed(np.isin(np.arange(n), some), np.where(np.isin(np.arange(n), some), 0.1, np.nan))
        answers.append(_names(made, y, said, alone, np.sort(some)))
    return answers


def best(made: World, *, capacity: int = CAPACITY) -> tuple[float, float]:
    """Return the share of the group that lists by the truth would call, and their conversions, by round."""
    truth = made.truth[len(made.past) :].reshape(-1, made.n_new)
    group = made.group[len(made.past) :].reshape(-1, made.n_new)
    top = np.argsort(-truth, axis=1)[:, :capacity]
    called = np.take_along_axis(group, top, axis=1).sum(axis=1) / group.sum(axis=1)
    return float(called.mean()), float(np.take_along_axis(truth, top, axis=1).sum(axis=1).mean())


def _one(seed: int, told: bool) -> tuple[Floats, Floats, list[bool]]:
    warnings.simplefilter("ignore")
    made = world(seed, told=told)
    return np.array([played(made, arm, seed=seed) for arm in ARMS]), np.array(best(made)), found_out(made, seed=seed)


def curves(n_seeds: int, *, told: bool) -> None:
    """Print the curves of all arms in one of the worlds."""
    made = Parallel(n_jobs=2)(delayed(_one)(seed, told) for seed in range(n_seeds))
    figures = np.array([one for one, _, _ in made])  # (seeds, arms, rounds, figures)
    share, conversions = np.mean([one for _, one, _ in made], axis=0)
    print(f"== {'with a field that tells the group apart' if told else 'by the fields of the sample'}, {n_seeds} seeds")
    print(f"lists by the truth: {share:.3f} of the group called, {conversions:.1f} conversions")
    mean, error = figures.mean(axis=0), figures.std(axis=0, ddof=1) / np.sqrt(n_seeds)
    for i, name in enumerate(FIGURES):
        print(f"\n{name}\n{'round':>6}" + "".join(f"{arm:>18}" for arm in ARMS))
        for r in range(figures.shape[2]):
            cells = "".join(f"{mean[a, r, i]:>10.3f} ±{error[a, r, i]:<6.3f}" for a in range(len(ARMS)))
            print(f"{r + 1:>6}{cells}")
    print(
        "\nbeyond ordinary, as a share of ordinary's: conversions in the first three rounds, in the last three; by rank"
    )
    for a, arm in enumerate(ARMS[1:], 1):
        made_, ranked = (figures[:, a, :, i] / figures[:, 0, :, i] - 1 for i in (3, 4))
        ends = (made_[:, :3], made_[:, -3:], ranked[:, :3], ranked[:, -3:])
        cost = (f"{x.mean():+.1%} ± {x.mean(axis=1).std(ddof=1) / np.sqrt(n_seeds):.1%}" for x in ends)
        print(f"{arm:>12}: " + "; ".join(cost))
    shares = zip(OUTCOMES, np.mean([one for _, _, one in made], axis=0), strict=True)
    names = ", ".join(f"{n:,}: {share:.0%}" for n, share in shares)
    print(f"\na model of the past alone is said to miss the group, by explored outcomes: {names}\n", flush=True)


if __name__ == "__main__":
    for told in (False, True):
        curves(int(sys.argv[1]) if len(sys.argv) > 1 else 20, told=told)
