"""Evidence in values that sales fills a column."""

from __future__ import annotations

import numpy as np
import pytest

from crm.inference.late_values import SampledOutcomes, late_reason, periods

ROWS = 400
RNG = np.random.default_rng(3)
OLD = np.arange(ROWS) < 200
CLOSED = np.where(OLD, RNG.random(ROWS) < 0.8, RNG.random(ROWS) < 0.3)
WON = CLOSED & (RNG.random(ROWS) < 0.3)
OUTCOMES = SampledOutcomes(WON, CLOSED & ~WON, periods(np.arange(ROWS, dtype=float)))


def test_a_column_filled_for_closed_leads_is_late() -> None:
    values = ["Acme" if closed or n % 20 == 0 else "" for n, closed in enumerate(CLOSED)]
    assert "of the closed and" in late_reason(values, OUTCOMES)
    assert "of the closed and" in late_reason(values, OUTCOMES, standard=True)


def test_values_that_only_closed_leads_have_are_late() -> None:
    values = [("approved", "rejected")[n % 2] if closed else "waiting" for n, closed in enumerate(CLOSED)]
    assert "of the closed leads have values that no open lead has" in late_reason(values, OUTCOMES)


def test_a_column_that_separates_won_leads_is_late() -> None:
    values = [("good", "fine")[n % 2] if won else "poor" for n, won in enumerate(WON)]
    assert "by itself (AUC 1.00)" in late_reason(values, OUTCOMES)


@pytest.mark.parametrize(
    "values",
    [
        ["2025 fair" if old else "2026 fair" for old in OLD],
        ["old form" if old else "" for old in OLD],
        ["web", "fair", "", "mail"] * 100,
        [f"note {n}" if n % 3 else "" for n in range(ROWS)],
    ],
    ids=["campaigns that end", "a field of the old form", "a source", "a message"],
)
def test_columns_that_a_form_fills_are_not(values: list[str]) -> None:
    assert late_reason(values, OUTCOMES) == ""


def test_without_losses_only_won_leads_are_compared() -> None:
    outcomes = SampledOutcomes(WON, np.zeros(ROWS, dtype=bool), OUTCOMES.period)
    assert late_reason(["x" if closed else "" for closed in CLOSED], outcomes) == ""
    assert "of the won" in late_reason(["x" if won else "" for won in WON], outcomes)
