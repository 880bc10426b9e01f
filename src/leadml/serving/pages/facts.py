"""What is to be known of the model that serves: its data, its fields, its limits, and what is odd about it today."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from leadml.leads.schema import AXES
from leadml.model.bundle import Bundle, Passport
from leadml.serving.pages.frame import Speech

if TYPE_CHECKING:
    from leadml.report.evidence import Evidence
    from leadml.report.voice import Voice

ENOUGH = 50  # leads scored today, before their grades tell anything
MUCH = 2.0  # times the usual share of the best grade
STALE = 180  # days since the newest lead that it learned from
UNUSED = 90  # days of final outcomes that it could have learned from
DAY = 24 * 3600
AVOID = ("legal", "alone", "causes", "other_population", "people")


def moment(stamp: str) -> float:
    """Return seconds since 1970 of a day or a moment of it; naive times are UTC."""
    at = datetime.fromisoformat(stamp)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def notices(request: Request, speech: Speech) -> list[tuple[str, str, str]]:
    """Return what speaks for a look at the model now, as (kind of notice, title, text)."""
    champion = request.app.state.champion
    passport = champion.current.bundle.passport
    found = []
    if not passport.promoted:
        found.append(("error", *_told("unproven", speech)))
    if champion.refused is not None:
        found.append(("warning", *_told("refused", speech)))
    found += [("warning", *told) for told in _unusual(request, passport, speech)]
    found += [("warning", *told) for told in _stale(passport, datetime.now(UTC).timestamp(), speech)]
    return found


def _told(key: str, speech: Speech, **values: object) -> tuple[str, str]:
    return speech.say(f"notice_{key}_title", **values), speech.say(f"notice_{key}", **values)


def _unusual(request: Request, passport: Passport, speech: Speech) -> Iterator[tuple[str, str]]:
    """Say so where far more leads than usual got the best grade today."""
    counts: Mapping[str, int] = request.app.state.metrics.today()
    letters = usual(passport)
    best = next(iter(letters))
    n, share = sum(counts.values()), letters[best]
    own = counts.get(best, 0) / n if n else 0.0
    if n >= ENOUGH and own > MUCH * share:
        numbers = speech.numbers
        yield _told(
            "unusual", speech, grade=best, share=numbers.percent(own), n=numbers.count(n), usual=numbers.percent(share)
        )


def usual(passport: Passport) -> dict[str, float]:
    """Return the usual share of each grade, the best first: the scores of the reference are spread evenly."""
    floors = sorted(passport.grades.items(), key=lambda item: -item[1])
    ends = [101, *(floor for _, floor in floors)]
    shares = {letter: (end - floor) / 100 for (letter, floor), end in zip(floors, ends, strict=False)}
    return shares | {"D": (ends[-1] - 1) / 100}


def _stale(passport: Passport, now: float, speech: Speech) -> Iterator[tuple[str, str]]:
    """Say so where the newest lead is old, also after the time that an outcome takes to be final."""
    newest = passport.trained_until or passport.created
    horizon = (passport.horizon_days or 0) if passport.trained_until else 0
    if now - moment(newest) > max(STALE, horizon + UNUSED) * DAY:
        key = "stale" if passport.trained_until else "stale_undated"
        yield _told(key, speech, ago=speech.ago(moment(newest), now))


def today(request: Request, speech: Speech) -> list[dict[str, Any]]:
    """Return the leads scored today by grade, with the share that is usual; nothing where there are none."""
    counts: Mapping[str, int] = request.app.state.metrics.today()
    n = sum(counts.values())
    numbers = speech.numbers
    shares = usual(request.app.state.champion.current.bundle.passport)
    return [
        {
            "grade": grade,
            "n": numbers.count(counts.get(grade, 0)),
            "width": f"{100 * counts.get(grade, 0) / n:.1f}",
            "share": numbers.percent(counts.get(grade, 0) / n),
            "usual": numbers.percent(share),
        }
        for grade, share in shares.items()
        if n
    ]


def data(bundle: Bundle, evidence: "Evidence | None", voice: "Voice", speech: Speech) -> list[tuple[str, str]]:
    """Return what it learned from, as names and values."""
    passport, numbers = bundle.passport, voice.numbers
    days = passport.horizon_days
    rows = [
        ("fact_horizon", speech.say("horizon_none") if days is None else speech.some("horizon", days)),
        (
            "fact_learned",
            speech.say("learned", n=numbers.count(passport.n_leads), won=numbers.count(passport.n_converted)),
        ),
    ]
    if evidence is not None:
        rows.append(("fact_table", evidence.name))
    if evidence is not None and evidence.older.first is not None:
        rows.append(("fact_period", f"{numbers.day(evidence.older.first)} – {numbers.day(passport.trained_until)}"))
    elif passport.trained_until is not None:
        rows.append(("fact_newest", numbers.day(passport.trained_until)))
    role, outcomes = bundle.schema.roles.outcome, bundle.schema.outcomes
    if role and outcomes.converted:
        rows.append(("fact_bought", f"{role} = {', '.join(outcomes.converted)}"))
    rows += [
        ("fact_trained", numbers.day(passport.created)),
        ("fact_family", voice.known(f"family_{passport.recipe.family}", passport.recipe.family)),
    ]
    return [(speech.say(key), value) for key, value in rows]


def reads(bundle: Bundle, evidence: "Evidence | None", voice: "Voice") -> list[dict[str, Any]]:
    """Return the fields by axis, those that matter most first, each with its weight in percent of the greatest."""
    fields = {part.name: part.field for part in bundle.schema.parts}
    axes = {field.name: field.axis for field in bundle.schema.fields}
    known = {one.part: one.importance for one in evidence.terms} if evidence else {}
    weights: dict[str, float] = {}
    for term in bundle.scorecard.terms:
        name = fields[term.part]
        weights[name] = weights.get(name, 0.0) + known.get(term.part, 0.0)
    most = max(weights.values(), default=0.0) or 1.0
    ordered = sorted(weights, key=lambda name: -weights[name])
    rows = []
    for axis in AXES:
        own = [name for name in ordered if axes[name] == axis]
        listed = [(voice.labels.field(name), f"{100 * weights[name] / most:.1f}") for name in own]
        title = voice.words[f"axis_{axis}"]
        rows.append({"axis": axis, "title": title, "fields": listed, "weighed": bool(known)})
    return [row for row in rows if row["fields"] or row["axis"] != "other"]


def avoid(voice: "Voice", speech: Speech) -> list[str]:
    """Return what it must not be used for."""
    return [*(voice.words[f"avoid_{key}"] for key in AVOID), speech.say("avoid_protected")]
