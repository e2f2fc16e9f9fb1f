"""Pages of records from HubSpot: searches in a window, lists, archived records, and reading by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from crm.connector import StaleCursorError, SyncWindow
from crm.connectors.hubspot.hubspot_api import HubSpotApi
from crm.connectors.hubspot.hubspot_values import MERGED_IDS, milliseconds
from crm.crm_http import CrmRefusedError
from leadworth.errors import TerminalError

SEARCH_PAGE = 200
LIST_PAGE = 100
HISTORY_PAGE = 50
"""Most records of a list or a read by id with former values."""
READ_IDS = 100
LONGEST_QUERY = 6_000
"""Characters of a query up to which properties are named in the address; HubSpot refuses some 8,000 and more."""

Item = Mapping[str, Any]
"""Record as received."""


@dataclass(frozen=True)
class ItemPage:
    """Page of records as received.

    Attributes
    ----------
    bookmark
        Where the next page begins; empty after the last page.
    """

    items: Sequence[Item]
    bookmark: str


class HubSpotReader:
    """Reads records as HubSpot sends them.

    Parameters
    ----------
    api
        Requests to the account.
    """

    def __init__(self, api: HubSpotApi) -> None:
        self._api = api

    def search(
        self,
        object_name: str,
        properties: Sequence[str],
        window: SyncWindow,
        modified: str,
        *,
        last: str = "",
        absorbing: bool = False,
    ) -> Iterator[ItemPage]:
        """Yield the records modified in a window, in order of id.

        Each search asks for ids above the last one, and never for a later page of the same search: HubSpot ends those
        at 10,000 records, and they shift while records change.

        Parameters
        ----------
        properties
            Properties to read.
        modified
            Property with the modified time.
        last
            Id after which to go on.
        absorbing
            Only records that absorbed others.
        """
        filters = [
            {"propertyName": modified, "operator": "GTE", "value": milliseconds(window.start)},
            {"propertyName": modified, "operator": "LT", "value": milliseconds(window.end)},
        ]
        if absorbing:
            filters.append({"propertyName": MERGED_IDS, "operator": "HAS_PROPERTY"})
        while True:
            above = [{"propertyName": "hs_object_id", "operator": "GT", "value": last}] if last else []
            answer = self._api.search(
                object_name,
                {
                    "filterGroups": [{"filters": [*filters, *above]}],
                    "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                    "properties": list(properties),
                    "limit": SEARCH_PAGE,
                },
            )
            items = answer.get("results") or []
            if not items:
                yield ItemPage((), "")
                return
            last = _last_id(items, last)
            ended = len(items) < SEARCH_PAGE and not _after(answer)
            yield ItemPage(items, "" if ended else last)
            if ended:
                return

    def total(self, object_name: str, above: str = "") -> int:
        """Return the number of records that are not archived, with ids above a given one."""
        filters = [{"propertyName": "hs_object_id", "operator": "GT", "value": above}] if above else []
        groups = [{"filters": filters}] if filters else []
        answer = self._api.search(object_name, {"filterGroups": groups, "properties": ["hs_object_id"], "limit": 1})
        return int(answer["total"])

    def list_all(
        self, object_name: str, properties: Sequence[str], history: Sequence[str] = (), after: str = ""
    ) -> Iterator[ItemPage]:
        """Yield all records that are not archived, with former values of some properties.

        Where the properties make the address too long, the list only gives the ids, and the records are read by id.
        """
        named = {"properties": ",".join(properties), "propertiesWithHistory": ",".join(history)}
        short = len(urlencode(named)) <= LONGEST_QUERY
        query = {name: value for name, value in named.items() if value} if short else {"properties": "hs_object_id"}
        size = HISTORY_PAGE if history and short else LIST_PAGE
        for page in self.listed(self._api.path("objects", object_name), {**query, "limit": str(size)}, after):
            if short:
                yield page
            else:
                ids = [str(item["id"]) for item in page.items]
                yield ItemPage(self.by_id(object_name, ids, properties, history), page.bookmark)

    def archived(self, object_name: str, properties: Sequence[str]) -> Iterator[ItemPage]:
        """Yield the records in the recycle bin, where HubSpot keeps them for 90 days; it has no filter by time."""
        path = self._api.path("objects", object_name)
        return self.listed(path, {"archived": "true", "properties": ",".join(properties), "limit": str(LIST_PAGE)})

    def listed(self, path: str, query: Mapping[str, str], after: str = "") -> Iterator[ItemPage]:
        """Yield the pages of a list.

        Raises
        ------
        StaleCursorError
            If HubSpot refuses the place to go on after that was given.
        """
        first = after
        while True:
            try:
                answer = self._api.get(path, {**query, **({"after": after} if after else {})})
            except CrmRefusedError as error:
                if after and after == first and error.status == 400:
                    raise StaleCursorError(
                        f"HubSpot does not know the place {after} in its list", do=str(error)
                    ) from None
                raise
            after = _after(answer)
            yield ItemPage(answer.get("results") or (), after)
            if not after:
                return

    def by_id(
        self,
        object_name: str,
        ids: Sequence[str],
        properties: Sequence[str],
        history: Sequence[str] = (),
        *,
        archived: bool = False,
    ) -> list[Item]:
        """Return records by id; one that does not exist, or is archived or not as `archived` says, is left out.

        HubSpot answers 207, or 200 with errors in the body, where some ids are not found.
        """
        found: list[Item] = []
        for chunk in in_chunks(ids, HISTORY_PAGE if history else READ_IDS):
            body: dict[str, Any] = {"inputs": [{"id": key} for key in chunk], "properties": list(properties)}
            if history:
                body["propertiesWithHistory"] = list(history)
            path = self._api.path("objects", object_name, "batch", "read")
            answer = self._api.post(path, body, {"archived": "true"} if archived else None)
            found += answer.get("results") or ()
        return found

    def one(self, object_name: str, record_id: str, properties: Sequence[str]) -> Item | None:
        """Return a record by its id, or the survivor by the id of a record that it absorbed; None if it is gone."""
        path = self._api.path("objects", object_name, record_id)
        item = self._api.send("GET", path, params={"properties": ",".join(properties)}, own=(404,))
        return item if "id" in item else None


def in_chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield ids in groups of a size.

    Examples
    --------
    >>> list(in_chunks(["1", "2", "3"], 2))
    [['1', '2'], ['3']]
    """
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _after(answer: Mapping[str, Any]) -> str:
    following = (answer.get("paging") or {}).get("next") or {}
    return str(following.get("after") or "")


def _last_id(items: Sequence[Item], last: str) -> str:
    """Return the last id of a page, after a check that the order is the one on which completeness depends."""
    ids = [int(item["id"]) for item in items]
    if ids != sorted(ids) or ids[0] <= int(last or "0"):
        raise TerminalError(
            "HubSpot's search returned ids out of order, so that records would be lost",
            do="run `leadworth crm doctor hubspot`",
        )
    return str(ids[-1])
