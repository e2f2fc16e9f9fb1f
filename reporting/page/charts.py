"""Charts of the page: bars of channels, lines of weeks, cohorts, changes of revenue, predictions and outcomes."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reporting.page.svg import WIDTH, Scale, bar, element, line_path, number, picture, ticks, whisker

ROW_WIDTH, ROW_HEIGHT = 240.0, 18.0
LETTER, WIDE_LETTER = 7.6, 12.5
"""Widths of a letter of a label and of one of East Asia, in units of the viewBox, for margins that fit any language."""
Label = Callable[[float], str]


@dataclass(frozen=True)
class Stack:
    """A bar of the chart of cohorts.

    Attributes
    ----------
    label
        Text below it.
    unknown
        Leads without a prediction: an empty outline with their number, since they have no money.
    partial
        Whether the period has not ended.
    """

    label: str
    seen: float
    predicted: float
    low: float
    high: float
    unknown: str
    partial: bool


def text_width(text: str) -> float:
    """Return the width that a label needs, in units of the viewBox.

    Examples
    --------
    >>> text_width("EUR"), text_width("만")
    (22.8, 12.5)
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return round(WIDE_LETTER * wide + LETTER * (len(text) - wide), 1)


def row_limit(totals: Sequence[float], highs: Sequence[float | None]) -> float:
    """Return the end of the common axis of row bars: the highest interval, at most 1.6 times the longest bar.

    Examples
    --------
    >>> row_limit([2.0, 1.0], [4.0, 90.0])
    3.2
    """
    longest = max([*totals, 0.0])
    highest = max([high for high in highs if high is not None], default=longest)
    return min(max(longest, highest), 1.6 * longest) if longest > 0 else max(highest, 1.0)


def row_bar(seen: float, predicted: float, low: float | None, high: float | None, limit: float) -> Markup:
    """Return the bar of a row: solid what is seen, hatched what is predicted, and the interval of their sum."""
    scale = Scale(0.0, limit, 1.0, ROW_WIDTH - 2.0)
    places = (0.0, max(seen, 0.0), max(seen, 0.0) + max(predicted, 0.0))
    zero, middle, end = (round(scale(place)) for place in places)  # half a pixel is not seen, and 1 kB is
    marks = [bar(zero, 3, middle - zero, 12, "seen"), bar(middle, 3, end - middle, 12, "predicted")]
    if low is not None and high is not None:
        marks.append(whisker(round(scale(low)), round(scale(high)), 9, vertical=False, ends=high <= limit))
    return picture(marks, ROW_WIDTH, ROW_HEIGHT, class_="row")


def progress_bar(value: float, expected: float, target: float) -> Markup:
    """Return progress towards a goal: a bar, and a tick where the straight line of the period would be today."""
    scale = Scale(0.0, max(target, value, expected, 1e-9), 1.0, ROW_WIDTH - 2.0)
    kind = "seen" if value >= expected else "behind"
    marks = [
        bar(1, 5, ROW_WIDTH - 3.0, 8, "track"),
        bar(1, 5, scale(max(value, 0.0)) - 1.0, 8, kind),
        element("path", d=f"M{number(scale(expected))} 1V17", class_="whisker"),
    ]
    return picture(marks, ROW_WIDTH, ROW_HEIGHT, class_="row")


def sparkline(points: Sequence[float | None], *, partial: bool) -> Markup:
    """Return the line of the last weeks; a week that has not ended is dashed, with an empty circle."""
    width, height = 96.0, 24.0
    present = [value for value in points if value is not None]
    if not present:
        return picture([], width, height, class_="spark")
    low, high = min(present), max(present)
    across = Scale(0.0, max(len(points) - 1.0, 1.0), 4.0, width - 4.0)
    up = Scale(low, high, height - 4.0, 4.0) if high > low else Scale(low - 1.0, high + 1.0, height - 4.0, 4.0)
    places = [None if value is None else (across(float(index)), up(value)) for index, value in enumerate(points)]
    whole = places[:-1] if partial else places
    marks = [element("path", d=line_path(whole), class_="series")]
    if partial and len(places) > 1 and places[-1] is not None and places[-2] is not None:
        marks.append(element("path", d=line_path(places[-2:]), class_="series open"))
    last = places[-1]
    if last is not None:
        marks.append(element("circle", cx=last[0], cy=last[1], r=2.5, class_="point open" if partial else "point"))
    return picture(marks, width, height, class_="spark")


