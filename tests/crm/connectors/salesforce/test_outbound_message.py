"""Outbound messages: verification and content."""

from __future__ import annotations

import pytest

from crm.connector import ForgedEventError
from crm.connectors.salesforce.outbound_message import read_message
from crm.connectors.salesforce.soql import full_id
from tests.crm.connectors.salesforce.org import Org

ORG = full_id("00D5e0000000ORG")
URL = "https://example.org/v1/crm/salesforce/events?secret=s3"


def message(organization: str, records: list[tuple[str, str, str]]) -> bytes:
    """An outbound message as Salesforce sends it."""
    items = "".join(
        f'<Notification><Id>{event}</Id><sObject xsi:type="sf:{name}" '
        f'xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>{key}</sf:Id></sObject></Notification>'
        for event, name, key in records
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organization}</OrganizationId><ActionId>04k000000000001</ActionId>"
        '<SessionId xsi:nil="true"/><EnterpriseUrl>https://x</EnterpriseUrl><PartnerUrl>https://x</PartnerUrl>'
        f"{items}</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def test_a_message_names_its_records() -> None:
    body = message(ORG[:15], [("04l1", "Lead", "00Q5e0000000001"), ("04l2", "Opportunity", "0065e0000000002")])
    events = read_message(URL, body, secret="s3", organization=lambda: ORG)
    assert [(event.event_id, event.object, event.record_id[:15]) for event in events] == [
        ("04l1", "Lead", "00Q5e0000000001"),
        ("04l2", "Opportunity", "0065e0000000002"),
    ]
    assert all(len(event.record_id) == 18 for event in events)
    assert read_message(URL, body, secret="s3", organization=lambda: ORG) == events  # a repetition has the same ids


@pytest.mark.parametrize(
    ("url", "secret", "organization"),
    [
        (URL, "", ORG),
        (URL, "other", ORG),
        (URL.partition("?")[0], "s3", ORG),
        (URL, "s3", "00D5e0000000XXX"),
        (URL, "s3", ""),
    ],
)
def test_a_forged_message_is_refused(url: str, secret: str, organization: str) -> None:
    with pytest.raises(ForgedEventError):
        read_message(url, message(ORG, []), secret=secret, organization=lambda: organization)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<a/>",
        b"\xff\xfe",
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + message(ORG, []).partition(b"?>")[2],
    ],
)
def test_a_body_that_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(ForgedEventError):
        read_message(URL, body, secret="s3", organization=lambda: ORG)


@pytest.mark.parametrize("url", [URL.replace("s3", "s4"), URL.partition("?")[0]])
def test_a_message_without_the_secret_is_refused_before_any_sign_in(org: Org, url: str) -> None:
    connector = org.connector(event_secret="s3")
    with pytest.raises(ForgedEventError, match="without the secret"):
        connector.events("POST", url, {}, message(ORG, []))
    assert connector.requests == 0
    assert connector.events("POST", URL, {}, message(ORG, [("04l1", "Lead", "00Q5e0000000001")]))
    assert connector.requests == 1
