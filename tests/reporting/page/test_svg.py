"""Scales, ticks and marks: finite, inside the picture, escaped."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.errors import LeadworthError
from reporting.page.svg import Scale, element, line_path, number, picture, ticks, whisker

amounts = st.floats(min_value=-1e13, max_value=1e13, allow_nan=False)


@given(amounts, amounts, st.integers(2, 8))
def test_ticks_rise_strictly_and_cover_the_values(low: float, high: float, count: int) -> None:
    steps = ticks(low, high, count)
    assert all(sooner < later for sooner, later in pairwise(steps))
    assert all(math.isfinite(step) for step in steps)
    reach = 1e-6 * max(abs(low), abs(high), 1.0)
    assert steps[0] <= min(low, high) + reach
    assert steps[-1] >= max(low, high) - reach
    assert 2 <= len(steps) <= count + 3


def test_ticks_are_round_numbers() -> None:
    assert ticks(0, 7) == (0, 2, 4, 6, 8)
    assert ticks(-3, 9) == (-5, 0, 5, 10)
    assert ticks(0, 0.0031) == (0, 0.001, 0.002, 0.003, 0.004)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(LeadworthError, match="finite"):
        number(value)
    with pytest.raises(LeadworthError, match="finite"):
        ticks(0.0, value)


@given(amounts, amounts, amounts)
def test_a_scale_stays_between_its_ends(low: float, high: float, value: float) -> None:
    assert 10.0 <= Scale(min(low, high), max(low, high), 10.0, 90.0)(value) <= 90.0


@given(st.text(max_size=40))
def test_text_is_escaped(text: str) -> None:
    written = element("text", text or "x", class_=text)
    assert written.count("<") == 2
    assert written.count(">") == 2
    assert written.count('"') == 2


def test_marks_are_not_escaped_twice() -> None:
    assert str(element("g", element("text", "a&b"), class_="x")) == '<g class="x"><text>a&amp;b</text></g>'


def test_a_picture_with_a_title_is_an_image_and_another_is_hidden() -> None:
    named = picture([], 10, 5, title="Revenue", sentence="It rises.")
    assert 'role="img"' in named
    assert 'aria-label="Revenue. It rises."' in named
    assert "<title>Revenue</title>" in named
    hidden = picture([], 10, 5)
    assert 'aria-hidden="true"' in hidden
    assert "title" not in hidden


def test_a_line_has_a_gap_where_a_value_is_missing() -> None:
    assert line_path([None, (1, 1), (2, 2), None]) == "M1 1L2 2"


def test_the_upper_end_of_a_cut_interval_is_an_arrow() -> None:
    assert 'd="M1 5H9M1 1V9M5 2L9 5L5 8"' in whisker(1, 9, 5, vertical=False, ends=False)
    assert 'd="M5 1V9M1 1H9M2 5L5 9L8 5"' in whisker(1, 9, 5, vertical=True, ends=False)
    assert 'd="M5 1V9M1 1H9M1 9H9"' in whisker(1, 9, 5, vertical=True)
    assert 'd="M1 5H9M1 1V9M9 1V9"' in whisker(1, 9, 5, vertical=False)
