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
