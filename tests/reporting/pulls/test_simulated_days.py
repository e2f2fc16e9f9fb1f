"""Days of simulated accounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from reporting.pulls.simulated_days import DAYS, SimulatedCampaign, restated, spend_lines, spend_sums

LAST = date(2026, 11, 28)
LINES = spend_lines([SimulatedCampaign("1", "One"), SimulatedCampaign("2", "Two")], LAST, seed=1)


def test_there_are_days_without_spend_and_whole_cents() -> None:
    assert len(LINES) == 2 * DAYS
    assert any(line.is_zero for line in LINES)
    assert all(line.cost == line.cost.quantize(Decimal("0.01")) for line in LINES)


def test_a_restatement_changes_one_day() -> None:
    day = LINES[4].day
    before, after = spend_sums(LINES), spend_sums(restated(LINES, day))
    assert {key[1] for key in before if before[key] != after[key]} == {day}
