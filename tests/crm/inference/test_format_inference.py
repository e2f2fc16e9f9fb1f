"""Date format, decimal mark and time zone of exports."""

from __future__ import annotations

from pathlib import Path

from tests.crm.inference.proposals import IDS, ROWS, leads_table, propose_settings


def test_an_ambiguous_order_of_day_and_month_is_a_warning(tmp_path: Path) -> None:
    dates = [f"{1 + i % 12:02d}/{1 + i % 11:02d}/2025" for i in range(ROWS)]
    content, warnings = propose_settings(
        tmp_path, leads_table({"id": IDS, "created": dates, "won": [i % 2 for i in range(ROWS)]})
    )
    assert content["leads"]["date_format"] == "%m/%d/%Y"
    assert any("'created' fits %d/%m/%Y and %m/%d/%Y" in warning for warning in warnings)
