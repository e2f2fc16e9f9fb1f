"""Cells that cannot be read, as `leadworth init` counts them."""

from __future__ import annotations

from pathlib import Path

from crm.inference.init_report import screen_lines
from tests.crm.inference.crm_tables import LEADS, codes, deals, leads, proposal_of


def test_unreadable_amounts_of_won_deals_are_counted(tmp_path: Path) -> None:
    rows = deals(codes("D", 45), Lead=LEADS[:45])
    for row in rows[1:31:3]:
        row[3] = "about five thousand"
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)
    screen = " ".join(" ".join(screen_lines(proposal, 80, "x")).split())
    assert "Amount: 5 of 15 won rows" in screen
    assert "'Amount': 10 of 45 amounts cannot be read (22 %), such as 'about five thousand'" in screen
    assert "train stops above 5%" in screen


def test_a_few_unreadable_dates_are_set_aside_and_counted(tmp_path: Path) -> None:
    rows = deals(codes("D", 45), Lead=LEADS[:45])
    rows[4][2] = "soon"
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)
    warning = next(item for item in proposal.findings.warnings if "cannot be read" in item.problem)
    assert (warning.level, proposal.outcome.columns["won_at"]) == ("check", "Close Date")
    assert "'Close Date': 1 of 45 dates cannot be read (2 %), such as 'soon'" in warning.problem
    assert "rows with an unreadable date are set aside" in warning.remedy


def test_amounts_that_training_refuses_are_counted_by_init(tmp_path: Path) -> None:
    for mark in (".", ","):
        rows = deals(codes("D", 45), Lead=LEADS[:45])
        for number, row in enumerate(rows[1:]):
            row[3] = f"{32 + number}{mark}062" if number % 2 else f"{40_769 + number}{mark}00"
        proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)

        warning = next(item for item in proposal.findings.warnings if "cannot be read" in item.problem)
        assert (warning.level, proposal.formats["outcomes"]) == ("stop", {})
        assert "22 of 45 amounts cannot be read" in warning.problem
        assert "set decimal" in warning.remedy
        assert not any("has amounts such as" in item.problem for item in proposal.findings.warnings)


def test_columns_of_dates_that_training_refuses_are_named_with_a_value(tmp_path: Path) -> None:
    lead_rows = leads(LEADS)
    deal_rows = deals(codes("D", 45), Lead=LEADS[:45])
    for number, row in enumerate(lead_rows[1:]):
        row[1] = f"{number % 28 + 1}th month {number % 12 + 1} 2026"
    for number, row in enumerate(deal_rows[1:]):
        row[2] = f"{number % 28 + 1}th month {number % 12 + 1} 2026"
    proposal = proposal_of(tmp_path, leads=lead_rows, deals=deal_rows)

    assert proposal.submitted_at == "Created"
    assert proposal.outcome.columns["won_at"] == "Close Date"
    problems = [item.problem for item in proposal.findings.of_level("stop")]
    assert problems == [
        "column 'Close Date' of deals.csv holds no dates that can be read: '1th month 1 2026'",
        "column 'Created' of leads.csv holds no dates that can be read: '1th month 1 2026'",
    ]


def test_short_dates_that_fit_both_ways_are_asked_about(tmp_path: Path) -> None:
    rows = leads(LEADS)
    for number, row in enumerate(rows[1:]):
        row[1] = f"2{number % 3}-{number % 12 + 1:02}-1{number % 7}"
    proposal = proposal_of(tmp_path, leads=rows, deals=deals(codes("D", 45), Lead=LEADS[:45]))

    assert "date_format" not in proposal.formats["leads"]
    assert any("the day or the year comes first" in item.problem for item in proposal.findings.of_level("stop"))


def test_a_column_that_training_reads_keeps_its_use(tmp_path: Path) -> None:
    rows = leads(LEADS)
    for number, row in enumerate(rows[1:]):
        row[1] = f"{number % 28 + 1:02}/06/2026" if number % 3 else f"2026-06-{number % 28 + 1:02}"
    proposal = proposal_of(tmp_path, leads=rows, deals=deals(codes("D", 45), Lead=LEADS[:45]))

    assert (proposal.submitted_at, proposal.findings.of_level("stop")) == ("Created", [])
