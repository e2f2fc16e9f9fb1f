"""Join inference between leads and outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.crm.inference.proposals import IDS, ROWS, Table, leads_table, propose_settings


def test_integers_from_one_do_not_join_by_chance(tmp_path: Path) -> None:
    left = leads_table({"id": list(range(1, ROWS + 1)), "email": [f"p{i}@example.com" for i in range(ROWS)]})
    right: Table = ("deals.csv", [["deal key", "stage"], *[[i, ("Won", "Lost")[i % 2]] for i in range(1, 30)]])
    content, warnings = propose_settings(tmp_path, left, right)
    assert "path" not in content["outcomes"]
    assert any("shares no column" in warning for warning in warnings)


def test_ids_with_a_prefix_join_a_stage_history(tmp_path: Path) -> None:
    left = leads_table(
        {"Lead ID": [f"L-{i:07d}" for i in range(ROWS)], "email": [f"p{i}@example.com" for i in range(ROWS)]}
    )
    rows: list[list[Any]] = [
        [f"L-{i // 2:07d}", ("New", "Won")[i % 2], f"2025-01-{1 + i % 28:02d}"] for i in range(ROWS)
    ]
    content, _ = propose_settings(tmp_path, left, ("stages.csv", [["lead_id", "stage", "stage_at"], *rows]))
    assert (content["outcomes"]["lead_id"], content["outcomes"]["stage_at"]) == ("lead_id", "stage_at")


def test_files_join_by_values_if_the_headers_do_not_match(tmp_path: Path) -> None:
    left = leads_table({"id": IDS, "email": [f"p{i}@example.com" for i in range(ROWS)]})
    right: Table = ("deals.csv", [["wer", "stage"], *[[IDS[i], ("Won", "Lost")[i % 2]] for i in range(30)]])
    content, _ = propose_settings(tmp_path, left, right)
    assert (content["leads"]["id"], content["outcomes"]["lead_id"]) == ("id", "wer")
