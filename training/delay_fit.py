"""Fit of the delay from submit to win."""

from __future__ import annotations

import numpy as np

from leadworth.arrays import Vector
from models.delay_likelihood import WinDelays, fit_delay
from models.time_to_win import TimeToWin
from training.outcome_arrays import OutcomeArrays


def fit_win_delay(outcomes: OutcomeArrays, channel: Vector | None, horizon_days: float) -> tuple[TimeToWin, float, str]:
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
    tuple of TimeToWin, float and str
        The model, its misfit (Kolmogorov distance x sqrt(wins)), and a note if the history is shorter than the
        horizon, else an empty text.
    """
    rows = np.flatnonzero(outcomes.dated)
    oldest = float(np.nanmax(outcomes.age))
    note = ""
    if oldest < horizon_days:
        note = (
            f"late outcomes: the oldest lead is {oldest:.0f} days old, so wins that take longer cannot be observed and "
            "are not counted"
        )
    wins = WinDelays(
        outcomes.delay[rows],
        outcomes.age[rows],
        outcomes.log_revenue[rows],
        None if channel is None else channel[rows],
    )
    delay = fit_delay(wins, min(horizon_days, oldest))
    return delay, wins.misfit(delay), note
