"""One learner on one task, in a process of its own: ``python -m bench.others.run NAME TASK_FOLDER ANSWER_FILE``."""

import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from bench.others.learners import LEARNERS
from bench.others.task import Answer, Task

MISSING = 3  # the exit code where the learner's package is not installed
DISTRIBUTIONS = {"sklearn": "scikit-learn", "interpret": "interpret-core"}


def run(name: str, task: Task) -> Answer:
    """Let a learner answer a task; its imports are not timed. Raises ImportError where its package is missing."""
    learner = LEARNERS[name]
    import_module(learner.package)
    start = perf_counter()
    logit, chosen = learner.answer(task)
    seconds = perf_counter() - start
    return Answer(logit, seconds, chosen, version(DISTRIBUTIONS.get(learner.package, learner.package)))


if __name__ == "__main__":
    wanted, folder, file = sys.argv[1:]
    try:
        import_module(LEARNERS[wanted].package)
    except ModuleNotFoundError:
        sys.exit(MISSING)
    run(wanted, Task.load(Path(folder))).save(Path(file))
