"""Stage values: the expected value of an open lead, given its age and whether sales has qualified it.

A bid is paid long before the deal is won, so the value sent at submit must be right in expectation, and every
later one too: over all leads together a revision must neither add value nor remove any. The effect of a stage
is therefore learned from leads old enough that their outcome is known. At each age, separately for qualified
and unqualified leads, two numbers are fitted: the shift of the log-odds with which the expected values add up
to the expected revenue of the won leads, and the factor with which that adds up to their actual revenue. Both
are weighted by money, not by leads: large deals close late, and a shift fitted to the number of wins would
take too much from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from leadworth.arrays import Flags, Vector

AGES = (3.0, 7.0, 14.0, 30.0, 45.0, 60.0, 90.0, 135.0, 180.0)
"""Days since submit at which the curves are fitted; linear in between."""
FEWEST_LEADS = 50
FEWEST_WINS = 5
SHRINK_WINS = 20.0
"""Wins of mean size added to both sides of a revenue factor, so that a few large deals do not dominate it."""
_MOST_SHIFT = 6.0


@dataclass(frozen=True)
class StageHistory:
    """Past leads, arrays of shape (n,); days are counted from the submit, inf: never.

    Attributes
    ----------
    win, expected_revenue
        Win probability and expected revenue at submit; money in one currency.
    revenue
        Revenue of won leads; nan if missing.
    won
        Whether the lead was won.
    age_days
        Days from submit until today.
    qualified_days, closed_days
        Days until sales qualified it, and until it was won, lost or marked as junk.
    other_win
        Whether another lead of its decision unit carries the win: the curves are not learned from it.
    """

    win: Vector
    expected_revenue: Vector
    revenue: Vector
    won: Flags
    age_days: Vector
    qualified_days: Vector
    closed_days: Vector
    other_win: Flags

    def mature(self) -> Flags:
        """Return which leads are older than the age at which 95 % of the won leads were won."""
        days_to_win = self.closed_days[self.won]
        if not len(days_to_win):
            return np.zeros(len(self.win), dtype=bool)
        mature: Flags = self.age_days >= np.quantile(days_to_win, 0.95)
        return mature


@dataclass(frozen=True)
class StageCurve:
    """Adjustment of open leads in one state by age, arrays of shape (ages,).

    Attributes
    ----------
    shift
        Shift of the log-odds of the win probability.
    factor
        Factor of the expected revenue.
    """

    shift: Vector
    factor: Vector


@dataclass(frozen=True)
class StageValues:
    """Curves of open leads that sales has not qualified, and of those it has."""

    open: StageCurve
    qualified: StageCurve

    @classmethod
    def learn(cls, past: StageHistory) -> StageValues:
        """Fit the curves; with too few leads or wins at an age, the values of the age before are kept."""
        usable = past.mature() & ~past.other_win
        curves = []
        for qualified in (False, True):
            shifts: list[float] = []
            factors: list[float] = []
            for age in AGES:
                selected = usable & (past.closed_days > age) & ((past.qualified_days <= age) == qualified)
                shifts.append(_shift(past, selected, shifts[-1] if shifts else 0.0))
                factors.append(_factor(past, selected & past.won, factors[-1] if factors else 1.0))
            curves.append(StageCurve(np.array(shifts), np.array(factors)))
        return cls(*curves)

    def win_probability(self, past: StageHistory) -> Vector:
        """Return the win probability of open leads at their present age and stage, shape (n,)."""
        shift, _ = self._present(past)
        return np.asarray(expit(_log_odds(past.win) + shift), dtype=np.float64)

    def value(self, past: StageHistory) -> Vector:
        """Return the expected revenue of open leads at their present age and stage, shape (n,)."""
        _, factor = self._present(past)
        return self.win_probability(past) * past.expected_revenue * factor

    def _present(self, past: StageHistory) -> tuple[Vector, Vector]:
        """Return the shift and the factor of each lead at its present age and stage."""
        shifts, factors = np.zeros(len(past.win)), np.ones(len(past.win))
        qualified = past.qualified_days <= past.age_days
        for curve, rows in ((self.open, ~qualified), (self.qualified, qualified)):
            start = curve.shift[0] if curve is self.qualified else 0.0
            ages = past.age_days[rows]
            shifts[rows] = np.interp(ages, (0.0, *AGES), (start, *curve.shift))
            factors[rows] = np.interp(ages, (0.0, *AGES), (1.0, *curve.factor))
        return shifts, factors


def _log_odds(win: Vector) -> Vector:
    log_odds: Vector = logit(np.clip(win, 1e-9, 1 - 1e-9))
    return log_odds


def _shift(past: StageHistory, selected: Flags, default: float) -> float:
    """Return the shift with which the expected values add up to the expected revenue of the won leads."""
    won = past.won[selected]
    expected_revenue = past.expected_revenue[selected]
    if len(won) < FEWEST_LEADS or won.sum() < FEWEST_WINS or won.all():
        return default
    log_odds = _log_odds(past.win[selected])

    def surplus(shift: float) -> float:
        return float((expected_revenue * (expit(log_odds + shift) - won)).sum())

    if surplus(-_MOST_SHIFT) > 0 or surplus(_MOST_SHIFT) < 0:
        return default
    return float(brentq(surplus, -_MOST_SHIFT, _MOST_SHIFT, xtol=1e-6))


def _factor(past: StageHistory, won: Flags, default: float) -> float:
    """Return the factor with which the expected revenues add up to the revenue of the won leads."""
    with_revenue = won & np.isfinite(past.revenue)
    if with_revenue.sum() < FEWEST_WINS:
        return default
    prior = SHRINK_WINS * float(past.expected_revenue[with_revenue].mean())
    return float((past.revenue[with_revenue].sum() + prior) / (past.expected_revenue[with_revenue].sum() + prior))