def _axis(steps: Sequence[float], up: Scale, left: float, label: Label) -> list[Markup]:
    marks: list[Markup] = []
    for step in steps:
        y = up(step)
        marks.append(
            element("path", d=f"M{number(left)} {number(y)}H{number(WIDTH)}", class_="zero" if step == 0 else "grid")
        )
        marks.append(element("text", label(step), x=left - 4.0, y=min(y + 4.0, 400.0), class_="end"))
    return marks


def cohort_chart(stacks: Sequence[Stack], *, label: Label, title: str, sentence: str) -> Markup:
    """Return stacked bars: solid seen, hatched predicted, outlined unknown with its number, and the 80 % interval."""
    height, bottom, top = 200.0, 176.0, 22.0
    highest = max([max(stack.high, stack.seen + stack.predicted) for stack in stacks], default=0.0)
    steps = ticks(0.0, max(highest, 1.0))
    left = min(8.0 + max(text_width(label(step)) for step in steps), WIDTH / 2)
    up = Scale(0.0, steps[-1], bottom, top)
    slot = (WIDTH - left) / max(len(stacks), 1)
    wide = min(slot * 0.6, 36.0)
    every = max(1, math.ceil(max((text_width(stack.label) for stack in stacks), default=0.0) / slot))
    marks = _axis(steps, up, left, label)
    for index, stack in enumerate(stacks):
        x = left + slot * (index + 0.5)
        seen, total = up(max(stack.seen, 0.0)), up(max(stack.seen, 0.0) + max(stack.predicted, 0.0))
        marks.append(bar(x - wide / 2, seen, wide, bottom - seen, "seen"))
        marks.append(bar(x - wide / 2, total, wide, seen - total, "predicted"))
        if stack.high > stack.low:
            marks.append(whisker(up(stack.low), up(stack.high), x, vertical=True))
        if stack.unknown:
            over = max(min(total, up(stack.high)) - 18.0, 2.0)
            marks.append(bar(x - wide / 2, over, wide, 14, "unknown"))
            marks.append(element("text", stack.unknown, x=x, y=over + 11.0, class_="mid small"))
        if index % every == 0:
            text = f"{stack.label}…" if stack.partial else stack.label
            centre = min(x, WIDTH - text_width(text) / 2)
            marks.append(element("text", text, x=centre, y=height - 8.0, class_="mid"))
    return picture(marks, WIDTH, height, title=title, sentence=sentence)


def change_chart(
    before: float, parts: Sequence[tuple[str, float]], after: float, names: tuple[str, str], *, label: Label, title: str
) -> Markup:
    """Return the steps from one revenue to another: the first and last bar are revenue, the others its parts."""
    rows = [(names[0], 0.0, before, "seen")]
    level = before
    for name, amount in parts:
        rows.append((name, level, level + amount, "gain" if amount >= 0 else "loss"))
        level += amount
    rows.append((names[1], 0.0, after, "seen"))
    edges = [edge for row in rows for edge in row[1:3]]
    steps = ticks(min(0.0, *edges), max(edges, default=1.0), 3)
    bottom = 26.0 * len(rows) + 4.0
    widest = max(text_width(label(step)) for step in steps)
    left = min(max(8.0 + max(text_width(row[0]) for row in rows), widest / 2), WIDTH / 2)
    across = Scale(steps[0], steps[-1], left, WIDTH - min(widest / 2, 60.0))
    every = max(1, math.ceil(widest * len(steps) / (across.end - across.start)))
    marks = []
    for index, step in enumerate(steps):
        x = across(step)
        marks.append(element("path", d=f"M{number(x)} 2V{number(bottom)}", class_="zero" if step == 0 else "grid"))
        if index % every == 0:
            marks.append(element("text", label(step), x=x, y=bottom + 14.0, class_="mid"))
    for index, (name, start, end, kind) in enumerate(rows):
        y = 26.0 * index + 6.0
        first, last = sorted((across(start), across(end)))
        marks.append(bar(first, y, max(last - first, 1.0), 16, kind))
        marks.append(element("text", name, x=left - 6.0, y=y + 12.0, class_="end"))
    return picture(marks, WIDTH, bottom + 20.0, title=title)


def outcome_bar(said: float, low: float | None, high: float | None, came: float, limit: float) -> Markup:
    """Return what was predicted as a hatched bar with its interval, and what came as a dot."""
    scale = Scale(0.0, limit, 1.0, ROW_WIDTH - 4.0)
    marks = [bar(1, 3, scale(max(said, 0.0)) - 1.0, 12, "predicted")]
    if low is not None and high is not None:
        marks.append(whisker(scale(low), scale(high), 9, vertical=False, ends=high <= limit))
    marks.append(element("circle", cx=max(scale(came), 4.0), cy=9, r=3.5, class_="point"))
    return picture(marks, ROW_WIDTH, ROW_HEIGHT, class_="row")
