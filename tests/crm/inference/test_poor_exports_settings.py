"""Proposed settings of the exports that `make_crm_files.py` writes."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from crm.inference.proposal import Proposal, propose
from crm.inference.toml_writer import render

GENERATOR = Path(__file__).parents[4] / "shared" / "cases" / "make_crm_files.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not GENERATOR.is_file(), reason=f"the generator of the exports is not there: {GENERATOR}"),
]


def proposed(case: str, folder: Path) -> tuple[Proposal, dict[str, Any]]:
    subprocess.run([sys.executable, str(GENERATOR), str(folder), case], check=True, capture_output=True)
    proposal = propose(sorted((folder / case).glob("*.csv")))
    return proposal, tomllib.loads(render(proposal, folder / case))


@pytest.mark.parametrize("case", ["n01-no-outcome", "n02-only-losses"])
def test_without_wins_it_stops(case: str, tmp_path: Path) -> None:
    proposal, content = proposed(case, tmp_path)
    assert "shows which leads were won" in proposal.findings.of_level("stop")[0].problem
    assert not {"won", "won_at", "won_stages"} & set(content["outcomes"])


@pytest.mark.parametrize(
    ("case", "join"),
    [
        ("n03-duplicate-ids", {"lead_id": "Record ID"}),
        ("n04-salesforce-opportunities", {"lead_id": "Opportunity ID", "key": "Converted Opportunity ID"}),
        ("n05-hubspot-associations", {"lead_id": "Associated Contact IDs", "deal_id": "Record ID"}),
        ("n09-excel-serials", {"lead_id": "Lead ID"}),
        ("n14-column-of-closed-deals", {"lead_id": "Lead ID"}),
    ],
)
def test_the_join_and_the_dates_are_right(case: str, join: dict[str, str], tmp_path: Path) -> None:
    proposal, content = proposed(case, tmp_path)
    outcomes = content["outcomes"]
    assert {name: outcomes.get(name) for name in join} == join
    assert (content["leads"]["id"], content["leads"]["submitted_at"]) == ("Record ID", "Create Date")
    assert (outcomes["won_stages"], outcomes["won_at"], outcomes["revenue"]) == (["Closed Won"], "Close Date", "Amount")
    assert "phone" not in content["leads"]["columns"]
    assert proposal.findings.of_level("stop") == []
    if case.startswith("n14"):
        assert content["leads"]["features"]["ignore"] == ["Account"]
