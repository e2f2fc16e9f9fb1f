"""Declaration of metrics: a decorator that makes a `Metric` of a function, and division where it is defined."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, Unpack

from reporting.metrics.metric import Kind, Metric
from reporting.page.page_model import Message, Unit


class MetricOptions(TypedDict, total=False):
    """Attributes of a `Metric` that have a default."""

    period: Message
    is_quality: bool
    is_vanity: bool
    higher_is_better: bool | None
    version: int


def define(
    title: Message,
    kind: Kind,
    unit: Unit,
    formula: Message,
    example: tuple[Mapping[str, Any], float],
    **options: Unpack[MetricOptions],
) -> Callable[[Callable[..., float | None]], Metric]:
    """Return a decorator that makes a metric of a function: its name and inputs are those of the function.

    Parameters are those of `Metric`. With an input that is None, or a result that is not finite, it computes None.

    Examples
    --------
    >>> @define(Message("Cost per click"), Kind.LEADING, Unit.MONEY, Message("spend / clicks"),
    ...         ({"spend": 30.0, "clicks": 20}, 1.5))
    ... def cost_per_click(spend, clicks):
    ...     return ratio(spend, clicks)
    >>> cost_per_click.name, cost_per_click.inputs, cost_per_click.compute(spend=30.0, clicks=0)
    ('cost_per_click', ('spend', 'clicks'), None)
    """

    def decorate(function: Callable[..., float | None]) -> Metric:
        return Metric(
            name=function.__name__,
            title=title,
            kind=kind,
            unit=unit,
            formula=formula,
            compute=_finite(function),
            inputs=tuple(inspect.signature(function).parameters),
            example=example,
            **options,
        )

    return decorate


def ratio(numerator: float, denominator: float) -> float | None:
    """Return a quotient; None where the denominator is not positive.

    Examples
    --------
    >>> ratio(3.0, 4.0), ratio(3.0, 0.0)
    (0.75, None)
    """
    if denominator <= 0:
        return None
    return numerator / denominator


def _finite(function: Callable[..., float | None]) -> Callable[..., float | None]:
    def compute(**inputs: Any) -> float | None:
        if any(value is None for value in inputs.values()):
            return None
        result = function(**inputs)
        return result if result is not None and math.isfinite(result) else None

    compute.__name__ = function.__name__
    compute.__doc__ = function.__doc__
    return compute
