"""Id, submit time and order of the leads."""

from __future__ import annotations

from pathlib import Path

from tests.crm.inference.proposals import leads_table, propose_settings


def test_a_table_without_id_or_date_uses_the_row_number(tmp_path: Path) -> None:
    content, warnings = propose_settings(tmp_path, leads_table({"plan": ["a", "b"] * 30, "won": [1, 0, 0] * 20}))
    assert (content["leads"]["id"], content["leads"]["order_by"]) == ("row_number", "row_number")
    assert any("the row number is used as the id" in warning for warning in warnings)
