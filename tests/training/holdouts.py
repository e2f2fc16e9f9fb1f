"""Holdouts and forecasts for tests."""

from __future__ import annotations

import numpy as np

from training.forecast import Forecast
from training.holdout import Holdout


def random_holdout(leads: int = 3000) -> Holdout:
    """Return leads of two channels, of which about a ninth is won."""
    rng = np.random.default_rng(3)
    won = rng.random(leads) < rng.beta(1, 8, leads)
    channel = rng.choice(np.array(["a", "b"], dtype=object), leads)
    return Holdout(
        won=won,
        revenue=np.where(won, rng.lognormal(7, 1, leads), 0.0),
        visible=np.ones(leads),
        visible_money=np.ones(leads),
        channel=channel,
        group=channel,
        period=np.full(leads, "2026Q1", dtype=object),
        has_money=True,
    )


def noisy_forecast(holdout: Holdout) -> Forecast:
    """Return a forecast that is correlated with the outcomes and has many ties."""
    rng = np.random.default_rng(4)
    probability = np.clip(0.1 + 0.15 * holdout.won + rng.normal(0, 0.08, len(holdout)), 0.001, 0.999).round(2)
    return Forecast(probability, probability * 1500)
