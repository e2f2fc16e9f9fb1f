"""Division of an integer amount in proportion to weights, so that the parts add up to it exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

Weight = int | float | Fraction


def divide(amount: int, weights: Sequence[Weight]) -> list[int]:
    """Divide an amount by the method of the largest remainder; equal remainders go to the earlier part.

    Parameters
    ----------
    amount
        In the smallest unit, such as cents; a negative one is divided as its opposite.
    weights
        Not negative, at least one positive. They are compared exactly, so pass fractions where ties matter.

    Examples
    --------
    >>> divide(10_001, [1, 1, 1, 1]), divide(10_000, [1, 2, 4]), divide(-100, [1, 1, 1])
    ([2501, 2500, 2500, 2500], [1429, 2857, 5714], [-34, -33, -33])
    """
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact, Fraction(0))
    if total <= 0 or min(exact) < 0:
        raise ValueError(f"weights {list(weights)}: not negative, and at least one positive")
    sign = -1 if amount < 0 else 1
    return [sign * part for part in rounded_parts([abs(amount) * weight / total for weight in exact])]


def rounded_parts(parts: Sequence[Fraction]) -> list[int]:
    """Round parts, whose sum is an integer, to integers with the same sum.

    Examples
    --------
    >>> rounded_parts([Fraction(5, 3), Fraction(-7, 3), Fraction(11, 3)])
    [2, -2, 3]
    """
    floors = [math.floor(part) for part in parts]
    missing = int(sum(parts, Fraction(0))) - sum(floors)
    order = sorted(range(len(parts)), key=lambda number: (floors[number] - parts[number], number))
    for number in order[:missing]:
        floors[number] += 1
    return floors
