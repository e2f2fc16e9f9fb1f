"""File in the template of Google Ads.

Compare the headers with the template that your own account offers: no public page lists them.
"""

from __future__ import annotations

from datetime import timedelta

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent, consent_fields
from conversions.csv_export import CsvExport
from conversions.delivery_results import Payload
from conversions.destination import Destination
from leadworth.connection_context import ConnectionContext
from leadworth.platform_section import FileSection

CONSENTS = ("Ad User Data", "Ad Personalization")


class GoogleFile(CsvExport):
    """Adapter of the file for Google Ads."""

    name = "google_file"
    click_id = "gclid"
    columns = (
        "Google Click ID",
        "Conversion Name",
        "Conversion Time",
        "Conversion Value",
        "Conversion Currency",
        "Order ID",
        *CONSENTS,
    )
    limits = Capabilities(batch=10_000, window=timedelta(days=90), from_click=True, delay=timedelta(hours=6))

    def plan(self, event: ConversionEvent) -> Payload:
        """Return a row with its order id and consent; see `Destination.plan`."""
        payload = super().plan(event)
        consents = {name: word.capitalize() for name, word in consent_fields(event.consent, CONSENTS).items()}
        row = {**payload.body, "Order ID": event.transaction_id, **consents}
        return Payload(payload.transaction_id, payload.route, row)


def connect(section: FileSection, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    return GoogleFile(section.actions.named(), context.resolve(section.folder))
