"""Contrast of the colours by the formula of WCAG 2.2, and their distance for colour-blind readers."""

from __future__ import annotations

import math

import pytest

from reporting.page.html_page import STYLE
from reporting.page.palette import DARK, LIGHT, style_variables

# Simulation of dichromats in linear RGB: Machado, Oliveira, Fernandes 2009, severity 1.0.
MATRICES = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> tuple[float, float, float]:
    channels = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: tuple[float, ...]) -> tuple[float, float, float]:
    """CIE 1976 L*a*b* of linear sRGB with white point D65."""
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in rgb)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def distance(one: str, other: str, vision: str) -> float:
    def simulated(colour: str) -> tuple[float, ...]:
        return tuple(sum(w * c for w, c in zip(row, linear(colour), strict=True)) for row in MATRICES[vision])

    return math.dist(lab(simulated(one)), lab(simulated(other)))


def test_the_formula_gives_the_published_extremes() -> None:
    assert contrast("#000000", "#ffffff") == 21.0
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "raised"])
@pytest.mark.parametrize(
    ("name", "least"),
    [("ink", 7.0), ("soft", 4.5), ("bad", 4.5), ("seen", 4.5), ("predicted", 3.0), ("unknown", 3.0)],
)
def test_text_has_a_contrast_of_4_5_and_marks_of_3(
    colours: dict[str, str], ground: str, name: str, least: float
) -> None:
    assert contrast(colours[name], colours[ground]) >= least


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_axis_is_visible(colours: dict[str, str]) -> None:
    assert contrast(colours["line"], colours["ground"]) >= 3.0


@pytest.mark.parametrize("vision", MATRICES)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_seen_and_predicted_differ_for_colour_blind_readers(colours: dict[str, str], vision: str) -> None:
    assert distance(colours["seen"], colours["predicted"], vision) >= 40


def test_the_style_sheet_has_no_colours_of_its_own() -> None:
    rules = STYLE.replace(style_variables(LIGHT), "").replace(style_variables(DARK), "")
    assert "#" not in rules.replace("url(#hatch)", "")
    assert set(LIGHT) == set(DARK)
