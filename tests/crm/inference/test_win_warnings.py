"""Warnings about wins."""

from __future__ import annotations

from pathlib import Path

from tests.crm.inference.crm_tables import LEADS, codes, deals, leads, proposal_of


def test_stages_without_a_won_one_are_named(tmp_path: Path) -> None:
    rows = [row for row in deals(codes("D", 45), Lead=LEADS[:45]) if row[1] != "Closed Won"]
    stops = proposal_of(tmp_path, leads=leads(LEADS), deals=rows).findings.of_level("stop")
    assert [warning.problem for warning in stops] == [
        "no column of deals.csv shows which leads were won: "
        "no value of 'Stage' means won ('Closed Lost', 'Prospecting')"
    ]


def test_columns_that_might_show_wins_are_named_without_those_of_sales_staff(tmp_path: Path) -> None:
    rows = leads(LEADS, Ergebnisart=["gut", "schlecht"] * 30, Owner=["Eva", "Tom"] * 30)
    stops = proposal_of(tmp_path, leads=rows).findings.of_level("stop")
    assert "these might: 'Ergebnisart' ('gut', 'schlecht')" in stops[0].problem
    assert "Owner" not in stops[0].problem


def test_a_checkbox_beside_the_date_of_every_closed_lead_is_named(tmp_path: Path) -> None:
    ticks = ["checked" if number % 4 == 0 else "" for number in range(60)]
    closed = ["2026-03-01" if number % 2 == 0 else "" for number in range(60)]
    proposal = proposal_of(tmp_path, leads=leads(LEADS, Won=ticks, Closed=closed))
    notes = [item.problem for item in proposal.findings.warnings if "never says no" in item.problem]
    assert notes == [
        "leads.csv: 'Won' never says no, so where it is empty the lead is not won, though 15 such rows have a date in "
        "'Closed'"
    ]


def test_wins_without_a_date_are_in_doubt(tmp_path: Path) -> None:
    rows = [[*row[:2], *row[3:]] for row in deals(codes("D", 45), Lead=LEADS[:45])]
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)
    assert any("no column dates the wins" in item.problem for item in proposal.findings.of_level("check"))


def test_amounts_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    rows = deals(codes("D", 45), Lead=LEADS[:45])
    written = [rows[0], *([*row[:3], f"{row[3]} EUR netto / Jahr", *row[4:]] for row in rows[1:])]
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=written)
    problems = [item.problem for item in proposal.findings.of_level("check")]
    assert any("'Amount' is named like the revenue, but its amounts cannot be read, such as" in one for one in problems)
