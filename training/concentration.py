"""Concentration of the revenue in few wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from leadworth.arrays import Vector

LARGEST = (1, 2, 5)
PAIR_SHARE = 0.25
HANDFUL_SHARE = 0.5
ALIKE = 0.6
"""A group of wins is named together if their mean is at least this share of the largest."""

MINIMUM_WINS = 10


@dataclass(frozen=True)
class Concentration:
    """Share of the revenue that the largest wins bring.

    Attributes
    ----------
    shares
        Share of the largest 1, 2 and 5 wins.
    effective_wins
        Number of equal wins whose sum would be as uncertain.

    Examples
    --------
    >>> Concentration.of(np.array([100.0] * 20)).effective_wins
    20.0
    >>> print(Concentration.of(np.array([9000.0, 9000.0] + [100.0] * 98)).sentence)
    2 of 100 wins bring 65 % of the revenue, so a sum of money is as uncertain as that of 5 equal wins
    """

    wins: int
    shares: tuple[float, ...]
    effective_wins: float

    @classmethod
    def of(cls, revenue: Vector) -> Self:
        """Measure the concentration of the revenue of wins, shape (wins,); those without revenue do not count."""
        paid = np.sort(revenue[revenue > 0])[::-1]
        if not len(paid):
            return cls(0, tuple(0.0 for _ in LARGEST), 0.0)
        shares = tuple(float(paid[:number].sum() / paid.sum()) for number in LARGEST)
        return cls(len(paid), shares, float(paid.sum() ** 2 / (paid**2).sum()))

    @property
    def sentence(self) -> str:
        """What a person should know; empty where no few wins decide the sum."""
        if self.wins < MINIMUM_WINS:
            return ""
        decisive = 0
        for number, share in zip(LARGEST, self.shares, strict=True):
            limit = HANDFUL_SHARE if number == LARGEST[-1] else PAIR_SHARE
            if share >= limit and share >= ALIKE * number * self.shares[0]:
                decisive = number
        if not decisive:
            return ""
        share = self.shares[LARGEST.index(decisive)]
        return (
            f"{decisive} of {self.wins:,} wins bring {100 * share:.0f} % of the revenue, so a sum of money is as "
            f"uncertain as that of {self.effective_wins:.0f} equal wins"
        )
