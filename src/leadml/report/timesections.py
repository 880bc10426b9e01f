"""The sections on the delay to a conversion, and on the rate by month."""

from leadml.report import timeplots
from leadml.report.evidence import Evidence
from leadml.report.figures import Figure, Table
from leadml.report.timefacts import Delay, Month
from leadml.report.voice import Voice


def delay(evidence: Evidence, horizon_days: int | None, voice: Voice) -> Figure | None:
    """Return how long conversions take, and what each horizon costs; None where too few dates say so."""
    facts, words, numbers = evidence.delay, voice.words, voice.numbers
    if facts is None:
        return None
    rows = [
        [
            _horizon(one.days, horizon_days, voice, proposed=one.proposed),
            voice.within(numbers.percent(one.in_time.value), voice.percent_span(one.in_time)),
            f"{numbers.count(one.rate.n)} ({numbers.percent(one.matured)})",
            numbers.count(one.rate.converted),
        ]
        for one in facts.horizons
    ]
    headers = [words[key] for key in ("horizon", "in_time", "old_enough", "conversions")]
    strong = frozenset(i for i, one in enumerate(facts.horizons) if one.days == horizon_days)
    table = Table(words["horizons_caption"], headers, rows, strong=strong)
    picture = timeplots.delay(facts, horizon_days, voice)
    return Figure("delay", words["delay_title"], picture, _told(facts, horizon_days, voice), table)


def _horizon(days: int, own: int | None, voice: Voice, *, proposed: bool) -> str:
    name = voice.say("days_own" if days == own else "days", n=days)
    return f"{name}, {voice.words['proposed']}" if proposed else name


def _told(facts: Delay, horizon_days: int | None, voice: Voice) -> str:
    """Return the caption: how many convert, how fast, whether more will, and what the horizon costs."""
    numbers = voice.numbers
    told = [voice.say("delay_caption", **timeplots.delay_words(facts, voice))]
    flat = numbers.count(round(facts.flat_days))
    if facts.levelled_off:
        told.append(voice.say("delay_levelled", flat=flat, chance=numbers.rate(max(facts.chance, 0.0001))))
    else:
        told.append(voice.words["delay_rising"])
    own = next((one for one in facts.horizons if one.days == horizon_days), None)
    if own is not None:
        share, matured = numbers.percent(own.in_time.value), numbers.percent(own.matured)
        told.append(voice.say("delay_cost", days=own.days, share=share, matured=matured))
    return " ".join(told)


def months(evidence: Evidence, voice: Voice) -> Figure | None:
    """Return the conversion rate by month; None without dates."""
    words = voice.words
    if not evidence.months:
        return None
    young = any(one.is_young for one in evidence.months)
    rows = [_month(one, voice, young=young) for one in evidence.months]
    keys = ("month", "part", "leads", "rate_interval", *(("rate_so_far", "ripe") if young else ()))
    table = Table(words["months_title"], [words[key] for key in keys], rows, left=frozenset({0, 1}))
    caption = words["months_caption"] + (f" {words['months_young']}" if young else "")
    return Figure("months", words["months_title"], timeplots.months(evidence.months, voice), caption, table)


def _month(one: Month, voice: Voice, *, young: bool) -> list[str]:
    numbers, so_far, span = voice.numbers, one.so_far or one.rate, one.best
    cells = [
        numbers.month(one.label),
        voice.words[f"part_{one.part}"],
        numbers.count(so_far.n if one.is_young else one.rate.n),
        voice.within(numbers.percent(span.value, 1), voice.rate_span(span)),
    ]
    return [*cells, numbers.percent(so_far.interval.value, 1), numbers.percent(one.ripe)] if young else cells
