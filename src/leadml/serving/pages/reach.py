"""What the model reached in its test, in words, pictures and figures."""

from typing import Any

from leadml.model.bundle import Interval, Passport
from leadml.report import sections
from leadml.report.evidence import Evidence
from leadml.report.figures import Figure, Table
from leadml.report.headline import Point, headline
from leadml.report.voice import Voice
from leadml.serving.pages.frame import Speech

CAPTURE, LIFT, AUC = "capture_at_20pct", "lift_at_10pct", "roc_auc"


def answer(passport: Passport, voice: Voice, speech: Speech) -> tuple[str, str]:
    """Return the answer in a sentence, and what the same calls would have reached without the model."""
    test, numbers = passport.test, voice.numbers
    n = numbers.count(test.n)
    reached, lift = _value(test.metrics, CAPTURE), _value(test.metrics, LIFT)
    if reached is None:
        if lift is None:
            return speech.say("answer_none", n=n), ""
        return speech.say("answer_lift", n=n, times=numbers.decimal(lift, 1)), ""
    rules = {rule: _value(found, CAPTURE) for rule, found in test.naive.items()}
    known = {rule: value for rule, value in rules.items() if value is not None}
    first = speech.say("answer_capture", n=n, at=numbers.percent(reached))
    if not known:
        return first, speech.say("compare_random")
    best = max(known, key=lambda rule: known[rule])
    told = speech.say("compare_rule", rule=voice.labels.rule(best), best=numbers.percent(known[best]))
    return first, told


def _value(metrics: dict[str, Interval], name: str) -> float | None:
    return metrics[name].value if name in metrics else None


def stats(passport: Passport, voice: Voice, speech: Speech) -> list[tuple[str, str, str]]:
    """Return the main figures, each as (name, value, note)."""
    test, numbers, rows = passport.test, voice.numbers, []
    nothing = Interval(None, None, None)
    reached, lift, auc = (test.metrics.get(name, nothing) for name in (CAPTURE, LIFT, AUC))
    if reached.value is not None:
        note = speech.say("stat_capture_note", span=voice.percent_span(reached))
        rows.append(("capture", numbers.percent(reached.value), note))
    if lift.value is not None:
        note = speech.say("stat_lift_note", span=voice.decimal_span(lift, 1))
        rows.append(("lift", speech.say("stat_lift_value", times=numbers.decimal(lift.value, 1)), note))
    if auc.value is not None:
        span = Interval(*(None if x is None else 100 * x for x in (auc.value, auc.low, auc.high)))
        note = speech.say("stat_pairs_note", span=numbers.span(span, numbers.count))
        rows.append(("pairs", speech.say("stat_pairs_value", n=numbers.count(span.value)), note))
    base = speech.say("stat_base_note", n=numbers.count(test.n), won=numbers.count(test.n_converted))
    rows.append(("base", numbers.rate(test.base_rate), base))
    return [(speech.say(f"stat_{key}"), value, note) for key, value, note in rows]


def trust(evidence: Evidence | None, passport: Passport, voice: Voice) -> tuple[Point, ...]:
    """Return how far it may be trusted, point by point."""
    return () if evidence is None else headline(evidence, passport, voice).trust


def figures(evidence: Evidence | None, voice: Voice) -> list[Figure]:
    """Return the gains curve and the reliability diagram."""
    if evidence is None:
        return []
    return [sections.calls(evidence, voice)[0], sections.calibration(evidence, voice)]


def grades(evidence: Evidence | None, voice: Voice) -> list[dict[str, Any]]:
    """Return what became of the test leads of each grade."""
    numbers, rows = voice.numbers, []
    for one in evidence.grades if evidence else ():
        span = one.rate.interval
        rows.append(
            {
                "grade": one.grade,
                "n": numbers.count(one.rate.n),
                "won": numbers.count(one.rate.converted),
                "rate": numbers.rate(span.value),
                "width": f"{100 * (span.value or 0.0):.1f}",
                "span": voice.rate_span(span),
            }
        )
    return rows


def metrics(passport: Passport, voice: Voice) -> Table:
    """Return every test figure with its interval and what it means."""
    return sections.metrics(passport.test, voice)
