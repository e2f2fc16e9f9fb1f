"""Mapping of columns to standard fields."""

from __future__ import annotations

from pathlib import Path

from tests.crm.inference.proposals import IDS, ROWS, leads_table, propose_settings


def test_columns_with_unknown_headers_are_mapped_by_values(tmp_path: Path) -> None:
    content, _ = propose_settings(
        tmp_path,
        leads_table(
            {
                "spalte1": IDS,
                "spalte2": [f"p{i}@example.com" for i in range(ROWS)],
                "spalte3": [f"10.0.{i}.{i}" for i in range(ROWS)],
                "spalte4": ["Mozilla/5.0 (X11; Linux)", "curl/8.1"] * 30,
                "spalte5": [f"fb.1.1700000000.{i}AbCdEf" for i in range(ROWS)],
            }
        ),
    )
    assert content["leads"]["columns"] == {
        "email": "spalte2",
        "ip": "spalte3",
        "user_agent": "spalte4",
        "fbc": "spalte5",
    }
    assert content["leads"]["id"] == "spalte1"


def test_a_header_whose_values_do_not_fit_is_a_warning(tmp_path: Path) -> None:
    content, warnings = propose_settings(
        tmp_path, leads_table({"id": IDS, "Phone": ["telephone", "cellular"] * 30, "x": [1, 2] * 30})
    )
    assert "phone" not in content["leads"].get("columns", {})
    assert any("'Phone' is named like phone" in warning for warning in warnings)
