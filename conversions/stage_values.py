"""How the worth of a lead changes as it comes further, or does not.

A bid is paid for long before the deal is won, so the value told at submit must be right in expectation,
and every later one too: over all leads together a revision must neither add value nor take any away. What
a stage says is therefore learned from leads old enough that their end is known. At each age, and apart for
those sales had taken up by then and those it had not, one shift of the log-odds is sought with which the
expected values add up to the expected revenue of those that were won, and one factor with which that adds
up to their revenue. Both count money, not leads: large deals come late, and a shift that is right for the
number of wins would take too much from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from leadworth.arrays import Flags, Vector

AGES = (3.0, 7.0, 14.0, 30.0, 45.0, 60.0, 90.0, 135.0, 180.0)
"""Days since submit at which is learned; between them is interpolated."""
FEWEST_LEADS, FEWEST_WINS = 50, 5
SHRINK_WINS = 20.0
"""Wins of ordinary size added to both sides of a factor of revenue, so that a few large ones do not decide it."""
_MOST_SHIFT = 6.0


@dataclass(frozen=True)
class StageHistory:
    """Leads of the past, arrays of shape (n,); days are counted from the submit, inf: never.

    Attributes
    ----------
    win, expected_revenue
        As said at submit; money in one currency.
    revenue
        Of won leads; nan where not known.
    won
        Whether it was won in the end.
    age_days
        Days until today.
    qualified_days, closed_days
        Until sales took it up; until it was won, lost or found to be junk.
    """

    win: Vector
    expected_revenue: Vector
    revenue: Vector
    won: Flags
    age_days: Vector
    qualified_days: Vector
    closed_days: Vector

    def mature(self) -> Flags:
        """Return which leads are old enough: as old as 95 of 100 won leads were when they were won."""
        waits = self.closed_days[self.won]
        if not len(waits):
            return np.zeros(len(self.win), dtype=bool)
        old: Flags = self.age_days >= np.quantile(waits, 0.95)
        return old


@dataclass(frozen=True)
class StageCurve:
    """What one state of open leads says, by age, arrays of shape (ages,).

    Attributes
    ----------
    shift
        Of the log-odds of the win probability.
    factor
        Of the expected revenue.
    """

    shift: Vector
    factor: Vector


@dataclass(frozen=True)
class StageValues:
    """What is learned of leads that sales has not taken up, and of those it has."""

    open: StageCurve
    qualified: StageCurve

    @classmethod
    def learn(cls, past: StageHistory) -> StageValues:
        """Learn; where too few leads or wins are left, what held at the age before holds on."""
        mature = past.mature()
        curves = []
        for taken in (False, True):
            shifts: list[float] = []
            factors: list[float] = []
            for age in AGES:
                here = mature & (past.closed_days > age) & ((past.qualified_days <= age) == taken)
                shifts.append(_shift(past, here, shifts[-1] if shifts else 0.0))
                factors.append(_factor(past, here & past.won, factors[-1] if factors else 1.0))
            curves.append(StageCurve(np.array(shifts), np.array(factors)))
        return cls(*curves)

    def value(self, past: StageHistory) -> Vector:
        """Return the expected revenue of open leads as they stand today, shape (n,)."""
        found = np.zeros(len(past.win))
        taken = past.qualified_days <= past.age_days
        for curve, rows in ((self.open, ~taken), (self.qualified, taken)):
            start = curve.shift[0] if curve is self.qualified else 0.0
            ages = past.age_days[rows]
            shift = np.interp(ages, (0.0, *AGES), (start, *curve.shift))
            factor = np.interp(ages, (0.0, *AGES), (1.0, *curve.factor))
            found[rows] = expit(_odds(past.win[rows]) + shift) * past.expected_revenue[rows] * factor
        return found


def _odds(win: Vector) -> Vector:
    odds: Vector = logit(np.clip(win, 1e-9, 1 - 1e-9))
    return odds


def _shift(past: StageHistory, here: Flags, otherwise: float) -> float:
    """Return the shift with which the expected values of leads add up to the expected revenue of the won ones."""
    won, worth = past.won[here], past.expected_revenue[here]
    if len(won) < FEWEST_LEADS or won.sum() < FEWEST_WINS or won.all():
        return otherwise
    odds = _odds(past.win[here])

    def surplus(shift: float) -> float:
        return float((worth * (expit(odds + shift) - won)).sum())

    if surplus(-_MOST_SHIFT) > 0 or surplus(_MOST_SHIFT) < 0:
        return otherwise
    return float(brentq(surplus, -_MOST_SHIFT, _MOST_SHIFT, xtol=1e-6))


def _factor(past: StageHistory, won: Flags, otherwise: float) -> float:
    """Return the factor with which the expected revenues add up to the revenue of the won leads."""
    known = won & np.isfinite(past.revenue)
    if known.sum() < FEWEST_WINS:
        return otherwise
    spare = SHRINK_WINS * float(past.expected_revenue[known].mean())
    return float((past.revenue[known].sum() + spare) / (past.expected_revenue[known].sum() + spare))
