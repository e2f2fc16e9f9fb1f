"""Fit of the delay from submit to win."""

from __future__ import annotations

import numpy as np

from leadworth.arrays import Vector
from models.time_to_win import TimeToWin, fit_delay
from training.outcome_arrays import OutcomeArrays


def fit_win_delay(outcomes: OutcomeArrays, channel: Vector | None, horizon_days: float) -> tuple[TimeToWin, str]:
    """Fit the delay to the dated wins.

    Parameters
    ----------
    outcomes
        Labels of the training leads.
    channel
        Code of each lead's channel, shape (n,), or None.
    horizon_days
        Later wins do not count.

    Returns
    -------
    tuple of Delay and str
        The model, and a note if the history is shorter than the horizon, else an empty text.
    """
    rows = np.flatnonzero(outcomes.dated)
    oldest = float(np.nanmax(outcomes.age))
    note = ""
    if oldest < horizon_days:
        note = (
            f"late outcomes: the oldest lead is {oldest:.0f} days old, so wins that take longer cannot be observed and "
            "are not counted"
        )
    delay = fit_delay(
        outcomes.delay[rows],
        outcomes.age[rows],
        outcomes.log_revenue[rows],
        None if channel is None else channel[rows],
        min(horizon_days, oldest),
    )
    return delay, note
