"""The sections on what the model reached: pictures and tables from the evidence, in one language."""

from collections.abc import Sequence

from leadml.model.bundle import Interval, Passport, Test
from leadml.report import plots
from leadml.report.evidence import Evidence
from leadml.report.figures import Figure, Table
from leadml.report.voice import Voice

SHARES = ("capture_at", "brier", "precision_at")  # metrics that are written as percentages, but for brier


def calls(evidence: Evidence, voice: Voice) -> list[Figure]:
    """Return the gains and lift curves."""
    table = _gains_table(evidence, voice)
    lift = _lift_table(evidence, voice)
    captions = voice.words["gains_caption"], voice.words["lift_caption"]
    return [
        Figure("gains", voice.words["gains_title"], plots.gains(evidence, voice), captions[0], table),
        Figure("lift", voice.words["lift_title"], plots.lift(evidence, voice), captions[1], lift),
    ]


def _rule_names(evidence: Evidence, voice: Voice) -> list[str]:
    return [voice.labels.rule(name) for name in evidence.rules()]


def _gains_table(evidence: Evidence, voice: Voice) -> Table:
    numbers, words = voice.numbers, voice.words
    rows = []
    for i in range(5, 101, 5):
        one = evidence.gains.model[i]
        rules = [numbers.percent(found[i]) for found in evidence.rules().values()]
        rows.append([numbers.percent(i / 100), numbers.percent(one.value), voice.percent_span(one), *rules])
    headers = [words["leads_called"], words["this_model"], words["interval"], *_rule_names(evidence, voice)]
    return Table(words["gains_title"], headers, rows)


def _lift_table(evidence: Evidence, voice: Voice) -> Table:
    numbers, words = voice.numbers, voice.words
    rows = []
    for i in (2, 5, 10, 15, 20, 30, 40, 50, 75, 100):
        one, share = evidence.gains.model[i], i / 100
        span = Interval(*(None if x is None else x / share for x in (one.value, one.low, one.high)))
        rules = [numbers.decimal(found[i] / share, 1) for found in evidence.rules().values()]
        cells = [numbers.percent(share), numbers.decimal(span.value, 1), voice.decimal_span(span, 1), *rules]
        rows.append(cells)
    headers = [words["leads_called"], words["this_model"], words["interval"], *_rule_names(evidence, voice)]
    return Table(words["lift_title"], headers, rows)


def depths(evidence: Evidence, voice: Voice) -> Table:
    """Return what calling the first leads would have meant, by depth."""
    numbers, words = voice.numbers, voice.words
    rules = _rule_names(evidence, voice)[:1]
    won, rows, strong = evidence.test.rate.converted, [], set()
    for i, depth in enumerate(evidence.depths):
        name = voice.say("depth_capacity" if depth.is_capacity else "depth", share=numbers.percent(depth.share))
        best = [numbers.percent(depth.rules[rule]) for rule in list(evidence.rules())[:1]]
        rows.append(
            [
                name,
                numbers.count(depth.calls),
                numbers.count((depth.capture.value or 0.0) * won),
                voice.within(numbers.percent(depth.capture.value), voice.percent_span(depth.capture)),
                voice.rate(depth.precision),
                *best,
            ]
        )
        if depth.share == 0.2:
            strong.add(i)
    headers = [words[k] for k in ("depth_head", "calls_head", "found_head", "capture_head", "precision_head")]
    heads = [*headers, *(voice.say("rule_head", rule=rule) for rule in rules)]
    return Table(words["depths_caption"], heads, rows, strong=frozenset(strong))


def grades(evidence: Evidence, voice: Voice) -> Table:
    """Return what became of the test leads of each grade."""
    numbers, words = voice.numbers, voice.words
    rows = []
    for one in evidence.grades:
        span = one.rate.interval
        rows.append(
            [
                one.grade,
                numbers.count(one.rate.n),
                numbers.count(one.rate.converted),
                voice.rate(span),
                numbers.rate(one.expected),
            ]
        )
    headers = [words[k] for k in ("grade", "leads", "conversions", "rate_interval", "expected")]
    return Table(words["grades_caption"], headers, rows)


def board(evidence: Evidence, passport: Passport, voice: Voice) -> Figure:
    """Return the leaderboard with the simple rules."""
    numbers, words = voice.numbers, voice.words
    rows: list[list[str]] = []
    points: list[tuple[str, Interval, bool]] = []
    strong = set()
    for i, one in enumerate(evidence.leaderboard):
        name = voice.known(f"family_{one.family}", one.title)
        auc = one.test.get("roc_auc", Interval(None, None, None))
        points.append((name, auc, one.chosen))
        if one.chosen:
            strong.add(i)
        status = words["chosen"] if one.chosen else words["ships"] if one.ships else words["yardstick"]
        cells = [numbers.decimal(one.fold_loss, 4), numbers.decimal(one.fold_roc_auc, 3)]
        rows.append([name, status, *cells, *_reached(one.test, voice)])
    for rule, reached in passport.test.naive.items():
        name = voice.labels.rule(rule)
        points.append((name, reached.get("roc_auc", Interval(None, None, None)), False))
        rows.append([name, words["simple_rule"], "–", "–", *_reached(reached, voice)])
    headers = [words[k] for k in ("candidate", "status", "fold_loss", "fold_auc")]
    headers += [voice.known(f"metric_{name}", name) for name in BOARD]
    table = Table(words["board_title"], headers, rows, left=frozenset({0, 1}), strong=frozenset(strong))
    picture = plots.board(points, voice)
    return Figure("board", words["board_title"], picture, words["board_caption"], table)


