"""Invented leads, contacts, deals, contact roles and stage changes, for the joins between them."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crm.inference.proposal import Proposal, propose

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


LEADS = codes("00Q5e00000AbL", 60)


def proposal_of(folder: Path, **tables: list[list[Any]]) -> Proposal:
    """Proposal for tables, which are written as CSV files."""
    paths = [folder / f"{name}.csv" for name in tables]
    for path, rows in zip(paths, tables.values(), strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return propose(paths)


def crm(folder: Path, **columns: list[Any]) -> Proposal:
    """Proposal for leads with further columns, and the deals of most of them."""
    return proposal_of(folder, leads=leads(LEADS, **columns), deals=deals(codes("D", 45), Lead=LEADS[:45]))
