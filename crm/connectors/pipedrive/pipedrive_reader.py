"""Pages of records from Pipedrive: lists with a cursor, and leads by offset in an order that survives changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.connector import SyncWindow
from crm.connectors.pipedrive.pipedrive_api import PAGE, PipedriveApi
from crm.connectors.pipedrive.pipedrive_fields import DEALS, LEADS, ORGANIZATIONS, PERSONS, without_nesting
from crm.connectors.pipedrive.pipedrive_values import read_moment, written_moment

IDS = 100
"""Most ids of one request."""
OVERLAP = 20
"""Rows of the last page that are read again, to see whether rows before them went away."""
USERS = "users"
Item = dict[str, Any]


@dataclass(frozen=True)
class ReadPart:
    """One list of an object.

    Attributes
    ----------
    path
        Path of the list.
    archived
        Whether its records are archived.
    by_offset
        Pages by offset, as version 1 has them.
    converted
        Deals, of which only those that were leads are read, as leads.
    """

    path: str
    archived: bool = False
    by_offset: bool = False
    converted: bool = False


PARTS: Mapping[str, tuple[ReadPart, ...]] = {
    LEADS: (
        ReadPart("v1/leads", by_offset=True),
        ReadPart("v1/leads/archived", archived=True, by_offset=True),
        ReadPart("v2/deals", archived=True, converted=True),
        ReadPart("v2/deals/archived", archived=True, converted=True),
    ),
    DEALS: (ReadPart("v2/deals"), ReadPart("v2/deals/archived", archived=True)),
    PERSONS: (ReadPart("v2/persons"),),
    ORGANIZATIONS: (ReadPart("v2/organizations"),),
    "activities": (ReadPart("v2/activities"),),
}


@dataclass(frozen=True)
class RawPage:
    """Page as received.

    Attributes
    ----------
    part
        List that it is from.
    bookmark
        Where to go on; empty after the last page.
    """

    part: ReadPart
    items: Sequence[Item]
    bookmark: str


class PipedriveReader:
    """Reads records as Pipedrive sends them.

    Parameters
    ----------
    api
        Requests to the account.
    """

    def __init__(self, api: PipedriveApi) -> None:
        self._api = api

    def pages(
        self, object_name: str, window: SyncWindow | None, bookmark: str = "", size: int = PAGE
    ) -> Iterator[RawPage]:
        """Yield the records of all lists of an object that changed in a window, or all.

        Parameters
        ----------
        bookmark
            Number of the list and place in it.
        size
            Records of a page.
        """
        parts = PARTS[object_name]
        number, _, place = bookmark.partition("|")
        for position in range(int(number or 0), len(parts)):
            part = parts[position]
            read = self._by_offset if part.by_offset else self._by_cursor
            for items, following in read(part, window, place, size):
                ended = position + 1 == len(parts)
                mark = f"{position}|{following}" if following else "" if ended else f"{position + 1}|"
                yield RawPage(part, [without_nesting(item) for item in items], mark)
            place = ""

    def deleted_deals(self, window: SyncWindow) -> Iterator[list[Item]]:
        """Yield the deals deleted in a window; Pipedrive lists them for 30 days."""
        query = {"status": "deleted", **_in_window(window)}
        for items, _ in self._api.listed("v2/deals", query):
            yield items

    def latest_deals(self, since: datetime) -> Iterator[list[Item]]:
        """Yield the deals that were created since a time, the newest first, and then those in the archive."""
        for part in PARTS[DEALS]:
            for items, _ in self._api.listed(part.path, {"sort_by": "add_time", "sort_direction": "desc"}):
                yield items
                created = read_moment(items[-1].get("add_time")) if items else None
                if created is not None and created < since:
                    break

    def by_ids(self, object_name: str, ids: Sequence[str]) -> dict[str, Item]:
        """Return records by id, those of all lists of an object but leads; absent ones are deleted or merged."""
        found: dict[str, Item] = {}
        for part in PARTS[object_name]:
            wanted = sorted({key for key in ids if key and key not in found})
            for start in range(0, len(wanted), IDS):
                chunk = ",".join(wanted[start : start + IDS])
                answer = self._api.get(part.path, {"ids": chunk, "limit": str(IDS)})
                found |= {str(item["id"]): without_nesting(item) for item in answer["data"] or ()}
        return found

    def lead(self, record_id: str) -> Item | None:
        """Return a lead that is not deleted or converted."""
        answer = self._api.get(f"v1/leads/{record_id}", own=(400, 404, 410))
        item = answer.get("data")
        return without_nesting(item) if item and not item.get("is_deleted") else None

    def users(self) -> list[Item]:
        """Return all users, also those that left."""
        return list(self._api.get("v1/users")["data"] or ())

    def lead_labels(self) -> dict[str, str]:
        """Return label id -> name of the labels of leads."""
        return {str(item["id"]): str(item["name"]) for item in self._api.get("v1/leadLabels")["data"] or ()}

    def _by_cursor(
        self, part: ReadPart, window: SyncWindow | None, place: str, size: int
    ) -> Iterator[tuple[list[Item], str]]:
        query = {"sort_by": "id", "sort_direction": "asc"} if window is None else _in_window(window)
        for items, cursor in self._api.listed(part.path, query, limit=size, cursor=place):
            yield [item for item in items if item.get("source_lead_id") or not part.converted], cursor

    def _by_offset(
        self, part: ReadPart, window: SyncWindow | None, place: str, size: int
    ) -> Iterator[tuple[list[Item], str]]:
        """Yield pages by offset.

        Rows that change move to the top of a list in falling order of their change, which repeats others and hides
        none. Rows that go away move those behind them up; then the last rows of the page before are not at the
        beginning of this page, and an earlier one is read.
        """
        order = "add_time ASC,id ASC" if window is None else "update_time DESC,id ASC"
        written, _, known = place.partition(":")
        start, last = int(written or 0), set(filter(None, known.split(",")))
        while True:
            answer = self._api.get(part.path, {"sort": order, "start": str(start), "limit": str(size)})
            items = answer["data"] or []
            if start and not last & {str(item["id"]) for item in items}:
                start = max(start - size, 0)
                continue
            pagination = (answer.get("additional_data") or {}).get("pagination") or {}
            ended = not pagination.get("more_items_in_collection") or not items
            if window is not None:
                fresh = [item for item in items if _changed_since(item, window)]
                ended = ended or len(fresh) < len(items)
                items = fresh
            if ended:
                yield items, ""
                return
            last = {str(item["id"]) for item in items[-OVERLAP:]}
            start += max(len(items) - OVERLAP, 1)
            yield items, f"{start}:{','.join(sorted(last))}"


def _in_window(window: SyncWindow) -> dict[str, str]:
    return {
        "updated_since": written_moment(window.start),
        "updated_until": written_moment(window.end, up=True),
        "sort_by": "update_time",
        "sort_direction": "asc",
    }


def _changed_since(item: Mapping[str, Any], window: SyncWindow) -> bool:
    changed = read_moment(item.get("update_time")) or read_moment(item.get("add_time"))
    return changed is None or changed >= window.start.replace(microsecond=0)
