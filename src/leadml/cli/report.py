"""``leadml report``: the report or the model card of a trained model, written again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadml.cli.score import JsonOption, ModelOption

if TYPE_CHECKING:
    from leadml.leads.schema import Language
    from leadml.model.bundle import Bundle

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Names champion and reports/; default: leadml.toml if it is there.", metavar="FILE"),
]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="Of the page: en or de; by default the model's.", metavar="en|de")
]
CardOption = Annotated[bool, typer.Option("--card", help="Write the model card, for a reviewer to sign.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="The page; by default reports/report-VERSION.html.", metavar="FILE"),
]


def report(
    model: ModelOption = None,
    config: ConfigOption = None,
    language: LanguageOption = None,
    card: CardOption = False,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the report of a model again, or its model card, as one HTML page.

    `leadml train` writes both to reports/ by itself; this is for another language or an earlier version. A report
    needs the evidence of the training, which the model brings along; a model card does without.

    Example: leadml report --language de --out bericht.html
    """
    from leadml.cli.asked import configured, known_language, model_folder
    from leadml.cli.console import print_json
    from leadml.model.bundle import load
    from leadml.report.files import write_text

    settings = configured(config)
    bundle = load(model_folder(model, settings))
    folder = Path("reports") if settings is None else settings.at("reports")
    spoken = known_language(language) or bundle.passport.language
    page = _page(bundle, folder, spoken, card=card)
    version = bundle.passport.model_version
    path = out or folder / f"{'model-card' if card else 'report'}-{version}.html"
    write_text(path, page)
    if as_json:
        kind = "model card" if card else "report"
        print_json({"model_version": version, "page": kind, "language": spoken, "out": str(path)})
    else:
        typer.echo(f"The {'model card' if card else 'report'} of model {version} is in {path}; open it in a browser.")


def _page(bundle: "Bundle", folder: Path, language: "Language", *, card: bool) -> str:
    from leadml.errors import BundleError
    from leadml.report.card import render_card
    from leadml.report.files import evidence_path, find_evidence
    from leadml.report.page import render_report

    evidence = find_evidence(bundle, folder)
    if card:
        return render_card(bundle, evidence, language)
    if evidence is None:
        path = evidence_path(folder, bundle.passport.model_version)
        raise BundleError(
            f"{path} must hold what the training of model {bundle.passport.model_version} found, but it does not; "
            "write its model card with --card, or train again"
        )
    return render_report(bundle, evidence, language)
