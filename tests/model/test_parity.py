"""One dict = pandas frame = Arrow batches, bit for bit, whatever form a value comes in."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadml.errors import DataError
from leadml.leads.reading import values_array
from leadml.leads.schema import AXES
from leadml.model.axes import SCORES
from leadml.model.bundle import Bundle
from leadml.model.scorer import ScoredLead, Scorer

CUTS = (1.0, 4.0, 20_000.0, 90_000.0, 45_000.0)
NEAR = [*CUTS, *np.nextafter(CUTS, -np.inf).tolist(), *np.nextafter(CUTS, np.inf).tolist()]
NOTHING = st.sampled_from([None, float("nan"), pd.NA, pd.NaT, "", " ", "n/a", "unknown", "Keine Angabe", "-"])
NUMBERS = (
    st.sampled_from([*NEAR, 0.0, -0.0, 5e-324, 1e300, -1e300, 1e15, 2**53 + 1, 2**63, 10**30])
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_infinity=False)
    | st.booleans()
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
)
BAD_NUMBERS = st.sampled_from(
    ["abc", "1,5", "inf", "-Infinity", float("inf"), "1e400", "1_0", "0x1", "１", "+-1", "nan(1)"]
)
WORDS = st.text(max_size=6) | st.sampled_from(["web", " WEB ", "Web", "new one", "7", "7.0", "ß", "É"])
DATES = (
    st.dates(dt.date(1, 1, 2), dt.date(9999, 12, 30))
    | st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30))
    | st.datetimes(
        dt.datetime(1990, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.timezone(dt.timedelta(hours=2)))
    )
)
DATE_TEXTS = DATES.map(lambda d: d.isoformat()) | st.sampled_from(
    ["2026-01-31 09:30", "2026-01-31T09:30:15Z", " 2026-01-31 "]
)
BAD_DATES = st.sampled_from(["31.01.2026", "2026-02-30", "soon", "20260131", "0000-01-01", "2026-01-31T24:00:00"])
EMAILS = st.emails() | st.sampled_from(
    [
        *("a@gmail.com", "A@GMAIL.com ", "x@acme.de", "a b@acme.de", "a@b@acme.de", "@acme.de", "x@acme", "x@acme.1"),
        *("ü@acme.de", "x@ácme.de", "x@yahoo.co.uk", "x@yahoo.example", "x@-a.de", "x@a-.de", "x@a..de", "x@acme.de."),
        *("x\n@acme.de", "x\u00a0y@acme.de", "x@" + "a." * 130 + "de", "x@gmx.acme.de", "x@k.a", "x@acme.co_m", "no"),
    ]
)
PEOPLE = st.sampled_from(["CEO", "Head of Sales", " head of sales", "Vertriebsleiter", "zzz", "n/a"]) | st.text(
    max_size=8
)
COUNTRIES = st.sampled_from(["DE", "Germany", "deutschland", "NA", "n/a", "Atlantis", "USA"])
FLAGS = st.sampled_from(["yes", "No", "TRUE", "0", "1.0", "ja", True, False, 1, 0, 1.0])
LEADS = st.fixed_dictionaries(
    {},
    optional={
        "lead_id": st.text(max_size=4) | st.integers(0, 10**9) | st.none(),
        "created_at": DATES | DATE_TEXTS | NOTHING,
        "visits": NUMBERS | NUMBERS.map(str) | NOTHING,
        "income": NUMBERS | NUMBERS.map(str) | NOTHING,
        "source": WORDS | NOTHING | st.integers(5, 8) | st.floats(5, 8) | st.booleans(),
        "newsletter": FLAGS | NOTHING,
        "country": COUNTRIES | NOTHING,
        "job_title": PEOPLE | NOTHING,
        "email": EMAILS | NOTHING,
        "last_call": DATES | DATE_TEXTS | NOTHING,
    },
)
FAULTY = st.fixed_dictionaries(
    {},
    optional={
        "created_at": BAD_DATES | DATE_TEXTS,
        "visits": BAD_NUMBERS | NUMBERS.map(str),
        "newsletter": st.sampled_from(["yes", "perhaps", "2"]),
        "last_call": BAD_DATES | DATE_TEXTS,
    },
)
Lead = dict[str, Any]


@pytest.fixture(scope="module")
def scorer(module_bundle: Bundle) -> Scorer:
    return Scorer(module_bundle)


def numbers_of(lead: ScoredLead) -> tuple[float, ...]:
    return (lead.logit, lead.probability, lead.interest, lead.ability, lead.authority, lead.other)


def axes_of(lead: ScoredLead) -> tuple[int | str | None, ...]:
    return (lead.interest_score, lead.ability_score, lead.authority_score, lead.summary)


def one_by_one(scorer: Scorer, leads: Sequence[Lead]) -> tuple[list[ScoredLead | None], list[set[str | None]]]:
    """Return each lead's score, None where it is refused, and the columns that it is refused for."""
    scored: list[ScoredLead | None] = []
    faults: list[set[str | None]] = []
    for lead in leads:
        try:
            scored.append(scorer.score_one(lead))
            faults.append(set())
        except DataError as error:
            scored.append(None)
            faults.append({fault.column for fault in error.faults})
    return scored, faults


