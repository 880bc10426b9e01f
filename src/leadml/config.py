"""leadml.toml, read and checked once into a frozen Config; everything below takes plain values from it."""

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from leadml.errors import ConfigError
from leadml.leads.coercion import DAY, level, plain_text
from leadml.leads.dates import parse_date
from leadml.leads.schema import Axis, Kind, Language, Outcomes, Roles
from leadml.leads.validation import Columns

VALUES = ("converted", "lost", "open", "placeholders")  # keys of [leads] that hold values of the table
Share = Annotated[float, Meta(ge=0.0, lt=1.0)]
YARDSTICKS = frozenset({"trees"})  # families that compete, but do not ship


class LeadsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[leads]: the table and what its columns are."""

    path: str
    id: str | None = None
    created_at: str | None = None
    outcome: str
    converted: tuple[str, ...]
    lost: tuple[str, ...] | None = None
    open: tuple[str, ...] = ()
    converted_at: str | None = None
    value: str | None = None
    owner: str | None = None
    group: str | None = None
    do_not_contact: str | None = None
    protected: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    known_at: dict[str, str] = {}
    placeholders: tuple[str, ...] = ()
    kinds: dict[str, Kind] = {}
    axes: dict[Axis, tuple[str, ...]] = {}
    words: dict[str, str | dict[Language, str]] = {}


class EventsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[events]: the table of dated acts; its newest date counts for ``as_of``."""

    path: str
    lead_id: str = "lead_id"
    at: str = "at"
    kind: str = "kind"


class LabelSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[label]: when a lead counts as converted."""

    horizon_days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    as_of: Any = None  # a TOML date or date-time, or ISO text


class TrainingSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[training]: what competes, and on how much."""

    families: tuple[Literal["logistic", "ebm", "blend", "trees"], ...] = ("logistic", "ebm", "blend", "trees")
    seed: Annotated[int, Meta(ge=0)] = 0
    test_fraction: Annotated[float, Meta(ge=0.1, le=0.4)] = 0.2
    replicates: Annotated[int, Meta(ge=100, le=10_000)] = 500


class GateSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[gate]: by how much a challenger may be worse than the champion."""

    roc_auc: Share = 0.02
    capture: Share = 0.10
    log_loss: Share = 0.01


class RankingSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[ranking]: how lists are made."""

    capacity: Annotated[int, Meta(ge=1)] | None = None
    by: Literal["probability", "expected_value"] = "probability"
    grades: dict[str, Annotated[int, Meta(ge=1, le=100)]] = msgspec.field(
        default_factory=lambda: {"A": 90, "B": 70, "C": 40}
    )
    language: Language = "en"


class TrackingSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[tracking]: where MLflow keeps runs and models."""

    uri: str = "sqlite:///mlflow.db"
    experiment: str = "leadml"
    model_name: str = "leadml"


class ServingSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[serving]: the folder that serves."""

    model: str = "models/champion"


