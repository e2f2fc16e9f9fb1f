"""Fit of the revenue of a win."""

from __future__ import annotations

import numpy as np

from models.boosting import BoosterDataset
from tests.training.late_history import fit_history, history
from training.delay_fit import fit_win_delay
from training.outcome_arrays import OutcomeArrays
from training.revenue_fit import deal_size_error, fit_win_revenue


def test_without_revenue_values_are_wins() -> None:
    past = history(1500)
    past.labels["revenue"] = np.nan
    value_model, report = fit_history(past)
    assert set(value_model.predict(past.matrix).expected_revenue) == {1.0}
    assert any("values are wins, not money" in note for note in report.notes)


def test_late_large_deals_are_corrected() -> None:
    past = history(6000, days=300.0)
    outcomes, table = OutcomeArrays(past.labels), BoosterDataset(past.matrix)
    delay, _, _ = fit_win_delay(outcomes, None, 365.0)
    corrected, note = fit_win_revenue(table, outcomes, delay, None, (), 7)
    naive, _ = fit_win_revenue(table, outcomes, None, None, (), 7)
    assert note == ""
    assert corrected.log_size(past.matrix).mean() > naive.log_size(past.matrix).mean() + 0.05


def test_a_sum_that_two_deals_carry_is_uncertain() -> None:
    past = history(3000)
    won = past.labels.index[past.labels["revenue"].notna()]

    def error() -> float:
        outcomes, table = OutcomeArrays(past.labels), BoosterDataset(past.matrix)
        revenue, _ = fit_win_revenue(table, outcomes, None, None, (), 7)
        return deal_size_error(revenue, table, outcomes, None)

    usual = error()
    past.labels.loc[won[:2], "revenue"] = 0.6 * past.labels.loc[won[2:], "revenue"].sum()
    assert usual < 0.15
    assert 0.3 < error() < 0.45
    past.labels["revenue"] = np.nan
    assert error() == 0.0
