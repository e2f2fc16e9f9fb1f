"""Owners of HubSpot, with those who left: old leads would lose their owner otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm.connector import RecordPage, SyncWindow
from crm.connectors.hubspot.hubspot_api import HubSpotApi
from crm.connectors.hubspot.hubspot_reading import HubSpotReader
from crm.connectors.hubspot.hubspot_values import clean, read_time
from leadworth.crm_records import CrmRecord, RecordState

OWNERS = "owners"
OWNER_PAGE = 100


def owner_pages(api: HubSpotApi, reader: HubSpotReader, fields: Sequence[str]) -> Iterator[RecordPage]:
    """Yield all owners, and then the archived ones, because HubSpot lists them by no time."""
    for archived in ("false", "true"):
        query = {"limit": str(OWNER_PAGE), "archived": archived}
        for page in reader.listed(api.path(OWNERS), query):
            yield RecordPage([owner_of(item, fields) for item in page.items])


def in_window(record: CrmRecord, window: SyncWindow | None) -> bool:
    """Return whether a record changed in a window; without a time it may have."""
    return window is None or record.modified_at is None or window.start <= record.modified_at < window.end


def owner_of(item: Mapping[str, Any], fields: Sequence[str]) -> CrmRecord:
    """Return an owner as received.

    Examples
    --------
    >>> owner_of({"id": "7", "email": "ada@example.org", "archived": True}, ["email"]).state
    <RecordState.ARCHIVED: 'archived'>
    """
    return CrmRecord(
        OWNERS,
        str(item["id"]),
        {name: clean(item.get(name), "string") for name in fields},
        read_time(item.get("createdAt")),
        read_time(item.get("updatedAt")),
        state=RecordState.ARCHIVED if item.get("archived") else RecordState.LIVE,
    )
