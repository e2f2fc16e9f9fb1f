"""File in the template of Microsoft Advertising.

Compare the headers with the template that your own account offers: no public page lists them.
"""

from __future__ import annotations

from datetime import timedelta

from conversions.capabilities import Capabilities
from conversions.csv_export import CsvExport
from conversions.destination import Destination
from leadworth.connection_context import ConnectionContext
from leadworth.platform_section import FileSection


class MicrosoftFile(CsvExport):
    """Adapter of the file for Microsoft Advertising."""

    name = "microsoft_file"
    click_id = "msclkid"
    columns = (
        "Microsoft Click ID",
        "Conversion Name",
        "Conversion Time",
        "Conversion Value",
        "Conversion Currency",
    )
    limits = Capabilities(batch=10_000, window=timedelta(days=90), from_click=True, consents=False)


def connect(section: FileSection, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    return MicrosoftFile(section.actions.named(), context.resolve(section.folder))
