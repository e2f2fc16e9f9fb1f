"""Level of the log-odds over the history: a line plus a random walk with heavy-tailed steps.

Markets drift steadily and break now and then. A line alone is right for a steady drift and ruinous for one break; a
Gaussian walk follows noise. The level here is a line with a tight prior on its slope, plus a random walk on knots 40
days apart whose steps have a Student-t prior: most steps stay near 0 and few may be large (the "local linear trend with
heavy-tailed innovations" of robust state-space models; Durbin and Koopman 2012, "Time Series Analysis by State Space
Methods", ch. 9). The posterior mode is found by Newton's method with the Student-t prior written as a scale mixture of
normals (Lange, Little and Taylor 1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Indices, Matrix, Vector
from models.cure_model import CensoredOutcomes
from models.time_to_win import DAYS_PER_YEAR

KNOT_DAYS = 40.0
SLOPE_SPREAD = 0.3
"""Prior standard deviation of the slope, log-odds a year."""
STEP_SCALE = 0.05
STEP_FREEDOM = 2.0
"""Scale and degrees of freedom of the Student-t prior of a step, log-odds in 40 days."""
_FIRST_STEP_SPREAD = 0.3
_ROUNDS = 300
_LEVEL_PRECISION = 1e-6
"""Keeps the level finite where no lead is won, with `_LARGEST`."""
_LARGEST = 12.0
_GAIN = 1e-9
_SHORTEST = 1e-6


@dataclass(frozen=True)
class LevelCurve:
    """Level of the log-odds by years before the newest lead.

    Attributes
    ----------
    now
        Level at the newest lead. It is not extrapolated beyond it.
    per_year
        Slope of the line for each year before the newest lead.
    steps
        Changes of the walk from one knot to the next one before it, the latest first.
    error
        Standard error of `now`, from the observed information; open leads carry less of it than closed ones.

    Examples
    --------
    >>> LevelCurve(-2.0, per_year=0.1).at(np.array([0.0, 1.0])).tolist()
    [-2.0, -1.9]
    >>> year = DAYS_PER_YEAR / KNOT_DAYS
    >>> LevelCurve(-2.0, steps=(1.0,)).at(np.array([0.0, 0.5 / year, 3.0 / year])).tolist()
    [-2.0, -1.5, -1.0]
    """

    now: float
    per_year: float = 0.0
    steps: tuple[float, ...] = ()
    error: float = 0.0

    def at(self, years_before: Vector) -> Vector:
        """Return the level of leads submitted these years before the newest, shape (n,)."""
        design = Design.of(years_before, len(self.steps))
        return design.level(np.array([self.now, self.per_year, *self.steps]))

    def knots(self) -> list[tuple[float, float]]:
        """Return days before the newest lead and the level there, for each knot, the latest first."""
        days = np.arange(len(self.steps) + 1, dtype=np.float64) * KNOT_DAYS
        return list(zip(days.tolist(), self.at(days / DAYS_PER_YEAR).tolist(), strict=True))


def fit_level(
    evidence: CensoredOutcomes, rows: Indices, margin: Vector, years_before: Vector | None = None
) -> LevelCurve:
    """Fit the level of leads with given margins.

    Parameters
    ----------
    evidence
        Censored outcomes of all leads.
    rows
        Row numbers of the leads to fit.
    margin
        Log-odds without the level, shape (len(rows),).
    years_before
        Years from submit to the submit of the newest lead, shape (len(rows),); None for a constant level.
    """
    years = np.zeros(len(rows)) if years_before is None else years_before
    knots = int(years.max() * DAYS_PER_YEAR / KNOT_DAYS) if len(years) else 0
    slope_precision = 1e12 if years_before is None else SLOPE_SPREAD**-2
    posterior = _Posterior(evidence.of(rows).tempered(), margin, Design.of(years, knots), slope_precision)
    level = np.zeros(2 + knots)
    level[0] = -2.0
    for heavy_tails in (False, True):
        level = posterior.mode(level, heavy_tails=heavy_tails)
    now = float(np.clip(level[0], -_LARGEST, _LARGEST))
    return LevelCurve(now, float(level[1]), tuple(level[2:].tolist()), posterior.error(level))


@dataclass(frozen=True)
class Design:
    """Design matrix of level, slope and steps for n leads, shape (2 + steps, n), which is never held in memory.

    Steps go back in time, the latest first. The coefficient of a step is 1 for leads submitted before it began, the
    share of the step between its end and the submit for leads submitted within it, and 0 for later leads. Products
    with the matrix are therefore sums by step.

    Attributes
    ----------
    years
        Years from submit to the submit of the newest lead, shape (n,).
    step, passed
        Step in which each lead was submitted, and its share between its end and the submit, shape (n,).
    steps
        Number of steps.

    Examples
    --------
    >>> design = Design.of(np.array([0.0, 60.0]) / DAYS_PER_YEAR, steps=2)
    >>> design.level(np.array([-2.0, 0.0, 1.0, 1.0])).tolist()
    [-2.0, -0.5]
    """

    years: Vector
    step: Indices
    passed: Vector
    steps: int

    @classmethod
    def of(cls, years_before: Vector, steps: int) -> Design:
        """Return the design of leads submitted these years before the newest."""
        years = np.maximum(years_before, 0.0)
        place = np.minimum(years * DAYS_PER_YEAR / KNOT_DAYS, steps)
        step = np.clip(place.astype(np.int64), 0, max(steps - 1, 0))
        return cls(years, step, place - step, steps)

    def level(self, parameters: Vector) -> Vector:
        """Return the level of each lead, shape (n,), from level, slope and steps, shape (2 + steps,)."""
        line = parameters[0] + parameters[1] * self.years
        if not self.steps:
            return np.asarray(line, dtype=np.float64)
        before = np.concatenate([[0.0], np.cumsum(parameters[2:-1])])
        level: Vector = line + before[self.step] + self.passed * parameters[2:][self.step]
        return level

    def product(self, values: Vector) -> Vector:
        """Return the matrix times values of the leads, shape (2 + steps,)."""
        return np.concatenate([[values.sum(), values @ self.years], self._walk(values)])

    def information(self, weights: Vector) -> Matrix:
        """Return the matrix, times the leads' weights, times its transpose, shape (2 + steps, 2 + steps)."""
        weighted = weights * self.years
        walk, walk_years = self._walk(weights), self._walk(weighted)
        numbers = np.arange(self.steps)
        out = np.empty((2 + self.steps, 2 + self.steps))
        out[0, 0], out[0, 1], out[1, 1] = weights.sum(), weighted.sum(), weighted @ self.years
        out[0, 2:], out[1, 2:] = walk, walk_years
        # Of two steps, the coefficient of the more recent one is 1 where that of the other is not 0.
        out[2:, 2:] = walk[np.maximum.outer(numbers, numbers)]
        out[numbers + 2, numbers + 2] -= self._sums(weights * self.passed * (1.0 - self.passed))
        out[1:, 0], out[2:, 1] = out[0, 1:], walk_years
        return out

    def _walk(self, values: Vector) -> Vector:
        """Return the rows of the steps times values of the leads, shape (steps,)."""
        behind = self._sums(values)[::-1].cumsum()[::-1]
        return np.append(behind[1:], 0.0)[: self.steps] + self._sums(values * self.passed)

    def _sums(self, values: Vector) -> Vector:
        """Return the sum of values of the leads in each step, shape (steps,)."""
        sums: Vector = np.bincount(self.step, values, self.steps)[: self.steps].astype(np.float64)
        return sums


