"""The model that serves: read from a bundle folder, and replaced when another one takes its place.

A request takes ``current`` once and keeps to it, so that no answer mixes two models. A new bundle is read and checked
whole before it serves; one that is damaged or only half there is refused, and the old one goes on.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from leadml.errors import BundleError
from leadml.leads.schema import Language, Schema
from leadml.model.bundle import MANIFEST, PASSPORT, SCHEMA, SCORECARD, Bundle, load
from leadml.model.first import unasked
from leadml.model.many import ListScorer
from leadml.model.scorer import Scorer
from leadml.serving.lead import LeadReader

EVERY = 1.0  # seconds between two looks at the folder
_log = logging.getLogger("leadml.serving")
State = tuple[object, ...]


class Served:
    """One loaded model: its bundle, the folder it came from, when it was loaded, what reads its leads, its scorers."""

    def __init__(self, bundle: Bundle, folder: Path, reader: LeadReader, language: Language | None = None) -> None:
        self.bundle, self.folder, self.reader = bundle, folder, reader
        self.loaded_at = time.time()
        self.scorer = Scorer(bundle, language=language)
        self.score_list = ListScorer(self.scorer, reason=self._reason_as_json)
        self._scorers: dict[Language, Scorer] = {self.scorer.legend.language: self.scorer}

    def _reason_as_json(self, key: int) -> msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(self.scorer.reason(key)))

    @cached_property
    def unasked(self) -> Scorer:
        """The scorer to which answers that are not known count as the average; raises UsageError."""
        return unasked(self.scorer)

    @property
    def version(self) -> str:
        """The model's version."""
        return self.bundle.passport.model_version

    def scorer_in(self, language: Language) -> Scorer:
        """Return the scorer whose reasons are in a language."""
        if language not in self._scorers:
            self._scorers[language] = Scorer(self.bundle, language=language)
        return self._scorers[language]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found at the path: which files, of which state."""

    folder: Path
    state: State


class Champion:
    """Holds the model that serves. ``refused`` says why a newer bundle does not serve, None if all is well."""

    def __init__(
        self, path: str, *, read: Callable[[Schema], LeadReader] = LeadReader, language: Language | None = None
    ) -> None:
        """Load the bundle at ``path``; ``read`` makes what reads the leads of a schema. Raises BundleError."""
        self.path, self._read, self._language = Path(path), read, language
        self.refused: str | None = None
        seen = _look(self.path)
        self.current = self._load(seen.folder)
        self._seen = seen

    def _load(self, folder: Path) -> Served:
        bundle = load(folder)
        return Served(bundle, folder, self._read(bundle.schema), self._language)

    def refresh(self, replaced: Callable[[], None] | None = None) -> bool:
        """Look at the folder; return whether another model serves now. ``replaced`` is called just before it does."""
        seen = _look(self.path)
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            served = self._load(seen.folder)
        except BundleError as error:
            self.refused = str(error)
            _log.error("refused the bundle at %s; model %s goes on: %s", seen.folder, self.current.version, error)
            return False
        if replaced is not None:
            replaced()
        self.refused = None
        self.current = served
        _log.info("model %s serves now, from %s", served.version, served.folder)
        return True

    async def watch(
        self,
        then: Callable[[], None] | None = None,
        *,
        replaced: Callable[[], None] | None = None,
        every: float = EVERY,
    ) -> None:
        """Look at the folder again and again, in a thread, until cancelled.

        ``then`` is called after each look, ``replaced`` where another model takes over.
        """
        while True:
            await asyncio.sleep(every)
            try:
                await asyncio.to_thread(self.refresh, replaced)
                if then is not None:
                    await asyncio.to_thread(then)
            except Exception:  # a full disk, say, must not end the watch
                _log.exception("could not look at the bundle at %s", self.path)


def _look(path: Path) -> _Seen:
    """Return the folder at a path, and the state of its files; what is not there has none."""
    try:
        folder = path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        folder = path
    return _Seen(folder, tuple(_state(folder / name) for name in (MANIFEST, SCORECARD, SCHEMA, PASSPORT)))


def _state(file: Path) -> State | None:
    with contextlib.suppress(OSError):
        found = file.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
    return None
