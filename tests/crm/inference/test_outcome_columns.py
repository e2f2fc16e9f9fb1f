"""Columns of [outcomes]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm.inference.init_report import screen_lines
from tests.crm.inference.crm_tables import LEADS, codes, deals, leads, proposal_of
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


@pytest.mark.parametrize("flag", [True, False])
def test_a_conversion_without_revenue_may_be_no_win(tmp_path: Path, flag: bool) -> None:
    """As in a report of Salesforce leads without their opportunities."""
    rows: list[list[Any]] = [["Lead ID", "Create Date", "Email", "Lead Status", *["Converted"] * flag]]
    for number in range(60):
        state = ("Closed - Converted", "Open - Not Contacted", "Closed - Not Converted")[number % 3]
        day = f"2026-03-{number % 28 + 1:02}"
        rows.append([f"L{number}", day, f"p{number}@firm{number}.com", state, *[int(number % 3 == 0)] * flag])
    _, warnings = propose_settings(tmp_path, ("leads.csv", rows))
    assert any("may mean that a lead became an opportunity, not that it was won" in warning for warning in warnings)


def test_a_revenue_in_cents_gives_way_to_the_column_in_whole_units(tmp_path: Path) -> None:
    rows = deals(codes("D", 45), Lead=LEADS[:45])
    cents = [["Id", "Stage", "Close Date", "Value", "Lead", "Value Formatted"]]
    for row in rows[1:]:
        amount = float(row[3])
        cents.append([*row[:3], str(round(amount * 100)), row[4], f"${amount:,.2f}"])
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=cents)
    assert proposal.outcome.columns["revenue"] == "Value Formatted"


def test_amounts_in_thousands_are_not_the_revenue(tmp_path: Path) -> None:
    rows = deals(codes("D", 45), Lead=LEADS[:45])
    rows[0] = ["Amount (k€)" if header == "Amount" else header for header in rows[0]]
    assert "Amount (k€)" in rows[0]
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)
    assert "revenue" not in proposal.outcome.columns
    problems = " ".join(item.problem for item in proposal.findings.of_level("check"))
    assert "'Amount (k€)' is not in whole units of money" in problems


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


def test_negative_amounts_of_won_rows_are_counted(tmp_path: Path) -> None:
    rows = deals(codes("D", 45), Lead=LEADS[:45])
    for row in rows[1:10:3]:
        row[3] = f"({row[3]})"
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)
    doubts = [item.problem for item in proposal.findings.of_level("check")]
    assert doubts == ["deals.csv: 'Amount' is negative in 3 of 15 won rows"]
    assert any("Amount: 12 of 15 won rows" in line for line in screen_lines(proposal, 80, "x"))


def test_converted_beside_the_id_of_an_opportunity_may_not_be_a_win(tmp_path: Path) -> None:
    converted = {"Converted": ["1", "0"] * 30, "Opportunity ID": [f"O{n}" if n % 2 == 0 else "" for n in range(60)]}
    proposal = proposal_of(tmp_path, leads=leads(LEADS, **converted))
    assert proposal.outcome.columns["won"] == "Converted"
    assert any("a lead became an opportunity" in item.problem for item in proposal.findings.of_level("check"))
