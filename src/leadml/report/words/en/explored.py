"""Words of the report: leads that were drawn by lot."""

EXPLORED = {
    "section_explored": "Leads that the model would have skipped",
    "explored_intro": "Some places of your lists were given away by lot among the leads below the cut. What became of "
    "them says without bias what the model misses. It is told by models that had not seen them.",
    "explored_rate": "Among leads the model would have skipped, {rate} converted, as {n} drawn by lot show; it said "
    "{said}.",
    "explored_missing": "It is missing something in {groups}.",
    "explored_excess": "More of them convert than it says. That is proven, but not of any one group.",
    "explored_fits": "Nothing is proven to be missing (a group of {n} leads would have to convert {times} times as "
    "often as it says to be seen).",
    "explored_few": "That is too few to tell: about {needed} outcomes of leads drawn by lot are needed to see that "
    "twice as many convert as it says.",
    "explored_group": "group",
    "explored_expected": "expected",
    "explored_chance": "by chance",
    "explored_missed_caption": "Groups of leads drawn by lot that convert more often than the model says",
    "explored_weighted": "all leads, not only those called (95% interval)",
    "explored_plain": "leads on lists as they are (95% interval)",
    "explored_ranking_caption": "Ranking over {n} leads on lists, each counted once for every lead that it stands for "
    "(worth {effective} of equal weight), and as they are",
    "explored_method": "Each lead counts 1 / its propensity (Hájek); the interval is exact for the effective number of "
    "leads (Clopper and Pearson; Korn and Graubard). A group is named only where so many conversions are as rare as 5% "
    "if the model is right, adjusted for all {n} groups that were looked at, also by fields that it leaves out.",
}
