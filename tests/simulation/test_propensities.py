"""Win probabilities are calibrated and have the signal of a real company."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from simulation import Simulation


def _z(outcomes: pd.Series, probability: pd.Series) -> float:
    """Return the difference of realised and expected wins in binomial standard deviations."""
    spread = float(np.sqrt((probability * (1 - probability)).sum()))
    return float(outcomes.sum() - probability.sum()) / spread if spread else 0.0


def test_truth_is_calibrated_by_channel_and_decile(base: Simulation) -> None:
    genuine = base.truth[~base.truth["junk"]]
    decile = pd.qcut(genuine["win_probability"], 10, labels=False)
    for by in (genuine["channel"], decile, genuine["submitted_at"].dt.year, genuine["worked"] | True):
        for name, group in genuine.groupby(by):
            assert abs(_z(group["wins"], group["win_probability"])) < 4, name


def test_rates_and_signal_are_those_of_a_real_company(base: Simulation) -> None:
    truth = base.truth
    assert 0.06 < truth.loc[~truth["junk"], "wins"].mean() < 0.12
    assert 0.04 < truth["wins"].mean() < 0.08
    assert 0.80 < roc_auc_score(truth["wins"], truth["win_probability"]) < 0.85
