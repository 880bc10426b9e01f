"""The model card: the passport as a page that a reviewer can sign.

After Mitchell et al., "Model cards for model reporting" (FAT* 2019). It needs the bundle alone; with the evidence of
the training it also has the period, the population and the metrics by segment.
"""

from collections.abc import Iterator

from leadml.leads.schema import AXES, Language
from leadml.model.bundle import Bundle, Interval
from leadml.report import leaks, sections
from leadml.report.evidence import Evidence, Segment
from leadml.report.figures import Table
from leadml.report.headline import ENOUGH, drifted
from leadml.report.page import environment, style
from leadml.report.voice import Voice

AVOID = ("legal", "alone", "protected", "causes", "other_population", "people")


def render_card(bundle: Bundle, evidence: Evidence | None, language: Language) -> str:
    """Return the model card as one HTML page; without evidence it says what cannot be told."""
    voice, passport = Voice.of(bundle, language), bundle.passport
    words = voice.words
    protected = [one for one in evidence.segments if one.protected] if evidence else []
    others = [one for one in evidence.segments if not one.protected] if evidence else []
    return (
        environment()
        .get_template("card.html")
        .render(
            language=language,
            style=style(),
            w=words,
            say=voice.say,
            title=voice.say("card_title", version=passport.model_version),
            promoted=passport.promoted,
            badge=words["promoted" if passport.promoted else "not_promoted"],
            verdict=passport.verdict,
            purpose=voice.say("card_purpose", horizon=_horizon(bundle, voice)),
            data=_data(bundle, evidence, voice),
            population=_population(bundle, evidence, voice),
            tested=_tested(bundle, evidence, voice),
            metrics=sections.metrics(passport.test, voice),
            rules=_rules(bundle, voice),
            protected=_segments(words["segments_protected_caption"], protected, voice) if protected else None,
            segments=_segments(words["segments_caption"], others, voice) if others else None,
            has_evidence=evidence is not None,
            no_protected=_no_protected(evidence, voice),
            fields=_fields(bundle, evidence, voice),
            limits=list(_limits(bundle, evidence, voice)),
            avoid=[words[f"avoid_{key}"] for key in AVOID],
            facts=[
                (words["fact_model"], passport.model_version),
                (words["fact_trained"], voice.numbers.day(passport.created)),
                (words["row_digest"], passport.data_digest[:16] + "…"),
            ],
        )
    )


def _horizon(bundle: Bundle, voice: Voice) -> str:
    days = bundle.passport.horizon_days
    return voice.words["within_none"] if days is None else voice.say("within_days", n=days)


def _data(bundle: Bundle, evidence: Evidence | None, voice: Voice) -> Table:
    passport, numbers, words = bundle.passport, voice.numbers, voice.words
    rows = [] if evidence is None else [(words["card_name"], evidence.name)]
    if evidence is not None:
        rows.append((words["card_rows"], numbers.count(evidence.flow.rows)))
        if evidence.older.first is not None:
            rows.append(
                (words["card_period"], f"{numbers.day(evidence.older.first)} – {numbers.day(evidence.test.last)}")
            )
    learned = voice.say("refit", n=numbers.count(passport.n_leads), won=numbers.count(passport.n_converted))
    rows += [
        (words["card_learned"], learned),
        (words["card_until"], numbers.day(passport.trained_until)),
        (words["fact_as_of"], numbers.day(passport.as_of)),
        (words["card_outcome"], _outcome(bundle)),
        (words["fact_horizon"], _horizon(bundle, voice)),
        (words["row_family"], voice.known(f"family_{passport.recipe.family}", passport.recipe.family)),
        (words["row_digest"], passport.data_digest),
        (words["row_libraries"], ", ".join(f"{k} {v}" for k, v in passport.libraries.items())),
    ]
    return sections.pairs(words["card_data"], [words["property"], words["value"]], rows)


def _outcome(bundle: Bundle) -> str:
    outcomes, role = bundle.schema.outcomes, bundle.schema.roles.outcome
    return f"{role} = {', '.join(outcomes.converted)}" if role and outcomes.converted else role or "–"


def _population(bundle: Bundle, evidence: Evidence | None, voice: Voice) -> str:
    passport, numbers = bundle.passport, voice.numbers
    rate = passport.n_converted / passport.n_leads if passport.n_leads else None
    said = voice.say("card_population", n=numbers.count(passport.n_leads), rate=numbers.rate(rate))
    if evidence is None or evidence.older.first is None:
        return said
    when = voice.say("card_between", a=numbers.day(evidence.older.first), b=numbers.day(evidence.test.last))
    return f"{said} {when}"


