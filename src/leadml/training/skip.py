"""The skip list of a file: its open leads that need not be called, and what that costs."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from leadml.leads.sources import Source
from leadml.model.output import output_kind
from leadml.model.scorer import Scorer
from leadml.ranking.lists import FileOptions, rank_file, write_ranked
from leadml.report.files import tested_by_score
from leadml.selling.skip import LEVEL, LIMIT
from leadml.selling.skiplist import SkipList, cut, skipped


def skip_list(
    scorer: Scorer,
    path: str | Path | Source,
    out: str | Path | None = None,
    *,
    limit: float = LIMIT,
    level: float = LEVEL,
    keep: Iterable[str] | None = None,
    reports: Path | None = None,
    **file: Unpack[FileOptions],
) -> SkipList:
    """Find the open leads of a file that are safe to skip, and write them to ``out``, the lowest score first.

    Safe are leads up to the highest score below which, with confidence ``level``, at most the share ``limit`` of all
    conversions lies. That is known from the test of the model's training; ``reports`` is the folder of its reports,
    for a model that does not carry its evidence. The other options are those of ``rank_file``.

    Raises BundleError where the model has no evidence of its test, UsageError for a limit or level that cannot be;
    and as ``rank_file`` does.
    """
    if out is not None:
        output_kind(Path(out))
    at = cut(tested_by_score(scorer.bundle, reports), limit=limit, level=level)
    ranking = rank_file(scorer, path, None, keep=keep, **file)
    found = skipped(ranking, at)
    if out is not None:
        write_ranked(Path(out), found.table, scorer)
    return replace(found, out=None if out is None else Path(out))
