"""Currency of the exports."""

from __future__ import annotations

from pathlib import Path

from tests.crm.inference.proposals import IDS, ROWS, leads_table, propose_settings


def test_currency_and_time_zone_are_warnings_unless_they_are_options(tmp_path: Path) -> None:
    table = leads_table({"id": IDS, "created": ["2025-01-02 10:00"] * ROWS, "won": [i % 2 for i in range(ROWS)]})
    content, warnings = propose_settings(tmp_path, table)
    assert (content["currency"], content["timezone"]) == ("XXX", "UTC")
    assert sum("currency" in warning or "time zone" in warning for warning in warnings) == 2
    content, warnings = propose_settings(tmp_path, table, currency="CHF", timezone="Europe/Zurich")
    assert (content["currency"], content["timezone"]) == ("CHF", "Europe/Zurich")
    assert not any("show no currency" in warning or "time zone" in warning for warning in warnings)
