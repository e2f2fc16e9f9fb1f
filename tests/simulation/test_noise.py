from __future__ import annotations

import pandas as pd

from leadworth.readers.number_reader import read_number
from simulation import Simulation
from simulation.noise import TOKENS_OF_FILE


def test_budgets_come_in_several_notations_and_keep_their_value(base: Simulation) -> None:
    written = base.leads["Budget"].dropna()
    assert written.str.endswith(",00 €").mean() > 0.1
    assert written.str.startswith("EUR ").mean() > 0.01
    amounts = written.map(read_number)
    assert amounts.notna().all()
    assert (amounts % 500 == 0).all()
    assert amounts.min() >= 500


def test_missing_cells_are_written_in_several_ways(base: Simulation) -> None:
    industry = base.leads["Industry"]
    assert (industry == "Select").sum() > 100
    assert industry.isna().sum() > 100
    assert set(TOKENS_OF_FILE) == {"", "Select", "N/A"}
    assert (base.leads["Email"].dropna().str.isupper()).mean() > 0.01


def test_new_categories_appear_late_only(base: Simulation) -> None:
    late = base.end - pd.Timedelta(days=80)
    for column, value in (("Industry", "Climate technology"), ("Campaign", "search_autumn")):
        times = base.leads.loc[base.leads[column] == value, "Created"]
        assert len(times) > 20
        assert times.min() > late
