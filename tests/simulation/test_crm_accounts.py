"""Accounts of local CRM peers with a simulated business."""

from __future__ import annotations

from collections import Counter

import pytest

from crm.connectors.hubspot.peer import HubSpotPeer
from crm.connectors.odoo.odoo_account import OdooAccount
from crm.connectors.odoo.peer import OdooPeer
from crm.sandbox.peer_account import PeerAccount
from simulation import simulate
from simulation.crm_accounts import fill_account


def test_leads_deals_and_revenue_are_those_of_the_simulation() -> None:
    business = simulate(leads=1_500, months=12)
    peer = HubSpotPeer(PeerAccount())
    seeded = fill_account(peer, business)
    contacts, deals = peer.account.truth("contacts"), peer.account.truth("deals")
    assert len(contacts) == len(seeded.leads) == len(business.leads)
    won = business.stages[business.stages["stage"] == "Closed - Converted"]
    stages = Counter(record.values["dealstage"] for record in deals.values())
    assert stages["closedwon"] == len(won)
    amounts = [record.values.get("amount") for record in deals.values() if record.values["dealstage"] == "closedwon"]
    assert sum(amount for amount in amounts if isinstance(amount, int | float)) == pytest.approx(won["amount"].sum())
    first = business.leads.iloc[0]
    record = contacts[seeded.leads[first["Lead ID"]]]
    assert record.created_at == first["Created"].to_pydatetime()
    assert record.values[seeded.columns["email"]] == first["Email"]
    won_lead = won.iloc[0]["lead_id"]
    deal = peer.account.of("deals")[seeded.deals[won_lead]]
    moves = [change.valid_at for change in deal.history if change.field == "dealstage"]
    assert moves == sorted(moves)
    assert len(moves) >= 2
    assert {link.to_id for link in deal.links} == {seeded.leads[won_lead]}


def test_a_crm_with_one_record_for_lead_and_deal_has_the_outcomes_on_the_lead() -> None:
    business = simulate(leads=400, months=6)
    peer = OdooPeer(OdooAccount())
    seeded = fill_account(peer, business)
    leads = peer.account.truth("crm.lead")
    assert len(leads) == len(seeded.leads) == len(business.leads)
    assert all(seeded.leads[lead] == deal for lead, deal in seeded.deals.items())
    last = business.stages.groupby("lead_id")["stage"].last()
    won = [seeded.leads[lead] for lead in last.index[last == "Closed - Converted"]]
    assert [leads[key].values["outcome_stage"] for key in won] == [peer.won_stage] * len(won)
    domains = {record.values["website"] for record in peer.account.truth("res.partner").values()}
    linked = [link.to_object for record in leads.values() for link in record.links or ()]
    assert set(linked) == {"res.partner"}
    assert len(domains) == len(seeded.companies)
