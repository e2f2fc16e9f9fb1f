"""Invented leads, contacts, deals, contact roles and stage changes, for the joins between them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

START = datetime(2026, 1, 5, 9, 30)
STAGES = ("Closed Won", "Closed Lost", "Prospecting")
SOURCES = ("google", "newsletter", "fair")


def leads(ids: list[str], **columns: list[Any]) -> list[list[Any]]:
    """Rows of leads, with further columns."""
    rows: list[list[Any]] = [["Lead ID", "Created", "Email", "Company", "Source", *columns]]
    for number, lead_id in enumerate(ids):
        day = (START + timedelta(hours=17 * number)).strftime("%Y-%m-%d %H:%M:%S")
        cells = [lead_id, day, f"p{number}@firm{number}.com", f"Firm {number}", SOURCES[number % 3]]
        rows.append([*cells, *(values[number] for values in columns.values())])
    return rows


def deals(ids: list[str], **columns: list[Any]) -> list[list[Any]]:
    """Rows of deals, one third won, with further columns."""
    rows: list[list[Any]] = [["Id", "Stage", "Close Date", "Amount", *columns]]
    for number, deal_id in enumerate(ids):
        day = (START + timedelta(days=40, hours=17 * number)).strftime("%Y-%m-%d")
        cells = [deal_id, STAGES[number % 3], day, f"{900 + 7 * number}.50"]
        rows.append([*cells, *(values[number] for values in columns.values())])
    return rows


def codes(prefix: str, count: int, step: int = 7) -> list[str]:
    """Ids of a CRM: a prefix and a number."""
    return [f"{prefix}{90_000 + step * number}" for number in range(count)]
