"""Schema inference on the public data sets of ../shared/data."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm.inference.proposal import Proposal, propose
from crm.inference.toml_writer import render
from leadworth.settings import Settings, load_settings

SHARED = Path(__file__).parents[4] / "shared" / "data"


def propose_for(*names: str) -> Proposal:
    paths = [SHARED / name for name in names]
    absent = [str(path) for path in paths if not path.is_file()]
    if absent:
        pytest.skip(f"public data sets are absent: {', '.join(absent)}")
    return propose(paths)


def settings_of(proposal: Proposal, folder: Path) -> Settings:
    file = folder / "leadworth.toml"
    file.write_text(render(proposal, folder), encoding="utf-8")
    return load_settings(file)


def test_x_education(tmp_path: Path) -> None:
    settings = settings_of(propose_for("x_education/Leads.csv.gz"), tmp_path)
    leads = settings.leads
    assert (leads.id, leads.order_by, settings.outcomes.won) == ("Prospect ID", "Lead Number", "Converted")
    assert leads.missing == ("", "Select")
    assert leads.columns == {
        "source": "Lead Source",
        "entry": "Lead Origin",
        "visits": "TotalVisits",
        "country": "Country",
    }
    assert {"Tags", "Last Activity", "Last Notable Activity", "Lead Quality"} <= set(leads.features.ignore)
    assert "Total Time Spent on Website" in leads.features.numeric
    assert settings.outcomes.junk is not None
    assert settings.outcomes.junk.column == "Tags"
    assert "Magazine" not in leads.features.categorical


def test_olist_funnel(tmp_path: Path) -> None:
    folder = "olist_funnel/olist_{}_dataset.csv.gz"
    proposal = propose_for(folder.format("closed_deals"), folder.format("marketing_qualified_leads"))
    settings = settings_of(proposal, tmp_path)
    assert settings.leads.path.endswith("olist_marketing_qualified_leads_dataset.csv.gz")
    assert settings.outcomes.path.endswith("olist_closed_deals_dataset.csv.gz")
    assert (settings.leads.id, settings.outcomes.lead_id) == ("mql_id", "mql_id")
    assert (settings.leads.submitted_at, settings.outcomes.won_at) == ("first_contact_date", "won_date")
    assert settings.leads.columns == {"source": "origin", "landing_page": "landing_page_id"}
    assert settings.outcomes.revenue is None
    assert any("revenue" in warning.problem for warning in proposal.findings.warnings)


def test_bank_marketing(tmp_path: Path) -> None:
    settings = settings_of(propose_for("bank_marketing/bank-additional-full.csv.gz"), tmp_path)
    assert (settings.leads.delimiter, settings.outcomes.won) == (";", "y")
    assert (settings.leads.id, settings.leads.order_by) == ("row_number", "row_number")
    assert settings.leads.features.ignore == ("duration",)
    assert {"age", "euribor3m", "emp.var.rate"} <= set(settings.leads.features.numeric)
    assert {"job", "contact", "poutcome"} <= set(settings.leads.features.categorical)


def test_insurance_quotes(tmp_path: Path) -> None:
    names = ("policies", "drivers", "vehicles")
    proposal = propose_for(*(f"insurance_quotes/{name}_train.csv.gz" for name in names))
    settings = settings_of(proposal, tmp_path)
    assert settings.leads.path.endswith("policies_train.csv.gz")
    assert (settings.leads.id, settings.leads.submitted_at) == ("policy_id", "Quote_dt")
    assert (settings.outcomes.won, settings.outcomes.revenue, settings.outcomes.path) == (
        "convert_ind",
        "quoted_amt",
        "",
    )
    assert any(
        "'quoted_amt' is also filled for leads that are not won" in warning.problem
        for warning in proposal.findings.warnings
    )


def test_ibm_win_loss(tmp_path: Path) -> None:
    settings = settings_of(propose_for("ibm_win_loss/win_loss.parquet"), tmp_path)
    outcomes = settings.outcomes
    assert (settings.currency, settings.leads.id) == ("USD", "Opportunity Number")
    assert (outcomes.stage, outcomes.won_stages, outcomes.lost_stages) == ("Opportunity Result", ("Won",), ("Loss",))
    assert outcomes.revenue == "Opportunity Amount USD"
    assert settings.leads.columns == {}
    assert settings.leads.delimiter is None
