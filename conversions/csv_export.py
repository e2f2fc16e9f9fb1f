"""Files of conversions in the templates of Google and Microsoft, for an upload by hand or by schedule.

Compare the headings with the template that your own account offers: they are written from memory of it.
"""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conversions.destination import (
    Capabilities,
    ConversionEvent,
    DeliveryResult,
    EventKind,
    EventRejected,
    Payload,
    ReceiptStatus,
)
from leadworth.export_settings import FileExport
from store.event_state import EventState

GOOGLE_COLUMNS = (
    "Google Click ID", "Conversion Name", "Conversion Time", "Conversion Value", "Conversion Currency", "Order ID",
    "Ad User Data", "Ad Personalization",
)  # fmt: skip
MICROSOFT_COLUMNS = (
    "Microsoft Click ID", "Conversion Name", "Conversion Time", "Conversion Value", "Conversion Currency",
)  # fmt: skip
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


class CsvExport:
    """A folder as a destination: each batch becomes one file.

    Parameters
    ----------
    name
        `google_file` or `microsoft_file`.
    settings
        Of `[export.google_file]` or `[export.microsoft_file]`.
    folder
        Where the files lie; made on first use.
    """

    def __init__(self, name: str, settings: FileExport, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.actions = settings.actions.named()
        self._google = name == "google_file"
        self.columns = GOOGLE_COLUMNS if self._google else MICROSOFT_COLUMNS
        self.limits = Capabilities(
            batch=10_000, window=timedelta(days=90), from_click=True, consents=self._google,
            delay=timedelta(hours=6) if self._google else timedelta(0),
        )  # fmt: skip

    def plan(self, event: ConversionEvent) -> Payload:
        """Return a row of the file; see `Destination.plan`."""
        click = event.identity.gclid if self._google else event.identity.msclkid
        if not click:
            raise EventRejected(
                "no-identifiers", "the file is matched by click id, and none came with the lead", EventState.SUPPRESSED
            )
        if event.kind is not EventKind.CONVERSION:
            raise EventRejected("no-adjustments", "the file holds conversions only", EventState.SUPPRESSED)
        words = {True: "Granted", False: "Denied"}
        row = {
            self.columns[0]: click,
            "Conversion Name": self.actions[event.stage],
            "Conversion Time": event.happened_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+00:00"),
            "Conversion Value": str(event.value),
            "Conversion Currency": event.currency,
        }
        if self._google:
            row |= {
                "Order ID": event.transaction_id,
                "Ad User Data": words[bool(event.consent.ad_user_data)],
                "Ad Personalization": words[bool(event.consent.ad_personalization)],
            }
        return Payload(event.transaction_id, "rows", row)

    def validate(self, payload: Payload) -> None:
        """Let everything through: a row is text."""

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Write a file; it is there whole or not at all."""
        text = self.text([row.body for row in batch])
        if dry_run:
            return [DeliveryResult(EventState.ACCEPTED)] * len(batch)
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{self.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}.csv"
        part = file.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(text, encoding="utf-8")
        os.replace(part, file)
        return [DeliveryResult(EventState.ACCEPTED, receipt=file.name)] * len(batch)

    def reconcile(self, receipt: str) -> ReceiptStatus | None:
        """Return None: a file cannot be asked."""

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def text(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Return the file: a line of parameters, the headings, the rows; no cell begins a formula."""
        held = io.StringIO()
        writer = csv.writer(held, lineterminator="\n")
        writer.writerow(["Parameters:TimeZone=+0000"])
        writer.writerow(self.columns)
        writer.writerows([harmless(str(row.get(name, ""))) for name in self.columns] for row in rows)
        return held.getvalue()

    def recent(self, since: datetime) -> str:
        """Return one file of all rows written since a moment, each once."""
        rows: dict[tuple[str, ...], None] = {}
        for file in sorted(self.folder.glob(f"{self.name}-*.csv")):
            if file.stat().st_mtime >= since.timestamp():
                with file.open(encoding="utf-8", newline="") as lines:
                    rows |= dict.fromkeys(map(tuple, list(csv.reader(lines))[2:]))
        return self.text([dict(zip(self.columns, row, strict=True)) for row in rows])


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    Examples
    --------
    >>> harmless("=HYPERLINK(1)"), harmless("Cj0KCQ"), harmless("-1")
    ("'=HYPERLINK(1)", 'Cj0KCQ', "'-1")
    """
    return f"'{cell}" if cell.startswith(_RISKY) else cell
