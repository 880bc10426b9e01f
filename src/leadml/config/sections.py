"""The sections of leadml.toml and their keys, with types, bounds and defaults."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from leadml.leads.schema import Axis, Format, Kind, Language

Share = Annotated[float, Meta(ge=0.0, lt=1.0)]
YARDSTICKS = frozenset({"trees"})  # families that compete, but do not ship


class LeadsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[leads]: the table and what its columns are."""

    path: str
    query: str | None = None
    sheet: str | int | None = None
    header_row: Annotated[int, Meta(ge=1)] | None = None
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
    do_not_contact: str | tuple[str, ...] | None = None
    slot: str | None = None
    propensity: str | None = None
    protected: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    rising: tuple[str, ...] = ()
    falling: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    known_at: dict[str, str] = {}
    placeholders: tuple[str, ...] = ()
    kinds: dict[str, Kind] = {}
    formats: dict[str, Format] = {}
    axes: dict[Axis, tuple[str, ...]] = {}
    words: dict[str, str | dict[Language, str]] = {}


class DuplicatesSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[duplicates]: which columns tell that two rows are one person or company; None are guessed."""

    find: bool = True
    email: tuple[str, ...] | None = None
    phone: tuple[str, ...] | None = None
    name: tuple[str, ...] | None = None
    company: tuple[str, ...] | None = None
    near: bool = True


class EventsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[events]: the table of dated acts, and what is told of them."""

    path: str
    query: str | None = None
    lead_id: str = "lead_id"
    at: str = "at"
    kind: str = "kind"
    value: str | None = None
    formats: dict[str, Format] = {}
    axes: dict[Axis, tuple[str, ...]] = {}
    windows: tuple[Annotated[int, Meta(ge=1, le=3650)], ...] = (7, 30, 90)
    kinds: Annotated[int, Meta(ge=0, le=50)] = 8
    snapshots: Annotated[tuple[Annotated[int, Meta(ge=0, le=3650)], ...], Meta(min_length=1)] = (0,)


class HistorySection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[history]: the table of changes, by which fields are set back to a moment."""

    path: str
    query: str | None = None
    lead_id: str = "lead_id"
    field: str = "field"
    value: str = "value"
    changed_at: str = "changed_at"
    old_value: str | None = None
    formats: dict[str, Format] = {}
    fields: tuple[str, ...] | None = None


class LabelSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[label]: when a lead counts as converted."""

    horizon_days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    as_of: Any = None  # a TOML date or date-time, or ISO text


class TrainingSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[training]: what competes, and on how much."""

    families: tuple[Literal["prior", "logistic", "ebm", "blend", "trees"], ...] = (
        "prior",
        "logistic",
        "ebm",
        "blend",
        "trees",
    )
    seed: Annotated[int, Meta(ge=0)] = 0
    test_fraction: Annotated[float, Meta(ge=0.1, le=0.4)] = 0.2
    replicates: Annotated[int, Meta(ge=100, le=10_000)] = 500
    propensity_weights: bool = False


class SearchSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[search]: how long `leadml search` goes on, and where it keeps what it has tried."""

    seconds: Annotated[float, Meta(ge=1)] = 60.0
    trials: Annotated[int, Meta(ge=1)] | None = None  # where given, the budget instead of seconds
    jobs: Annotated[int, Meta(ge=1)] = 2
    storage: str = "reports/search.db"


class GateSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[gate]: by how much a challenger may be worse than the champion."""

    roc_auc: Share = 0.02
    capture: Share = 0.10
    log_loss: Share = 0.01


class RankingSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[ranking]: how lists are made."""

    capacity: Annotated[int, Meta(ge=1)] | None = None
    capacities: dict[str, Annotated[int, Meta(ge=1)]] = {}
    by: Literal["probability", "expected_value"] = "probability"
    contact_cost: Annotated[float, Meta(ge=0)] = 0.0
    explore: Share = 0.0
    first: Literal["check", "call"] | None = None
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
    """[serving]: the model that serves, where, to whom, and how much of it at once."""

    model: str = "models/champion"
    lists: str = "lists"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    keys: dict[str, str] = {}
    hosts: tuple[str, ...] = ()
    unknown_fields: Literal["report", "refuse"] = "report"
    types: Literal["strict", "text"] = "strict"
    max_body_mb: Annotated[int, Meta(ge=1, le=1000)] = 10
    max_leads: Annotated[int, Meta(ge=1, le=100_000)] = 10_000
    max_upload_mb: Annotated[int, Meta(ge=1, le=10_000)] = 100
    max_requests: Annotated[int, Meta(ge=1, le=10_000)] = 128
    timeout_seconds: Annotated[float, Meta(ge=1, le=3600)] = 30.0
    keep_hours: Annotated[float, Meta(ge=0, le=8760)] = 12.0


class Sections(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The sections of leadml.toml."""

    leads: LeadsSection
    duplicates: DuplicatesSection = DuplicatesSection()
    events: EventsSection | None = None
    history: HistorySection | None = None
    label: LabelSection = LabelSection()
    training: TrainingSection = TrainingSection()
    search: SearchSection = SearchSection()
    gate: GateSection = GateSection()
    ranking: RankingSection = RankingSection()
    tracking: TrackingSection = TrackingSection()
    serving: ServingSection = ServingSection()
