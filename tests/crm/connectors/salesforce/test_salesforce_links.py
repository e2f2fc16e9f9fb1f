"""Associations: conversion, contact roles, campaign members, activities."""

from __future__ import annotations

from crm.connectors.salesforce.salesforce_links import LOOKUPS, joined_links
from leadworth.crm_records import RecordLink
from tests.crm.connectors.salesforce.org import Org


def test_a_converted_lead_is_linked_with_what_it_became(org: Org) -> None:
    lead, other = org.lead(1), org.lead(2)
    org.account.convert(lead)
    campaign = org.account.create("Campaign", {"Name": "Fair"})
    org.account.link("Lead", lead, RecordLink("Campaign", campaign))
    [deal], [contact], [company] = (list(org.account.of(name)) for name in ("Opportunity", "Contact", "Account"))
    connector = org.connector()
    links = connector.links("Lead", [lead, other])
    assert links == {
        lead: (
            RecordLink("Account", company, "primary"),
            RecordLink("Campaign", campaign),
            RecordLink("Contact", contact, "converted"),
            RecordLink("Opportunity", deal, "converted"),
        ),
        other: (),
    }
    assert connector.links("Opportunity", [deal])[deal] == (
        RecordLink("Account", company, "primary"),
        RecordLink("Contact", contact, "primary"),
    )
    assert RecordLink("Opportunity", deal, "primary") in connector.links("Contact", [contact])[contact]
    assert connector.links("Lead", [lead])[lead] == org.account.truth("Lead")[lead].links


def test_a_changed_association_is_seen_without_a_change_of_either_record(org: Org) -> None:
    lead = org.lead()
    campaign = org.account.create("Campaign", {"Name": "Fair"})
    link = RecordLink("Campaign", campaign)
    connector = org.connector()
    before = org.account.of("Lead")[lead].modified_at
    org.account.link("Lead", lead, link)
    assert connector.links("Lead", [lead])[lead] == (link,)
    org.account.unlink("Lead", lead, link)
    assert connector.links("Lead", [lead])[lead] == ()
    assert org.account.of("Lead")[lead].modified_at == before


def test_open_activities_move_to_the_contact_at_conversion(org: Org) -> None:
    lead = org.lead()
    done = org.account.create("Task", {"WhoId": lead, "Status": "Completed"})
    todo = org.account.create("Task", {"WhoId": lead})
    org.account.convert(lead)
    [contact] = org.account.of("Contact")
    links = org.connector().links("Task", [done, todo])
    assert links[done] == (RecordLink("Lead", lead, "who"),)
    assert links[todo] == (RecordLink("Contact", contact, "who"),)


def test_records_of_a_merged_account_move_to_the_survivor(org: Org) -> None:
    kept, absorbed = (org.account.create("Account", {"Name": name}) for name in ("A", "B"))
    contact = org.account.create("Contact", {"LastName": "C", "AccountId": absorbed})
    connector = org.connector()
    before = connector.read("Contact", [contact], ["AccountId"])[0]
    org.account.clock.advance(seconds=5)
    org.account.merge("Account", kept, absorbed)
    after = connector.read("Contact", [contact], ["AccountId"])[0]
    assert (before.values["AccountId"], after.values["AccountId"]) == (absorbed, kept)
    assert after.modified_at is not None
    assert before.modified_at is not None
    assert after.modified_at > before.modified_at


def test_without_access_to_campaign_members_the_other_links_stay(org: Org) -> None:
    lead = org.lead()
    org.account.convert(lead)
    del org.peer.rows.kinds["CampaignMember"]
    assert len(org.connector().links("Lead", [lead])[lead]) == 3


def test_a_contact_role_keeps_its_role() -> None:
    rows = [{"OpportunityId": "o", "ContactId": "c", "Role": "Decision Maker", "IsPrimary": False}]
    links = joined_links("Opportunity", ["o"], lambda *_: rows)
    assert links == {"o": {RecordLink("Contact", "c", "Decision Maker")}}


def test_a_page_of_all_records_takes_one_query_for_its_links_and_one_for_its_history(org: Org) -> None:
    campaign = org.account.create("Campaign", {"Name": "Fair"})
    leads = [org.lead(number) for number in range(700)]  # more ids than the address of one query holds
    for key in leads[::100]:
        org.account.link("Lead", key, RecordLink("Campaign", campaign))
        org.account.edit("Lead", key, {"Status": "Working - Contacted"})
    connector = org.connector()
    fields = ["Status", *LOOKUPS["Lead"]]
    for _ in connector.pages("Lead", fields, None):
        before = connector.requests
        links = connector.links("Lead", leads)
        changes = list(connector.changes("Lead", leads))
        assert connector.requests - before == 2
    assert links == connector.links("Lead", leads)
    assert changes == list(connector.changes("Lead", leads))
    assert sum(map(len, links.values())) == 7
    assert len(changes) == 14
