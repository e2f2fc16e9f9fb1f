"""Google Ads through the Data Manager API: the way for everybody since June 2026.

The transaction id is at once the key of repetition and of restatement: the same id with another value
replaces the value, whatever came before. Nothing can be taken back: a lead that turns out to be junk is
restated to 0.00 and stays one conversion, so bots are better never sent.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conversions.destination import Capabilities, ConversionEvent, EventRejected, Payload, PersonIdentifiers
from conversions.google_data_manager import ASK_AFTER, BATCH, DataManagerClient, DataManagerDestination, product_account
from conversions.identifier_normalisation import GOOGLE, sha256
from leadworth.export_settings import GoogleExport
from store.event_state import EventState

EARLIEST = timedelta(hours=6)
"""A click is not known to Google at once."""
_SOURCES = {"chat": "MESSAGE", "phone": "PHONE"}


class GoogleDestination(DataManagerDestination):
    """The destination.

    Parameters
    ----------
    settings
        Of `[export.google]`.
    timeout_seconds
        Longest wait for an answer.
    """

    name = "google"

    def __init__(self, settings: GoogleExport, timeout_seconds: float, credentials: Path | None = None) -> None:
        self.actions = settings.actions.named()
        self.limits = Capabilities(
            batch=BATCH, window=timedelta(days=90), from_click=True, restate=timedelta(days=settings.restate_days),
            delay=EARLIEST, ask_after=ASK_AFTER,
        )  # fmt: skip
        super().__init__(
            DataManagerClient(settings.endpoint, settings.transport, credentials, timeout_seconds),
            [self._destination(settings, stage, action) for stage, action in self.actions.items()],
        )

    @staticmethod
    def _destination(settings: GoogleExport, stage: str, action: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "reference": stage,
            "operatingAccount": product_account("GOOGLE_ADS", settings.customer),
            "productDestinationId": action,
        }
        if settings.login_customer:
            found["loginAccount"] = product_account("GOOGLE_ADS", settings.login_customer)
        return found

    def plan(self, event: ConversionEvent) -> Payload:
        """Return the event as Google reads it; see `Destination.plan`."""
        body = {
            "destinationReferences": [event.stage],
            "transactionId": event.transaction_id,
            "eventTimestamp": rfc3339(event.happened_at),
            "lastUpdatedTimestamp": rfc3339(event.updated_at),
            "conversionValue": float(event.value),
            "currency": event.currency,
            "eventSource": _SOURCES.get(event.entry or "", "WEB"),
            "consent": consent_fields(event),
            **identifiers(event.identity),
        }
        return Payload(event.transaction_id, "events", body)


def rfc3339(moment: datetime) -> str:
    """Return a moment in UTC as the API reads it.

    Examples
    --------
    >>> rfc3339(datetime(2026, 3, 1, 12, tzinfo=UTC))
    '2026-03-01T12:00:00.000000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def consent_fields(event: ConversionEvent) -> dict[str, str]:
    """Return both purposes in the API's words."""
    words = {True: "CONSENT_GRANTED", False: "CONSENT_DENIED"}
    return {
        "adUserData": words[bool(event.consent.ad_user_data)],
        "adPersonalization": words[bool(event.consent.ad_personalization)],
    }


def identifiers(identity: PersonIdentifiers) -> dict[str, Any]:
    """Return the click id (one, of the kind it is) and the hashed person.

    Raises
    ------
    Refused
        Where there is neither.
    """
    found: dict[str, Any] = {}
    for kind in ("gclid", "gbraid", "wbraid"):
        if value := getattr(identity, kind):
            found["adIdentifiers"] = {kind: value}
            break
    hashed: list[dict[str, Any]] = []
    if email := sha256(GOOGLE.email(identity.email)):
        hashed.append({"emailAddress": email})
    if phone := sha256(GOOGLE.phone(identity.phone, identity.region)):
        hashed.append({"phoneNumber": phone})
    given, family = sha256(GOOGLE.name(identity.first_name)), sha256(GOOGLE.name(identity.last_name))
    if given and family and identity.region and identity.postal_code:
        address = {"givenName": given, "familyName": family, "regionCode": identity.region.upper()}
        hashed.append({"address": {**address, "postalCode": identity.postal_code.strip()}})
    if hashed:
        found["userData"] = {"userIdentifiers": hashed}
    if not found:
        raise EventRejected(
            "no-identifiers",
            "neither a click id of Google nor an e-mail address or phone that is valid",
            EventState.SUPPRESSED,
        )
    return found
