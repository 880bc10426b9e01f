"""leadml.toml, read and checked once into a frozen Config; everything below takes plain values from it."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from leadml.errors import ConfigError
from leadml.leads.coercion import DAY
from leadml.leads.dates import parse_date
from leadml.leads.schema import Axis, Kind, Language, Outcomes, Roles
from leadml.leads.validation import Columns

Share = Annotated[float, Meta(ge=0.0, le=1.0)]


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
            raise ConfigError(
                f"{path} must be there, but it is not; copy the one from README.md, or name yours with --config"
            ) from None
        except OSError as error:
            raise ConfigError(f"{path} must be a readable file, got: {error}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} must be valid TOML, got: {error}") from None
        for override in overrides:
            _override(data, override)
        return cls.of(data, folder=path.parent, source=str(path))

    @classmethod
    def of(cls, data: Mapping[str, Any], *, folder: Path | None = None, source: str = "the configuration") -> "Config":
        """Check a mapping such as ``tomllib`` returns."""
        _known_keys(data, Sections, source)
        try:
            sections = msgspec.convert(data, Sections)
        except msgspec.ValidationError as error:
            raise ConfigError(_mended(source, str(error))) from None
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
            words={
                name: words if isinstance(words, dict) else {"en": words, "de": words}
                for name, words in leads.words.items()
            },
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
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            raise ConfigError(f"{source}: {place!r} must be a known key, but it is not; {hint}")
        inner = _section_of(hints[key])
        if inner is not None and isinstance(value, Mapping):
            _known_keys(value, inner, source, place)


def _section_of(hint: Any) -> type[msgspec.Struct] | None:
    options = get_args(hint) if get_origin(hint) is not None else (hint,)
    return next((t for t in options if isinstance(t, type) and issubclass(t, msgspec.Struct)), None)


def _mended(source: str, message: str) -> str:
    """Turn msgspec's ``Expected `int`, got `str` - at `$.label.horizon_days``` into our words."""
    what, _, path = message.partition(" - at `$")
    place = path.rstrip("`").lstrip(".") or "the file"
    if what.startswith("Object missing required field"):
        key = what.split("`")[1]
        return (
            f"{source}: [{place}] must have {key!r}, but it is not there; add it"
            if place != "the file"
            else (f"{source}: section [{key}] must be there, but it is not; add it")
        )
    return f"{source}: {place} must be right, got: {what[0].lower()}{what[1:].replace('`', '')}"


def _consistent(config: Config, source: str) -> None:
    leads = config.leads
    _each_once(leads, source)
    if not leads.converted:
        raise ConfigError(f"{source}: leads.converted must name at least one value that means converted, got none")
    if config.label.horizon_days is not None:
        for key in ("created_at", "converted_at"):
            if getattr(leads, key) is None:
                raise ConfigError(
                    f"{source}: leads.{key} must be given with label.horizon_days, but it is not; name the column, or "
                    "leave the horizon out to take the outcome as final"
                )
    if config.label.as_of is not None:
        try:
            parse_date(config.label.as_of)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{source}: label.as_of {error}") from None


def _is_day(value: object) -> bool:
    return type(value) is date or (isinstance(value, str) and len(value.strip()) == len("2026-10-01"))


def _each_once(leads: LeadsSection, source: str) -> None:
    """Refuse a column with two roles, an outcome in two lists, a field on two axes."""
    roles: dict[str, str] = {}
    for role in Roles.__struct_fields__:
        name = getattr(leads, role)
        if name is not None and name in roles:
            raise ConfigError(f"{source}: column {name!r} must have one role, got leads.{roles[name]} and leads.{role}")
        roles[name] = role
    for what, lists in (
        ("outcome", {"converted": leads.converted, "lost": leads.lost or (), "open": leads.open}),
        ("column", dict(leads.axes)),
        (
            "column",
            {"protected": leads.protected, "axes": [c for names in leads.axes.values() for c in names]},
        ),
    ):
        seen: dict[str, str] = {}
        for name, values in lists.items():
            for value in dict.fromkeys(values):
                if value in seen:
                    raise ConfigError(f"{source}: {what} {value!r} must be in one list, got {seen[value]} and {name}")
                seen[value] = name
