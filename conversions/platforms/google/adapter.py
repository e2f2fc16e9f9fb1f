"""Google Ads through the Data Manager API: the API for new accounts since June 2026.

The transaction id identifies repeats and restatements alike: the same id with another value replaces the value.
Nothing can be retracted: a lead that turns out to be junk is restated to 0.00 and stays one conversion.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent, PersonIdentifiers, consent_fields
from conversions.delivery_errors import no_identifiers
from conversions.delivery_results import Payload
from conversions.destination import Destination
from conversions.google_data_manager import (
    ASK_AFTER,
    BATCH,
    DataManagerClient,
    DataManagerDestination,
    product_account,
    rfc3339,
)
from conversions.google_identifiers import NEEDED, NORMALISER, google_click_id
from conversions.identifier_normalisation import sha256
from conversions.platforms.google.settings import GoogleSection
from leadworth.connection_context import ConnectionContext

EARLIEST = timedelta(hours=6)
"""Google does not know a click at once."""
_SOURCES = {"chat": "MESSAGE", "phone": "PHONE"}


class GoogleDestination(DataManagerDestination):
    """Adapter of Google Ads through the Data Manager API."""

    name = "google"

    def __init__(self, section: GoogleSection, api: DataManagerClient) -> None:
        actions = section.actions.named()
        super().__init__(actions, api, [_destination(section, stage, action) for stage, action in actions.items()])
        self.limits = Capabilities(
            batch=BATCH,
            window=timedelta(days=90),
            from_click=True,
            restate=timedelta(days=section.restate_days),
            delay=EARLIEST,
            ask_after=ASK_AFTER,
        )

    def plan(self, event: ConversionEvent) -> Payload:
        """Return one of `events`; see `Destination.plan`."""
        body = {
            "destinationReferences": [event.stage],
            "transactionId": event.transaction_id,
            "eventTimestamp": rfc3339(event.happened_at),
            "lastUpdatedTimestamp": rfc3339(event.updated_at),
            "conversionValue": float(event.value),
            "currency": event.currency,
            "eventSource": _SOURCES.get(event.entry or "", "WEB"),
            "consent": consent_fields(event.consent, prefix="CONSENT_"),
            **identifiers(event.identity),
        }
        return Payload(event.transaction_id, "events", body)


def connect(section: GoogleSection, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    api = DataManagerClient.of(section.endpoint, section.transport, section.credentials, context)
    return GoogleDestination(section, api)


def _destination(section: GoogleSection, stage: str, action: str) -> dict[str, Any]:
    """Return a conversion action as the API names it."""
    destination: dict[str, Any] = {
        "reference": stage,
        "operatingAccount": product_account("GOOGLE_ADS", section.customer),
        "productDestinationId": action,
    }
    if section.login_customer:
        destination["loginAccount"] = product_account("GOOGLE_ADS", section.login_customer)
    return destination


def identifiers(identity: PersonIdentifiers) -> dict[str, Any]:
    """Return the click id and the hashed person.

    Raises
    ------
    EventRejected
        Where there is neither.
    """
    fields: dict[str, Any] = {}
    if click := google_click_id(identity):
        fields["adIdentifiers"] = click
    hashed: list[dict[str, Any]] = []
    if email := sha256(NORMALISER.email(identity.email)):
        hashed.append({"emailAddress": email})
    if phone := sha256(NORMALISER.phone(identity.phone, identity.region)):
        hashed.append({"phoneNumber": phone})
    first_name = sha256(NORMALISER.name(identity.first_name))
    last_name = sha256(NORMALISER.name(identity.last_name))
    if first_name and last_name and identity.region and identity.postal_code:
        address = {
            "givenName": first_name,
            "familyName": last_name,
            "regionCode": identity.region.upper(),
            "postalCode": identity.postal_code.strip(),
        }
        hashed.append({"address": address})
    if hashed:
        fields["userData"] = {"userIdentifiers": hashed}
    if not fields:
        raise no_identifiers(NEEDED)
    return fields
