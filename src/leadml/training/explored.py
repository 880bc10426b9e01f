"""What the explored leads of a training say: the predictions of models that had not seen them, for the report."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from leadml.leads.parts import take
from leadml.leads.snapshots import Snapshots
from leadml.leads.validation import LeadTable
from leadml.learning import explored as learning
from leadml.learning.experiment import Experiment
from leadml.model.bundle import load
from leadml.report.explored import Explored, Missed, sentences
from leadml.report.files import find_evidence
from leadml.report.rates import Rate
from leadml.report.voice import Voice
from leadml.training.figures import intervals


def explored(
    leads: LeadTable, shots: Snapshots, experiment: Experiment, *, n_replicates: int, random_state: int
) -> Explored | None:
    """Return what became of explored leads; None where no outcome of any is known.

    Their predictions are those of the time folds and of the test part, each calibrated; of a lead that was looked at
    more than once, the first counts.
    """
    if leads.listed is None:
        return None
    candidate, trial = experiment.candidate, experiment.candidate.trial
    rows = np.concatenate((trial.rows, experiment.split.test))
    logit = np.concatenate((candidate.calibration.apply(trial.logit), candidate.test_logit))
    first = np.sort(np.unique(shots.rows[rows], return_index=True)[1])
    rows, logit = rows[first], logit[first]
    found = learning.explored_leads(
        shots.y[rows],
        logit,
        leads.listed.take(shots.rows[rows]),
        {name: take(column, rows) for name, column in shots.parts.items()},
        groups=None if shots.groups is None else shots.groups[rows],
        n_replicates=n_replicates,
        random_state=random_state,
    )
    return None if found is None else _facts(found)


def _facts(found: learning.Explored) -> Explored:
    missed = [
        Missed(one.part, one.level, one.band, Rate(one.n, one.converted), one.expected, one.chance)
        for one in found.missed
    ]
    return Explored(
        rate=Rate(found.n, found.converted),
        below=intervals({"rate": found.rate})["rate"],
        said=found.said,
        excess=found.excess,
        needed=found.needed,
        missed=tuple(missed),
        n_groups=found.n_groups,
        group_size=found.group_size,
        group_times=found.group_times,
        n_listed=found.n_listed,
        n_effective=found.n_effective,
        weighted=intervals(found.weighted),
        plain=intervals(found.plain),
    )


def explored_as_data(model: Path) -> dict[str, Any] | None:
    """Return what explored leads say of a model as plain data, with an English ``sentence``; None without any."""
    bundle = load(model)
    evidence = find_evidence(bundle, None)
    facts = None if evidence is None else evidence.explored
    if facts is None:
        return None
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(facts))
    told = " ".join(sentences(facts, Voice.of(bundle, "en")))
    return {"sentence": told, "n": facts.rate.n, "n_converted": facts.rate.converted, **data}
