"""Attribution models: revenue of a deal divided between the touches before it, in cents that add up exactly.

W follows HubSpot's definition: 30 % to the first touch, 30 % to the touch that created the lead, 30 % to the one that
created the opportunity, and 10 % to the others; stages on one touch add up. U exists twice: by position (40 % first,
40 % last, 20 % between), and as HubSpot defines it (first touch and lead creation, a half each).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from reporting.statistics.largest_remainder import divide

HALF_LIFE_DAYS = 7.0


class AttributionModel(StrEnum):
    """Ways to divide credit by the order of touches."""

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    U = "u"
    U_LEAD = "u_lead"
    W = "w"
    DECAY = "decay"


@dataclass(frozen=True)
class TouchPath:
    """Touches of an account up to the win, oldest first.

    Attributes
    ----------
    ages_days
        Days from each touch to the win, so falling.
    lead_touch, opportunity_touch
        Positions of the touches that created the lead and the opportunity; None where the stage has no date.
    """

    ages_days: Sequence[float]
    lead_touch: int | None = None
    opportunity_touch: int | None = None


@dataclass(frozen=True)
class Credit:
    """Cents of each touch.

    Attributes
    ----------
    cents
        In the order of the touches; their sum is the revenue.
    model
        Model that was used: linear where a stage that the model needs has no date.
    """

    cents: list[int]
    model: AttributionModel


def attribute(model: AttributionModel, path: TouchPath, cents: int) -> Credit:
    """Divide the revenue of a deal between its touches; no touches get no credit.

    Examples
    --------
    >>> path = TouchPath((30.0, 20.0, 10.0, 1.0), lead_touch=1, opportunity_touch=2)
    >>> [attribute(AttributionModel(name), path, 10_001).cents for name in ("linear", "u", "w")]
    [[2501, 2500, 2500, 2500], [4001, 1000, 1000, 4000], [3001, 3000, 3000, 1000]]
    >>> attribute(AttributionModel.W, TouchPath((3.0, 1.0)), 100)
    Credit(cents=[50, 50], model=<AttributionModel.LINEAR: 'linear'>)
    """
    if not path.ages_days:
        return Credit([], model)
    if not _has_stages(model, path):
        model = AttributionModel.LINEAR
    return Credit(divide(cents, _weights(model, path)), model)


def _has_stages(model: AttributionModel, path: TouchPath) -> bool:
    if model is AttributionModel.W:
        return path.lead_touch is not None and path.opportunity_touch is not None
    return model is not AttributionModel.U_LEAD or path.lead_touch is not None


def _weights(model: AttributionModel, path: TouchPath) -> list[Fraction]:
    touches = len(path.ages_days)
    last = touches - 1
    if model is AttributionModel.FIRST:
        return _of_positions(touches, [(0, 1)])
    if model is AttributionModel.LAST:
        return _of_positions(touches, [(last, 1)])
    if model is AttributionModel.U:
        return _of_positions(touches, [(0, 40), (last, 40)], others=20)
    if model is AttributionModel.U_LEAD:
        return _of_positions(touches, [(0, 50), (path.lead_touch or 0, 50)])
    if model is AttributionModel.W:
        stages = [(0, 30), (path.lead_touch or 0, 30), (path.opportunity_touch or 0, 30)]
        return _of_positions(touches, stages, others=10)
    if model is AttributionModel.DECAY:
        newest = min(path.ages_days)
        return [Fraction(2.0 ** (-(age - newest) / HALF_LIFE_DAYS)) for age in path.ages_days]
    return [Fraction(1)] * touches


def _of_positions(touches: int, credits: Sequence[tuple[int, int]], others: int = 0) -> list[Fraction]:
    """Return the weight of each touch; without other touches their part is shared in proportion."""
    weights = [Fraction(0)] * touches
    for position, weight in credits:
        weights[position] += weight
    rest = [position for position in range(touches) if not weights[position]]
    for position in rest:
        weights[position] += Fraction(others, len(rest))
    return weights
