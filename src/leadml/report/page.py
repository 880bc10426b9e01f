"""The report: one HTML page that needs nothing but itself."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leadml.leads.schema import Language
from leadml.model.bundle import Bundle
from leadml.report import explored, leaks, modelsections, pairplots, plots, sections, timesections
from leadml.report.evidence import Evidence
from leadml.report.figures import Table
from leadml.report.headline import headline
from leadml.report.voice import Voice

CONTENTS = ("calls", "board", "calibration", "explored", "fields", "axes", "time", "left_out", "glass", "method")


@cache
def environment() -> Environment:
    """Return the templates; every text is escaped, and a name that is not given is an error."""
    loader = PackageLoader("leadml.report", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def style() -> Markup:
    """Return the style sheet, which stands in the page: colours and pictures, then everything else."""
    folder = files("leadml.report") / "templates"
    return Markup("".join((folder / name).read_text(encoding="utf-8") for name in ("picture.css", "style.css")))


def render_report(bundle: Bundle, evidence: Evidence, language: Language) -> str:
    """Return the report of a training as one HTML page.

    ``evidence`` must be of the bundle's model. Nothing is fetched from anywhere, and no script runs.
    """
    voice, passport = Voice.of(bundle, language), bundle.passport
    horizon = passport.horizon_days
    drawn = explored.section(evidence.explored, voice)
    first = headline(evidence, passport, voice)
    return (
        environment()
        .get_template("report.html")
        .render(
            language=language,
            style=style(),
            w=voice.words,
            say=voice.say,
            first=first,
            title=voice.say("report_title", version=passport.model_version),
            facts=_facts(bundle, evidence, voice),
            contents=[(key, voice.words[f"section_{key}"]) for key in CONTENTS if key != "explored" or drawn],
            calls_picture=plots.calls(evidence, voice),
            depths=sections.depths(evidence, voice),
            grades=sections.grades(evidence, voice),
            calls=sections.calls(evidence, voice),
            board=sections.board(evidence, passport, voice),
            metrics=sections.metrics(passport.test, voice),
            calibration=sections.calibration(evidence, voice),
            explored=drawn,
            importance=modelsections.importance(evidence, voice) if evidence.terms else None,
            terms=modelsections.terms(evidence, bundle, voice),
            pairs=pairplots.pairs(evidence, bundle, voice),
            axes=modelsections.axes(evidence, voice) if evidence.axes else None,
            delay=timesections.delay(evidence, horizon, voice),
            months=timesections.months(evidence, voice),
            drift=modelsections.drift(evidence, voice),
            flow=modelsections.flow(evidence, horizon, voice),
            unused=modelsections.unused(evidence, voice) if evidence.unused else None,
            glass=sections.glass_box(evidence, voice),
            glass_verdict=sections.glass_verdict(evidence, voice),
            checks=sections.checks(evidence, voice) if evidence.checks else None,
            recipe=_recipe(bundle, evidence, voice),
            suspicions=[leaks.with_mend(one, voice) for one in evidence.suspicions],
            verdict=passport.verdict,
            notes=evidence.notes,
        )
    )


def _facts(bundle: Bundle, evidence: Evidence, voice: Voice) -> list[tuple[str, str]]:
    passport, numbers = bundle.passport, voice.numbers
    horizon = voice.words["horizon_none"]
    if passport.horizon_days is not None:
        horizon = voice.say("days", n=passport.horizon_days)
    return [
        (voice.words["fact_model"], passport.model_version),
        (voice.words["fact_trained"], numbers.day(passport.created)),
        (voice.words["fact_leads"], f"{evidence.name}, {numbers.count(evidence.flow.rows)}"),
        (voice.words["fact_as_of"], numbers.day(passport.as_of)),
        (voice.words["fact_horizon"], horizon),
    ]


def _recipe(bundle: Bundle, evidence: Evidence, voice: Voice) -> Table:
    passport, numbers, words = bundle.passport, voice.numbers, voice.words
    recipe, part = passport.recipe, evidence
    settings = ", ".join(f"{name} = {_setting(value, voice)}" for name, value in recipe.settings.items())
    title = next((one.title for one in evidence.leaderboard if one.chosen), recipe.family)
    rows = [
        (words["row_family"], voice.known(f"family_{recipe.family}", title)),
        (words["row_settings"], settings or "–"),
        (words["row_terms"], numbers.count(len(bundle.scorecard.terms))),
        *([(words["row_pairs"], numbers.count(len(bundle.scorecard.pairs)))] if bundle.scorecard.pairs else []),
        (words["row_older"], _period(part.older.first, part.older.last, part.older.rate.n, voice)),
        (words["row_test"], _period(part.test.first, part.test.last, part.test.rate.n, voice)),
        (
            words["row_refit"],
            voice.say("refit", n=numbers.count(passport.n_leads), won=numbers.count(passport.n_converted)),
        ),
        (
            words["row_calibration"],
            voice.say(f"calibrated_{part.calibrated}", n=numbers.count(part.calibration_conversions)),
        ),
        (words["row_intervals"], voice.say("grouped" if part.grouped else "by_lead", n=numbers.count(part.replicates))),
        (words["row_seed"], str(part.seed)),
        (words["row_digest"], passport.data_digest),
        (words["row_libraries"], ", ".join(f"{name} {version}" for name, version in passport.libraries.items())),
    ]
    return sections.pairs(words["recipe_caption"], [words["property"], words["value"]], rows)


def _setting(value: object, voice: Voice) -> str:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return voice.numbers.compact(float(value)) if is_number else str(value)  # type: ignore[arg-type]


def _period(first: str | None, last: str | None, n: int, voice: Voice) -> str:
    count = voice.say("n_leads", n=voice.numbers.count(n))
    return count if first is None else f"{voice.numbers.day(first)} – {voice.numbers.day(last)}, {count}"
