"""Writing the sample as the CSV files that a CRM would export."""

from importlib import resources
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from leadml.errors import OutputError
from leadml.leads.sample.crm import Sample, make_sample, new_leads

# No text of the sample holds a comma or a quote, so plain files need no quotes; Arrow checks it.
PLAIN = csv.WriteOptions(quoting_style="none", quoting_header="none")


def write_sample(
    folder: str | Path, sample: Sample | None = None, *, n_leads: int = 7000, n_new: int = 500, seed: int = 7
) -> dict[str, Path]:
    """Write ``leads.csv``, ``new_leads.csv`` and ``events.csv`` (of all these leads) into a folder.

    Parameters
    ----------
    folder : str or Path
        Is made if it is not there; files of these names in it are replaced.
    sample : Sample
        The past leads; by default ``make_sample(n_leads, seed=seed)``.
    n_leads : int
        Number of past leads, where no sample is given.
    n_new : int
        Number of new leads, created in the ten days after the sample's ``as_of``.
    seed : int
        Seed of the past leads; the new leads have the next one.

    Returns
    -------
    dict of str to Path
        The path of each file, by the names "leads", "new_leads" and "events".

    Raises
    ------
    OutputError
        The files cannot be written.
    UsageError
        A number is out of range.

    """
    sample = sample or make_sample(n_leads, seed=seed)
    fresh = new_leads(sample, n_new, seed=seed + 1, events=len(sample.events) > 0)
    tables = {
        "leads": sample.leads,
        "new_leads": fresh.leads,
        "events": pa.concat_tables([sample.events, fresh.events]),
    }
    paths = {name: Path(folder) / f"{name}.csv" for name in tables}
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            csv.write_csv(table, paths[name], PLAIN)
    except OSError as error:
        raise OutputError(f"folder must be writable, got {folder} ({error}); give another folder") from error
    return paths


def write_config(folder: str | Path) -> Path:
    """Write the sample's ``leadml.toml`` into a folder and return its path; raises OutputError."""
    path = Path(folder) / "leadml.toml"
    text = resources.files(__package__).joinpath("leadml.toml").read_text(encoding="utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"folder must be writable, got {folder} ({error}); give another folder") from error
    return path
