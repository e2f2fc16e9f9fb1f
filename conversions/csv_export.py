"""Base of the adapters that write files of conversions, for an upload by hand or by schedule."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from conversions.conversion_event import ConversionEvent, EventKind
from conversions.delivery_errors import EventRejected, no_identifiers
from conversions.delivery_results import DeliveryResult, Payload, accepted
from conversions.destination import Destination
from leadworth.atomic_files import replacing
from leadworth.csv_cells import neutralise, restore
from leadworth.http_errors import BusyError
from store.event_state import EventState


class CsvExport(Destination):
    """A folder that each batch is written to as one file.

    Parameters
    ----------
    actions
        Stage -> name of the conversion action.
    folder
        Folder of the files; made on first use.

    Attributes
    ----------
    click_id
        Click id by which the platform matches a row.
    columns
        Headers of the template, the click id's first.
    """

    click_id: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]

    def __init__(self, actions: Mapping[str, str], folder: Path) -> None:
        super().__init__(actions)
        self.folder = folder

    def plan(self, event: ConversionEvent) -> Payload:
        """Return a row of the file; see `Destination.plan`."""
        click = event.identity.platform_ids.get(self.click_id)
        if not click:
            raise no_identifiers(self.columns[0])
        if event.kind is not EventKind.CONVERSION:
            raise EventRejected("no-adjustments", "the file holds conversions only", EventState.SUPPRESSED)
        row = {
            self.columns[0]: click,
            "Conversion Name": self.actions[event.stage],
            "Conversion Time": event.happened_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+00:00"),
            "Conversion Value": str(event.value),
            "Conversion Currency": event.currency,
        }
        return Payload(event.transaction_id, "rows", row)

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Write a file, as a whole or not at all.

        Raises
        ------
        BusyError
            If it cannot be written.
        """
        text = self.text([payload.body for payload in batch])
        if dry_run:
            return accepted(batch)
        file = self.folder / f"{self.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}.csv"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(file) as unfinished:
                unfinished.touch(mode=0o600)
                unfinished.write_text(text, encoding="utf-8")
        except OSError as error:
            raise BusyError(f"not-written: {error.strerror}") from error
        return accepted(batch, file.name)

    def text(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Return the file: a line of parameters, the headers, the rows; no cell begins a formula."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(["Parameters:TimeZone=+0000"])
        writer.writerow(self.columns)
        writer.writerows([neutralise(str(row.get(name, ""))) for name in self.columns] for row in rows)
        return buffer.getvalue()

    def recent(self, since: datetime) -> str:
        """Return one file with all rows written since a moment, without duplicates."""
        rows: dict[tuple[str, ...], None] = {}
        for file in sorted(self.folder.glob(f"{self.name}-*.csv")):
            if file.stat().st_mtime >= since.timestamp():
                with file.open(encoding="utf-8", newline="") as lines:
                    rows |= dict.fromkeys(tuple(map(restore, row)) for row in list(csv.reader(lines))[2:])
        return self.text([dict(zip(self.columns, row, strict=True)) for row in rows])
