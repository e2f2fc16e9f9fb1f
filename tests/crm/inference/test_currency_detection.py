"""Currency of the exports."""

from __future__ import annotations

from pathlib import Path

from crm.inference.toml_writer import render
from tests.crm.inference.crm_tables import LEADS, codes, deals, leads, proposal_of
from tests.crm.inference.proposals import IDS, ROWS, leads_table, propose_settings


def test_currency_and_time_zone_are_warnings_unless_they_are_options(tmp_path: Path) -> None:
    table = leads_table({"id": IDS, "created": ["2025-01-02 10:00"] * ROWS, "won": [i % 2 for i in range(ROWS)]})
    content, warnings = propose_settings(tmp_path, table)
    assert (content["currency"], content["timezone"]) == ("XXX", "UTC")
    assert sum("currency" in warning or "time zone" in warning for warning in warnings) == 2
    content, warnings = propose_settings(tmp_path, table, currency="CHF", timezone="Europe/Zurich")
    assert (content["currency"], content["timezone"]) == ("CHF", "Europe/Zurich")
    assert not any("show no currency" in warning or "time zone" in warning for warning in warnings)


def test_several_currencies_need_rates(tmp_path: Path) -> None:
    rows = deals(codes("D", 45), Lead=LEADS[:45], Waehrung=["EUR", "EUR", "USD"] * 15)
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)
    assert (proposal.currency, proposal.outcome.columns["currency"], proposal.rates) == ("EUR", "Waehrung", ["USD"])
    stops = proposal.findings.of_level("stop")
    assert "30 in EUR, 15 in USD" in stops[0].problem
    assert '# "USD" = 1.0' in render(proposal, tmp_path)


def test_one_currency_needs_no_rate(tmp_path: Path) -> None:
    rows = deals(codes("D", 45), Lead=LEADS[:45], Waehrung=["CHF"] * 45)
    proposal = proposal_of(tmp_path, leads=leads(LEADS), deals=rows)
    assert (proposal.currency, proposal.rates) == ("CHF", [])
    assert "currency" not in proposal.outcome.columns
