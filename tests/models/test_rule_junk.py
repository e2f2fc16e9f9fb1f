"""Junk by rules alone, against the truth of a simulated CRM that gives no outcomes."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from models.rule_junk import rule_junk_probability
from simulation import simulate
from simulation.csv_columns import FILE_COLUMNS


def test_rules_separate_junk_without_outcomes() -> None:
    world = simulate("no-back-end-data", leads=2_000, months=12, seed=3)
    leads = world.leads.rename(columns={column: field for field, column in FILE_COLUMNS.items()})
    probability = rule_junk_probability(leads)
    junk = world.truth["junk"].to_numpy()
    assert roc_auc_score(junk, probability) > 0.85
    assert (probability[~junk] > 0.5).mean() < 0.01


@pytest.mark.parametrize("columns", [{"country": ["IT"]}, {"email": [None]}, {"lead_id": ["1"]}])
def test_leads_of_which_little_is_known_are_no_junk(columns: dict[str, list[str | None]]) -> None:
    assert rule_junk_probability(pd.DataFrame(columns))[0] < 0.5
