"""Former stages of deals."""

from __future__ import annotations

from datetime import timedelta

from tests.crm.connectors.zoho.zoho_world import ZohoWorld


def test_closed_deals_have_all_their_stages_and_open_ones_cost_no_request(world: ZohoWorld) -> None:
    now = world.account.clock.now().replace(microsecond=0)
    times = [now - timedelta(days=days) for days in (30, 20, 10)]
    won = world.account.create("Deals", {"Stage": "Qualification"}, at=times[0])
    world.account.edit("Deals", won, {"Stage": "Negotiation/Review", "Amount": 5.0}, at=times[1])
    world.account.edit("Deals", won, {"Stage": "Closed Won"}, at=times[2])
    unmoved = world.account.create("Deals", {"Stage": "Closed Lost"}, at=times[1])
    still = world.account.create("Deals", {"Stage": "Qualification"}, at=times[1])
    old = world.account.create("Deals", {"Stage": "Closed Lost"}, at=now - timedelta(days=900))
    connector = world.connector()
    connector.stages()
    found = list(connector.changes("Deals", [won, unmoved, still, old]))
    assert [(change.record_id, change.value, change.valid_at) for change in found] == [
        (won, "Qualification", times[0]),
        (won, "Negotiation/Review", times[1]),
        (won, "Closed Won", times[2]),
        (unmoved, "Closed Lost", times[1]),
    ]
    before = connector.requests
    list(connector.changes("Deals", [still, old]))
    assert connector.requests - before == 1
    assert list(connector.changes("Leads", [won])) == []


def test_a_deal_that_was_opened_again_ends_with_its_present_stage(world: ZohoWorld) -> None:
    deal = world.account.create("Deals", {"Stage": "Closed Won"})
    for stage in ("Qualification", "Closed Won", "Closed Lost"):  # within one second
        world.account.edit("Deals", deal, {"Stage": stage})
    found = list(world.connector().changes("Deals", [deal]))
    assert [change.value for change in found] == ["Closed Won", "Qualification", "Closed Won", "Closed Lost"]
    assert [change.valid_at for change in found] == sorted(change.valid_at for change in found)
