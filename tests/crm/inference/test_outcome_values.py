"""Date of winning and revenue by their values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.crm.inference.crm_tables import LEADS, codes, deals, leads, proposal_of


def renamed(**headers: str) -> list[list[Any]]:
    rows = deals(codes("D", 45), Lead=LEADS[:45])
    return [[headers.get(name.replace(" ", "_"), name) for name in rows[0]], *rows[1:]]


def test_the_only_date_and_the_only_amount_of_won_deals(tmp_path: Path) -> None:
    rows = renamed(Close_Date="Xqz", Amount="Wvu netto")
    for row in rows[1:]:
        row[3] = f"{row[3]} €" if row[1] == "Closed Won" else ""
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)
    columns = proposal.outcome.columns
    assert (columns["won_at"], columns["lost_at"], columns["revenue"]) == ("Xqz", "Xqz", "Wvu netto")
    assert proposal.currency == "EUR"
    doubts = [item.problem for item in proposal.findings.of_level("check")]
    assert doubts == [
        "deals.csv: 'Xqz' is used as the date of winning only because of its values",
        "deals.csv: 'Wvu netto' is used as the revenue only because of its values",
    ]


def test_of_two_dates_none_is_chosen(tmp_path: Path) -> None:
    rows = [[*row, "Other" if row[0] == "Id" else "2026-01-09"] for row in renamed(Close_Date="Xqz")]
    assert "won_at" not in proposal_of(tmp_path, leads=leads(LEADS), deals=rows).outcome.columns


def test_a_number_that_all_deals_have_is_no_revenue(tmp_path: Path) -> None:
    rows = renamed(Amount="Seats")
    for number, row in enumerate(rows[1:]):
        row[3] = str(number % 7 + 1)
    assert "revenue" not in proposal_of(tmp_path, leads=leads(LEADS), deals=rows).outcome.columns
