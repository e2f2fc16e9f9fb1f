"""A metric is a value with a default for all that is rarely said."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from reporting.metrics.metric import PERIOD_OF_PAGE, Kind, Metric
from reporting.page.page_model import Message, Unit

CLICKS = Metric(
    name="clicks",
    title=Message("Clicks"),
    kind=Kind.LEADING,
    unit=Unit.COUNT,
    formula=Message("clicks"),
    compute=lambda clicks: clicks,
    inputs=("clicks",),
    example=({"clicks": 3}, 3),
)


def test_defaults() -> None:
    assert (CLICKS.period, CLICKS.version, CLICKS.higher_is_better) == (PERIOD_OF_PAGE, 1, True)
    assert not CLICKS.is_quality
    assert not CLICKS.is_vanity
    assert CLICKS.compute(clicks=4) == 4


def test_a_metric_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        CLICKS.version = 2  # type: ignore[misc]


def test_kinds_are_written_as_words() -> None:
    assert [str(kind) for kind in Kind] == ["leading", "lagging", "both", "goal"]
    assert Kind("goal") is Kind.GOAL
    with pytest.raises(ValueError, match="sometimes"):
        Kind("sometimes")
