"""Rows of the peer's objects."""

from __future__ import annotations

from crm.connectors.salesforce.salesforce_account import QUEUE_ID, SalesforceAccount
from crm.connectors.salesforce.salesforce_rows import SalesforceRows
from leadworth.crm_records import RecordLink
from tests.crm.connectors.salesforce.org import START


def test_deleted_archived_and_late_rows_are_hidden_from_plain_queries() -> None:
    account = SalesforceAccount()
    rows = SalesforceRows(account, "")
    gone = account.create("Lead", {})
    account.delete("Lead", gone)
    account.create("Task", {"IsArchived": True})
    now = account.clock.now()
    account.commit_late("Lead", {}, at=now, visible=now.replace(year=now.year + 1))
    assert [list(rows.rows(name, everything=False, pins={})) for name in ("Lead", "Task")] == [[], []]
    assert [row["Id"] for row in rows.rows("Lead", everything=True, pins={})] == [gone]
    account.purge("Lead", gone)
    assert not list(rows.rows("Lead", everything=True, pins={}))


def test_a_change_of_owner_makes_two_history_rows() -> None:
    account = SalesforceAccount()
    key = account.create("Lead", {}, at=START)
    account.edit("Lead", key, {"OwnerId": QUEUE_ID})
    rows = list(SalesforceRows(account, "").rows("LeadHistory", everything=False, pins={"LeadId": [key]}))
    assert [row["NewValue"] for row in rows] == ["Name after", QUEUE_ID]
    assert {row["Field"] for row in rows} == {"Owner"}


def test_joining_objects_are_found_from_both_ends() -> None:
    account = SalesforceAccount()
    lead, campaign = account.create("Lead", {}), account.create("Campaign", {})
    account.link("Lead", lead, RecordLink("Campaign", campaign))
    rows = SalesforceRows(account, "")
    for pins in ({"LeadId": [lead]}, {"CampaignId": [campaign]}, {}):
        found = [row for row in rows.rows("CampaignMember", everything=False, pins=pins) if row.get("LeadId")]
        assert [(row["LeadId"], row["CampaignId"]) for row in found] == [(lead, campaign)]


def test_only_orgs_with_several_currencies_have_the_field() -> None:
    assert "CurrencyIsoCode" in SalesforceRows(SalesforceAccount(), "").kinds["Opportunity"]
    assert "CurrencyIsoCode" not in SalesforceRows(SalesforceAccount(), "EUR").kinds["Opportunity"]
