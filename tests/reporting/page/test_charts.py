"""Charts: every coordinate finite and inside the viewBox, colours only by class."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.page.charts import (
    Stack,
    change_chart,
    cohort_chart,
    outcome_bar,
    progress_bar,
    row_bar,
    row_limit,
    sparkline,
)

amounts = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)
positive = st.floats(min_value=0, max_value=1e12, allow_nan=False)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
ALLOWED = {
    "x", "y", "width", "height", "d", "cx", "cy", "r", "class", "viewBox", "role", "aria-label", "aria-hidden",
    "preserveAspectRatio",
}  # fmt: skip


def inside(svg: str) -> None:
    """Check every mark of a picture."""
    root = ET.fromstring(svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert "nan" not in svg.lower()
    for mark in root.iter():
        assert set(mark.attrib) <= ALLOWED, mark.attrib
        if mark.tag == "rect":
            x, y, wide, high = (float(mark.attrib[name]) for name in ("x", "y", "width", "height"))
            assert 0 <= x <= x + wide <= width + 0.11
            assert 0 <= y <= y + high <= height + 0.11
        if mark.tag == "circle":
            assert 0 <= float(mark.attrib["cx"]) <= width
            assert 0 <= float(mark.attrib["cy"]) <= height
        if mark.tag == "text":
            assert 0 <= float(mark.attrib["x"]) <= width
            assert 0 <= float(mark.attrib["y"]) <= height
        if mark.tag == "path":
            reach = max(width, height)
            assert all(-4 <= float(value) <= reach for value in _NUMBER.findall(mark.attrib["d"]))


@given(amounts, amounts, amounts, amounts)
def test_the_bar_of_a_row(seen: float, predicted: float, low: float, high: float) -> None:
    limit = row_limit([seen + predicted], [high])
    inside(row_bar(seen, predicted, min(low, high), max(low, high), limit))


def test_one_axis_for_all_rows_is_not_stretched_by_one_wide_interval() -> None:
    assert row_limit([2.0, 1.0], [2.5, 1.5]) == 2.5
    assert row_limit([2.0, 1.0], [900.0, 1.5]) == 3.2
    assert row_limit([], []) == 1.0


@given(positive, positive, positive)
def test_progress(value: float, expected: float, target: float) -> None:
    inside(progress_bar(value, expected, target))


def test_progress_under_the_straight_line_is_marked() -> None:
    assert 'class="behind"' in progress_bar(2, 3, 10)
    assert 'class="behind"' not in progress_bar(3, 3, 10)


@given(st.lists(st.none() | amounts, max_size=14), st.booleans())
def test_a_sparkline(points: list[float | None], partial: bool) -> None:
    inside(sparkline(points, partial=partial))


def test_a_week_that_has_not_ended_is_drawn_open() -> None:
    assert 'class="point open"' in sparkline([1, 2, 3], partial=True)
    assert "open" not in sparkline([1, 2, 3], partial=False)


stacks = st.lists(st.tuples(positive, positive, positive, positive, st.booleans()), max_size=24)


@given(stacks)
@settings(max_examples=60)
def test_the_chart_of_cohorts(bars: list[tuple[float, float, float, float, bool]]) -> None:
    drawn = [
        Stack("Jan", seen, predicted, min(low, high), max(low, high), "7" if partial else "", partial)
        for seen, predicted, low, high, partial in bars
    ]
    inside(cohort_chart(drawn, label=str, title="Cohorts", sentence="It rises."))


def test_leads_without_a_prediction_have_an_outline_and_no_height() -> None:
    svg = cohort_chart([Stack("Jan", 0, 0, 0, 0, "19", False)], label=str, title="Cohorts", sentence="")
    outline = next(mark for mark in ET.fromstring(svg).iter("rect") if mark.attrib["class"] == "unknown")
    assert outline.attrib["height"] == "14"
    assert ">19</text>" in svg


@given(positive, st.lists(amounts, max_size=5))
@settings(max_examples=60)
def test_the_chart_of_changes(before: float, parts: list[float]) -> None:
    named = [(f"part {index}", amount) for index, amount in enumerate(parts)]
    inside(change_chart(before, named, before + sum(parts), ("before", "now"), label=str, title="Change"))


@given(positive, positive, positive)
def test_a_prediction_against_its_outcome(said: float, came: float, high: float) -> None:
    inside(outcome_bar(said, said / 2, high, came, max(said, came, 1.0)))
