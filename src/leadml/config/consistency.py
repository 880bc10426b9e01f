"""What must hold between the keys of leadml.toml."""

from collections.abc import Iterable, Mapping

from leadml.config.sections import YARDSTICKS, EventsSection, LeadsSection, Sections
from leadml.errors import ConfigError
from leadml.leads.coercion import level
from leadml.leads.dates import parse_date
from leadml.leads.schema import WAYS, Roles


def check_consistent(config: Sections, source: str) -> None:
    """Raise ConfigError where keys contradict each other."""
    leads = config.leads
    _each_once(leads, source)
    if not set(config.training.families) - YARDSTICKS:
        raise ConfigError(
            f"{source}: training.families must name prior, logistic, ebm or blend, got trees alone; add one"
        )
    if not leads.converted:
        raise ConfigError(f"{source}: leads.converted must name at least one value that means converted, got none")
    if config.label.horizon_days is not None:
        for key in ("created_at", "converted_at"):
            if getattr(leads, key) is None:
                must = f"{source}: leads.{key} must be given with label.horizon_days"
                raise ConfigError(f"{must}, but it is not; name the column, or leave out the horizon")
    if leads.known_at and leads.created_at is None:
        raise ConfigError(f"{source}: leads.created_at must be given with leads.known_at; name the column")
    _check_listed(leads, source)
    if config.training.propensity_weights and leads.slot is None:
        must = f"{source}: leads.slot and leads.propensity must be given with training.propensity_weights"
        raise ConfigError(f"{must}, but they are not; name the columns, or turn the weights off")
    _check_tables(config, source)
    if config.label.as_of is not None:
        try:
            parse_date(config.label.as_of)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{source}: label.as_of {error}") from None


def _check_listed(leads: LeadsSection, source: str) -> None:
    """How a lead came on a list, and with what chance, go together."""
    for key, other in (("slot", "propensity"), ("propensity", "slot")):
        if getattr(leads, other) is not None and getattr(leads, key) is None:
            must = f"{source}: leads.{key} must be given with leads.{other}"
            raise ConfigError(f"{must}, but it is not; name the column, or leave both out")


def _check_tables(config: Sections, source: str) -> None:
    """Check the tables beside the leads: what is in them is of a lead, and was known at a moment."""
    for section in ("events", "history"):
        for key in ("id", "created_at"):
            if getattr(config, section) is not None and getattr(config.leads, key) is None:
                must = f"{source}: leads.{key} must be given with [{section}]"
                raise ConfigError(f"{must}, but it is not; name the column")
    if config.events is not None:
        _check_events(config, config.events, source)


def _check_events(config: Sections, events: EventsSection, source: str) -> None:
    """Moments rise; later ones need an end of the label."""
    for key in ("windows", "snapshots"):
        days = getattr(events, key)
        if list(days) != sorted(set(days)):
            got = ", ".join(map(str, days))
            raise ConfigError(f"{source}: events.{key} must be days in rising order, got {got}; sort them")
    if events.snapshots != (0,) and config.label.horizon_days is None:
        must = "label.horizon_days must be given with events.snapshots"
        raise ConfigError(f"{source}: {must}, but it is not; set the horizon, or leave the snapshots out")
    _apart("kind of event", "be in one list", {f"axes.{axis}": v for axis, v in events.axes.items()}, source, "events")


def _each_once(leads: LeadsSection, source: str) -> None:
    """Refuse a column with two roles, an outcome in two lists, a field on two axes, an axis of what is no field."""
    told = {role: getattr(leads, role) for role in Roles.__struct_fields__}
    roles = {role: (name,) if isinstance(name, str) else name for role, name in told.items() if name is not None}
    axes = {f"axes.{axis}": names for axis, names in leads.axes.items()}
    outcomes = {key: map(level, getattr(leads, key) or ()) for key in ("converted", "lost", "open")}
    _apart("column", "have one role", roles, source)
    _apart("outcome", "be in one list", outcomes, source)
    _apart("column", "be in one list", {"ignore": leads.ignore, "allow": leads.allow}, source)
    _apart("column", "be in one list", {"protected": leads.protected, **axes}, source)
    _apart("column", "be in one list", {"known_at": leads.known_at.values(), **axes}, source)
    _apart("column", "have a role or an axis", {**roles, **axes}, source)
    _apart(
        "column",
        "be in one list",
        {"protected": leads.protected, "ignore": leads.ignore, "answers": leads.answers},
        source,
    )
    _apart("column", "have a role or be an answer", {**roles, "answers": leads.answers}, source)
    ways: dict[str, tuple[str, ...]] = {way: getattr(leads, way) for way in WAYS}
    _apart("column", "be in one list", {"protected": leads.protected, "ignore": leads.ignore, **ways}, source)
    _apart("column", "have a role or rise or fall", {**roles, **ways}, source)


def _apart(what: str, must: str, lists: Mapping[str, Iterable[str]], source: str, section: str = "leads") -> None:
    seen: dict[str, str] = {}
    for key, values in lists.items():
        for value in dict.fromkeys(values):
            if value in seen:
                places = f"{section}.{seen[value]} and {section}.{key}"
                raise ConfigError(f"{source}: {what} {value!r} must {must}, got {places}; take it out of one")
            seen[value] = key
