"""Compiled loop from margins of trees and scorecards to the predictions at submit."""

from __future__ import annotations

import math

import numpy as np

from leadworth.arrays import Matrix, Vector
from leadworth.compiled import compiled

Line = tuple[float, float, float]
"""(intercept, shift, slope): shift + slope * (intercept + margin)."""

_SMALLEST = 1e-12


@compiled
def combine(margins: Matrix, cards: Matrix, lines: tuple[Line, Line, Line], factor: float, factors: Vector) -> Matrix:
    """Return the predictions at submit, shape (8, rows).

    Parameters
    ----------
    margins
        Margins of win, revenue and junk, shape (rows, 3).
    cards
        Log-odds of junk by its rules, and of automation, shape (rows, 2).
    lines
        Lines from the margins to log-odds of g, log size and log-odds of junk.
    factor
        Smearing factor of the revenue; 0 for a history without revenue, where every win counts 1.
    factors
        Revenue factor of the channel, shape (rows,).

    Returns
    -------
    The rows are: win log-odds, log-odds of g, log size, junk log-odds, win probability, expected revenue, junk
    probability, automation probability. Win probability = (1 - junk) x g, clipped to 1e-12 from 0 and 1.
    """
    rows = len(margins)
    result = np.empty((8, rows))
    for row in range(rows):
        genuine = apply(lines[0], margins[row, 0])
        log_size = apply(lines[1], margins[row, 1])
        junk = apply(lines[2], cards[row, 0] + margins[row, 2])
        win = sigmoid(-junk) * sigmoid(genuine)
        clipped = min(max(win, _SMALLEST), 1.0 - _SMALLEST)
        log_odds = math.log(clipped) - math.log1p(-clipped)
        result[0, row] = log_odds
        result[1, row] = genuine
        result[2, row] = log_size
        result[3, row] = junk
        result[4, row] = sigmoid(log_odds)
        result[5, row] = factor * math.exp(log_size) * factors[row] if factor > 0.0 else 1.0
        result[6, row] = sigmoid(junk)
        result[7, row] = sigmoid(cards[row, 1])
    return result


@compiled
def apply(line: Line, margin: float) -> float:
    """Return shift + slope * (intercept + margin)."""
    intercept, shift, slope = line
    return shift + slope * (intercept + margin)


@compiled
def sigmoid(log_odds: float) -> float:
    """Return the probability of log-odds, without overflow."""
    tail = math.exp(-abs(log_odds))
    return (1.0 if log_odds >= 0.0 else tail) / (1.0 + tail)