class Sections(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The sections of leadml.toml."""

    leads: LeadsSection
    events: EventsSection | None = None
    label: LabelSection = LabelSection()
    training: TrainingSection = TrainingSection()
    gate: GateSection = GateSection()
    ranking: RankingSection = RankingSection()
    tracking: TrackingSection = TrackingSection()
    serving: ServingSection = ServingSection()


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
            mend = "copy the one from README.md, or name yours with --config"
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
        _known_keys(data, Sections, source)
        try:
            sections = msgspec.convert(data, Sections)
        except msgspec.ValidationError:
            raise ConfigError(f"{source}: {_wrong(data, Sections, '')}") from None
        config = cls(**msgspec.structs.asdict(sections), folder=(folder or Path()).resolve())
        _consistent(config, source)
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
            words={k: v if isinstance(v, dict) else {"en": v, "de": v} for k, v in leads.words.items()},
            ignore=leads.ignore,
            protected=leads.protected,
            placeholders=leads.placeholders,
            known_at=leads.known_at,
        )

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


def _known_keys(data: Mapping[str, Any], section: type[msgspec.Struct], source: str, where: str = "") -> None:
    """Refuse unknown keys, naming the nearest known one."""
    hints = get_type_hints(section)
    known = list(hints)
    for key, value in data.items():
        place = f"{where}.{key}" if where else key
        if key not in known:
            near = difflib.get_close_matches(key.casefold(), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            for name, other in get_type_hints(Sections).items():
                hint = (
                    f"it belongs in [{name}]" if key in getattr(_section_of(other), "__struct_fields__", ()) else hint
                )
            raise ConfigError(f"{source}: {place!r} must be a known key, but it is not; {hint}")
        inner = _section_of(hints[key])
        if inner is not None and isinstance(value, Mapping):
            _known_keys(value, inner, source, place)


def _section_of(hint: Any) -> type[msgspec.Struct] | None:
    return next((t for t in _options(hint) if isinstance(t, type) and issubclass(t, msgspec.Struct)), None)


def _texts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Let values be written as they stand in the table: ``converted = [1]`` and ``[true]`` are texts too."""
    leads = data.get("leads")
    if isinstance(leads, Mapping):
        lists = {key: leads[key] for key in VALUES if isinstance(leads.get(key), list)}
        texts = {key: [plain_text(v) if isinstance(v, (int, float)) else v for v in lists[key]] for key in lists}
        return {**data, "leads": {**leads, **texts}}
    return dict(data)


def _wrong(value: Any, hint: Any, place: str) -> str:
    """Say what is wrong with a value that does not fit its hint, at the innermost place where it does not."""
    for inner, part, part_hint in _within(value, hint, place):
        try:
            msgspec.convert(part, part_hint)
        except msgspec.ValidationError:
            return _wrong(part, part_hint, inner)
    section = _section_of(hint)
    if section is not None and isinstance(value, Mapping):
        key = next(f.name for f in msgspec.structs.fields(section) if f.required and f.name not in value)
        return f"[{place}] must have {key!r}, but it is not there; add it" if place else f"add the section [{key}]"
    return f"{place} must be {_words(hint)}, got {value!r}{_mend(value, hint)}"


def _within(value: Any, hint: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield (place, value, hint) of everything that is directly in a value."""
    for option in _options(hint):
        inner = get_args(option)
        if isinstance(value, Mapping) and get_origin(option) is dict:
            yield from ((f"each name in {place}", key, inner[0]) for key in value)
            yield from ((f"{place}.{key}", part, inner[1]) for key, part in value.items())
        elif isinstance(value, list) and get_origin(option) is tuple:
            yield from ((f"each of {place}", part, inner[0]) for part in value)
    section = _section_of(hint)
    if section is not None and isinstance(value, Mapping):
        hints = get_type_hints(section, include_extras=True)
        yield from ((f"{place}.{key}".lstrip("."), part, hints[key]) for key, part in value.items())


def _options(hint: Any) -> tuple[Any, ...]:
    """Return the alternatives of a hint, without None."""
    alternatives = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return tuple(option for option in alternatives if option is not type(None))


_WORDS = {str: "text", int: "a whole number", float: "a number", tuple: "a list", dict: "a table"}


def _words(hint: Any) -> str:
    """Return what a hint asks for, in words."""
    options = _options(hint)
    if len(options) > 1:
        return " or ".join(map(_words, options))
    origin, inner = get_origin(options[0]), get_args(options[0])
    if origin is Annotated:
        below = f" to below {inner[1].lt:g}" if inner[1].lt else " on"
        return f"{_words(inner[0])} from {inner[1].ge:g}" + (f" to {inner[1].le:g}" if inner[1].le else below)
    return f"one of {', '.join(inner)}" if origin is Literal else _WORDS.get(origin or options[0], "a section")


def _mend(value: Any, hint: Any) -> str:
    option = _options(hint)[0]
    known = get_args(option) if get_origin(option) is Literal else ()
    if near := difflib.get_close_matches(str(value), known, n=1, cutoff=0.5):
        return f"; did you mean {near[0]!r}?"
    if isinstance(value, str) and get_origin(option) is tuple:
        return f'; write ["{value}"]'
    if isinstance(value, str) and value.strip().isdigit() and not known:
        return "; write it without quotes"
    return f'; write "{value}"' if isinstance(value, (int, float)) and option is str else ""


def _consistent(config: Config, source: str) -> None:
    leads = config.leads
    _each_once(leads, source)
    if not set(config.training.families) - YARDSTICKS:
        raise ConfigError(f"{source}: training.families must name logistic, ebm or blend, got trees alone; add one")
    if not leads.converted:
        raise ConfigError(f"{source}: leads.converted must name at least one value that means converted, got none")
    if config.label.horizon_days is not None:
        for key in ("created_at", "converted_at"):
            if getattr(leads, key) is None:
                must = f"{source}: leads.{key} must be given with label.horizon_days"
                raise ConfigError(f"{must}, but it is not; name the column, or leave out the horizon")
    if leads.known_at and leads.created_at is None:
        raise ConfigError(f"{source}: leads.created_at must be given with leads.known_at; name the column")
    if config.label.as_of is not None:
        try:
            parse_date(config.label.as_of)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{source}: label.as_of {error}") from None


def _is_day(value: object) -> bool:
    return type(value) is date or (isinstance(value, str) and len(value.strip()) == len("2026-10-01"))


def _each_once(leads: LeadsSection, source: str) -> None:
    """Refuse a column with two roles, an outcome in two lists, a field on two axes, an axis of what is no field."""
    roles = {role: (name,) for role in Roles.__struct_fields__ if (name := getattr(leads, role)) is not None}
    axes = {f"axes.{axis}": names for axis, names in leads.axes.items()}
    outcomes = {key: map(level, getattr(leads, key) or ()) for key in ("converted", "lost", "open")}
    _apart("column", "have one role", roles, source)
    _apart("outcome", "be in one list", outcomes, source)
    _apart("column", "be in one list", {"protected": leads.protected, **axes}, source)
    _apart("column", "be in one list", {"known_at": leads.known_at.values(), **axes}, source)
    _apart("column", "have a role or an axis", {**roles, **axes}, source)


def _apart(what: str, must: str, lists: Mapping[str, Iterable[str]], source: str) -> None:
    seen: dict[str, str] = {}
    for key, values in lists.items():
        for value in dict.fromkeys(values):
            if value in seen:
                places = f"leads.{seen[value]} and leads.{key}"
                raise ConfigError(f"{source}: {what} {value!r} must {must}, got {places}; take it out of one")
            seen[value] = key
