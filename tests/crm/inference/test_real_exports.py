"""Schema inference on the public data sets of ../shared/data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from crm.inference.init_report import MOST_LINES, screen_lines
from crm.inference.proposal import Proposal, propose
from crm.inference.toml_writer import render
from leadworth.settings import Settings, load_settings

SHARED = Path(__file__).parents[4] / "shared" / "data"


@cache
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


def test_olist_funnel_with_the_revenue_of_the_sellers(tmp_path: Path) -> None:
    folder = "olist_funnel/olist_{}_dataset.csv.gz"
    names = [folder.format(name) for name in ("closed_deals", "marketing_qualified_leads", "sellers")]
    proposal = propose_for(*names, "olist_funnel/seller_gmv_total.csv.gz")
    outcomes = settings_of(proposal, tmp_path).outcomes
    assert (outcomes.lead_id, outcomes.won_at, outcomes.revenue) == ("mql_id", "won_date", "gross_revenue")
    assert [(join.column, join.meets) for join in outcomes.joins] == [("seller_id", "seller_id")]


def test_bank_marketing(tmp_path: Path) -> None:
    settings = settings_of(propose_for("bank_marketing/bank-additional-full.csv.gz"), tmp_path)
    assert (settings.leads.delimiter, settings.outcomes.won) == (";", "y")
    assert (settings.leads.id, settings.leads.order_by) == ("row_number", "row_number")
    assert settings.leads.features.ignore == ("duration",)
    assert {"age", "euribor3m", "emp.var.rate"} <= set(settings.leads.features.numeric)
    assert {"job", "contact", "poutcome"} <= set(settings.leads.features.categorical)


@pytest.mark.slow
def test_insurance_quotes(tmp_path: Path) -> None:
    names = ("policies", "drivers", "vehicles")
    proposal = propose_for(*(f"insurance_quotes/{name}_train.csv.gz" for name in sorted(names)))
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


@pytest.mark.slow
def test_ibm_win_loss(tmp_path: Path) -> None:
    settings = settings_of(propose_for("ibm_win_loss/win_loss.parquet"), tmp_path)
    outcomes = settings.outcomes
    assert (settings.currency, settings.leads.id) == ("USD", "Opportunity Number")
    assert (outcomes.stage, outcomes.won_stages, outcomes.lost_stages) == ("Opportunity Result", ("Won",), ("Loss",))
    assert outcomes.revenue == "Opportunity Amount USD"
    assert settings.leads.columns == {}
    assert settings.leads.delimiter is None
    late = {"Elapsed Days In Sales Stage", "Sales Stage Change Count", "Total Days Identified Through Closing"}
    assert late <= set(settings.leads.features.ignore)
    assert "Client Size By Employee Count" in settings.leads.features.categorical


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [
        ["x_education/Leads.csv.gz"],
        ["bank_marketing/bank-additional-full.csv.gz"],
        ["ibm_win_loss/win_loss.parquet"],
        ["insurance_quotes/policies_train.csv.gz"],
    ],
    ids=lambda names: names[0].partition("/")[0],
)
def test_no_edit_is_needed_and_the_report_is_one_screen(names: list[str]) -> None:
    proposal = propose_for(*names)
    assert proposal.findings.of_level("stop") == []
    lines = screen_lines(proposal, 80, "leadworth.init.md")
    assert len(lines) <= MOST_LINES
    assert all(len(line) <= 80 for line in lines)
