"""Outbound messages of Salesforce (SOAP): verification, and the records that they name."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from crm.connector import ForgedEventError
from crm.connectors.salesforce.soql import full_id
from leadworth.crm_records import RecordEvent

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
OBJECT = "urn:sobject.enterprise.soap.sforce.com"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
SECRET_PARAMETER = "secret"
ACKNOWLEDGEMENT = (
    f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Body>'
    f'<notificationsResponse xmlns="{OUTBOUND}"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
).encode()
"""Answer to a message; without it Salesforce sends the message again for 24 hours."""


def read_message(url: str, body: bytes, *, secret: str, organization: Callable[[], str]) -> list[RecordEvent]:
    """Verify a message and return the records that it names; Salesforce signs nothing.

    Parameters
    ----------
    url
        Address that Salesforce called, with the parameter `secret`.
    secret
        What the address must contain.
    organization
        Returns the id of the org that the message must be from; called for messages with the secret only, since it may
        sign in.

    Raises
    ------
    ForgedEventError
        If the secret or the org is another one, or the body is no outbound message.
    """
    given = parse_qs(urlsplit(url).query).get(SECRET_PARAMETER, [""])[0]
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise ForgedEventError(
            "an outbound message without the secret of [crm.salesforce] event_secret in its address",
            do=f"add ?{SECRET_PARAMETER}=... to the endpoint address of the outbound message",
        )
    message = _message(body)
    sender = full_id(message.findtext(f"{{{OUTBOUND}}}OrganizationId", "").strip())
    own = organization()
    if not own or sender != full_id(own):
        raise ForgedEventError("an outbound message of another org")
    return list(_events(message))


def _message(body: bytes) -> ElementTree.Element:
    """Return the element `notifications`; a document type, with which XML can define entities, is refused."""
    try:
        text = body.decode()
        if "<!DOCTYPE" in text.upper():
            raise ForgedEventError("an outbound message with a document type")
        message = ElementTree.fromstring(text.encode()).find(f"{{{SOAP}}}Body/{{{OUTBOUND}}}notifications")
    except (UnicodeDecodeError, ElementTree.ParseError):
        message = None
    if message is None:
        raise ForgedEventError("a body that is no outbound message")
    return message


def _events(message: ElementTree.Element) -> Iterator[RecordEvent]:
    for notification in message.iterfind(f"{{{OUTBOUND}}}Notification"):
        record = notification.find(f"{{{OUTBOUND}}}sObject")
        key = None if record is None else record.findtext(f"{{{OBJECT}}}Id")
        if record is not None and key:
            object_name = record.get(TYPE, "").rpartition(":")[2]
            event_id = notification.findtext(f"{{{OUTBOUND}}}Id", "").strip()
            yield RecordEvent(event_id, object_name, full_id(key.strip()))
