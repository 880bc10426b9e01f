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
# # Bring your own estimator
#
# You have a classifier that you trust more than ours? Put it on the leaderboard. It learns from the same leads, on the
# same folds, and is tested on the same newest leads. It cannot ship, as it is no scorecard, but you will know what the
# scorecard costs. The other way round, the scorecard is a scikit-learn classifier, so it fits into what you have.

# %%
import shutil
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.naive_bayes import BernoulliNB
from sklearn.tree import DecisionTreeRegressor, export_text

from leadml import Config, ScorecardClassifier, read_leads, train

ROOT = next(folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "leadml.toml").exists())
plt.style.use(ROOT / "notebooks" / "leadml.mplstyle")
BLUE, ORANGE, GREY, PALE = "#1b5cb8", "#c2570c", "#757e8a", "#9db8de"

WORK = Path(tempfile.mkdtemp(prefix="leadml-"))
shutil.copy(ROOT / "leadml.toml", WORK)
shutil.copytree(ROOT / "data", WORK / "data")

# %% [markdown]
# ## An estimator of one's own
#
# Any classifier will do that has `predict_proba` or `decision_function`. Here is one in a dozen lines: it looks for
# what tells the average winner from the average loser, and scores a lead by how far it lies that way. leadml gives it a
# matrix of numbers without gaps: scaled numbers, and one column of 0 and 1 per level.


# %%
class TowardsTheWinners(ClassifierMixin, BaseEstimator):
    """Scores a lead by its place on the line from the average loser to the average winner."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "TowardsTheWinners":
        """Find the two averages."""
        self.classes_ = np.unique(y)
        winner, loser = X[y].mean(axis=0), X[~y].mean(axis=0)
        self.direction_ = (winner - loser) / (X.var(axis=0) + 0.05)
        self.middle_ = (winner + loser) / 2
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the score of each lead."""
        return (X - self.middle_) @ self.direction_


# %% [markdown]
# ## On the leaderboard
#
# Names are yours. What is called `ships: False` is a yardstick: it can win, but not serve.

# %%
rivals = {
    "random forest": RandomForestClassifier(100, min_samples_leaf=20),
    "naive Bayes": BernoulliNB(),
    "towards the winners": TowardsTheWinners(),
}
quick = ['training.families=["logistic"]', "training.replicates=200"]
config = Config.load(WORK / "leadml.toml", overrides=quick)
run = train(config, rivals=rivals)
board = pd.DataFrame(run.leaderboard)
print(board[["title", "ships", "fold_loss", "fold_roc_auc"]].round(4).to_string(index=False))

# %%
names = {"roc_auc": "ROC AUC, higher is better", "log_loss": "log loss, lower is better"}
best = {name: pd.DataFrame(list(board[name]), index=board["title"]).iloc[::-1] for name in names}
leader = best["log_loss"]["value"].idxmin()
ships = dict(zip(board["title"], board["ships"], strict=True))

fig, axes = plt.subplots(1, 2, figsize=(9.5, 3.2), sharey=True)
for ax, (name, title) in zip(axes, names.items(), strict=True):
    table = best[name]
    colours = [BLUE if ships[one] else GREY for one in table.index]
    pale = [PALE if ships[one] else "#dfe3e9" for one in table.index]
    ax.hlines(table.index, table["low"], table["high"], color=pale, linewidth=5)
    ax.scatter(table["value"], table.index, color=colours, zorder=3, s=40)
    ax.set_title(title, fontsize=10.5, fontweight="normal")
    ax.grid(visible=False)
    ax.grid(visible=True, axis="x")
    ax.margins(y=0.15)
fig.suptitle(f"On the newest leads, {leader} has the least loss", x=0.01, ha="left", fontweight="bold")
plt.show()

# %% [markdown]
# Where intervals overlap widely, do not crown the winner of one test. The question is another one: is any of them so
# much better that it would be worth giving up a model that can be read?

# %% [markdown]
# ## The scorecard in scikit-learn
#
# `ScorecardClassifier` is the learner without the rest of leadml: no time, no horizon, no gate. It takes a pandas frame
# as it is, with gaps, categories and job titles, and fits into pipelines, searches and cross-validation.

