"""The screen and the file of `leadworth init`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from crm.inference.column_explanation import explain_column
from crm.inference.init_report import MOST_LINES, markdown, screen_lines
from crm.inference.proposal import Proposal, propose
from tests.crm.inference.crm_tables import codes, deals, leads
from tests.crm.inference.export_cases import ExportCase, export_cases

LEADS = codes("00Q5e00000AbL", 60)


def proposal_of(folder: Path, **tables: list[list[Any]]) -> Proposal:
    paths = [folder / f"{name}.csv" for name in tables]
    for path, rows in zip(paths, tables.values(), strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return propose(paths)


def crm(folder: Path, **columns: list[Any]) -> Proposal:
    return proposal_of(folder, leads=leads(LEADS, **columns), deals=deals(codes("D", 45), Lead=LEADS[:45]))


@pytest.mark.parametrize("case", export_cases(), ids=str)
def test_one_screen_of_80_columns_without_broken_words(case: ExportCase) -> None:
    proposal = propose(case.files)
    lines = screen_lines(proposal, 80, "leadworth.init.md")
    assert len(lines) <= MOST_LINES
    assert all(len(line) <= 80 for line in lines)
    words = {word for export in proposal.exports for name in export.columns for word in name.split()}
    printed = {word.strip(",") for line in lines for word in line.split()}
    assert all(name in printed for name in proposal.id.split())
    assert words & printed


def test_many_doubts_end_with_the_number_of_the_others(tmp_path: Path) -> None:
    proposal = crm(tmp_path)
    for number in range(30):
        proposal.findings.warn(f"doubt {number} " + "with many words " * 9, "do this " * 12)
    lines = screen_lines(proposal, 80, "leadworth.init.md")
    assert len(lines) <= MOST_LINES
    assert lines[-1].endswith("more in leadworth.init.md")


def test_the_screen_shows_the_join_and_the_outcome(tmp_path: Path) -> None:
    screen = "\n".join(screen_lines(crm(tmp_path), 80, "leadworth.init.md"))
    assert "join       Lead ID = Lead of deals.csv (100% of its ids)" in screen
    assert "won        Stage = 'Closed Won': 15 rows" in screen
    assert "revenue    Amount: 15 of 15 won rows" in screen


def test_unreadable_amounts_of_won_deals_are_counted(tmp_path: Path) -> None:
    rows = deals(codes("D", 45), Lead=LEADS[:45])
    for row in rows[1:31:3]:
        row[3] = "about five thousand"
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)
    screen = " ".join(" ".join(screen_lines(proposal, 80, "x")).split())
    assert "Amount: 5 of 15 won rows" in screen
    assert "'Amount': 10 of 45 amounts cannot be read (22 %), such as 'about five thousand'" in screen
    assert "train stops above 5%" in screen


def test_the_file_explains_every_column_without_personal_data(tmp_path: Path) -> None:
    proposal = crm(tmp_path, Owner=[f"Anna Rossi {number % 3}" for number in range(60)])
    text = markdown(proposal)
    for name in proposal.leads.columns:
        assert f"### {name}" in text
    assert "Anna Rossi" not in text
    assert "p1@firm1.com" not in text
    assert "Firm 1" not in text


def test_the_explanation_of_a_column_has_its_evidence(tmp_path: Path) -> None:
    called = ["called" if number < 45 and number % 3 < 2 else "" for number in range(60)]
    proposal = crm(tmp_path, Vermerk=called, Staff=["1-10", "11-50", "51-200"] * 20)
    lines = dict(explain_column(proposal, proposal.leads, "Vermerk"))
    assert lines["use"].startswith("not used: filled in 100% of the closed and 0% of the open leads")
    assert lines["filled"] == "100% of 15 won, 100% of 15 lost, 0% of 30 other leads"
    assert dict(explain_column(proposal, proposal.leads, "Staff"))["use"] == "feature, as a category: 3 ranges of numbers"
    assert "leads.id" in dict(explain_column(proposal, proposal.leads, "Lead ID"))["use"]
    joined = proposal.exports[1]
    uses = [text for label, text in explain_column(proposal, joined, "Close Date") if label == "use"]
    assert uses == ["outcomes.won_at: header (English); dates", "outcomes.lost_at: the same column"]
