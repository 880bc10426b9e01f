"""The first screen: the verdict in a sentence, and what a sales manager asks next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from leadml.model.bundle import Passport
from leadml.report import leaks
from leadml.report.evidence import Check, Evidence
from leadml.report.plots import TWENTY, half_point
from leadml.report.timeplots import MUCH
from leadml.report.voice import Voice

State = Literal["good", "careful", "bad"]
MANY, ENOUGH, FEWEST = 100, 30, 5  # conversions in the test
MOST_LEAKS = 3  # told on the first screen; the others stand below
TOO_GOOD = 0.95  # ROC AUC from which a leak is likelier than a good model


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to know, and whether it is good."""

    state: State
    text: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer.

    ``title`` is one sentence, ``lead`` what it rests on, ``then`` what to do; the others answer what is asked next.
    """

    state: State
    badge: str
    title: str
    lead: str
    then: str
    good: tuple[Point, ...]
    calls: tuple[str, ...]
    trust: tuple[Point, ...]


def headline(evidence: Evidence, passport: Passport, voice: Voice) -> Headline:
    """Return the first screen's words."""
    reason = refusal(evidence, passport)
    state: State = "good" if passport.promoted else "bad" if reason.startswith("signal") else "careful"
    return Headline(
        state,
        voice.words["promoted" if passport.promoted else "not_promoted"],
        _title(evidence, passport, voice, reason),
        _lead(evidence, voice),
        voice.words[_then(reason)],
        tuple(_good(evidence, voice)),
        tuple(_calls(evidence, voice)),
        tuple(_trust(evidence, passport, voice)),
    )


def refusal(evidence: Evidence, passport: Passport) -> str:
    """Return why a model was not promoted, as a key of words; nothing where it was."""
    if passport.promoted:
        return ""
    failed = {(check.gate, check.name) for check in evidence.checks if not check.passed}
    for name in ("roc_auc", "log_loss", "capture_at_20pct"):
        if ("signal", name) in failed:
            return f"signal_{name}"
    if failed:
        return "champion"
    return "incomparable" if evidence.checks else "cold" if evidence.cold else "untestable"


def _then(reason: str) -> str:
    if not reason:
        return "next_good"
    if reason in ("cold", "untestable"):
        return "next_cold"
    return "next_signal" if reason.startswith("signal") else "next_champion" if reason == "champion" else "next_none"


def _title(evidence: Evidence, passport: Passport, voice: Voice, reason: str) -> str:
    if reason == "cold":
        return voice.say("title_cold", n=voice.numbers.count(passport.n_converted))
    at = voice.numbers.percent(evidence.gains.model[TWENTY].value)
    if not reason:
        return voice.say("title_promoted", at=at)
    rule, best = _best_rule(evidence, voice)
    return voice.say(f"title_{reason}", at=at, rule=rule, best=voice.numbers.percent(best))


def _best_rule(evidence: Evidence, voice: Voice) -> tuple[str, float]:
    """Return the best way to call without a model, and what it finds in the first 20 %; random order counts too."""
    rules = [(voice.labels.rule(name), found[TWENTY]) for name, found in evidence.rules().items()]
    return max([*rules, (voice.words["random_order"], 0.2)], key=lambda pair: pair[1])


def _lead(evidence: Evidence, voice: Voice) -> str:
    test, model, numbers = evidence.test, evidence.gains.model[TWENTY], voice.numbers
    rule, best = _best_rule(evidence, voice)
    won = test.rate.converted
    when = voice.say(
        "when_dated" if test.first else "when_undated", a=numbers.day(test.first), b=numbers.day(test.last)
    )
    if not won:
        return voice.say("lead_none", when=when, n=numbers.count(test.rate.n))
    span = "" if model.low is None or model.high is None else f"{model.low * won:.0f}–{model.high * won:.0f}"
    found = numbers.count((model.value or 0.0) * won)
    return voice.say(
        "lead",
        when=when,
        n=numbers.count(test.rate.n),
        won=numbers.count(won),
        calls=numbers.count(0.2 * test.rate.n),
        found=f"{found} ({span})" if span else found,
        random=numbers.count(0.2 * won),
        rule=rule,
        best=numbers.count(best * won),
    )


def _good(evidence: Evidence, voice: Voice) -> Iterator[Point]:
    checks = {check.name: check for check in evidence.checks if check.gate == "signal"}
    for name in ("roc_auc", "capture_at_20pct", "log_loss"):
        if name in checks:
            yield _signal(checks[name], evidence, voice)
    champion = [check for check in evidence.checks if check.gate == "champion"]
    if champion:
        passed = all(check.passed for check in champion)
        yield Point("good" if passed else "bad", voice.words["champion_passed" if passed else "champion_failed"])
    if not evidence.checks:
        yield Point("bad", voice.words["no_checks"])


