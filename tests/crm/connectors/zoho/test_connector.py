"""The connector as a whole: fields, currency, links, and a simulated business."""

from __future__ import annotations

import pytest

from crm.crm_http import CrmRefusedError
from leadworth.crm_records import StageMeaning
from leadworth.errors import ConfigurationError
from simulation import simulate
from simulation.crm_accounts import fill_account
from tests.crm.connectors.zoho.zoho_world import ZohoWorld, read_all


def test_deals_of_an_account_with_one_currency_have_it(world: ZohoWorld) -> None:
    world.account.create("Deals", {"Amount": 5.0})
    connector = world.connector()
    assert "Currency" in {field.name for field in connector.fields("Deals")}
    [record] = read_all(connector, "Deals", ["Amount", "Currency"], None)
    assert dict(record.values) == {"Amount": 5.0, "Currency": "EUR"}


def test_deals_of_an_account_with_several_currencies_have_their_own(world: ZohoWorld) -> None:
    world.peer.reads.kinds["Deals"]["Currency"] = "picklist"
    world.account.create("Deals", {"Amount": 5.0, "Currency": "USD"})
    connector = world.connector()
    assert [field.name for field in connector.fields("Deals")].count("Currency") == 1
    [record] = read_all(connector, "Deals", ["Amount", "Currency"], None)
    assert record.values["Currency"] == "USD"


def test_a_new_field_is_read_in_the_same_process_and_a_vanished_one_is_left_out(world: ZohoWorld) -> None:
    key, connector = world.lead(), world.connector()
    connector.fields("Leads")
    world.peer.create_fields("Leads", ["budget"])
    world.account.edit("Leads", key, {"budget": "high"})
    world.peer.remove_field("Leads", "Email")
    connector.fields("Leads")
    [record] = read_all(connector, "Leads", ["budget", "Email"], world.window())
    assert dict(record.values) == {"budget": "high"}


def test_links_follow_lookups_and_merges(world: ZohoWorld) -> None:
    lead = world.lead()
    deal = world.account.convert(lead)
    [company] = world.account.of("Accounts")
    other = world.account.create("Accounts", {"Account_Name": "Other"})
    world.account.merge("Accounts", other, company)
    links = world.connector().links("Deals", [deal, "1"])
    assert ("Accounts", other, "primary") in {(link.to_object, link.to_id, link.label) for link in links[deal]}
    assert links["1"] == ()
    assert {link.to_id for link in world.connector().links("Leads", [lead])[lead]} >= {deal, other}


def test_a_simulated_business_is_read_as_it_was_written(world: ZohoWorld) -> None:
    seeded = fill_account(world.peer, simulate(leads=150, months=2))
    connector = world.connector()
    fields = [field.name for field in connector.fields("Leads")]
    leads = read_all(connector, "Leads", fields, None)
    assert {record.record_id for record in leads} == set(seeded.leads.values())
    linked = {link.to_id for record in leads for link in record.links or () if link.to_object == "Deals"}
    assert linked == set(seeded.deals.values())
    meanings = {stage.value: stage.meaning for stage in connector.stages() if stage.object == "Deals"}
    deals = read_all(connector, "Deals", ["Stage"], None)
    closed = [record.record_id for record in deals if meanings[str(record.values["Stage"])] is not StageMeaning.OPEN]
    assert closed
    named = {change.record_id for change in connector.changes("Deals", [record.record_id for record in deals])}
    assert named == set(closed)


def test_a_module_that_the_account_does_not_have_can_be_ignored(world: ZohoWorld) -> None:
    del world.peer.reads.kinds["Campaigns"]
    with pytest.raises(CrmRefusedError, match=r"INVALID_MODULE.*ignored_modules"):
        world.connector().fields("Campaigns")
    assert "Campaigns" not in world.connector(ignored_modules=["Campaigns"]).info.objects


@pytest.mark.parametrize("module", ["Deals", "Nothing"])
def test_a_module_that_is_needed_or_unknown_cannot_be_ignored(world: ZohoWorld, module: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{module}.*allowed: Calls"):
        world.connector(ignored_modules=[module])
