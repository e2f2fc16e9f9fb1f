"""Combine the margins of the trees and scorecards to the predictions at submit, row by row."""

from __future__ import annotations

import math

import numpy as np

from models.base import Matrix, Vector
from models.compiled import compiled

Line = tuple[float, float, float]
"""(intercept, shift, slope): shift + slope * (intercept + margin)."""

_SMALLEST = 1e-12


@compiled
def combine(margins: Matrix, cards: Matrix, lines: tuple[Line, Line, Line], factor: float, factors: Vector) -> Matrix:
    """Return the predictions at submit, shape (8, rows).

    Parameters
    ----------
    margins
        Of win, revenue and junk, shape (rows, 3).
    cards
        Log-odds of junk by its rules, and of automation, shape (rows, 2).
    lines
        What turns the margins into log-odds of g, log size and log-odds of junk.
    factor
        From the exponential of the log size to money; 0 where no revenue is known and every win counts 1.
    factors
        Factor of the channel, shape (rows,).

    Returns
    -------
    By row: log-odds of winning, log-odds of g, log size, log-odds of junk, win probability, expected revenue,
    junk probability, automation probability. Win probability = (1 - junk) x g, held within 1e-12 of 0 and 1.
    """
    rows = len(margins)
    found = np.empty((8, rows))
    for row in range(rows):
        genuine = apply(lines[0], margins[row, 0])
        log_size = apply(lines[1], margins[row, 1])
        junk = apply(lines[2], cards[row, 0] + margins[row, 2])
        win = sigmoid(-junk) * sigmoid(genuine)
        held = min(max(win, _SMALLEST), 1.0 - _SMALLEST)
        log_odds = math.log(held) - math.log1p(-held)
        found[0, row] = log_odds
        found[1, row] = genuine
        found[2, row] = log_size
        found[3, row] = junk
        found[4, row] = sigmoid(log_odds)
        found[5, row] = factor * math.exp(log_size) * factors[row] if factor > 0.0 else 1.0
        found[6, row] = sigmoid(junk)
        found[7, row] = sigmoid(cards[row, 1])
    return found


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
