"""leadml: learns from past leads which new ones will convert, ranks them, and says why.

The public names, loaded when they are first used:

- ``Config``: leadml.toml, read and checked.
- ``read_leads(config)``: the leads it names, typed, as a pandas DataFrame.
- ``train(config, leads=None, rivals=None)``: learn, judge, and promote; returns a ``TrainingRun``.
- ``search(config, leads=None)``: the same after a search for better settings; returns a ``SearchRun``.
- ``ScorecardClassifier``: the learner as a scikit-learn classifier.
- ``load_model(path)``: a bundle folder as a ``Scorer``, whose ``score_one`` gives a ``ScoredLead``.
- ``rank(scored, capacity=None)``: scored leads, best first.
- ``rescore(scorer, lead, answers)``: a lead before and after new answers, as ``Rescored``.
- ``LeadmlError``: the root of every error that leadml raises on purpose.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadml.config import Config as Config
    from leadml.errors import LeadmlError as LeadmlError
    from leadml.learning.estimator import ScorecardClassifier as ScorecardClassifier
    from leadml.model.rescore import Rescored as Rescored
    from leadml.model.rescore import rescore as rescore
    from leadml.model.scorer import ScoredLead as ScoredLead
    from leadml.model.scorer import Scorer as Scorer
    from leadml.model.scorer import load_model as load_model
    from leadml.ranking.scored import rank as rank
    from leadml.training.read import read_leads as read_leads
    from leadml.training.search import SearchRun as SearchRun
    from leadml.training.search import search as search
    from leadml.training.train import TrainingRun as TrainingRun
    from leadml.training.train import train as train

_HOME = {
    "Config": "leadml.config",
    "LeadmlError": "leadml.errors",
    "Rescored": "leadml.model.rescore",
    "ScorecardClassifier": "leadml.learning.estimator",
    "ScoredLead": "leadml.model.scorer",
    "Scorer": "leadml.model.scorer",
    "SearchRun": "leadml.training.search",
    "TrainingRun": "leadml.training.train",
    "load_model": "leadml.model.scorer",
    "rank": "leadml.ranking.scored",
    "read_leads": "leadml.training.read",
    "rescore": "leadml.model.rescore",
    "search": "leadml.training.search",
    "train": "leadml.training.train",
}
__all__ = [
    "Config",
    "LeadmlError",
    "Rescored",
    "ScorecardClassifier",
    "ScoredLead",
    "Scorer",
    "SearchRun",
    "TrainingRun",
    "load_model",
    "rank",
    "read_leads",
    "rescore",
    "search",
    "train",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'leadml' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