def _signal(check: Check, evidence: Evidence, voice: Voice) -> Point:
    state: State = "good" if check.passed else "bad"
    rule, best = _best_rule(evidence, voice)
    key = f"check_{check.name}_{'passed' if check.passed else 'failed'}"
    value = voice.numbers.percent(check.value)
    return Point(state, voice.say(key, value=value, rule=rule, best=voice.numbers.percent(best)))


def _calls(evidence: Evidence, voice: Voice) -> Iterator[str]:
    numbers = voice.numbers
    if not evidence.test.rate.converted:
        return
    yield voice.say("calls_half", share=numbers.percent(half_point(evidence)))
    tenth = next(depth for depth in evidence.depths if depth.share == 0.1)
    base = evidence.test.rate.interval.value or 0.0
    if tenth.precision.value:
        rate, all_ = numbers.rate(tenth.precision.value), numbers.rate(base)
        yield voice.say("calls_tenth", rate=rate, base=all_, times=numbers.decimal(tenth.precision.value / base, 1))
    for depth in evidence.depths:
        if depth.is_capacity:
            found = numbers.percent(depth.capture.value)
            yield voice.say("calls_capacity", calls=numbers.count(depth.calls), found=found)


def _trust(evidence: Evidence, passport: Passport, voice: Voice) -> Iterator[Point]:
    if evidence.cold:
        yield Point("careful", voice.say("trust_cold", n=voice.numbers.count(evidence.older.rate.converted)))
    yield _sample(evidence, voice)
    yield _probabilities(evidence, voice)
    yield from _spread(passport, voice)
    yield _drift(evidence, voice)
    yield from _leaks(evidence, passport, voice)
    if passport.horizon_days is None:
        yield Point("careful", voice.words["trust_no_horizon"])
    if not evidence.dated:
        yield Point("careful", voice.words["trust_undated"])


def _sample(evidence: Evidence, voice: Voice) -> Point:
    n = evidence.test.rate.converted
    state: State = "good" if n >= MANY else "careful" if n >= ENOUGH else "bad"
    return Point(state, voice.say(f"trust_sample_{state}", n=voice.numbers.count(n)))


def _probabilities(evidence: Evidence, voice: Voice) -> Point:
    facts, span, n = evidence.reliability, evidence.test.rate.interval, evidence.test.rate.converted
    if n < FEWEST:
        return Point("careful", voice.say("trust_probabilities_few", n=voice.numbers.count(n)))
    fits = span.low is not None and span.high is not None and span.low <= facts.expected <= span.high
    key = "trust_probabilities" if fits else "trust_probabilities_off"
    said, came = voice.numbers.rate(facts.expected), voice.numbers.rate(span.value)
    return Point("good" if fits else "careful", voice.say(key, said=said, came=came))


def _spread(passport: Passport, voice: Voice) -> Iterator[Point]:
    """Say that the probabilities were too timid or too bold on the test, where that is more than chance."""
    slope = passport.test.metrics.get("calibration_slope")
    if slope is None or slope.value is None or slope.low is None or slope.high is None or slope.low <= 1 <= slope.high:
        return
    told = {name: voice.numbers.decimal(getattr(slope, name), 2) for name in ("low", "high")}
    yield Point(
        "careful",
        voice.say(
            "trust_timid" if slope.low > 1 else "trust_bold", slope=voice.numbers.decimal(slope.value, 2), **told
        ),
    )


def _drift(evidence: Evidence, voice: Voice) -> Point:
    moved = drifted(evidence, voice)
    if not moved:
        return Point("good", voice.words["trust_drift_none"])
    names = ", ".join(moved[:3]) + (" …" if len(moved) > 3 else "")
    return Point("careful", voice.say("trust_drift", n=len(moved), names=names))


def drifted(evidence: Evidence, voice: Voice) -> list[str]:
    """Return the names of the parts that moved much, beyond chance and season."""
    moved = [one.part for one in evidence.moves if one.part and one.psi > MUCH + one.chance]
    return [voice.labels.part(part) for part in moved if not voice.labels.is_season(part)]


def _leaks(evidence: Evidence, passport: Passport, voice: Voice) -> Iterator[Point]:
    grave = leaks.grave(evidence.suspicions)
    for one in evidence.suspicions[:MOST_LEAKS]:
        if one in grave:
            yield Point("bad", f"{leaks.found(one, voice)} {voice.words['trust_leak']}")
        else:
            yield Point("careful", leaks.with_mend(one, voice))
    reached = passport.test.metrics.get("roc_auc")
    if grave:
        return
    if reached is not None and reached.value is not None and reached.value >= TOO_GOOD:
        yield Point("careful", voice.say("trust_too_good", auc=voice.numbers.decimal(reached.value, 2)))
    elif not evidence.suspicions:
        yield Point("good", voice.words["trust_no_leak"])
