"""Columns of [outcomes]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.crm.inference.proposals import propose_settings


@pytest.mark.parametrize(
    ("stage", "closed", "lost", "is_open"),
    [
        ("Deal Stage", "Close Date", "Closed Lost", "New"),
        ("Phase", "Schlussdatum", "Verloren", "Neu"),
        ("Fase", "Data chiusura", "Perso", "Nuovo"),
        ("Stage", "Won Date", "Closed Lost", "New"),
    ],
)
def test_a_date_of_lost_deals_is_not_won_at(tmp_path: Path, stage: str, closed: str, lost: str, is_open: str) -> None:
    rows: list[list[Any]] = [["Id", "E-Mail", stage, closed]]
    for number in range(40):
        day = f"2026-03-{number % 28 + 1:02}"
        rows.append([number, f"p{number}@firm{number}.de", (lost, is_open)[number % 2], day])
    content, warnings = propose_settings(tmp_path, ("leads.csv", rows))
    assert "won_at" not in content["outcomes"]
    assert content["outcomes"]["lost_stages"] == [lost]
    assert any("shows which leads were won" in warning for warning in warnings)


def test_a_close_date_alone_is_not_won_at(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Id", "E-Mail", "Close Date"]]
    rows += [[number, f"p{number}@firm{number}.de", "2026-03-05" if number % 2 else ""] for number in range(40)]
    content, warnings = propose_settings(tmp_path, ("leads.csv", rows))
    assert "won_at" not in content["outcomes"]
    assert any("shows which leads were won" in warning for warning in warnings)


def test_a_date_that_lost_deals_lack_is_won_at(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Id", "E-Mail", "Stage", "Won Date"]]
    for number in range(40):
        won = number % 2
        rows.append(
            [number, f"p{number}@firm{number}.de", "Open" if won else "Closed Lost", "2026-03-05" if won else ""]
        )
    content, _ = propose_settings(tmp_path, ("leads.csv", rows))
    assert content["outcomes"]["won_at"] == "Won Date"