BOARD = ("roc_auc", "capture_at_20pct", "lift_at_10pct", "average_precision", "log_loss")


def _reached(metrics: dict[str, Interval], voice: Voice) -> list[str]:
    return [metric(name, metrics[name], voice) if name in metrics else "–" for name in BOARD]


def metric(name: str, one: Interval, voice: Voice) -> str:
    """Return a metric with its interval, written as fits it."""
    if name.startswith(("capture_at", "precision_at")):
        return voice.rate(one)
    digits = 1 if name.startswith("lift") else 2 if name == "calibration_slope" else 3
    signed = name == "calibration_intercept"
    value = voice.numbers.decimal(one.value, digits, signed=signed)
    return voice.within(value, voice.decimal_span(one, digits, signed=signed))


def metrics(test: Test, voice: Voice) -> Table:
    """Return every metric of the test with what it means."""
    words = voice.words
    rows = [
        [voice.known(f"metric_{name}", name), metric(name, one, voice), voice.known(f"meaning_{name}", "")]
        for name, one in test.metrics.items()
    ]
    base = voice.numbers.percent(test.base_rate, 1)
    rows.insert(0, [words["base_rate"], base, words["meaning_base_rate"]])
    headers = [words["metric"], words["value_interval"], words["meaning"]]
    return Table(words["metrics_caption"], headers, rows, left=frozenset({0, 2}))


def calibration(evidence: Evidence, voice: Voice) -> Figure:
    """Return the reliability diagram."""
    numbers, words = voice.numbers, voice.words
    rows = [
        [
            numbers.percent(expected, 1),
            voice.within(numbers.percent(rate.interval.value, 1), voice.rate_span(rate.interval)),
            numbers.count(rate.n),
            numbers.count(rate.converted),
        ]
        for expected, rate in evidence.reliability.bins
    ]
    headers = [words[k] for k in ("probability_axis", "rate_interval", "leads", "conversions")]
    picture = plots.calibration(evidence.reliability, voice)
    table = Table(words["calibration_title"], headers, rows)
    return Figure("calibration", words["calibration_title"], picture, words["calibration_caption"], table)


def glass_box(evidence: Evidence, voice: Voice) -> Figure | None:
    """Return what the scorecard gains or loses against boosted trees; None where they did not compete."""
    words, found = voice.words, evidence.glass_box
    if not found:
        return None
    rows = []
    for name, one in found.items():
        digits = 3 if name != "log_loss" else 4
        value = voice.numbers.decimal(one.value, digits, signed=True)
        rows.append([voice.known(f"metric_{name}", name), value, voice.decimal_span(one, digits, signed=True)])
    table = Table(words["glass_title"], [words["metric"], words["glass_difference"], words["interval"]], rows)
    return Figure("glass", words["glass_title"], plots.differences(found, voice), words["glass_caption"], table)


def glass_verdict(evidence: Evidence, voice: Voice) -> str:
    """Return the price of the glass box in a sentence."""
    found = (evidence.glass_box or {}).get("log_loss")
    if found is None or found.value is None:
        return voice.words["glass_none"]
    auc = (evidence.glass_box or {}).get("roc_auc", found)
    key = "glass_even"
    if found.low is not None and found.high is not None and not found.low <= 0 <= found.high:
        key = "glass_wins" if found.value < 0 else "glass_loses"
    value = voice.numbers.decimal(auc.value, 3, signed=True)
    return voice.say(key, auc=voice.within(value, voice.decimal_span(auc, signed=True)))


def checks(evidence: Evidence, voice: Voice) -> Table:
    """Return the conditions of the gate."""
    words, numbers = voice.words, voice.numbers
    rows = [
        [
            words[f"gate_{check.gate}"],
            voice.known(f"metric_{check.name}", check.name),
            numbers.decimal(check.value, 3, signed=True),
            numbers.decimal(check.bound, 3, signed=True),
            numbers.decimal(check.limit, 3, signed=True),
            words["yes" if check.passed else "no"],
        ]
        for check in evidence.checks
    ]
    headers = [words[k] for k in ("gate", "metric", "measured", "bound", "limit", "passed")]
    return Table(words["checks_caption"], headers, rows, left=frozenset({0, 1, 5}))


def pairs(caption: str, headers: Sequence[str], rows: Sequence[tuple[str, str]]) -> Table:
    """Return a table of names and values in words."""
    return Table(caption, headers, [list(row) for row in rows], left=frozenset({0, 1}))