def check(scorer: Scorer, table: pa.Table, leads: Sequence[Lead], *, ids: bool = True) -> None:
    """A table scores and faults exactly like its leads one by one."""
    alone, faults = one_by_one(scorer, leads)
    batch = scorer.score_batch(table)
    found: list[set[str | None]] = [set() for _ in leads]
    for fault in batch.rejected:
        assert fault.line is not None
        found[fault.line - 1].add(fault.column)
    assert found == faults
    rows = batch.table(table, as_of="2026-11-01T00:00:00Z").to_pylist()
    plain = scorer.score_batch(table, reasons=False)
    assert (plain.known == batch.known).all(), "what is known does not hang on the reasons"
    for row, lead in zip(rows, alone, strict=True):
        if lead is None:
            continue
        assert tuple(row[name] for name in ("logit", "probability", *AXES)) == numbers_of(lead)
        assert (row["score"], row["grade"], row["base"]) == (lead.score, lead.grade, lead.base)
        assert tuple(row[name] for name in (*SCORES, "summary")) == axes_of(lead)
        assert [reason["text"] for reason in row["reasons"]] == [reason.text for reason in lead.reasons]
        assert [r["contribution"] for r in row["reasons"]] == [r.contribution for r in lead.reasons]
        assert abs(lead.base + lead.interest + lead.ability + lead.authority + lead.other - lead.logit) < 1e-9
        if ids:
            assert row["lead_id"] == lead.lead_id


def rows_table(leads: Sequence[Lead], names: Sequence[str]) -> pa.Table:
    return pa.table({name: values_array([lead.get(name) for lead in leads]) for name in names})


def names_in(leads: Sequence[Lead]) -> list[str]:
    return sorted({"lead_id"}.union(*leads))


@given(st.lists(LEADS, min_size=1, max_size=6))
def test_dicts_and_rows(scorer: Scorer, leads: list[Lead]) -> None:
    check(scorer, rows_table(leads, names_in(leads)), leads)


@given(st.lists(FAULTY, min_size=1, max_size=6))
def test_faults_are_the_same(scorer: Scorer, leads: list[Lead]) -> None:
    check(scorer, rows_table(leads, names_in(leads)), leads)
    table = rows_table(leads, names_in(leads))
    check(
        scorer, pa.table({n: table.column(n).combine_chunks().dictionary_encode() for n in table.column_names}), leads
    )


@given(st.lists(LEADS, min_size=1, max_size=6))
def test_dicts_and_pandas(scorer: Scorer, leads: list[Lead]) -> None:
    names = names_in(leads)
    columns = {name: pd.Series([lead.get(name) for lead in leads], dtype=object) for name in names}
    frame = pd.DataFrame(columns)
    alone, _ = one_by_one(scorer, leads)
    if any(lead is None for lead in alone):
        with pytest.raises(DataError):
            scorer.score(frame)
        return
    scored = scorer.score(frame)
    for row, lead in zip(scored.to_dict("records"), alone, strict=True):
        assert lead is not None
        assert tuple(row[name] for name in ("logit", "probability", *AXES)) == numbers_of(lead)
        assert tuple(None if pd.isna(row[name]) else row[name] for name in (*SCORES, "summary")) == axes_of(lead)
    assert scored.dtypes[list(SCORES)].astype(str).tolist() == ["Int64"] * 3


@given(st.lists(LEADS, min_size=1, max_size=6))
def test_text_in_every_form(scorer: Scorer, leads: list[Lead]) -> None:
    """What a CSV would hold: all text, plain or as dictionaries, in one batch or in several."""
    texts = [{name: None if pd.isna(value) else str(value) for name, value in lead.items()} for lead in leads]
    names = names_in(texts)
    columns = {name: [lead.get(name) for lead in texts] for name in names}
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        check(scorer, pa.table({name: pa.array(values, kind) for name, values in columns.items()}), texts)
    plain = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    check(scorer, pa.table({name: plain.column(name).dictionary_encode() for name in names}), texts)
    if leads:
        check(scorer, pa.concat_tables([plain.slice(0, 1), plain.slice(1)]), texts)


