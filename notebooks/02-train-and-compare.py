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
# # Train and compare
#
# Which model should make the list, and how good is it really? This notebook trains on the made-up CRM, looks at how
# the model was chosen, and reads its test the way a sales team would: what is found, and how soon. It works in a
# temporary folder, so it leaves your models alone.

# %%
import shutil
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd

from leadml import Config, load_model, rank
from leadml.learning.candidates import FAMILIES
from leadml.training.train import learn

ROOT = next(folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "leadml.toml").exists())
plt.style.use(ROOT / "notebooks" / "leadml.mplstyle")
BLUE, ORANGE, GREY, PALE = "#1b5cb8", "#c2570c", "#757e8a", "#9db8de"

WORK = Path(tempfile.mkdtemp(prefix="leadml-"))
shutil.copy(ROOT / "leadml.toml", WORK)
shutil.copytree(ROOT / "data", WORK / "data")
print("working in a temporary folder")

# %% [markdown]
# ## Train
#
# One call does it all: it labels, splits by time, tries families and settings on rolling folds, tests the chosen one
# once, judges it, and saves it. `leadml.train` returns what it came to; `learn` also hands out the experiment behind
# it. We let two families compete and take fewer bootstrap replicates than usual, to be quick.

# %%
quick = ['training.families=["logistic", "ebm"]', "training.replicates=200"]
config = Config.load(WORK / "leadml.toml", overrides=quick)
run, experiment = learn(config)
print(run.verdict)
for note in run.notes:
    print("-", note)

# %% [markdown]
# ## How the model was chosen
#
# Each dot is one recipe: a family, its settings, and the fields it may read. All were tried on the same leads, so
# their losses can be compared lead by lead. The lower end of a bar is a one-sided 95 % bound: a recipe is proven
# better than the best of the chosen family only if its whole bar lies above the line. leadml takes the simplest
# recipe that no other is **proven** to beat; being a little better on three folds is no proof.

# %%
chosen = experiment.candidate.trial.family
trials = list(experiment.trials)
reference = min((trial for trial in trials if trial.family == chosen), key=lambda trial: trial.loss)
gain = np.array([(reference.losses - trial.losses).mean() for trial in trials])
error = np.array([(reference.losses - trial.losses).std() / np.sqrt(trial.losses.size) for trial in trials])
order = np.argsort(-gain)
colours = {"logistic": BLUE, "ebm": ORANGE}
proven = int((gain - 1.645 * error > 0).sum())

fig, ax = plt.subplots(figsize=(8, 4.2))
for family, colour in colours.items():
    places = [place for place, i in enumerate(order) if trials[i].family == family]
    rows = order[places]
    ax.errorbar(places, 1000 * gain[rows], 1645 * error[rows], fmt="o", color=colour, elinewidth=1.5)
    ax.plot([], [], "o", color=colour, label=FAMILIES[family].title)
ax.axhline(0, color=GREY, linewidth=1)
better = {0: "No recipe is", 1: "One recipe is"}.get(proven, f"{proven} recipes are")
ax.set_title(f"{better} proven better than the {FAMILIES[chosen].title}; {len(trials)} were tried")
ax.set_ylabel("log loss saved per 1,000 leads")
ax.set_xlabel("recipes, best first")
ax.set_xticks([])
ax.legend(loc="lower left")
plt.show()

# %%
board = pd.DataFrame(run.leaderboard)
for name in ("roc_auc", "log_loss", "capture_at_20pct"):
    board[name] = [f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})" for one in board[name]]
print(board[["title", "fold_loss", "roc_auc", "log_loss", "capture_at_20pct"]].round(4).to_string(index=False))

# %% [markdown]
# ## What it finds
#
# Now the test: the newest leads, which nothing above has learned from. Sort them by the model and call from the top.
# How many of those who will convert have you met after the first fifth? The band is the 95 % interval. The other
# lines are rules that need no model. A model that does not beat them is not worth its trouble.

# %%
curves = run.report.parent / "curves"
gains = pd.read_csv(curves / "gains.csv")
rules = [name for name in gains.columns if name not in ("share", "model", "low", "high", "lift")]
at = gains.loc[np.isclose(gains["share"], 0.2)].iloc[0]

