"""Drawing: round numbers, places, and texts that stay texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.report.svg import Drawing, Scale, ticks

reals = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 0.3, [0, 0.1, 0.2, 0.3]), (-0.4, 1.2, [0, 1]), (3, 3, [3])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high, 6 if high in (1, low) else 4) == pytest.approx(expected)


@given(low=reals, width=st.floats(1e-3, 1e6), most=st.integers(2, 10))
def test_ticks_rise_within_their_ends_and_are_few(low: float, width: float, most: int) -> None:
    found = ticks(low, low + width, most)
    assert found == sorted(set(found))
    assert len(found) <= most + 1
    assert all(low - width * 1e-6 <= x <= low + width * (1 + 1e-6) for x in found)


def test_a_scale_keeps_within_its_ends() -> None:
    scale = Scale(0, 10, 100, 0)
    assert [scale(x) for x in (-5, 0, 5, 10, 50)] == [100, 100, 50, 0, 0]
    assert Scale(2, 2, 0, 10)(2) == 0


def test_texts_are_escaped_and_pictures_named() -> None:
    drawing = Drawing((0, 1), (0, 1))
    drawing.text((1, 2), '<i>&"')
    drawing.dot(0.5, 0.5, "dot", words="<u>")
    picture = str(drawing.render("key", "<b>", "a & b"))
    assert "<i>" not in picture
    assert "<u>" not in picture
    assert "<b>" not in picture
    assert 'aria-labelledby="key-t key-d"' in picture
    assert '<desc id="key-d">a &amp; b</desc>' in picture