@pytest.mark.parametrize(
    "kind", ["int8", "int16", "int32", "int64", "uint8", "uint64", "float16", "float32", "float64"]
)
@given(values=st.lists(st.integers(0, 100) | st.none(), min_size=1, max_size=8))
def test_number_types(scorer: Scorer, kind: str, values: list[int | None]) -> None:
    exact = [None if v is None else float(v) if "float" in kind else v for v in values]
    array = pa.array(exact).cast(getattr(pa, kind)())
    leads = [{"visits": v, "income": v, "source": v} for v in exact]
    check(scorer, pa.table({"visits": array, "income": array, "source": array}), leads)
    if kind != "float16":
        check(scorer, pa.table({"visits": array.dictionary_encode(), "income": array, "source": array}), leads)


@given(st.lists(st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)) | st.none(), min_size=1, max_size=8))
@example([dt.datetime(1969, 12, 31, 23, 59, 59, 999999)])
def test_date_types(scorer: Scorer, moments: list[dt.datetime | None]) -> None:
    created = "2026-05-01T12:00:00"
    leads: list[Lead] = [{"created_at": created, "last_call": moment} for moment in moments]
    first = pa.array([created] * len(moments))
    for kind in (pa.timestamp("us"), pa.timestamp("ns"), pa.timestamp("us", "UTC")):
        check(scorer, pa.table({"created_at": first, "last_call": pa.array(moments, kind)}), leads)
    days: list[Lead] = [{"created_at": created, "last_call": m and m.date()} for m in moments]
    for kind in (pa.date32(), pa.date64()):
        array = pa.array([day["last_call"] for day in days], kind)
        check(scorer, pa.table({"created_at": first, "last_call": array}), days)
    stamps: list[Lead] = [{"created_at": created, "last_call": pd.Timestamp(m) if m else pd.NaT} for m in moments]
    frame = pd.DataFrame(stamps)
    units: tuple[Literal["us", "ns"], ...] = ("us", "ns")
    for unit in units:
        scored = scorer.score(frame.assign(last_call=frame["last_call"].dt.as_unit(unit)))
        assert scored["logit"].tolist() == [scorer.score_one(lead).logit for lead in stamps]


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=0, max_value=10**6), min_size=1))
def test_decimals(scorer: Scorer, values: list[Decimal]) -> None:
    array = pa.array(values, pa.decimal128(20, 3))
    check(scorer, pa.table({"visits": array, "income": array}), [{"visits": v, "income": v} for v in values])


def test_pandas_dtypes(scorer: Scorer) -> None:
    frame = pd.DataFrame(
        {
            "visits": pd.array([1, None, 4], dtype="Int64"),
            "income": pd.array([20_000.5, None, 3], dtype="Float64"),
            "source": pd.Categorical(["web", None, "7"]),
            "newsletter": pd.array([True, None, False], dtype="boolean"),
            "country": pd.Series(["DE", None, "CH"], dtype="str"),
            "created_at": pd.to_datetime(["2026-01-01", "NaT", "2026-02-01"]).tz_localize("Europe/Berlin"),
            "unused": [object(), object(), object()],
        }
    )
    expected = [
        {"visits": 1, "income": 20_000.5, "source": "web", "newsletter": True, "country": "DE"},
        {},
        {"visits": 4, "income": 3, "source": "7", "newsletter": False, "country": "CH"},
    ]
    assert scorer.score(frame)["logit"].tolist() == [scorer.score_one(lead).logit for lead in expected]


def test_numpy_values_in_a_dict(scorer: Scorer) -> None:
    frame = pd.DataFrame({"visits": [3, 4], "income": np.array([0.1, 2.7], dtype="float32"), "source": ["web", "x"]})
    frame["newsletter"] = [True, False]
    alone = [scorer.score_one({str(k): v for k, v in lead.items()}).logit for _, lead in frame.iterrows()]
    assert scorer.score(frame)["logit"].tolist() == alone


def test_terms_in_any_order_add_up_alike(module_bundle: Bundle) -> None:
    bundle = module_bundle
    turned = msgspec.structs.replace(bundle.scorecard, terms=tuple(reversed(bundle.scorecard.terms)))
    scorer = Scorer(msgspec.structs.replace(bundle, scorecard=turned))
    lead = {"visits": 3, "source": "web", "income": 31_234.56, "job_title": "Head of Sales", "email": "a@gmail.com"}
    check(scorer, rows_table([lead], list(lead)), [lead])


def test_a_column_of_lists_is_read_as_text(scorer: Scorer) -> None:
    leads: list[Lead] = [{"source": ["web"], "visits": 1}, {"source": None, "visits": 2}]
    check(scorer, pa.Table.from_pylist(leads), leads)
