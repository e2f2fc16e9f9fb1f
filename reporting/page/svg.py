"""Scales, ticks and marks of small charts as SVG text; colours come from CSS classes, so that themes apply."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from leadworth.errors import LeadworthError

WIDTH = 360.0
"""Width of the viewBox of a chart, in units: at 360 CSS pixels, text of 12 units is 12 px high."""
LEAST_WIDTH = 0.05
"""Width and height below which a rectangle would be written as 0."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def number(value: float) -> str:
    """Return a coordinate with at most one decimal.

    Raises
    ------
    LeadworthError
        Where it is not finite.

    Examples
    --------
    >>> number(12.0), number(3.14), number(-0.04)
    ('12', '3.1', '0')
    """
    if not math.isfinite(value):
        raise LeadworthError(f"chart coordinate {value}", allowed="finite numbers", do="leave the point out as None")
    return "0" if abs(value) < 0.05 else f"{value:.1f}".removesuffix(".0")


def element(name: str, content: str = "", **attributes: str | float) -> Markup:
    """Return an element; text is escaped, numbers are rounded, `class_` and `_` in names become `class` and `-`.

    Examples
    --------
    >>> print(element("text", "R&D", x=4.0, class_="label"))
    <text x="4" class="label">R&amp;D</text>
    >>> print(element("rect", width=10))
    <rect width="10"/>
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{number(value) if isinstance(value, (int, float)) else escape(value)}"'
        for key, value in attributes.items()
    )
    end = f">{escape(content)}</{name}>" if content else "/>"
    return Markup(f"<{name}{written}{end}")  # every part is escaped above


@dataclass(frozen=True)
class Scale:
    """Linear scale from values to coordinates; a value outside is drawn at the edge.

    Examples
    --------
    >>> scale = Scale(0.0, 200.0, 100.0, 0.0)
    >>> scale(50.0), scale(500.0)
    (75.0, 0.0)
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the coordinate of a value."""
        if self.high <= self.low:
            return self.start
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def ticks(low: float, high: float, count: int = 4) -> tuple[float, ...]:
    """Return round values from at most `low` to at least `high`, strictly rising: 1, 2, 2.5 or 5 times a power of ten.

    Examples
    --------
    >>> ticks(0, 431_000)
    (0.0, 200000.0, 400000.0, 600000.0)
    >>> ticks(3, 3)
    (2.0, 2.5, 3.0, 3.5, 4.0)
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise LeadworthError(f"axis from {low} to {high}", allowed="finite numbers", do="leave the point out as None")
    low, high = min(low, high), max(low, high)
    spread = high - low
    if spread <= 1e-9 * max(abs(low), abs(high), 1e-9):
        room = max(abs(low) * 0.2, 1.0)
        low, high, spread = low - room, high + room, 2 * room
    raw = spread / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in _STEPS if factor * power >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(float(f"{index * step:.12g}") for index in range(first, last + 1))


def bar(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    """Return a rectangle; `kind` (seen, predicted, unknown, bad) is its class, and predicted is hatched by it.

    Without an area there is nothing to draw.

    Examples
    --------
    >>> print(bar(1.0, 2.0, 30.0, 4.0, "seen"), bar(1.0, 2.0, 0.0, 4.0, "predicted"))
    <rect x="1" y="2" width="30" height="4" class="seen"/>
    """
    if min(width, height) < LEAST_WIDTH:
        return Markup("")
    return element("rect", x=x, y=y, width=width, height=height, class_=kind)


def whisker(low: float, high: float, middle: float, *, vertical: bool, reach: float = 4.0, ends: bool = True) -> Markup:
    """Return the line of an interval with its two ends; where the axis cuts it, an arrow is the upper end."""
    along, across = "VH" if vertical else "HV"

    def move(first: float, second: float) -> str:
        x, y = (second, first) if vertical else (first, second)
        return f"M{number(x)} {number(y)}"

    def end(place: float) -> str:
        return f"{move(place, middle - reach)}{across}{number(middle + reach)}"

    side = reach - 1.0
    arrow = f"{move(high - reach, middle - side)}L{move(high, middle)[1:]}L{move(high - reach, middle + side)[1:]}"
    line = f"{move(low, middle)}{along}{number(high)}{end(low)}{end(high) if ends else arrow}"
    return element("path", d=line, class_="whisker")


def line_path(points: Sequence[tuple[float, float] | None]) -> str:
    """Return the path through points, with a gap at None; a point alone is a short stroke.

    Examples
    --------
    >>> line_path([(0, 1), (5, 2), None, (10, 3)])
    'M0 1L5 2M10 3h1'
    """
    path, run = "", 0
    for index, point in enumerate(points):
        if point is None:
            run = 0
            continue
        path += f"{'L' if run else 'M'}{number(point[0])} {number(point[1])}"
        run += 1
        if run == 1 and (index + 1 == len(points) or points[index + 1] is None):
            path += "h1"
    return path


def picture(
    marks: Iterable[str], width: float, height: float, *, title: str = "", sentence: str = "", class_: str = "chart"
) -> Markup:
    """Return a picture: an image with title and sentence for readers, or hidden from them where it has no title."""
    box = f"0 0 {number(width)} {number(height)}"
    if not title:
        content = Markup("").join(marks)
        stretched = {"preserveAspectRatio": "none"} if class_ == "row" else {}
        return element("svg", content, viewBox=box, class_=class_, **stretched, aria_hidden="true")
    name = f"{title}. {sentence}" if sentence else title
    return element(
        "svg",
        Markup("").join([element("title", title), *marks]),
        viewBox=box,
        class_=class_,
        role="img",
        aria_label=name,
    )
