"""Simulated labelled leads with late outcomes, for tests of the fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.feature_spec import FeatureSpec
from features.lead_cells import fit_spec
from leadworth.settings import JunkSettings
from models.log_odds import sigmoid
from models.value_model import LeadValueModel
from training.fit import FitReport, fit_value_model


@dataclass
class History:
    """Leads with their labels; `chance` is the true win probability."""

    spec: FeatureSpec
    matrix: np.ndarray
    labels: pd.DataFrame
    chance: np.ndarray


def history(rows: int = 3000, seed: int = 0, days: float = 500.0) -> History:
    """Return leads of the last `days` days; every third loser is closed, large deals are slow."""
    rng = np.random.default_rng(seed)
    source = rng.choice(["google", "fair", "linkedin"], rows)
    visits, spam = rng.normal(size=rows), rng.random(rows) < 0.2
    leads = pd.DataFrame({"lead_id": [str(i) for i in range(rows)]}, dtype="str")
    leads["source"] = pd.Series(source, dtype="str")
    leads["extras.visits"], leads["extras.odd"] = visits, 2.0 * spam + rng.normal(size=rows)
    chance = sigmoid(visits - 1.0 + (source == "fair")) * ~spam
    size = 7.0 + 0.5 * visits + rng.normal(0.0, 0.8, rows)
    delay = np.exp(4.0 + 0.4 * (size - 7.0)) * rng.weibull(1.3, rows)
    age, closing = rng.uniform(0.0, days, rows), rng.exponential(40.0, rows)
    winner = rng.random(rows) < chance
    won = winner & (delay <= np.minimum(age, 365.0))
    closed = ~winner & (rng.random(rows) < 0.33) & (closing <= age)
    lost = ~won & (closed | (age >= 365.0))
    labels = pd.DataFrame(
        {
            "state": np.select([won, lost], ["won", "lost"], "open"),
            "age_days": age,
            "delay_days": np.where(won, delay, np.nan),
            "closed_days": np.where(closed, closing, np.nan),
            "revenue": np.where(won, np.exp(size), np.nan),
            "disposition": np.select([won, spam & (rng.random(rows) < 0.5)], ["engaged", "junk"], "unknown"),
        }
    )
    spec = fit_spec(leads, {"visits": "numeric", "odd": "numeric"})
    return History(spec, spec.matrix(leads), labels, chance)


def fit_history(past: History, seed: int = 7) -> tuple[LeadValueModel, FitReport]:
    """Fit the lead value model with a horizon of 365 days."""
    return fit_value_model(past.matrix, past.spec, past.labels, horizon_days=365, junk=JunkSettings(), seed=seed)
