"""What is wrong with a mapping that does not fit its section: the key, what it must be, and the mend."""

import difflib
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from leadml.config.sections import Sections
from leadml.errors import ConfigError


def check_keys(data: Mapping[str, Any], section: type[msgspec.Struct], source: str, where: str = "") -> None:
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
            check_keys(value, inner, source, place)


def _section_of(hint: Any) -> type[msgspec.Struct] | None:
    return next((t for t in _options(hint) if isinstance(t, type) and issubclass(t, msgspec.Struct)), None)


def wrong(value: Any, hint: Any, place: str) -> str:
    """Return what is wrong with a value that does not fit its hint, at the innermost place where it does not."""
    for inner, part, part_hint in _within(value, hint, place):
        try:
            msgspec.convert(part, part_hint)
        except msgspec.ValidationError:
            return wrong(part, part_hint, inner)
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