fig, ax = plt.subplots(figsize=(7.4, 5))
ax.fill_between(gains["share"], gains["low"], gains["high"], color=BLUE, alpha=0.15, linewidth=0)
ax.plot(gains["share"], gains["model"], color=BLUE, label="this model")
for name, style in zip(rules, ("-", "--", ":"), strict=False):
    ax.plot(gains["share"], gains[name], color=ORANGE, linewidth=1.4, linestyle=style, label=name)
ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, label="in random order")
ax.plot([0.2, 0.2, 0], [0, at["model"], at["model"]], color=GREY, linewidth=1, linestyle=(0, (2, 2)))
ax.plot(0.2, at["model"], "o", color=BLUE)
ax.set_title(f"The first fifth of the calls finds {at['model']:.0%} of those who convert")
ax.set_xlabel("share of the leads called, best first")
ax.set_ylabel("share of the conversions found")
for axis in (ax.xaxis, ax.yaxis):
    axis.set_major_formatter(lambda value, _: f"{value:.0%}")
ax.set_xlim(0, 1)
ax.set_ylim(0, 1.01)
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# ## Whether its probabilities can be believed
#
# A lead with 20 % should convert in one case of five. Each dot gathers test leads of like probability. Dots on the
# line are right; the bars say how sure one can be with so many leads.

# %%
bins = pd.read_csv(curves / "calibration.csv")
held = int(((bins["low"] <= bins["probability"]) & (bins["probability"] <= bins["high"])).sum())
top = 1.05 * bins["high"].max()

fig, ax = plt.subplots(figsize=(6, 5))
ax.plot([0, top], [0, top], color=GREY, linewidth=1)
ax.vlines(bins["probability"], bins["low"], bins["high"], color=PALE, linewidth=4)
ax.plot(bins["probability"], bins["rate"], "o", color=BLUE, markersize=6)
ax.set_title(f"{held} of {len(bins)} groups agree with what was foretold")
ax.set_xlabel("probability, mean of the group")
ax.set_ylabel("rate of conversion")
for axis in (ax.xaxis, ax.yaxis):
    axis.set_major_formatter(lambda value, _: f"{value:.0%}")
ax.set_xlim(0, 1.1 * bins["probability"].max())
ax.set_ylim(0, top)
plt.show()

# %% [markdown]
# ## Is it steady?
#
# The rate of conversion moves with the market. Some months lie between those that were learned from and those that
# were tested on: when the test began, nobody knew yet what would become of their leads. The model has to do without
# them, as it will have to in your team.

# %%
months = pd.read_csv(curves / "months.csv")
names = {"older": (GREY, "learned from"), "between": ("#ccd3dc", "not known in time"), "test": (BLUE, "tested on")}
rate = {"older": experiment.base_rate_train, "test": run.test["base_rate"]}

fig, ax = plt.subplots()
for part, (colour, label) in names.items():
    one = months[months["part"] == part]
    ax.vlines(one.index, one["low"], one["high"], color=colour, alpha=0.4, linewidth=4)
    ax.plot(one.index, one["rate"], "o", color=colour, label=label)
    if part in rate:
        ax.hlines(rate[part], one.index[0] - 0.4, one.index[-1] + 0.4, color=colour)
ax.set_title(f"{rate['older']:.1%} of the leads learned from converted, {rate['test']:.1%} of those tested on")
ax.set_xticks(months.index[::3], months["month"][::3])
ax.set_yticks(np.arange(0, months["high"].max() + 0.05, 0.05))
ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
ax.set_ylabel("rate of conversion")
ax.legend(loc="lower left", ncols=3)
plt.show()

# %% [markdown]
# ## Every training is kept
#
# MLflow has one run per training, with its settings, metrics, report and model. `mlflow ui --backend-store-uri
# sqlite:///mlflow.db` shows them in a browser.

# %%
mlflow.set_tracking_uri(config.tracking_uri)
runs = mlflow.search_runs(experiment_names=[config.tracking.experiment])
print(runs[["status", "params.family", "metrics.roc_auc", "metrics.log_loss"]].round(4).to_string(index=False))

# %% [markdown]
# ## The list
#
# What all this is for: new leads, best first, with reasons.

# %%
scorer = load_model(run.bundle)
best = rank(scorer.score(pd.read_csv(WORK / "data" / "new_leads.csv", dtype=str)), capacity=5)
for lead in best.itertuples():
    why = "; ".join(f"{'+' if one['contribution'] > 0 else '-'} {one['text']}" for one in lead.reasons)
    print(f"{lead.rank}. {lead.lead_id}  {lead.grade}  {lead.probability:.0%}  {why}")

# %% [markdown]
# ## What to take away
#
# - The simpler model ships unless another is proven better, by the same leads.
# - Read the first fifth, not the ROC AUC: it is what your team will call.
# - A figure without an interval is half a figure.
#
# Next: [03-read-a-scorecard.py](03-read-a-scorecard.py).