# %%
leads = read_leads(config).sort_values("created_at")
horizon = pd.Timedelta(days=config.label.horizon_days)
old_enough = leads["created_at"] + horizon <= leads[["created_at", "won_at"]].max().max()
leads = leads[old_enough]
y = (leads["won_at"] - leads["created_at"] <= horizon).to_numpy()
fields = [name for names in config.leads.axes.values() for name in names if name != "first_seen_on"]
X = leads[fields]
scorecard = ScorecardClassifier(C=0.1)
scorecard.fit(X, y)
print(f"{len(X):,} leads, {y.sum()} converted; {len(scorecard.scorecard_.terms)} terms")
print(scorecard.contributions(X).head(3).round(2).T.to_string())

# %% [markdown]
# ## A search over a grid, in the order of time
#
# scikit-learn's usual cross-validation shuffles. A sales team cannot: it learns from the past and calls next month. So
# give every search a split that keeps the order, such as `TimeSeriesSplit`. How strong should the penalty be?

# %%
grid = GridSearchCV(
    ScorecardClassifier(), {"C": [0.003, 0.03, 0.3, 3.0]}, scoring="neg_log_loss", cv=TimeSeriesSplit(4)
).fit(X, y)
found = pd.DataFrame(grid.cv_results_)
found = pd.DataFrame({"C": found["param_C"], "log loss": -found["mean_test_score"]})
print(found.round(4).to_string(index=False))
print(f"\nleast loss at C = {grid.best_params_['C']}")

# %% [markdown]
# ## How many leads it takes
#
# Learn from the last few hundred leads before the test, then from more and more. Both get the same columns, and both
# are tested on the newest quarter. Leads whose outcome was not known when the test began are left out.

# %%
cut = int(0.75 * len(X))
starts = leads["created_at"].iloc[cut]
known = np.flatnonzero((leads["created_at"] + horizon <= starts).to_numpy())
sizes = [size for size in (250, 500, 1000, 2000, 4000) if size < len(known)] + [len(known)]
plain = X.drop(columns=["job_title"])  # free text would need work of its own for the forest
text = {name: plain[name].fillna("missing") for name in plain.select_dtypes("str")}
numeric = pd.get_dummies(plain.assign(**text), dtype=float).fillna(-1.0)
learners = {
    "scorecard": (ScorecardClassifier(C=0.1), plain),
    "random forest": (RandomForestClassifier(100, min_samples_leaf=20, random_state=0), numeric),
}
curve = pd.DataFrame(index=sizes, columns=list(learners), dtype=float)
for size in sizes:
    rows = known[-size:]
    for name, (learner, frame) in learners.items():
        learner.fit(frame.iloc[rows], y[rows])
        curve.loc[size, name] = log_loss(y[cut:], learner.predict_proba(frame.iloc[cut:])[:, 1])
flat = log_loss(y[cut:], np.full(len(y) - cut, y[known].mean()))

fig, ax = plt.subplots()
for name, colour in (("scorecard", BLUE), ("random forest", ORANGE)):
    ax.plot(curve.index, curve[name], "o-", color=colour, label=name)
ax.axhline(flat, color=GREY, linewidth=1, linestyle=(0, (4, 3)), label="the same chance for all")
forest = curve["random forest"].min()
enough = next((size for size in sizes if curve.loc[size, "scorecard"] <= forest), None)
ax.set_title(
    f"What {sizes[-1]:,} leads teach the forest, {enough:,} teach the scorecard"
    if enough
    else "The forest learns more from these leads"
)
ax.set_xscale("log")
ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
ax.minorticks_off()
ax.set_xlabel("newest leads learned from")
ax.set_ylabel("log loss on the newest quarter")
ax.legend()
plt.show()

# %% [markdown]
# ## Contributions for another estimator
#
# `transform` gives one column per term, in log-odds: a clean, dense input for whatever comes after. Here, a small tree
# looks for leads of the newest quarter that a scorecard of the older ones gets wrong. A value is what converted less
# what was expected, as a share; a large one would call for a look at these leads.

# %%
scorecard = ScorecardClassifier(C=0.1).fit(X.iloc[known], y[known])
terms = scorecard.contributions(X.iloc[cut:])
surplus = y[cut:] - scorecard.predict_proba(X.iloc[cut:])[:, 1]
tree = DecisionTreeRegressor(max_depth=2, min_samples_leaf=150, random_state=0).fit(terms.to_numpy(), surplus)
print(f"all of the newest quarter: {surplus.mean():+.3f}\n")
print(export_text(tree, feature_names=list(terms.columns), decimals=3))

# %% [markdown]
# ## What to take away
#
# - Any classifier can be a rival; the test is the same for all.
# - Test in the order of time.
# - Where the intervals overlap, take the model that can be read.
