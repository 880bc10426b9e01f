"""leadml.toml, read and checked once into a frozen Config; everything below takes plain values from it."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from leadml.config.consistency import check_consistent
from leadml.config.refusals import check_keys, wrong
from leadml.config.sections import Sections
from leadml.errors import ConfigError
from leadml.leads.coercion import DAY, plain_text
from leadml.leads.dates import parse_date
from leadml.leads.declared import Columns, HistoryTable
from leadml.leads.schema import WAYS, EventTable, Identity, Outcomes, Roles

VALUES = ("converted", "lost", "open", "placeholders")  # keys of [leads] that hold values of the table


class Config(Sections, frozen=True, kw_only=True):
    """leadml.toml as checked; ``folder`` is where it lies, and relative paths start there."""

    folder: Path

    @classmethod
    def load(cls, path: str | Path = "leadml.toml", *, overrides: Iterable[str] = ()) -> "Config":
        """Read a file; ``overrides`` are ``section.key=value`` texts. Raises ConfigError naming the key."""
        path = Path(path)
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            mend = "`leadml init LEADS` writes one, --config names another"
            raise ConfigError(f"{path} must be there, but it is not; {mend}") from None
        except OSError as error:
            raise ConfigError(f"{path} must be a readable file, got: {error}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            mend = "text stands in quotes, a path has / and no \\, and each key and section comes once"
            raise ConfigError(f"{path} must be valid TOML, got: {error}; {mend}") from None
        for override in overrides:
            _override(data, override)
        return cls.of(data, folder=path.parent, source=str(path))

    @classmethod
    def of(cls, data: Mapping[str, Any], *, folder: Path | None = None, source: str = "the configuration") -> "Config":
        """Check a mapping such as ``tomllib`` returns."""
        data = _texts(data)
        check_keys(data, Sections, source)
        try:
            sections = msgspec.convert(data, Sections)
        except msgspec.ValidationError:
            raise ConfigError(f"{source}: {wrong(data, Sections, '')}") from None
        config = cls(**msgspec.structs.asdict(sections), folder=(folder or Path()).resolve())
        check_consistent(config, source)
        return config

    def at(self, path: str | Path) -> Path:
        """Return a path of the configuration, relative to its folder."""
        return self.folder / path

    @property
    def columns(self) -> Columns:
        """What it says of the columns, for the floors below."""
        leads = self.leads
        return Columns(
            roles=Roles(**{name: getattr(leads, name) for name in Roles.__struct_fields__}),
            outcomes=Outcomes(leads.converted, leads.lost, leads.open),
            kinds=leads.kinds,
            axes={name: axis for axis, names in leads.axes.items() for name in names},
            ways={name: way for way in WAYS for name in getattr(leads, way)},
            words={k: v if isinstance(v, dict) else {"en": v, "de": v} for k, v in leads.words.items()},
            ignore=leads.ignore,
            allow=leads.allow,
            protected=leads.protected,
            placeholders=leads.placeholders,
            known_at=leads.known_at,
            answers=leads.answers,
            formats=leads.formats,
            identity=self._identity,
        )

    @property
    def event_table(self) -> EventTable | None:
        """What [events] says of the table of events, for the floors below; None where there is none."""
        told = self.events
        if told is None:
            return None
        same = ("lead_id", "at", "kind", "value", "formats", "windows", "snapshots")
        return EventTable(**{name: getattr(told, name) for name in same})

    @property
    def history_table(self) -> HistoryTable | None:
        """What [history] says of the table of changes, for the floors below; None where there is none."""
        told = self.history
        return None if told is None else HistoryTable(**{n: getattr(told, n) for n in HistoryTable.__struct_fields__})

    @property
    def _identity(self) -> Identity | None:
        """[duplicates] as it is given; None where no column is named, so that they are guessed."""
        told = self.duplicates
        named = {kind: getattr(told, kind) for kind in ("email", "phone", "name", "company")}
        if not told.find:
            return Identity()
        if all(columns is None for columns in named.values()):
            return None
        return Identity(**{kind: columns or () for kind, columns in named.items()}, near=told.near)

    @property
    def as_of(self) -> float | None:
        """[label] as_of in seconds since 1970: the end of the day where it is a date; None where not given."""
        value = self.label.as_of
        if value is None:
            return None
        return parse_date(value) + (DAY - 1 if _is_day(value) else 0)

    @property
    def tracking_uri(self) -> str:
        """The tracking URI, with a relative SQLite path taken from the configuration's folder."""
        uri = self.tracking.uri
        prefix = "sqlite:///"
        if uri.startswith(prefix) and not uri.startswith(prefix + "/"):
            return prefix + str(self.at(uri.removeprefix(prefix)))
        return uri


def _override(data: dict[str, Any], text: str) -> None:
    """Apply ``section.key=value``; a value that is no TOML is taken as text."""
    name, equals, value = text.partition("=")
    keys = [key.strip() for key in name.split(".")]
    if not equals or not all(keys) or len(keys) < 2:
        raise ConfigError(f"--set must be section.key=value, got {text!r}; for example --set label.horizon_days=60")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    for key in keys[:-1]:
        data = data.setdefault(key, {})
        if not isinstance(data, dict):
            raise ConfigError(f"--set {text!r} must name a key of a section, but {key!r} is a value")
    data[keys[-1]] = parsed


def _texts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Let values be written as they stand in the table: ``converted = [1]`` and ``[true]`` are texts too."""
    leads = data.get("leads")
    if isinstance(leads, Mapping):
        lists = {key: leads[key] for key in VALUES if isinstance(leads.get(key), list)}
        texts = {key: [plain_text(v) if isinstance(v, (int, float)) else v for v in lists[key]] for key in lists}
        return {**data, "leads": {**leads, **texts}}
    return dict(data)


def _is_day(value: object) -> bool:
    return type(value) is date or (isinstance(value, str) and len(value.strip()) == len("2026-10-01"))
