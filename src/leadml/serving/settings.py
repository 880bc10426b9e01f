"""What a server needs to know: [serving] of leadml.toml, the environment, and what it makes up at its start."""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from leadml.config import Config
from leadml.config.refusals import check_keys, wrong
from leadml.config.sections import ServingSection
from leadml.errors import ConfigError, UsageError
from leadml.leads.schema import Language
from leadml.serving.keys import HASHED

VARIABLE = "LEADML_SERVING_"  # LEADML_SERVING_PORT=9000 is serving.port
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class EventsAt(msgspec.Struct, frozen=True):
    """Where the events of leads are: a place as the configuration names it, seen from a folder; a database's query."""

    path: str
    folder: str
    query: str | None = None


class Settings(ServingSection, frozen=True, kw_only=True):
    """[serving] with whole paths, and what the workers of one server share.

    ``lists`` is None where there is no such folder to look at; ``reports`` is beside the configuration, which says
    where the ``events`` are. ``language`` is that of the reasons, None for the model's own. ``secret`` signs cookies;
    ``room`` is a folder of the server's own.
    """

    lists: str | None = None  # type: ignore[assignment]
    reports: str | None = None
    events: EventsAt | None = None
    language: Language | None = None
    secret: str = ""
    room: str = ""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return _is_loopback(self.host)

    @property
    def names(self) -> frozenset[str]:
        """The host names under which the server answers; empty: all.

        Without a key, only those of this machine: another page in the browser must not reach it by a name of its own.
        """
        own = LOOPBACK if self.is_local and not self.keys else ()
        return frozenset(name.casefold() for name in (*self.hosts, *own)) if self.hosts or own else frozenset()


def gather(
    config: Config | None,
    *,
    environ: Mapping[str, str] | None = None,
    given: Mapping[str, Any] | None = None,
    language: Language | None = None,
    room: str = "",
) -> Settings:
    """Return the settings of a server: the configuration, then the environment, then what is given by hand.

    Raises ConfigError for a value that does not fit, UsageError where others could reach a server without keys.
    """
    section = ServingSection() if config is None else config.serving
    values = msgspec.to_builtins(section)
    if config is not None:
        values |= {"model": str(config.at(section.model)), "lists": str(config.at(section.lists))}
    values |= _from_environment(os.environ if environ is None else environ)
    values |= {name: value for name, value in (given or {}).items() if value is not None}
    try:
        checked = msgspec.convert(values, ServingSection)
    except msgspec.ValidationError:
        raise ConfigError(wrong(values, ServingSection, "serving")) from None
    settings = Settings(
        **(msgspec.structs.asdict(checked) | {"model": str(Path(checked.model).absolute())}),
        reports=None if config is None else str(config.at("reports")),
        events=None if config is None else _events(config),
        language=language,
        secret=secrets.token_hex(32),
        room=room,
    )
    check(settings)
    if (given or {}).get("lists") is not None and not Path(checked.lists).is_dir():
        raise UsageError(f"--lists must be a folder that is there, got {checked.lists}; make it, or name another")
    return msgspec.structs.replace(settings, lists=str(Path(checked.lists).absolute()))


def _events(config: Config) -> EventsAt | None:
    told = config.events
    return None if told is None else EventsAt(told.path, str(config.folder), told.query)


def check(settings: Settings) -> None:
    """Refuse keys that are no hashes, and a server that others can reach without a key."""
    if "models:/" in settings.model:
        raise ConfigError(
            f"serving.model must be a model folder, got {settings.model[settings.model.index('models:/') :]}; "
            "a server asks no registry: `leadml models export` makes a folder of any version"
        )
    for name, value in settings.keys.items():
        if not HASHED.fullmatch(value):
            raise ConfigError(
                f"serving.keys.{name} must be the SHA-256 of a key, as sha256: and 64 hexadecimal digits; "
                f"make one with `leadml key {name}`"
            )
    if not settings.keys and not settings.is_local:
        raise UsageError(
            f"serving.keys must hold a key where other machines can reach the server (host {settings.host}), got none; "
            "make one with `leadml key NAME`, or serve on 127.0.0.1"
        )


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of variables such as LEADML_SERVING_PORT."""
    told = {k.removeprefix(VARIABLE).lower(): v for k, v in environ.items() if k.startswith(VARIABLE)}
    check_keys(told, ServingSection, "the environment", "serving")
    return {name: _value(name, text) for name, text in told.items()}


def _value(name: str, text: str) -> Any:
    if name == "keys":
        return dict(_pair(item) for item in text.split(",") if item.strip())
    if name == "hosts":
        return [item.strip() for item in text.split(",") if item.strip()]
    try:
        number = msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        return text
    return number if isinstance(number, (int, float)) and not isinstance(number, bool) else text


def _pair(item: str) -> tuple[str, str]:
    name, equals, value = item.partition("=")
    if not equals:
        raise ConfigError(
            f"{VARIABLE}KEYS must be name=sha256:..., several with commas between, got {item[:12]!r}; "
            "make one with `leadml key NAME`"
        )
    return name.strip(), value.strip()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
