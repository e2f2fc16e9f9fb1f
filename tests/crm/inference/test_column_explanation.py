"""Explanation of a column."""

from __future__ import annotations

from pathlib import Path

from crm.inference.column_explanation import explain_column
from tests.crm.inference.crm_tables import crm


def test_the_explanation_of_a_column_has_its_evidence(tmp_path: Path) -> None:
    called = ["called" if number < 45 and number % 3 < 2 else "" for number in range(60)]
    proposal = crm(tmp_path, Vermerk=called, Staff=["1-10", "11-50", "51-200"] * 20)
    lines = dict(explain_column(proposal, proposal.leads, "Vermerk"))
    assert lines["use"].startswith("not used: filled in 100% of the closed and 0% of the open leads")
    assert lines["filled"] == "100% of 15 won, 100% of 15 lost, 0% of 30 other leads"
    assert (
        dict(explain_column(proposal, proposal.leads, "Staff"))["use"] == "feature, as a category: 3 ranges of numbers"
    )
    assert "leads.id" in dict(explain_column(proposal, proposal.leads, "Lead ID"))["use"]
    joined = proposal.exports[1]
    uses = [text for label, text in explain_column(proposal, joined, "Close Date") if label == "use"]
    assert uses == ["outcomes.won_at: header (English); dates", "outcomes.lost_at: the same column"]
