"""The axis of a column whose name says nothing, by what it holds."""

from collections.abc import Sequence

import pyarrow as pa
import pytest

from leadml.leads.guesses.contents import axis_of_values
from leadml.leads.guesses.portrait import portrait


def axis(values: Sequence[str | None], n: int = 50) -> str | None:
    found = axis_of_values(portrait("Feld 7", pa.array([values[i % len(values)] for i in range(n)])))
    return found[0] if found else None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["Website", "LinkedIn", "Trade Fair", "Referral", None], "interest"),
        (["Messe", "Empfehlung", "Kaltakquise", "Google Ads", "Sonstiges"], "interest"),
        (["1-10", "11-50", "51 - 200", "201-500", "1001-5000"], "ability"),
        (["1–10", "11–50", "51–200", "1.001–5.000", None], "ability"),
        (["Manufacturing", "Retail", "Health Care", "Other"], "ability"),
        (["Maschinenbau", "Einzelhandel", "Gesundheitswesen", "Handwerk"], "ability"),
        (["GmbH", "AG", "GmbH & Co. KG", "Einzelunternehmen"], "ability"),
        (["Decision Maker", "Influencer", "End User"], "authority"),
        (["Entscheider", "Anwenderin", "Einkäufer"], "authority"),
        ([f"{n}.000 €" for n in range(12, 40)], "ability"),
        (["$12,500", "$8,000", "$900", "$1,200"], "ability"),
        ([f"{n}" for n in range(40)], None),
        ([f"{n} %" for n in range(40)], None),
        (["red", "green", "blue"], None),
        (["Website", "green", "blue"], None),
        (["yes", "no"], None),
        (["website"], None),
        ([None, None], None),
    ],
)
def test_axis_of_values(values: Sequence[str | None], expected: str | None) -> None:
    assert axis(values) == expected
