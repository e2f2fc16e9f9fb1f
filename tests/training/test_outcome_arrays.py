"""Labels as arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.training.late_history import fit_history, history
from training.outcome_arrays import OutcomeArrays


def _labels(wins: int = 2) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "state": ["won"] * wins + ["lost", "open"],
            "disposition": ["engaged"] * wins + ["junk", "unknown"],
            "age_days": [400.0] * wins + [800.0, 34.75],
            "delay_days": [20.0] * wins + [np.nan, np.nan],
            "closed_days": [np.nan] * wins + [5.0, np.nan],
            "revenue": [100.0, 0.0][:wins] + [0.0] * max(wins - 2, 0) + [np.nan, np.nan],
        }
    )


def test_states_dates_and_revenue() -> None:
    outcomes = OutcomeArrays(_labels())
    assert outcomes.is_open.tolist() == [False, False, False, True]
    assert outcomes.dated.tolist() == [True, True, False, False]
    assert outcomes.paid.tolist() == [True, False, False, False]
    assert outcomes.log_revenue[0] == pytest.approx(np.log(100.0))
    assert np.isnan(outcomes.log_revenue[1:]).all()
    assert outcomes.order.tolist() == [2, 0, 1, 3]
    assert outcomes.years_before_newest()[[0, 3]].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(("wins", "lateness"), [(29, "mature"), (30, "delay")])
def test_lateness_depends_on_the_dated_wins(wins: int, lateness: str) -> None:
    assert OutcomeArrays(_labels(wins)).lateness == lateness


def test_without_any_date_all_outcomes_are_final() -> None:
    past = history(1500)
    past.labels[["age_days", "delay_days", "closed_days"]] = np.nan
    past.labels["state"] = past.labels["state"].replace("open", "lost")
    value_model, report = fit_history(past)
    assert report.lateness == "final"
    wins = past.labels["state"].eq("won").sum()
    assert value_model.predict(past.matrix).win_probability.sum() == pytest.approx(wins, rel=0.12)
