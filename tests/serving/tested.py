"""What a training of the hand-made bundle would have found."""

from msgspec.structs import replace

from leadml.model.bundle import Bundle, Interval
from leadml.model.scorecard import LinearTerm, Term
from leadml.report.evidence import (
    Depth,
    Evidence,
    Flow,
    Gains,
    GradeFacts,
    Period,
    Reliability,
    TermFacts,
    to_json,
)
from leadml.report.rates import Rate

SHARES = tuple(i / 100 for i in range(101))


def with_test(bundle: Bundle) -> Bundle:
    """Return a bundle with evidence: two test leads by score, and from 65 on one of them converted."""
    by_score = tuple(Rate(2, int(score > 64)) for score in range(1, 101))
    return replace(bundle, evidence=to_json(replace(evidence_of(bundle), by_score=by_score)))


def evidence_of(bundle: Bundle) -> Evidence:
    """Return evidence that belongs to a bundle's model: gains that rise as the square root."""
    passport = bundle.passport
    curve = tuple(Interval(s**0.5, max(s**0.5 - 0.1, 0.0), min(s**0.5 + 0.1, 1.0)) for s in SHARES)
    weights = [0.6 - 0.07 * i for i in range(len(bundle.scorecard.terms))]
    return Evidence(
        model_version=passport.model_version,
        created=passport.created,
        data_digest=passport.data_digest,
        name="crm-export",
        as_of=passport.as_of,
        outcome="status",
        dated=True,
        grouped=False,
        flow=Flow(1200, 0, 0, 200, 5, 0, 1000, 0, 0, 0),
        older=Period(Rate(800, 144), "2025-01-01", "2026-03-01"),
        test=Period(Rate(passport.test.n, passport.test.n_converted), "2026-03-02", "2026-08-01"),
        checks=(),
        gains=Gains(SHARES, curve, {"newest first": SHARES}),
        depths=(Depth(0.1, 20.0, curve[10], Interval(0.5, 0.3, 0.7), {"newest first": 0.1}),),
        grades=(
            GradeFacts("A", Rate(20, 12), 0.55),
            GradeFacts("B", Rate(40, 12), 0.31),
            GradeFacts("C", Rate(60, 8), 0.15),
            GradeFacts("D", Rate(80, 4), 0.05),
        ),
        reliability=Reliability(
            ((0.05, Rate(100, 6)), (0.3, Rate(100, 30))), ((0.0, 0.05), (0.5, 0.4)), (5, 3), 0.5, 0.18
        ),
        leaderboard=(),
        glass_box=None,
        terms=tuple(_facts(term, weight) for term, weight in zip(bundle.scorecard.terms, weights, strict=True)),
        axes=(),
        delay=None,
        moves=(),
        months=(),
        unused=(),
        suspicions=(),
        segments=(),
        notes=(),
        calibrated="slope",
        calibration_conversions=144,
        replicates=200,
        seed=1,
    )


def _facts(term: Term, weight: float) -> TermFacts:
    n = len(term.marks) + 2 if isinstance(term, LinearTerm) else len(term.table)
    return TermFacts(term.part, weight, (40,) * n, (7,) * n, (0.1,) * n)
