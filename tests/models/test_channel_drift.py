"""Drift of single channels: found where there is one, small where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from models.channel_drift import ChannelDrift, fit_channel_drift
from models.cure_model import CensoredOutcomes
from models.log_odds import sigmoid


def fit_to(effects: dict[int, float], rows: int = 30_000, seed: int = 0) -> ChannelDrift:
    """Fit leads of three channels of which some changed over the last half-year."""
    rng = np.random.default_rng(seed)
    channel, years = rng.integers(0, 3, rows).astype(float), rng.uniform(0.0, 1.5, rows)
    base = rng.normal(-2.0, 0.5, rows)
    won = rng.random(rows) < sigmoid(base + ChannelDrift(effects).at(channel, years))
    ones = np.ones(rows)
    evidence = CensoredOutcomes(won, ~won, 0.0 * ones, ones, ones)
    return fit_channel_drift(evidence, np.arange(rows), base, channel, years)


def test_a_channel_that_changed_is_found() -> None:
    drift = fit_to({1: 0.8})
    assert drift.effects[1] == pytest.approx(0.8, abs=0.25)
    assert abs(drift.effects[0]) < 0.2
    assert abs(drift.effects[2]) < 0.2


def test_few_leads_keep_the_level_of_the_market() -> None:
    assert fit_to({1: 2.0}, rows=300).effects == {}
    assert all(abs(effect) < 0.25 for effect in fit_to({}, rows=2_000).effects.values())


def test_unknown_and_missing_channels_have_no_drift() -> None:
    assert ChannelDrift({0: 0.5}).now(np.array([7.0, np.nan, -1.0])).tolist() == [0.0, 0.0, 0.0]
    assert ChannelDrift().now(np.array([0.0])).tolist() == [0.0]
