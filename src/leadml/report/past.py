"""The evidence of a training, as pricing a list takes it."""

from datetime import datetime
from pathlib import Path

from leadml.model.scorer import Scorer
from leadml.report.files import tested_evidence
from leadml.selling.pricesure import Past


def past_of(scorer: Scorer, folder: Path | None, *, as_of: datetime) -> Past:
    """Return the past leads of a model, by the evidence that its bundle or a folder of reports holds.

    Raises BundleError where there is none.
    """
    evidence = tested_evidence(scorer.bundle, folder)
    months = [(one.label, one.rate.n, one.rate.converted) for one in evidence.months if one.rate.n and not one.is_young]
    by_score = [(rate.n, rate.converted) for rate in evidence.by_score]
    return Past(scorer, evidence.terms, months, by_score, as_of=as_of)
