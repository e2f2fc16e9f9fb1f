"""Fit of the delay from submit to win."""

from __future__ import annotations

import numpy as np

from tests.training.late_history import history
from training.delay_fit import fit_win_delay
from training.outcome_arrays import OutcomeArrays


def test_the_delay_of_right_truncated_wins_is_corrected() -> None:
    outcomes = OutcomeArrays(history(9000, days=250.0).labels)
    complete = OutcomeArrays(history(9000, days=3000.0).labels)
    delay, misfit, _ = fit_win_delay(outcomes, None, 365.0)
    observed = float(np.median(outcomes.delay[outcomes.dated]))
    actual = float(np.median(complete.delay[complete.dated]))
    assert observed < 0.9 * actual
    assert 0.0 < misfit < 1.5
    assert abs(delay.quantile(0.5) - actual) < abs(observed - actual)


def test_a_history_shorter_than_the_horizon_is_noted() -> None:
    _, _, note = fit_win_delay(OutcomeArrays(history(2000, days=200.0).labels), None, 365.0)
    assert "the oldest lead is 200 days old" in note
    _, _, note = fit_win_delay(OutcomeArrays(history(2000, days=500.0).labels), None, 365.0)
    assert note == ""
