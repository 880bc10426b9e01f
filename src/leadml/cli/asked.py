"""What the options of several commands ask for, as the floors below take it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadml.cli.console import Progress
    from leadml.config import Config
    from leadml.leads.history.reading import Changes
    from leadml.leads.schema import Language
    from leadml.model.scorer import Scorer


def configured(config: Path | None) -> "Config | None":
    """Return the configuration: the one that is named, else leadml.toml if there is one."""
    from leadml.config import Config

    if config is not None:
        return Config.load(config)
    return Config.load() if Path("leadml.toml").exists() else None


def model_folder(model: str | None, settings: "Config | None") -> Path:
    """Return the folder of the model of --model; by default the champion, a registered one after its download."""
    if model is None:
        return Path("models/champion") if settings is None else settings.at(settings.serving.model)
    if not model.startswith("models:/"):
        return Path(model)

    from leadml.tracking.download import download_bundle

    return download_bundle(model, "sqlite:///mlflow.db" if settings is None else settings.tracking_uri)


def known_language(language: str | None) -> "Language | None":
    """Return the language of --language; raises UsageError for one that is not known."""
    from leadml.errors import UsageError
    from leadml.leads.schema import LANGUAGES

    known = next((one for one in LANGUAGES if one == language), None)
    if language is not None and known is None:
        raise UsageError(f"--language must be one of {', '.join(LANGUAGES)}, got {language!r}; choose one of them")
    return known


def moment(text: str | None) -> datetime | None:
    """Return the moment of --as-of; raises UsageError."""
    from leadml.errors import UsageError
    from leadml.leads.dates import parse_moment

    try:
        return None if text is None else parse_moment(text)
    except ValueError as error:
        raise UsageError(f"--as-of {error}; write it so") from None


def names(keep: Sequence[str] | None) -> list[str] | None:
    """Return the names of --keep; a column whose name holds a comma is kept by naming it alone in quotes."""
    import csv

    return None if keep is None else [name.strip() for text in keep for name in next(csv.reader([text]), [])]


def rows_of(leads: str) -> int:
    """Guess the number of rows of text tables from their heads, for the progress bar; 0 where it cannot be told."""
    from leadml.leads.sources import TextSource

    place, total = Path(leads), 0
    for path in place.iterdir() if place.is_dir() else [place]:
        if path.suffix.lower() in TextSource.suffixes and path.is_file():
            with path.open("rb") as file:
                head = file.read(1 << 20)
            total += path.stat().st_size * head.count(b"\n") // max(1, len(head))
    return total


def file_of(
    settings: "Config | None",
    *,
    query: str | None,
    sheet: str | None,
    header_row: int | None,
    events: str | None,
    as_of: str | None,
) -> dict[str, Any]:
    """Return how a file of leads is opened, what its leads did, and when they are looked at."""
    opened = {"query": query, "sheet": sheet, "header_row": header_row, "as_of": moment(as_of)}
    return opened | events_of(events, settings)


def counter(leads: str, say: "Progress") -> Callable[[int], None]:
    """Return what tells how many leads of a file are scored."""
    total = rows_of(leads)
    return lambda done: say(f"scored {done:,} leads", min(done / total, 1.0) if total else 0.0)


def events_of(events: str | None, settings: "Config | None") -> dict[str, Any]:
    """Return where the events of the leads are: as it is given, else as the configuration says, if it does."""
    from leadml.leads.sources import located

    told = settings.events if settings is not None else None
    if events is not None:
        return {"events": events, "events_query": None if told is None else told.query}
    if told is None or settings is None:
        return {}
    return {"events": located(told.path, settings.folder), "events_query": told.query}


def history_of(
    history: str | None, settings: "Config | None", scorer: "Scorer", *, as_of: str | None
) -> "Changes | None":
    """Return what was changed on the leads, as it is given or configured; None without --as-of: they are as they are.

    Raises UsageError for --history without --as-of, SourceError where the table cannot be read.
    """
    from leadml.errors import UsageError
    from leadml.leads.declared import HistoryTable
    from leadml.leads.history.reading import read_history
    from leadml.leads.sources import located

    if as_of is None:
        if history is not None:
            raise UsageError("--history must come with --as-of, the moment to set fields back to, got none; give both")
        return None
    told = settings.history if settings is not None else None
    if history is None and told is not None and settings is not None:
        history = str(located(told.path, settings.folder))
    if history is None:
        return None
    table = (settings.history_table if settings is not None else None) or HistoryTable()
    query = None if told is None else told.query
    return read_history(history, table, query=query, placeholders=scorer.schema.placeholders)
