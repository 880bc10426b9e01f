"""leadml on one set, in a process of its own: ``python -m bench.others.own SET ANSWER_FILE``."""

import sys
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from bench.learning import frame, learn
from bench.others.task import Answer
from bench.public import SETS, PublicSet


def own_answer(one: PublicSet) -> Answer:
    """Let leadml learn from the older leads, as ``leadml train`` does by default, and score the newer ones."""
    old, new = one.tables()
    start = perf_counter()
    schema, experiment, scorecard = learn(old, one.columns)
    logit = scorecard.logit(frame(schema, new)[0])
    seconds = perf_counter() - start
    signal = "" if experiment.signal.promoted else "; not promoted: no signal"
    return Answer(logit, seconds, f"{experiment.candidate.trial.family}{signal}", version("leadml"))


if __name__ == "__main__":
    name, file = sys.argv[1:]
    own_answer(next(one for one in SETS if one.name == name)).save(Path(file))
