"""``leadml models``: the versions there are, which one serves, and going from one to another."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadml.errors import BundleError, TrackingError

if TYPE_CHECKING:
    from leadml.model.bundle import Bundle, Interval
    from leadml.model.store import Store
    from leadml.tracking.runs import Tracker
    from leadml.training.promotion import Promotion

app = typer.Typer(name="models", help="List, show, promote, roll back and export models.", no_args_is_help=True)

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration.", metavar="FILE")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
VersionArgument = Annotated[
    int, typer.Argument(help="A version that `leadml models list` shows.", metavar="VERSION", min=1)
]
CONFIG = Path("leadml.toml")


@app.command("list")
def list_models(config: ConfigOption = CONFIG, as_json: JsonOption = False) -> None:
    """List every version with what it reached on its test part; * marks the one that serves.

    Example: leadml models list
    """
    from leadml.cli.console import print_json
    from leadml.tracking.registry import disagreement

    store, tracker = _places(config)
    champion = store.champion()
    rows = [_row(store, version, champion) for version in store.versions()]
    try:
        notes = [disagreement(store, tracker)]
    except TrackingError as error:
        notes = [f"MLflow's alias could not be compared: {error}"]
    if champion is not None and champion not in store.versions():
        notes.append(f"version {champion} must be there to serve, but is not; run `leadml models rollback`")
    said = [note for note in notes if note is not None]
    for note in said:
        typer.echo(note, err=True)
    if as_json:
        print_json({"champion": champion, "versions": rows, "notes": said})
    else:
        _print_list(rows, config)


@app.command()
def show(
    version: Annotated[
        int | None, typer.Argument(help="By default the one that serves.", metavar="VERSION", min=1)
    ] = None,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Show where a model comes from and what it reached.

    Example: leadml models show 3
    """
    import msgspec

    from leadml.cli.console import print_json

    store, _ = _places(config)
    shown = version if version is not None else store.champion()
    if shown is None:
        raise BundleError(
            f"{store.link} must be a champion to show, but there is none; name a version, or run `leadml train`"
        )
    bundle = store.load(shown)
    champion = shown == store.champion()
    if as_json:
        passport = msgspec.to_builtins(bundle.passport)
        print_json({"version": shown, "champion": champion, "folder": str(store.path(shown)), "passport": passport})
        return
    _print_pairs(_facts(bundle, str(store.path(shown)), champion))
    _next_step("rank LEADS --out FILE" if champion else f"models promote {shown}", config)


@app.command()
def promote(version: VersionArgument, config: ConfigOption = CONFIG, as_json: JsonOption = False) -> None:
    """Let a version serve: the link models/champion first, then MLflow's alias.

    Example: leadml models promote 3
    """
    from leadml.training import promotion

    _print_promotion(promotion.promote(*_places(config), version), config, as_json)


@app.command()
def rollback(config: ConfigOption = CONFIG, as_json: JsonOption = False) -> None:
    """Let the champion before the present one serve again; a second rollback goes one further back.

    Example: leadml models rollback
    """
    from leadml.training import promotion

    _print_promotion(promotion.rollback(*_places(config)), config, as_json)


