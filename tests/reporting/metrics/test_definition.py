"""Declaration of a metric: name and inputs are those of the function, results are finite or None."""

from __future__ import annotations

import math

import pytest

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import PERIOD_OF_PAGE, Kind
from reporting.page.page_model import Message, Unit


@define(
    Message("Clicks per day"),
    Kind.LEADING,
    Unit.COUNT,
    Message("clicks x days"),
    ({"clicks": 2.0, "days": 3.0}, 6.0),
    is_vanity=True,
    version=4,
)
def product(clicks: float, days: float) -> float:
    """Return the product."""
    return clicks * days


def test_name_inputs_and_options() -> None:
    assert (product.name, product.inputs, product.version) == ("product", ("clicks", "days"), 4)
    assert (product.is_vanity, product.is_quality, product.period) == (True, False, PERIOD_OF_PAGE)
    assert product.compute.__doc__ == "Return the product."


@pytest.mark.parametrize("clicks", [math.inf, math.nan, 1e308, None])
def test_what_is_not_finite_is_none(clicks: float | None) -> None:
    assert product.compute(clicks=clicks, days=1e9) is None


@pytest.mark.parametrize("denominator", [0, 0.0, -3.0])
def test_a_ratio_needs_a_positive_denominator(denominator: float) -> None:
    assert ratio(1.0, denominator) is None
