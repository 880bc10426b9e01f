"""Training refuses what is proven to leak; the traps of the public sets are suspected."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from bench.public import FOLDER, SETS, PublicSet
from made_up import LEADS

from leadml.config import Config
from leadml.errors import TrainingRefused
from leadml.leads.raw import InMemory
from leadml.leads.sample import make_sample
from leadml.leads.snapshots import snapshots
from leadml.leads.sources import read_table
from leadml.leads.validation import validate
from leadml.learning.leaks.search import find_leaks
from leadml.training.train import train

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TRAPS = {
    "bank": {"duration"},
    "shoppers": {"PageValues"},
    "x_education": {"Tags", "Lead Quality", "Lead Profile"},
}


def test_a_proven_leak_stops_training_before_anything_is_written(tmp_path: Path) -> None:
    config = Config.of({"leads": LEADS, "label": {"horizon_days": 90}}, folder=tmp_path)
    table = make_sample(1500, events=False).leads
    with pytest.raises(TrainingRefused, match="got 1 proven not to") as refused:
        train(config, leads=table.to_pandas(), now=NOW)
    assert "- 'lead_quality' is filled in for" in str(refused.value)
    assert "leads.allow" in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("told", [one for one in SETS if one.name in TRAPS], ids=lambda one: one.name)
def test_the_traps_of_the_public_sets_are_suspected(told: PublicSet) -> None:
    if not (FOLDER / told.file).exists():
        pytest.skip(f"{told.file} is not in {FOLDER}; see bench/public.py")
    table = read_table(FOLDER / told.file).table
    for ignore in ((), told.columns.ignore):
        leads = validate(InMemory(table), msgspec.structs.replace(told.columns, ignore=ignore), now=NOW.timestamp())
        leaks = find_leaks(leads, snapshots(leads).snapshots)
        assert {leak.verdict for leak in leaks} <= {"suspect"}
        assert TRAPS[told.name] & {leak.field for leak in leaks} == (set() if ignore else TRAPS[told.name])
