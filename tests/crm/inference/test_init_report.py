"""The screen and the file of `leadworth init`."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm.inference.init_report import MOST_LINES, markdown, screen_lines
from crm.inference.proposal import propose
from tests.crm.inference.crm_tables import crm
from tests.crm.inference.export_cases import ExportCase, export_cases


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


def test_the_file_explains_every_column_without_personal_data(tmp_path: Path) -> None:
    proposal = crm(tmp_path, Owner=[f"Anna Rossi {number % 3}" for number in range(60)])
    text = markdown(proposal)
    for name in proposal.leads.columns:
        assert f"### {name}" in text
    assert "Anna Rossi" not in text
    assert "p1@firm1.com" not in text
    assert "Firm 1" not in text
