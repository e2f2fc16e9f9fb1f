"""Former values of fields."""

from __future__ import annotations

from datetime import timedelta

from crm.connectors.salesforce.salesforce_account import PERSON_ID, QUEUE_ID
from leadworth.crm_records import FieldChange
from tests.crm.connectors.salesforce.org import START, Org


def at(hours: float) -> object:
    return START + timedelta(hours=hours)


def test_the_values_of_an_opportunity_over_time(org: Org) -> None:
    deal = org.account.create("Opportunity", {"Amount": 100.0, "CloseDate": "2026-12-31"}, at=START)
    org.account.edit("Opportunity", deal, {"StageName": "Proposal/Price Quote"}, at=START + timedelta(hours=1))
    org.account.edit("Opportunity", deal, {"Name": "Renamed"}, at=START + timedelta(hours=2))
    org.account.edit("Opportunity", deal, {"StageName": "Prospecting", "Amount": 90.0}, at=START + timedelta(hours=3))
    changes = list(org.connector().changes("Opportunity", [deal]))
    assert [(change.value, change.valid_at) for change in changes if change.field == "StageName"] == [
        ("Prospecting", at(0)),
        ("Proposal/Price Quote", at(1)),
        ("Prospecting", at(3)),
    ]
    assert [(change.value, change.valid_at) for change in changes if change.field == "Amount"] == [
        (100.0, at(0)),
        (90.0, at(3)),
    ]
    assert [change.value for change in changes if change.field == "CloseDate"] == ["2026-12-31"]
    assert [change.valid_at for change in changes] == sorted(change.valid_at for change in changes)


def test_changes_within_one_second_are_all_kept_in_order(org: Org) -> None:
    deal = org.account.create("Opportunity", {}, at=START)
    for stage in ("Proposal/Price Quote", "Prospecting", "Closed Won"):
        org.account.edit("Opportunity", deal, {"StageName": stage}, at=START)
    values = [change.value for change in org.connector().changes("Opportunity", [deal]) if change.field == "StageName"]
    assert values == ["Prospecting", "Proposal/Price Quote", "Prospecting", "Closed Won"]


def test_the_values_of_a_lead_over_time_and_the_moment_of_conversion(org: Org) -> None:
    lead = org.lead(at=START)
    untouched = org.lead(at=START)
    org.account.edit("Lead", lead, {"Status": "Working - Contacted"}, at=START + timedelta(hours=1))
    org.account.edit("Lead", lead, {"OwnerId": QUEUE_ID}, at=START + timedelta(hours=2))
    org.account.convert(lead)
    converted_at = org.account.of("Lead")[lead].modified_at
    changes = list(org.connector().changes("Lead", [lead[:15], untouched]))
    assert changes == [
        FieldChange("Lead", lead, "Status", "Open - Not Contacted", START),
        FieldChange("Lead", lead, "OwnerId", PERSON_ID, START),
        FieldChange("Lead", lead, "IsConverted", False, START),
        FieldChange("Lead", lead, "Status", "Working - Contacted", at(1), PERSON_ID),
        FieldChange("Lead", lead, "OwnerId", QUEUE_ID, at(2), PERSON_ID),
        FieldChange("Lead", lead, "IsConverted", True, converted_at, PERSON_ID),
        FieldChange("Lead", lead, "Status", "Closed - Converted", converted_at, PERSON_ID),
    ]


def test_of_a_lead_older_than_the_kept_history_the_first_value_is_unknown(org: Org) -> None:
    lead = org.lead(at=START - timedelta(days=900))
    org.account.edit("Lead", lead, {"Status": "Working - Contacted"}, at=START)
    [change] = org.connector().changes("Lead", [lead])
    assert (change.value, change.valid_at) == ("Working - Contacted", START)


def test_objects_without_history_have_no_changes(org: Org) -> None:
    company = org.account.create("Account", {"Name": "A"})
    assert list(org.connector().changes("Account", [company])) == []
