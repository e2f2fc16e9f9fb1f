"""Definition of a metric: one function, one formula, one worked example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reporting.page.page_model import Message, Unit

PERIOD_OF_PAGE = Message("period of the page")


class Kind(StrEnum):
    """When a metric says what happened: before the revenue, after it, or both; or what is aimed at."""

    LEADING = "leading"
    LAGGING = "lagging"
    BOTH = "both"
    GOAL = "goal"


@dataclass(frozen=True)
class Metric:
    """A metric of the report.

    Attributes
    ----------
    name
        Unique, snake case: key of the settings, of CSV and JSON, and of snapshots.
    title, formula, period
        Sentences of the page; the formula names the inputs in words.
    kind, unit
        Kind and unit of the result.
    compute
        Function of the inputs by name; returns None where the result is not defined, such as with a denominator of 0.
    inputs
        Names of the arguments of `compute`: sums that add up over any filter.
    example
        Inputs and the result, from the specification or a publication; run as a test.
    is_quality
        Whether it says how good leads are: a count of form fills never stands without such a figure.
    is_vanity
        Whether it is off unless the settings name it.
    higher_is_better
        Direction of improvement; None where there is none.
    version
        Raised whenever the formula changes; kept with each snapshot.
    """

    name: str
    title: Message
    kind: Kind
    unit: Unit
    formula: Message
    compute: Callable[..., float | None]
    inputs: tuple[str, ...]
    example: tuple[Mapping[str, Any], float]
    period: Message = PERIOD_OF_PAGE
    is_quality: bool = False
    is_vanity: bool = False
    higher_is_better: bool | None = True
    version: int = 1