@dataclass(frozen=True)
class _Posterior:
    """Penalised likelihood of level, slope and steps; the prior of the steps is normal or Student-t."""

    evidence: CensoredOutcomes
    margin: Vector
    design: Design
    slope_precision: float

    def mode(self, level: Vector, *, heavy_tails: bool) -> Vector:
        """Return the mode nearest to a starting point by Newton's method with step halving."""
        value = self._loss(level, heavy_tails)
        for _ in range(_ROUNDS):
            change = self._step(level, heavy_tails)
            change /= max(float(np.abs(change).max()), 1.0)
            length = 1.0
            while (reached := self._loss(level - length * change, heavy_tails)) > value and length > _SHORTEST:
                length /= 2.0
            if length <= _SHORTEST:
                break
            level, gained, value = level - length * change, value - reached, reached
            if gained < _GAIN:
                break
        return level

    def error(self, level: Vector) -> float:
        """Return the standard error of the level at the newest lead, from the observed information."""
        curve = self.evidence.observed_curvature(self.design.level(level) + self.margin)
        return float(np.sqrt(max(float(np.linalg.pinv(self._information(curve, level, True))[0, 0]), 0.0)))

    def _step(self, level: Vector, heavy_tails: bool) -> Vector:
        """Return the step from the observed information, or from its bound where that one is not positive definite."""
        log_odds = self.design.level(level) + self.margin
        gradient, bound = self.evidence.derivatives(log_odds)
        slope = self.design.product(gradient) + self._precision(level, heavy_tails) * level
        information = self._information(self.evidence.observed_curvature(log_odds), level, heavy_tails)
        if np.linalg.eigvalsh(information)[0] <= 0:
            information = self._information(bound, level, heavy_tails)
        return np.asarray(np.linalg.solve(information, slope), dtype=np.float64)

    def _information(self, curve: Vector, level: Vector, heavy_tails: bool) -> Matrix:
        return self.design.information(curve) + np.diag(self._precision(level, heavy_tails))

    def _loss(self, level: Vector, heavy_tails: bool) -> float:
        likelihood = self.evidence.total * self.evidence.loss(self.design.level(level) + self.margin)
        steps = level[2:]
        penalty = 0.5 * float(_LEVEL_PRECISION * level[0] ** 2 + self.slope_precision * level[1] ** 2)
        if heavy_tails:
            freedom = STEP_FREEDOM * STEP_SCALE**2
            return likelihood + penalty + 0.5 * (STEP_FREEDOM + 1.0) * float(np.log1p(steps**2 / freedom).sum())
        return likelihood + penalty + 0.5 * float((steps**2).sum()) / _FIRST_STEP_SPREAD**2

    def _precision(self, level: Vector, heavy_tails: bool) -> Vector:
        """Return the precision of the prior; that of a Student-t step is that of its normal mixture component."""
        steps = np.full(len(level) - 2, _FIRST_STEP_SPREAD**-2)
        if heavy_tails:
            steps = (STEP_FREEDOM + 1.0) / (STEP_FREEDOM * STEP_SCALE**2 + level[2:] ** 2)
        return np.concatenate([[_LEVEL_PRECISION, self.slope_precision], steps])
