# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Read a scorecard, and edit it
#
# What leadml ships is a sum of points. So a model can be read like a price list, argued about, and changed: a term can
# be switched off, or made to fall and never rise. This notebook does both, and then asks what it costs on leads that
# the model has not seen.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from leadml import Config, read_leads
from leadml.leads.parts import Levels
from leadml.model.scorecard import StepTerm, expit
from leadml.training.replay import try_recipe

ROOT = next(folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "leadml.toml").exists())
plt.style.use(ROOT / "notebooks" / "leadml.mplstyle")
BLUE, ORANGE, GREY, PALE = "#1b5cb8", "#c2570c", "#757e8a", "#9db8de"
AXES = {"interest": BLUE, "ability": ORANGE, "authority": "#6d4bb3", "other": "#a9b3c0"}

# %% [markdown]
# `try_recipe` learns one model from the older leads and hands out its scorecard with the leads of both parts: those
# that it has learned from, and the newest, which test it. Nothing is saved. We take an explainable boosting machine, as
# its terms for numbers are steps, and steps are the more interesting thing to look at. For a model that you have
# trained, `replay(config, "models/champion")` gives the same.

# %%
config = Config.load(ROOT / "leadml.toml")
tried = try_recipe(config, "ebm")
card, older, test = tried.scorecard, tried.older, tried.test
print(f"{len(card.terms)} terms, learned from {len(older):,} leads, tested on {len(test):,}")
for name, one in tried.reached(card).items():
    print(f"{name:<18}{one.value:.3f} ({one.low:.3f} to {one.high:.3f})")

# %% [markdown]
# ## A term is a small table
#
# The points are log-odds. Positive speaks for conversion; 0.7 about doubles the odds. `base` is the logit of an average
# lead.

# %%
source = card.term("source")
table = pd.DataFrame({"level": [*source.labels, "(any other)", "(missing)"], "points": source.table})
print(table.sort_values("points", ascending=False).round(2).to_string(index=False))
print(f"\nbase {card.base:.2f}: an average lead converts with {expit(np.array(card.base)):.1%}")

# %% [markdown]
# ## Which terms move the score
#
# A term counts for much if it gives different leads different points. The length of a bar is the mean distance from
# zero over the leads that were learned from; the colour is the axis: interest, ability, authority, or none of them.

# %%
size = pd.Series(np.abs(card.contributions(older.parts)).mean(axis=0), index=[term.part for term in card.terms])
size = size.sort_values()

fig, ax = plt.subplots(figsize=(8, 5.4))
ax.barh(size.index, size, color=[AXES[tried.axes[part]] for part in size.index])
for axis, colour in AXES.items():
    ax.barh([size.index[0]], [0], color=colour, label=axis)
ax.set_title(f"{size.index[-1]} and {size.index[-2]} move the scores most")
ax.set_xlabel("mean size of the contribution, in log-odds")
ax.grid(visible=False)
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# ## What the terms say
#
# Above, the points of four numbers; below, in grey, where the leads are. Where there are few leads, the curve is little
# more than a guess. The dot at the left is for leads without a value.

# %%
numbers = [part for part in size.index[::-1] if isinstance(card.term(part), StepTerm)][:4]


