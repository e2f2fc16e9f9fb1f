"""The org of the peer keeps records as Salesforce does."""

from __future__ import annotations

import pytest

from crm.connectors.salesforce.salesforce_account import API_USER_ID, PERSON_ID, SalesforceAccount
from leadworth.crm_records import RecordLink, RecordState
from tests.crm.connectors.salesforce.org import START


def test_ids_have_prefixes_and_ascend() -> None:
    account = SalesforceAccount()
    keys = [account.create("Lead", {}) for _ in range(200)]
    assert all(len(key) == 18 and key.startswith("00Q") for key in keys)
    assert keys == sorted(set(keys))
    assert account.create("Opportunity", {}).startswith("006")


def test_times_are_whole_seconds_and_authors_users() -> None:
    account = SalesforceAccount()
    key = account.create("Lead", {}, at=START.replace(microsecond=5))
    record = account.of("Lead")[key]
    assert (record.created_at, record.modified_at, record.modified_by) == (START, START, PERSON_ID)
    account.write("Lead", key, {"LW_Band__c": "A"}, by=API_USER_ID)
    assert (record.modified_at.microsecond, record.modified_by) == (0, API_USER_ID)


def test_a_stage_sets_what_follows_from_it() -> None:
    account = SalesforceAccount()
    deal = account.create("Opportunity", {"CloseDate": "2026-11-28T10:00:00+00:00"})
    account.edit("Opportunity", deal, {"StageName": "Closed Won"})
    values = account.of("Opportunity")[deal].values
    assert (values["IsWon"], values["IsClosed"], values["Probability"]) == (True, True, 100.0)
    assert values["CloseDate"] == "2026-11-28"


def test_deletion_restoration_and_the_recycle_bin() -> None:
    account = SalesforceAccount()
    key = account.create("Lead", {})
    account.delete("Lead", key)
    record = account.of("Lead")[key]
    assert account.in_bin(record)
    account.clock.advance(days=16)
    assert not account.in_bin(record)
    assert key in account.deleted_at["Lead"]
    account.restore("Lead", key)
    assert record.state is RecordState.LIVE
    assert key not in account.deleted_at["Lead"]


def test_a_lead_and_its_opportunity_are_linked_by_conversion() -> None:
    account = SalesforceAccount()
    lead, deal = account.create("Lead", {}), account.create("Opportunity", {})
    account.link("Opportunity", deal, RecordLink("Lead", lead))
    assert account.of("Lead")[lead].values["IsConverted"] is True
    assert account.truth("Lead")[lead].links == (RecordLink("Opportunity", deal, "converted"),)


@pytest.mark.parametrize("opportunity", [True, False])
def test_a_conversion_into_an_existing_account(opportunity: bool) -> None:
    account = SalesforceAccount()
    company = account.create("Account", {"Name": "A"})
    lead = account.create("Lead", {"Company": "A"})
    account.convert(lead, opportunity=opportunity, account=company)
    assert len(account.of("Account")) == 1
    assert len(account.of("Opportunity")) == opportunity
    assert account.of("Lead")[lead].values["ConvertedAccountId"] == company