@app.command()
def export(
    version: VersionArgument,
    out: Annotated[Path, typer.Option("--out", help="A new folder.", metavar="FOLDER")],
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Copy a checked bundle to a new folder, to be served elsewhere without MLflow.

    Example: leadml models export 3 --out handover/model-3
    """
    from leadml.cli.console import print_json

    store, _ = _places(config)
    folder = store.export(version, out)
    if as_json:
        print_json({"version": version, "bundle": str(folder)})
        return
    typer.echo(f"Version {version} is in {folder}.")
    _next_step(f"score LEADS --model {folder} --out FILE", config)


def _places(config_path: Path) -> "tuple[Store, Tracker]":
    from leadml.config import Config
    from leadml.model.store import Store
    from leadml.tracking.runs import Tracker

    config = Config.load(config_path)
    tracking, champion = config.tracking, config.at(config.serving.model)
    return (
        Store(champion.parent, champion.name),
        Tracker(config.tracking_uri, tracking.experiment, tracking.model_name),
    )


def _row(store: "Store", version: int, champion: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {"version": version, "champion": version == champion}
    try:
        passport = store.load(version).passport
    except BundleError as error:
        return row | {"error": str(error)}
    metrics = passport.test.metrics
    return row | {
        "family": passport.recipe.family,
        "created": passport.created,
        "roc_auc": _interval(metrics.get("roc_auc")),
        "lift_at_10pct": _interval(metrics.get("lift_at_10pct")),
        "promoted": passport.promoted,
        "verdict": passport.verdict,
    }


def _interval(interval: "Interval | None") -> dict[str, float | None] | None:
    if interval is None:
        return None
    return {"value": interval.value, "low": interval.low, "high": interval.high}


def _shown(interval: dict[str, float | None] | None, digits: int) -> str:
    if interval is None or interval["value"] is None:
        return "-"
    low, high = interval["low"], interval["high"]
    span = "" if low is None or high is None else f" ({low:.{digits}f} to {high:.{digits}f})"
    return f"{interval['value']:.{digits}f}{span}"


HEADER = ("version", "family", "created", "ROC AUC", "lift at 10 %", "gate", "verdict")


def _print_list(rows: list[dict[str, Any]], config: Path) -> None:
    if not rows:
        typer.echo("There are no models yet.")
        _next_step("train", config)
        return
    _print_table([_cells(row) for row in rows])
    passed = [row["version"] for row in rows if row.get("promoted")]
    if any(row["champion"] for row in rows):
        _next_step("models show", config)
    else:
        _next_step(f"models promote {passed[-1]}" if passed else "train", config)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    mark = f"{row['version']}{' *' if row['champion'] else ''}"
    if "error" in row:
        return (mark, "-", "-", "-", "-", "-", row["error"])
    auc, lift = _shown(row["roc_auc"], 3), _shown(row["lift_at_10pct"], 1)
    return (mark, row["family"], row["created"][:10], auc, lift, _gate(row["promoted"]), row["verdict"])


def _gate(promoted: bool) -> str:
    return "passed" if promoted else "not passed"


def _facts(bundle: "Bundle", folder: str, champion: bool) -> list[tuple[str, str]]:
    passport = bundle.passport
    test = passport.test
    horizon = "none: the outcome is final" if passport.horizon_days is None else f"{passport.horizon_days} days"
    return [
        ("version", passport.model_version + (" (serves)" if champion else "")),
        ("folder", folder),
        ("family", f"{passport.recipe.family}, {len(bundle.scorecard.terms)} terms"),
        *(("pair", " with ".join(pair.parts)) for pair in bundle.scorecard.pairs),
        ("settings", ", ".join(f"{k} {v}" for k, v in passport.recipe.settings.items()) or "-"),
        ("created", passport.created),
        ("leads", f"{passport.n_leads:,}, of which {passport.n_converted:,} converted"),
        ("seen as of", passport.as_of or "-"),
        ("trained until", passport.trained_until or "-"),
        ("horizon", horizon),
        ("data digest", passport.data_digest),
        ("test leads", f"{test.n:,}, base rate {test.base_rate:.1%}"),
        *((name, _shown(_interval(metric), 3)) for name, metric in test.metrics.items()),
        ("gate", _gate(passport.promoted)),
        ("verdict", passport.verdict),
    ]


def _print_promotion(done: "Promotion", config: Path, as_json: bool) -> None:
    from leadml.cli.console import print_json

    if done.alias_problem is not None:
        typer.echo(
            f"MLflow's alias could not follow: {done.alias_problem}; then run `leadml models promote {done.version}`",
            err=True,
        )
    if as_json:
        problem = done.alias_problem
        print_json({"champion": done.version, "previous": done.previous, "alias_problem": problem})
        return
    if done.previous == done.version:
        typer.echo(f"Version {done.version} serves, as before.")
    else:
        before = "nothing" if done.previous is None else f"version {done.previous}"
        typer.echo(f"Version {done.version} serves now; before it, {before} did.")
    _next_step("rank LEADS --out FILE", config)


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print a table for people on a terminal, and tab-separated lines into a pipe."""
    from leadml.cli.console import out, table

    console = out()
    if console.is_terminal:
        console.print(table(HEADER, [list(row) for row in rows], right=(3, 4)))
        return
    for row in (HEADER, *rows):
        typer.echo("\t".join(row))


def _print_pairs(pairs: list[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        typer.echo(f"{name:<{width}}  {value}")


def _next_step(command: str, config: Path) -> None:
    where = "" if config == CONFIG else f" --config {config}"
    typer.echo(f"Next: leadml {command}{where}", err=True)
