"""The connector as a whole: currencies, stages, fields of scores, events."""

from __future__ import annotations

import pytest

from crm.connector import ForgedEventError
from crm.connectors.salesforce.peer import peer
from crm.connectors.salesforce.peer_sign_in import ORGANIZATION_ID
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import StageMeaning
from leadworth.errors import ConfigurationError, TerminalError
from leadworth.http_client import HttpClient
from tests.crm.connectors.salesforce.org import Org, read_all, running
from tests.crm.connectors.salesforce.test_outbound_message import message

MONEY = ["Amount", "CurrencyIsoCode"]


def test_amounts_keep_the_currency_of_their_record(org: Org) -> None:
    org.account.create("Opportunity", {"Amount": 100.0, "CurrencyIsoCode": "USD"})
    org.account.create("Opportunity", {"Amount": 100.0, "CurrencyIsoCode": "JPY"})
    records = read_all(org.connector(), "Opportunity", MONEY, org.window())
    assert [record.values for record in records] == [
        {"Amount": 100.0, "CurrencyIsoCode": "USD"},
        {"Amount": 100.0, "CurrencyIsoCode": "JPY"},
    ]


def test_an_org_with_one_currency_has_no_currency_field_and_every_deal_gets_its_currency(http: HttpClient) -> None:
    with running(http, "CHF") as org:
        deal = org.account.create("Opportunity", {"Amount": 100.0})
        org.lead()
        connector = org.connector()
        for window in (org.window(), None):
            [record] = read_all(connector, "Opportunity", MONEY, window)
            assert record.values == {"Amount": 100.0, "CurrencyIsoCode": "CHF"}
        assert connector.read("Opportunity", [deal], MONEY)[0].values["CurrencyIsoCode"] == "CHF"
        assert "CurrencyIsoCode" in {field.name for field in connector.fields("Opportunity")}
        assert "CurrencyIsoCode" not in {field.name for field in connector.fields("Lead")}
        [lead] = read_all(connector, "Lead", ["LastName", "CurrencyIsoCode"], None)
        assert "CurrencyIsoCode" not in lead.values


def test_a_currency_that_the_org_does_not_state_is_never_guessed(http: HttpClient) -> None:
    with running(http, "CHF") as org:
        org.account.create("Opportunity", {"Amount": 100.0})
        del org.peer.rows.kinds["Organization"]["DefaultCurrencyIsoCode"]
        with pytest.raises(ConfigurationError, match="does not state which"):
            read_all(org.connector(), "Opportunity", MONEY, None)
        [record] = read_all(org.connector(currency="JPY"), "Opportunity", MONEY, None)
        assert record.values == {"Amount": 100.0, "CurrencyIsoCode": "JPY"}


def test_stages_have_their_meaning_from_the_org(org: Org) -> None:
    stages = {(stage.object, stage.value): stage for stage in org.connector().stages()}
    assert stages["Opportunity", "Closed Won"].meaning is StageMeaning.WON
    assert stages["Opportunity", "Closed Lost"].meaning is StageMeaning.LOST
    assert stages["Opportunity", "Prospecting"].meaning is StageMeaning.OPEN
    assert stages["Lead", "Closed - Not Converted"].meaning is StageMeaning.OPEN  # a status says neither


def test_the_fields_of_the_catalog_exist_in_the_peer_or_are_left_out(org: Org) -> None:
    connector = org.connector()
    for name, item in connector.info.objects.items():
        present = {field.name for field in connector.fields(name)}
        assert {item.created, item.modified} <= present
        assert set(item.history) <= present
        absent = set(item.fields) - present
        assert absent <= {"FirstCallDateTime", "FirstEmailDateTime", "IndividualId", "CurrencyIsoCode"}


def test_missing_fields_of_scores_need_an_administrator(org: Org) -> None:
    connector = org.connector()
    assert not connector.missing_score_fields("Lead")
    assert not connector.create_score_fields("Lead")
    org.peer.remove_field("Lead", "LW_Band__c")
    assert connector.missing_score_fields("Lead") == ["lw_band"]
    with pytest.raises(TerminalError, match=r"LW_Band__c; what to do: an administrator"):
        connector.create_score_fields("Lead")


def test_events_are_verified_with_the_secret_and_the_org_of_the_session(org: Org) -> None:
    body = message(ORGANIZATION_ID, [("04l1", "Lead", "00Q5e0000000001")])
    connector = org.connector(event_secret="s3")
    [event] = connector.events("POST", "https://example.org/e?secret=s3", {}, body)
    assert (event.object, event.record_id[:15]) == ("Lead", "00Q5e0000000001")
    with pytest.raises(ForgedEventError):
        org.connector().events("POST", "https://example.org/e?secret=", {}, body)
    assert b"<Ack>true</Ack>" in connector.event_answer[1]


def test_the_lead_object_and_close(org: Org) -> None:
    connector = org.connector()
    assert (connector.lead_object, connector.name, connector.requests) == ("Lead", "salesforce", 0)
    assert org.connector(lead_object="Contact").lead_object == "Contact"


def test_the_function_peer_returns_an_org() -> None:
    assert peer().name == "salesforce"
    with pytest.raises(AssertionError, match="SalesforceAccount"):
        peer(PeerAccount())