def steps(part: str, term: StepTerm) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges (n + 1,) and points (n,) of the steps, within the leads that were learned from."""
    values = older.parts[part][~np.isnan(older.parts[part])]
    return np.array([values.min(), *term.cuts, np.quantile(values, 0.995)]), np.array(term.points)


fig, axes = plt.subplots(2, 4, figsize=(11, 4), height_ratios=(3, 1), sharex="col")
for (ax, below), part in zip(axes.T, numbers, strict=True):
    edges, points = steps(part, card.term(part))
    values = older.parts[part][~np.isnan(older.parts[part])]
    ax.stairs(points, edges, baseline=None, color=AXES[tried.axes[part]], linewidth=2.2)
    left = edges[0] - 0.06 * (edges[-1] - edges[0])
    ax.plot(left, card.term(part).missing, "o", color=AXES[tried.axes[part]], clip_on=False)
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set_title(part, fontsize=10.5)
    ax.set_ylim(-0.5, 0.7)
    below.hist(values, bins=np.linspace(edges[0], edges[-1], 24), color="#ccd3dc")
    below.set_yticks([])
    below.grid(visible=False)
    below.spines["left"].set_visible(False)
    below.xaxis.set_major_formatter(lambda x, _: f"{x / 1000:.0f}k" if abs(x) >= 1000 else f"{x:.0f}")
rise = sum(card.term(part).points[-1] > card.term(part).points[0] for part in numbers)
fig.suptitle(f"In {rise} of {len(numbers)} terms, much is better than little", x=0.01, ha="left", fontweight="bold")
axes[0, 0].set_ylabel("points")
for ax in axes[0, 1:]:
    ax.set_yticklabels([])
plt.show()

# %% [markdown]
# ## One lead, added up
#
# The score of a lead is the base and one number per term, and nothing else. So a picture of the sum is the whole
# explanation. Here is the likeliest of the test leads.

# %%
logit = card.logit(test.parts)
lead = int(np.argmax(logit))
each = pd.Series(card.contributions(test.parts)[lead], index=[term.part for term in card.terms])
assert np.isclose(card.base + each.sum(), logit[lead], atol=1e-9)
told = each[each.abs().sort_values(ascending=False).index[:8]]
rest = pd.concat([told, pd.Series({"all else": each.sum() - told.sum()})])
ends = card.base + rest.cumsum()


def value(part: str) -> str:
    """Return what stands in a part of the lead."""
    column = test.parts[part]
    if isinstance(column, Levels):
        return column.levels[column.codes[lead]] if column.codes[lead] >= 0 else "missing"
    return "missing" if np.isnan(column[lead]) else f"{column[lead]:,.0f}"


names = [f"{part}: {value(part)}" if part in test.parts else part for part in rest.index]
fig, ax = plt.subplots(figsize=(8, 4.6))
ax.barh(names, rest, left=ends - rest, color=[BLUE if points > 0 else ORANGE for points in rest])
for name, points, end in zip(names, rest, ends, strict=True):
    ax.annotate(f"{points:+.2f}", (max(end, end - points), name), (5, 0), textcoords="offset points", va="center")
ax.axvline(card.base, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
ax.invert_yaxis()
marks = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
ax.set_xticks(np.log(marks / (1 - marks)), [f"{p:.0%}" for p in marks])
ax.set_xlim(card.base - 0.3, ends.max() + 0.5)
ax.set_title(
    f"From {expit(np.array(card.base)):.0%} for an average lead to {expit(np.array(logit[lead])):.0%} for this one"
)
ax.set_xlabel("probability; the dashed line is the average lead")
ax.grid(visible=False)
plt.show()

# %% [markdown]
# ## Edit 1: switch a term off
#
# A column may be harmless to the model and yet not belong into it. `preferred_channel` is such a one: whoever asks for
# letters is seldom young. It speaks of the age, which is protected and must not count. Look:

# %%
leads = read_leads(config)
age = pd.to_numeric(leads["age"], errors="coerce")
print(age.groupby(leads["preferred_channel"]).median().sort_values().to_string())

# %%
channel_off = tried.levelled(card.without("preferred_channel"))

# %% [markdown]
# `without` takes the term out. `levelled` then fits the base anew, and only the base, so that the scorecard expects as
# many conversions as before.
#
# ## Edit 2: make a term fall
#
# How long before it came in did a lead first visit the website? The longer, the colder, says the sales team: a lead
# that took months was never in a hurry. The model has learned something else. `monotone` pools neighbouring steps that
# go the wrong way until none does, each weighted by its leads (pool adjacent violators). The points for missing stay.

# %%
part = "first_seen_on.age_days"
falling = tried.levelled(card.monotone(part, older.parts, rising=False))
edges, before = steps(part, card.term(part))
_, after = steps(part, falling.term(part))

fig, ax = plt.subplots()
ax.stairs(before, edges, baseline=None, color=GREY, linewidth=1.4, label="as learned")
ax.stairs(after, edges, baseline=None, color=BLUE, linewidth=2.4, label="only falling")
ax.axhline(0, color=GREY, linewidth=0.8)
ax.set_title(f"{(np.diff(before) > 0).sum()} steps rose; pooled, none does")
ax.set_xlabel("days between the first visit and coming in")
ax.set_ylabel("points")
ax.set_xscale("symlog", linthresh=10)
ax.set_xticks([0, 5, 10, 30, 100, 200], ["0", "5", "10", "30", "100", "200"])
ax.set_xlim(edges[0], edges[-1])
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# ## What it costs
#
# The test leads decide, paired: the same leads, before and after. Log loss is better when lower, the other two when
# higher. A difference whose interval holds zero may be none at all.

# %%
both = tried.levelled(card.without("preferred_channel").monotone(part, older.parts, rising=False))
edits = {"channel off": channel_off, "days only falling": falling, "both": both}
price = []
for name, edited in edits.items():
    cost = tried.cost(edited)
    price.append(
        {"edit": name} | {key: f"{one.value:+.4f} ({one.low:+.4f} to {one.high:+.4f})" for key, one in cost.items()}
    )
print(pd.DataFrame(price).to_string(index=False))

# %% [markdown]
# ## What each term is worth
#
# The same question for every term: what would be lost without it? To the right of the line the test leads miss it.

# %%
off = {term.part: tried.levelled(card.without(term.part)) for term in card.terms}
costs = {name: tried.cost(edited, ["log_loss"])["log_loss"] for name, edited in off.items()}
worth = pd.DataFrame(costs.items(), columns=["part", "cost"])
worth = worth.assign(**{end: [1000 * getattr(one, end) for one in worth["cost"]] for end in ("value", "low", "high")})
worth = worth.sort_values("value")
missed = int((worth["low"] > 0).sum())

fig, ax = plt.subplots(figsize=(8, 5.4))
sure = worth["low"] > 0
ax.hlines(worth["part"], worth["low"], worth["high"], color=np.where(sure, PALE, "#dfe3e9"), linewidth=4)
ax.scatter(worth["value"], worth["part"], color=np.where(sure, BLUE, GREY), zorder=3, s=32)
ax.axvline(0, color=GREY, linewidth=1)
ax.set_title(f"{missed} of {len(worth)} terms are clearly missed")
ax.set_xlabel("log loss added per 1,000 test leads when the term is off, with 95 % intervals")
ax.grid(visible=False)
plt.show()

# %% [markdown]
# ## What to take away
#
# - A scorecard is data. Reading it needs no tool, and editing it needs no training.
# - Ask the price on leads that the model has not seen, in pairs, with an interval.
# - Whoever tries many edits on the same test leads and keeps the best has learned from the test. Edit for reasons, not
#   for decimals.
# - To ship a model without a column, name it in `leads.ignore` and train again: then its passport tells the truth.
#
# Next: [04-bring-your-own-estimator.py](04-bring-your-own-estimator.py).
