"""Webhooks of HubSpot: signature version 3, and the records to read again."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.connector import ForgedEventError
from crm.connectors.hubspot.hubspot_values import read_time
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import RecordEvent

SIGNATURE = "x-hubspot-signature-v3"
TIMESTAMP = "x-hubspot-request-timestamp"
LONGEST_AGE = timedelta(minutes=5)
DECODED = {f"%{ord(char):02X}": char for char in ":/?@!$'()*,;"}
"""Characters of the address that HubSpot decodes before it signs."""
OBJECTS = {"contact": "contacts", "company": "companies", "deal": "deals", "lead": "leads"}
OBJECT_TYPES = {"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-136": "leads", "0-47": "meetings",
                "0-48": "calls", "0-49": "emails", "0-18": "communications"}  # fmt: skip
_escaped = re.compile("|".join(DECODED), re.IGNORECASE)
_score_names = frozenset(field.name for field in SCORE_FIELDS)


def sign(secret: str, method: str, url: str, body: bytes, timestamp: str) -> str:
    """Return the signature of a request.

    Parameters
    ----------
    secret
        Secret of the app.
    url
        Full public address with query.
    timestamp
        Header with the time, in milliseconds.

    Examples
    --------
    >>> urls = ("https://example.org/a%3Fb", "https://example.org/a?b")
    >>> len({sign("s", "POST", url, b"", "1") for url in urls})
    1
    """
    decoded = _escaped.sub(lambda match: DECODED[match[0].upper()], url)
    base = f"{method.upper()}{decoded}".encode() + body + timestamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), base, "sha256")).decode()


def verify(secret: str, method: str, url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Check that a request is from HubSpot and at most five minutes old.

    HubSpot sends signatures of versions 1 and 2 too; they are refused, because they do not cover the time.

    Raises
    ------
    ForgedEventError
        If it is not.
    """
    if not secret:
        raise ForgedEventError(
            "no secret of the app to check the signature with", do="set client_secret in [crm.hubspot]"
        )
    given, timestamp = headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, "")
    if not given or not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 14:
        raise ForgedEventError("no signature of version 3", allowed=f"the headers {SIGNATURE} and {TIMESTAMP}")
    if not hmac.compare_digest(sign(secret, method, url, body, timestamp).encode(), given.encode()):
        raise ForgedEventError(
            "a signature that does not match", do="if it is from HubSpot, check client_secret and the public address"
        )
    if abs(now - datetime.fromtimestamp(int(timestamp) / 1_000, UTC)) > LONGEST_AGE:
        raise ForgedEventError("a request that is too old", allowed="5 minutes", do="check the clock of this machine")


def read_events(body: bytes) -> Iterator[RecordEvent]:
    """Yield the records to read again: those that changed, merged, or were associated; our own scores are left out.

    Raises
    ------
    ForgedEventError
        If the body is not a list of events.

    Examples
    --------
    >>> event = {"subscriptionType": "contact.creation", "objectId": 123, "occurredAt": 1564113600000, "eventId": 1}
    >>> found, = read_events(json.dumps([event, {**event, "subscriptionType": "conversation.creation"}]).encode())
    >>> found.event_id, found.object, found.record_id
    ('contact.creation:123:1564113600000:', 'contacts', '123')
    """
    try:
        events = json.loads(body)
    except ValueError:
        events = None
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise ForgedEventError("a body that is not a list of events")
    for event in events:
        if event.get("propertyName") not in _score_names:
            yield from _records_of(event)


def _records_of(event: Mapping[str, Any]) -> Iterator[RecordEvent]:
    subscription = str(event.get("subscriptionType", ""))
    subject, _, kind = subscription.partition(".")
    object_name = OBJECTS.get(subject) or OBJECT_TYPES.get(str(event.get("objectTypeId")), "")
    if kind == "associationChange":
        named = [(object_name, event.get("fromObjectId"))]
    else:
        merged = event.get("mergedObjectIds") or ()
        ids = (event.get("objectId"), event.get("primaryObjectId"), event.get("newObjectId"), *merged)
        named = [(object_name, key) for key in dict.fromkeys(ids)]
    for name, key in named:
        if name and key is not None:
            parts = (subscription, key, event.get("occurredAt", ""), event.get("propertyName", ""))
            occurred = read_time(event.get("occurredAt"))
            erase = kind == "privacyDeletion"
            yield RecordEvent(":".join(map(str, parts)), name, str(key), occurred, erase)
