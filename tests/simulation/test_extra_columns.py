"""Extra columns do not change the others."""

from __future__ import annotations

import pandas as pd

from simulation import simulate


def test_more_features_leave_the_other_columns_alone() -> None:
    few, many = simulate(leads=400, months=6), simulate(leads=400, months=6, features=20)
    assert len(many.leads.columns) == len(few.leads.columns) + 20
    later = ["Lead Status", "Lead Owner", "Last Modified"]
    pd.testing.assert_frame_equal(few.leads.drop(columns=later), many.leads[few.leads.columns].drop(columns=later))
