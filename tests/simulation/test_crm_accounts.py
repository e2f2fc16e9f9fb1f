"""Accounts of local CRM peers with a simulated business."""

from __future__ import annotations

from collections import Counter

import pytest

from crm.connectors.hubspot.peer import HubSpotPeer
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
