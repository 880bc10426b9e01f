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
# # Look at your leads
#
# Before a model learns from past leads, a person should look at them. This notebook asks five questions:
# What has become of the leads? How long does a lead take? Who converts? Which column knows too much? What changes with
# time? It uses the made-up CRM of this repository. To look at your own leads, name your `leadml.toml` in the next cell.

# %%
from datetime import UTC, datetime
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from leadml import Config, read_leads
from leadml.learning.leaks.power import alone
from leadml.report.rates import Rate
from leadml.training.check import check
from leadml.training.read import labelled, read

ROOT = next(folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "leadml.toml").exists())
plt.style.use(ROOT / "notebooks" / "leadml.mplstyle")
BLUE, ORANGE, GREY, LIGHT = "#1b5cb8", "#c2570c", "#757e8a", "#ccd3dc"

config = Config.load(ROOT / "leadml.toml")
leads = read_leads(config)
print(f"{len(leads):,} leads, {leads.shape[1]} columns")

# %% [markdown]
# ## What is in the columns
#
# `check` looks at every column as training would, and says what it takes it for. Personal data is masked. It is the
# same as `leadml check` on the command line.

# %%
now = datetime.now(UTC)
found = check(config, now=now)
columns = pd.DataFrame(
    {
        "column": one.column.name,
        "used as": one.column.kind if one.column.use == "field" else one.column.role or one.column.use,
        "axis": one.axis or "",
        "missing": f"{one.missing:.0%}",
        "what stands in it": one.examples,
    }
    for one in found.columns
)
print(columns.to_string(index=False, max_colwidth=60))

# %%
print(f"{found.n_leads:,} leads, {found.n_matured:,} with a final outcome, {found.n_converted:,} of them converted")
for note in found.notes:
    print("-", note)

# %% [markdown]
# ## What has become of the leads
#
# A lead needs time. One that came in last week is not lost; nobody knows yet. leadml calls a lead **matured** once the
# horizon is over, and learns from matured leads alone. The grey bars are those that must wait.

# %%
created = leads[config.leads.created_at]
won_after = (leads[config.leads.converted_at] - created).dt.days
is_won = leads[config.leads.outcome].isin(config.leads.converted)
horizon = config.label.horizon_days
as_of = leads[[config.leads.created_at, config.leads.converted_at]].max().max()
matured = created + pd.Timedelta(days=horizon) <= as_of
in_time = is_won & (won_after <= horizon)

month = created.dt.tz_localize(None).dt.to_period("M").dt.to_timestamp()
state = np.select([~matured, in_time], ["not known yet", "converted"], "did not convert")
counts = pd.crosstab(month, state)[["converted", "did not convert", "not known yet"]]
unknown = int((counts["not known yet"] > 0).sum())

fig, ax = plt.subplots()
bottom = np.zeros(len(counts))
for name, colour in zip(counts, (BLUE, LIGHT, "#eceff3"), strict=True):
    style = {"edgecolor": GREY, "hatch": "///", "linewidth": 0.0} if name == "not known yet" else {}
    ax.bar(counts.index, counts[name], width=26, bottom=bottom, color=colour, label=name, **style)
    bottom += counts[name].to_numpy()
ax.set_title(f"The leads of the last {unknown} months cannot be judged yet")
ax.set_ylabel("leads per month")
ax.legend(ncols=3, loc="upper left", bbox_to_anchor=(0, 1.0))
ax.set_ylim(0, bottom.max() * 1.2)
plt.show()

# %% [markdown]
# What happens if one does not wait? Then the newest months look worse than they are: their wins have not come in yet.
# A model that learned from them would learn that fresh leads do not convert.

# %%
by_month = pd.DataFrame({"so far": is_won, "in time": in_time}).groupby(month).mean()
whole = matured.groupby(month).all()
last = by_month.index[-1]

