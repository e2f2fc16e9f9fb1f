"""Why two columns with the header of the same id do not meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm.inference.inference_findings import InferenceWarning
from crm.inference.proposal import Proposal
from tests.crm.inference.crm_tables import codes, deals, leads, proposal_of

LONG = [f"{100_000_000_000_000_000 + 7_000_000_019 * number}" for number in range(60)]
NAMED = codes("K", 60)
NUMBERS = [f"{10_000_000 + 7 * number}" for number in range(60)]


def proposal_for(folder: Path, lead_ids: list[str], deal_ids: list[str], header: str = "Lead ID") -> Proposal:
    """Return a proposal for leads, and for deals that have ids of leads in a column."""
    rows = deals(codes("D", 45), **{header: deal_ids[:45]})
    return proposal_of(folder, leads=leads(lead_ids), deals=[row[1:] for row in rows])


def unused(proposal: Proposal) -> InferenceWarning:
    """Return the warning about the deals, which are not used."""
    assert proposal.path is None
    (warning,) = (item for item in proposal.findings.warnings if "deals.csv does not meet" in item.problem)
    return warning


def test_ids_in_scientific_notation(tmp_path: Path) -> None:
    warning = unused(proposal_for(tmp_path, LONG, [f"{float(value):.5E}" for value in LONG]))

    assert "'Lead ID' of leads.csv ('100000000000000000') and 'Lead ID' of deals.csv ('1.00000E+17')" in warning.problem
    assert "digits are lost to the scientific notation" in warning.problem
    assert "format 'Lead ID' as text" in warning.remedy


def test_damaged_ids_of_the_leads(tmp_path: Path) -> None:
    warning = unused(proposal_for(tmp_path, [f"{float(value):.5E}" for value in LONG], LONG))

    assert "'Lead ID' of leads.csv cannot be read" in warning.problem


@pytest.mark.parametrize("form", ["https://crm.example.com/lead/{}/view", "Lead #{}", "{} (Acme)"])
def test_ids_within_more(tmp_path: Path, form: str) -> None:
    warning = unused(proposal_for(tmp_path, NAMED, [form.format(value) for value in NAMED]))

    assert f"hold more than the id, {form.format(NAMED[0])!r} for {NAMED[0]!r}" in warning.problem
    assert warning.remedy == "export the id alone in a column of deals.csv"


def test_other_ids_under_the_same_header(tmp_path: Path) -> None:
    warning = unused(proposal_for(tmp_path, NAMED, codes("Q", 60)))

    assert "('K90000') and 'Lead ID' of deals.csv ('Q90000')" in warning.problem
    assert "no value of one is in the other" in warning.problem


def test_the_advice_about_wins_names_the_file_that_is_there(tmp_path: Path) -> None:
    proposal = proposal_for(tmp_path, NAMED, codes("Q", 60))

    assert any("make the ids of deals.csv meet" in item.remedy for item in proposal.findings.of_level("stop"))


@pytest.mark.parametrize("mark", [",", ".", "\u2019", " ", "\u00a0", "\u202f"])
@pytest.mark.parametrize("header", ["Lead ID", "Lead"])
def test_ids_with_grouped_thousands_are_joined(tmp_path: Path, mark: str, header: str) -> None:
    grouped = [f"{int(value):,}".replace(",", mark) for value in NUMBERS]
    proposal = proposal_for(tmp_path, NUMBERS, grouped, header)

    assert (proposal.path is not None, proposal.lead_id) == (True, header)


def test_grouped_amounts_are_no_ids(tmp_path: Path) -> None:
    lead_rows = leads(codes("L", 60), Budget=[f"{1_000 + 7 * number:,}" for number in range(60)])
    rows = deals(codes("D", 45))
    for number, row in enumerate(rows[1:]):
        row[3] = f"{1_000 + 7 * number:,}"
    proposal = proposal_of(tmp_path, leads=lead_rows, deals=rows)

    assert proposal.path is None
