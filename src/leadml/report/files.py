"""The files of a report: the pages for people, and their numbers for programs such as DVC."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from leadml.errors import BundleError, OutputError
from leadml.leads.schema import Language
from leadml.model.bundle import Bundle
from leadml.report.card import render_card
from leadml.report.evidence import Evidence, from_json, read, to_json
from leadml.report.page import render_report

REPORT, CARD, METRICS = "report.html", "model-card.html", "metrics.json"
CURVES, EVIDENCE = "curves", "evidence"


def evidence_path(folder: Path, model_version: str) -> Path:
    """Return where the evidence of a version is kept, under the folder of reports."""
    return folder / EVIDENCE / f"{model_version}.json"


def find_evidence(bundle: Bundle, folder: Path | None) -> Evidence | None:
    """Return the evidence of a model: its bundle's own, else what the folder of reports keeps; None without either."""
    found = None if bundle.evidence is None else from_json(bundle.evidence)
    if found is None and folder is not None:
        found = read(evidence_path(folder, bundle.passport.model_version))
    return found if found is not None and found.is_of(bundle.passport) else None  # numbers may be used again


def tested_evidence(bundle: Bundle, folder: Path | None) -> Evidence:
    """Return the evidence of a model with its test by score; raises BundleError where it does not carry it."""
    evidence = find_evidence(bundle, folder)
    if evidence is None or not evidence.by_score:
        raise BundleError("the model must carry its test by score, but does not; train again with this version")
    return evidence


def tested_by_score(bundle: Bundle, folder: Path | None) -> list[tuple[int, int]]:
    """Return (leads, conversions) of a model's test by score, from 1; raises BundleError where it carries none."""
    return [(rate.n, rate.converted) for rate in tested_evidence(bundle, folder).by_score]


def write_files(folder: Path, bundle: Bundle, evidence: Evidence, language: Language) -> list[Path]:
    """Write the report of a training under a folder and return the files, the report first.

    ``report.html``, ``model-card.html``, ``metrics.json`` and ``curves/*.csv`` are those of the latest training;
    ``evidence/<version>.json`` is kept for each. Raises OutputError.
    """
    texts = {
        folder / REPORT: render_report(bundle, evidence, language),
        folder / CARD: render_card(bundle, evidence, language),
        folder / METRICS: metrics(bundle).decode(),
        evidence_path(folder, evidence.model_version): to_json(evidence).decode(),
    }
    texts |= {folder / CURVES / f"{name}.csv": _csv(list(rows)) for name, rows in tables(evidence).items()}
    return [write_text(path, text) for path, text in texts.items()]


def write_text(path: Path, text: str) -> Path:
    """Write a file, whole or not at all; raises OutputError."""
    half = path.with_name(f".{path.name}.half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(text, encoding="utf-8", newline="\n")
        half.replace(path)
    except OSError as error:
        raise OutputError(f"{path} must be a file that can be written, got: {error}") from None
    return path


def metrics(bundle: Bundle) -> bytes:
    """Return the test metrics as JSON, each as value, low and high."""
    passport = bundle.passport
    test = passport.test
    flat: dict[str, Any] = {
        "n": test.n,
        "n_converted": test.n_converted,
        "base_rate": test.base_rate,
        "promoted": passport.promoted,
        **msgspec.to_builtins(test.metrics),
    }
    return msgspec.json.format(msgspec.json.encode(flat), indent=1) + b"\n"


Row = dict[str, Any]


def tables(evidence: Evidence) -> dict[str, Iterator[Row]]:
    """Return the curves as tidy tables: ``gains``, ``calibration``, ``drift`` and ``months``."""
    return {
        "gains": _gains(evidence),
        "calibration": _calibration(evidence),
        "drift": ({"part": one.part or "(score)", "psi": one.psi, "chance": one.chance} for one in evidence.moves),
        "months": _months(evidence),
    }


def _gains(evidence: Evidence) -> Iterator[Row]:
    """Yield share, model, low, high, lift, and one column per simple rule."""
    for i, (share, one) in enumerate(zip(evidence.gains.shares, evidence.gains.model, strict=True)):
        lift = one.value / share if share and one.value is not None else None
        rules = {name: found[i] for name, found in evidence.gains.rules.items()}
        yield {"share": share, "model": one.value, "low": one.low, "high": one.high, "lift": lift, **rules}


def _calibration(evidence: Evidence) -> Iterator[Row]:
    for expected, rate in evidence.reliability.bins:
        span = rate.interval
        yield {"probability": expected, "rate": span.value, "low": span.low, "high": span.high, "n": rate.n}


def _months(evidence: Evidence) -> Iterator[Row]:
    for one in evidence.months:
        span, so_far, expected = one.rate.interval, one.so_far or one.rate, one.expected or one.rate.interval
        yield {
            "month": one.label,
            "part": one.part,
            "rate": span.value,
            "low": span.low,
            "high": span.high,
            "n": one.rate.n,
            "n_so_far": so_far.n,
            "rate_so_far": so_far.interval.value,
            "ripe": one.ripe,
            "expected": expected.value,
            "expected_low": expected.low,
            "expected_high": expected.high,
        }


def _csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()