def _tested(bundle: Bundle, evidence: Evidence | None, voice: Voice) -> str:
    test, numbers = bundle.passport.test, voice.numbers
    said = voice.say("card_tested", n=numbers.count(test.n), won=numbers.count(test.n_converted))
    if evidence is None or evidence.test.first is None:
        return said
    return (
        f"{said} {voice.say('card_test_dates', a=numbers.day(evidence.test.first), b=numbers.day(evidence.test.last))}"
    )


def _rules(bundle: Bundle, voice: Voice) -> Table | None:
    naive = bundle.passport.test.naive
    names = list(dict.fromkeys(name for reached in naive.values() for name in reached))
    if not names:
        return None
    own = bundle.passport.test.metrics
    nothing = Interval(None, None, None)
    rows = [[voice.words["this_model"], *(sections.metric(n, own.get(n, nothing), voice) for n in names)]]
    for rule, reached in naive.items():
        rows.append([voice.labels.rule(rule), *(sections.metric(n, reached.get(n, nothing), voice) for n in names)])
    headers = [voice.words["candidate"], *(voice.known(f"metric_{name}", name) for name in names)]
    return Table(voice.words["rules_caption"], headers, rows, strong=frozenset({0}))


def _segments(caption: str, found: list[Segment], voice: Voice) -> Table:
    numbers, words = voice.numbers, voice.words
    rows = []
    for one in found:
        level = voice.labels.band(*one.band) if one.band else voice.labels.level(one.column, one.level or "")
        rows.append(
            [
                f"{voice.labels.part(one.column)}: {level}",
                f"{numbers.count(one.rate.n)} / {numbers.count(one.rate.converted)}",
                voice.rate(one.rate.interval),
                numbers.rate(one.expected),
                voice.within(numbers.decimal(one.roc_auc.value, 2), voice.decimal_span(one.roc_auc, 2)),
                voice.within(numbers.percent(one.listed.interval.value), voice.percent_span(one.listed.interval)),
                voice.within(numbers.percent(one.found.interval.value), voice.percent_span(one.found.interval)),
            ]
        )
    keys = ("segment", "leads_conversions", "rate_interval", "expected", "metric_roc_auc", "listed", "found_listed")
    return Table(caption, [words[key] for key in keys], rows)


def _no_protected(evidence: Evidence | None, voice: Voice) -> str:
    if evidence is None:
        return voice.words["segments_unknown"]
    named = any(one.use == "protected" for one in evidence.unused)
    if any(one.protected for one in evidence.segments):
        return voice.words["protected_shown"]
    return voice.words["protected_few" if named else "protected_none"]


def _fields(bundle: Bundle, evidence: Evidence | None, voice: Voice) -> Table:
    """Return the parts that the model reads, by axis; with evidence the most important first."""
    weight = {one.part: one.importance for one in evidence.terms} if evidence else {}
    axis_of = {part.name: part.axis for part in bundle.schema.parts}
    names = sorted((term.part for term in bundle.scorecard.terms), key=lambda name: -weight.get(name, 0.0))
    rows = [
        (voice.words[f"axis_{axis}"], ", ".join(voice.labels.part(name) for name in names if axis_of[name] == axis))
        for axis in AXES
    ]
    told = [(axis, parts or "–") for axis, parts in rows]
    if bundle.scorecard.pairs:
        both = [tuple(map(voice.labels.part, pair.parts)) for pair in bundle.scorecard.pairs]
        told.append((voice.words["pairs_title"], "; ".join(voice.say("pair_title", a=a, b=b) for a, b in both)))
    return sections.pairs(voice.words["card_fields"], [voice.words["axis"], voice.words["card_reads"]], told)


def _limits(bundle: Bundle, evidence: Evidence | None, voice: Voice) -> Iterator[str]:
    passport, words, numbers = bundle.passport, voice.words, voice.numbers
    if not passport.promoted:
        yield words["limit_not_promoted"]
    if passport.test.n_converted < ENOUGH:
        yield voice.say("limit_few", n=numbers.count(passport.test.n_converted))
    if passport.horizon_days is None:
        yield words["trust_no_horizon"]
    if passport.trained_until is None:
        yield words["trust_undated"]
    if evidence is not None:
        moved = drifted(evidence, voice)
        if moved:
            yield voice.say("limit_drift", names=", ".join(moved))
        for one in evidence.suspicions:
            yield leaks.with_mend(one, voice)
        dated = [voice.labels.part(one.name) for one in evidence.unused if one.use == "dated"]
        if dated:
            yield voice.say("limit_dated", names=", ".join(dated))
    yield words["limit_causes"]
    yield words["limit_past"]
    yield words["limit_refit"]