fig, ax = plt.subplots()
ax.plot(by_month.index, by_month["so far"], color=ORANGE, label="won so far, all leads")
ax.plot(
    by_month.index[whole], by_month["in time"][whole], color=BLUE, label=f"won within {horizon} days, matured leads"
)
ax.axvspan(by_month.index[whole][-1], last, color="#f4f5f7", zorder=0)
ax.set_title(f"Counted too early, the newest month converts at {by_month['so far'].iloc[-1]:.1%} only")
ax.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
ax.set_yticks(np.arange(0, by_month.max().max() + 0.05, 0.05))
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# ## How long a lead takes
#
# The horizon is a choice. A long one counts more wins; a short one lets newer leads be learned from. The curve shows
# the wins of leads that are old enough for their whole way to be seen.

# %%
old = created + pd.Timedelta(days=365) <= as_of
days = np.sort(won_after[is_won & old & (won_after <= 365)].to_numpy())
share = np.arange(1, len(days) + 1) / len(days)
within = float(np.mean(days <= horizon))

fig, ax = plt.subplots()
ax.step(days, share, where="post", color=BLUE)
ax.plot([horizon, horizon, 0], [0, within, within], color=ORANGE, linewidth=1.2, linestyle=(0, (4, 3)))
ax.plot(horizon, within, "o", color=ORANGE)
ax.annotate(
    f"{within:.0%} within {horizon} days", (horizon, within), (14, -16), textcoords="offset points", color=ORANGE
)
ax.set_title(f"Half of all wins come within {int(np.median(days))} days, but some take most of a year")
ax.set_xlabel("days from coming in to being won")
ax.set_ylabel("share of the wins")
ax.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
ax.set_xlim(0, 365)
ax.set_ylim(0, 1.02)
plt.show()

# %% [markdown]
# ## Who converts
#
# From here on we look through the eyes of the model: job titles are read into seniority and function, and only matured
# leads count. A bar is a 95 % interval (Wilson's): where few leads are behind a dot it is wide, and the dot says
# little.

# %%
intake = read(config, None, now=now, skip_faulty=False)
shots = labelled(config, intake.leads, now).snapshots
base_rate = shots.y.mean()


def rates(part: str, least: int = 30) -> pd.DataFrame:
    """Return the conversion rate of each level of a part that has some leads, with its interval."""
    column = shots.parts[part]
    level = np.array([*column.levels, "missing"], dtype=object)[column.codes]
    groups = pd.DataFrame({"level": level, "y": shots.y}).groupby("level")["y"]
    table = groups.agg(n="size", converted="sum").query(f"n >= {least}")
    spans = [Rate(n, converted).interval for n, converted in table.itertuples(index=False)]
    table = table.assign(**{end: [getattr(span, end) for span in spans] for end in ("value", "low", "high")})
    return table.sort_values("value")


parts = {"source": "Source", "job_title.seniority": "Seniority", "company_size": "Size of the company"}
tables = {part: rates(part) for part in parts}
widest = max(tables, key=lambda part: tables[part]["value"].iloc[-1] / tables[part]["value"].iloc[0])
best, worst = tables[widest].iloc[-1], tables[widest].iloc[0]

fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.9))
for ax, (part, title) in zip(axes, parts.items(), strict=True):
    table = tables[part]
    ax.hlines(table.index, table["low"], table["high"], color="#9db8de", linewidth=4)
    ax.plot(table["value"], table.index, "o", color=BLUE, markersize=6)
    ax.axvline(base_rate, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    ax.set_title(title, fontsize=11)
    ax.grid(visible=False)
    ax.grid(visible=True, axis="x")
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")
    ax.set_xlim(0, max(table["high"].max() for table in tables.values()) + 0.02)
fig.suptitle(
    f"{best.name.capitalize()} leads convert {best['value'] / worst['value']:.0f} times as often as {worst.name} leads",
    x=0.01,
    ha="left",
    fontweight="bold",
    fontsize=12.5,
)
fig.supxlabel(f"rate of conversion; dashed: all leads, {base_rate:.1%}", color="#525a66", fontsize=10.5)
plt.show()

# %% [markdown]
# The size of the company has a flaw that a model would not tell you of: one class is written in several ways, and each
# spelling is a level of its own. `leadml check` points at such columns. It pays to mend them in the export.

# %% [markdown]
# ## Which column knows too much
#
# A column that is filled in once the outcome is known gives it away. It looks splendid on past leads, and is worth
# nothing on new ones. A sign: it alone ranks the leads almost without fault. The sample has such a column, which its
# `leadml.toml` ignores. We let it in again to see what it looks like.

# %%
everything = Config.load(ROOT / "leadml.toml", overrides=["leads.ignore=[]"])
let_in = labelled(everything, read(everything, None, now=now, skip_faulty=False).leads, now).snapshots
power = pd.Series({part: alone(column, let_in.y) for part, column in let_in.parts.items()}).sort_values()
shown, leak = power.iloc[-12:], power.index[-1]

fig, ax = plt.subplots(figsize=(8, 4.4))
ax.barh(shown.index, shown - 0.5, left=0.5, color=[ORANGE if value >= 0.9 else "#9db8de" for value in shown])
for name, value in shown.items():
    ax.text(value + 0.006, name, f"{value:.2f}", va="center", color=ORANGE if value >= 0.9 else "#525a66")
ax.axvline(0.9, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
ax.set_title(f"{leak} alone: too good to be true")
ax.set_xlabel("ROC AUC of the column alone; 0.5 is chance, leadml warns from 0.9")
ax.set_xlim(0.5, 1.04)
ax.grid(visible=False)
plt.show()

# %% [markdown]
# ## What changes with time
#
# Some columns say *when* a lead came in rather than *who* it is. Each row below is a campaign, each cell the share of
# its leads that came in that month. A model that knows the campaign knows the month, and next month's campaigns are new
# to it. leadml finds such columns by how much they move between older and newer leads, and leaves them out unless they
# prove themselves.

# %%
campaigns = shots.parts["campaign"]
known = campaigns.codes >= 0
came = pd.to_datetime(shots.times, unit="s").to_period("M")
grid = pd.crosstab(np.array(campaigns.levels)[campaigns.codes[known]], came[known])
grid = grid.div(grid.sum(axis=1), axis=0)
grid = grid.iloc[np.argsort((grid.to_numpy() * np.arange(grid.shape[1])).sum(axis=1))]
lived = float((grid > 0).sum(axis=1).median())

fig, ax = plt.subplots(figsize=(8, 5.2))
ax.imshow(grid, aspect="auto", cmap="Blues", vmin=0, vmax=0.6, interpolation="nearest")
ax.set_title(f"Campaigns come and go: half of them are over within {lived:.0f} months")
ax.set_ylabel(f"{len(grid)} campaigns, oldest first")
ax.set_yticks([])
ax.set_xticks(range(0, len(grid.columns), 3), [f"{one:%b %Y}" for one in grid.columns[::3]])
ax.grid(visible=False)
plt.show()

# %% [markdown]
# ## The same person twice
#
# People fill in two forms, and lists are bought twice. leadml looks for rows that are one person or company, and keeps
# all of them in the same part of every split, so that nobody is learned from and tested on at once.

# %%
same = found.duplicates
print(f"{same.n_rows:,} leads are {same.n_groups:,} persons or companies, found by {', '.join(same.columns)}")

# %% [markdown]
# ## What to take away
#
# - Wait until leads have matured. `label.horizon_days` says how long.
# - Look at the columns that are too good, and put into `leads.ignore` what was filled in late.
# - Wide intervals are a warning: a level with few leads may be good or bad by luck.
#
# Next: [02-train-and-compare.py](02-train-and-compare.py).
