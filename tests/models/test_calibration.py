"""Platt scaling under late outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import Platt, fit_platt
from models.cure_model import CensoredOutcomes
from models.log_odds import sigmoid


def evidence_of(line: tuple[float, float], rows: int, seed: int = 0) -> tuple[np.ndarray, CensoredOutcomes]:
    """Return log-odds of an uncalibrated model and leads of which half are seen too early."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.0, 1.5, rows)
    winner = rng.random(rows) < sigmoid(line[0] + line[1] * odds)
    age = rng.uniform(0.0, 150.0, rows)
    won = winner & (rng.exponential(60.0, rows) <= age)
    ones = np.ones(rows)
    return odds, CensoredOutcomes(won, np.zeros(rows, dtype=bool), np.exp(-age / 60.0), ones, ones)


def evidence_at(log_odds: np.ndarray, like: CensoredOutcomes) -> CensoredOutcomes:
    """Return final outcomes of leads with these log-odds."""
    won = np.random.default_rng(5).random(len(log_odds)) < sigmoid(log_odds)
    return CensoredOutcomes(won, ~won, 0.0 * like.winner_open, like.loser_open, like.genuine)


def test_line_is_recovered_from_late_outcomes() -> None:
    odds, evidence = evidence_of((0.4, 0.7), 40_000)
    platt = fit_platt(odds, np.zeros(len(odds)), 0.0, evidence, np.arange(len(odds)))
    assert platt.slope == pytest.approx(0.7, abs=0.05)
    assert platt.shift == pytest.approx(0.4, abs=0.1)


def test_the_level_is_shifted_and_not_scaled() -> None:
    rows, now = 40_000, -1.5
    odds, evidence = evidence_of((0.4, 0.7), rows)
    level = np.linspace(-3.0, now, rows)
    margin = odds - level
    platt = fit_platt(margin, level, now, evidence_at(level + 0.2 + 0.7 * margin, evidence), np.arange(rows))
    assert platt.slope == pytest.approx(0.7, abs=0.05)
    assert platt.apply(np.array([now + 1.0]))[0] == pytest.approx(now + 0.2 + 0.7, abs=0.1)


def test_few_leads_change_little() -> None:
    odds, evidence = evidence_of((1.5, 0.3), 20)
    platt = fit_platt(odds, np.zeros(20), 0.0, evidence, np.arange(20))
    assert 0.4 < platt.slope < 1.6
    assert fit_platt(np.zeros(0), np.zeros(0), 0.0, evidence, np.arange(0)) == Platt(0.0, 1.0)


@given(st.floats(-3.0, 3.0), st.floats(0.1, 3.0))
def test_slope_stays_positive(shift: float, slope: float) -> None:
    odds, evidence = evidence_of((shift, -slope), 60)
    assert fit_platt(odds, np.zeros(60), 0.0, evidence, np.arange(60)).slope > 0
