"""Leads behind a figure as rows: reasons, ages, and no amount without the right to see money."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reporting.page.page_model import Message, Unit
from reporting.views.drill_figures import DrillDown
from reporting.views.lead_list import COLUMNS, age_days, crm_address, lead_columns, lead_row, reason_of, scaled

NOW = datetime(2026, 11, 28, 9, 40, tzinfo=UTC)
BEHIND = DrillDown("revenue", Message("Revenue"), Unit.MONEY, None, 1, {"leads": 1, "revenue_micros": 2_500_000})
STAGES = ("won_at", "lost_at", "gone_at", "quote_at", "sql_at", "mql_at")
LEAD: dict[str, Any] = {
    **dict.fromkeys((*COLUMNS, *STAGES)),
    "lead_id": "A1",
    "submitted_at": "2026-11-26T10:00:00+00:00",
    "junk_ppm": 250_000,
    "win_ppm": None,
    "value_micros": 1_500_000,
    "parts": {"leads": 1, "revenue_micros": 2_500_000},
}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"won_at": "x", "quote_at": "x"}, "won"),
        ({"lost_at": "x", "sql_at": "x"}, "lost"),
        ({"lost_at": "x", "gone_at": "x"}, "lost"),
        ({"gone_at": "x", "quote_at": "x"}, "no longer in the CRM"),
        ({"quote_at": "x", "sql_at": "x"}, "has a quote"),
        ({"sql_at": "x", "mql_at": "x"}, "sales is in contact"),
        ({"mql_at": "x", "junk_ppm": 900_000}, "MQL"),
        ({"junk_ppm": 500_000}, "probably junk"),
        ({"junk_ppm": 499_999}, "open"),
        ({"junk_ppm": None}, "without a score"),
    ],
)
def test_the_last_stage_is_the_reason(values: dict[str, Any], reason: str) -> None:
    assert reason_of({**LEAD, **values}).text == reason


def test_a_row_has_the_cells_of_the_columns() -> None:
    row = dict(zip(lead_columns(BEHIND, True), lead_row(LEAD, BEHIND, True, NOW), strict=True))
    assert (row["lead_id"], row["junk_probability"], row["win_probability"]) == ("A1", 0.25, None)
    assert (row["predicted_value"], row["part_leads"], row["part_revenue"]) == (1.5, 1, 2.5)
    assert (row["age_days"], row["why"]) == (1, "open")


def test_without_money_no_amount_is_in_a_row() -> None:
    columns = lead_columns(BEHIND, False)
    row = lead_row(LEAD, BEHIND, False, NOW)
    assert len(columns) == len(row)
    assert not {"predicted_value", "part_revenue"} & set(columns)
    assert 2.5 not in row
    assert 1.5 not in row


def test_ages_addresses_and_scales() -> None:
    assert age_days({"submitted_at": "2026-11-29T10:00:00+00:00"}, NOW) == 0
    assert crm_address(None, "A1") is None
    assert crm_address("https://crm.example.com/?id={lead_id}", "a b&c") == "https://crm.example.com/?id=a%20b%26c"
    assert scaled("open_win_ppm", 250_000) == 0.25
