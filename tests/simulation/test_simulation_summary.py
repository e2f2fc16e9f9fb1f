"""The summary adds up to the truth."""

from __future__ import annotations

import pytest

from simulation import Simulation
from simulation.simulation_summary import by_channel


def test_totals_are_those_of_the_truth(base: Simulation) -> None:
    table = by_channel(base)
    truth = base.truth
    assert table["leads"].sum() == len(truth)
    assert table["wins_so_far"].sum() + table["wins_to_come"].sum() == truth["wins"].sum()
    assert table["revenue_so_far"].sum() + table["revenue_to_come"].sum() == pytest.approx(truth["revenue"].sum())
    assert table["spend"].sum() == pytest.approx(base.spend["cost"].sum())
    junk = (table["junk_share"] * table["leads"]).sum()
    assert junk == pytest.approx(truth["junk"].sum())
    assert table["leads"].is_monotonic_decreasing
