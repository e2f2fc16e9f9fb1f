"""Records of Zoho modules: queries by id within a window, lists of what queries hide, ids, deletions and counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm.connector import StaleCursorError, SyncWindow
from crm.connectors.zoho.zoho_api import ZohoApi
from crm.connectors.zoho.zoho_values import MODIFIED, SYSTEM, field_of, read_time, written_moment
from crm.crm_http import CrmRefusedError
from leadworth.crm_records import CrmField

Row = dict[str, Any]
Rows = list[Row]
LEADS = "Leads"
LIST_ROWS = 200
IDS = 100
"""Most ids of one request."""
FIELDS = 50
"""Most fields of one list."""
FIRST_QUERY = (200, 1)
NEXT_QUERY = (2_000, 3)
"""Rows of a query, and the credits that it costs."""
QUERY, CONVERTED, UNAPPROVED = "query", "converted", "unapproved"
HIDDEN: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    LEADS: {
        CONVERTED: {"converted": "true", "approved": "both"},
        UNAPPROVED: {"converted": "false", "approved": "false"},
    },
    "Contacts": {UNAPPROVED: {"approved": "false"}},
}
"""Module -> records that a query may not show -> parameters of the list that does."""


class ZohoReader:
    """Reads records of one account.

    Parameters
    ----------
    api
        Requests to the account.
    columns
        Most columns of one query.
    """

    def __init__(self, api: ZohoApi, columns: int) -> None:
        self._api = api
        self._columns = columns
        self._fields: dict[str, dict[str, CrmField]] = {}
        self._refused: dict[str, set[str]] = {}

    def fields(self, module: str, *, again: bool = False) -> Mapping[str, CrmField]:
        """Return the fields of a module by name.

        Parameters
        ----------
        again
            Ask even if they are known.
        """
        if again or module not in self._fields:
            answer = self._api.get("settings/fields", {"module": module})
            found = [field_of(item) for item in answer.get("fields") or ()]
            self._fields[module] = {field.name: field for field in found}
        return self._fields[module]

    def pages(
        self, module: str, names: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[tuple[Rows, str]]:
        """Yield rows with the bookmark after them; empty after the last.

        First come queries in order of id, then lists of converted leads and of records that await approval, which
        queries may not show. A row may come twice.

        Parameters
        ----------
        names
            Fields to read.
        window
            None: all records.
        bookmark
            Where to go on.

        Raises
        ------
        StaleCursorError
            If Zoho no longer knows the page of the bookmark.
        """
        kinds = [QUERY, *HIDDEN.get(module, ())]
        begin, _, place = bookmark.partition(":")
        for number in range(kinds.index(begin) if begin else 0, len(kinds)):
            kind = kinds[number]
            following = f"{kinds[number + 1]}:" if number + 1 < len(kinds) else ""
            found = (
                self._query(module, names, window, place)
                if kind == QUERY
                else self._list(module, names, window.start if window else None, HIDDEN[module][kind], place)
            )
            for rows, then in found:
                yield rows, f"{kind}:{then}" if then else following
            place = ""

    def by_ids(self, module: str, ids: Sequence[str], names: Sequence[str]) -> dict[str, Row]:
        """Return id -> row of records that are not deleted; converted and unapproved ones as well."""
        wanted = self._known(module, names)
        found: dict[str, Row] = {}
        hidden = {"converted": "both"} if module == LEADS else {}
        for start in range(0, len(ids), IDS):
            part = ",".join(ids[start : start + IDS])
            for group in _groups([*SYSTEM, *wanted], FIELDS):
                asked = {"ids": part, "fields": ",".join(group), "per_page": str(LIST_ROWS), "approved": "both"}
                answer = self._api.get(module, asked | hidden)
                for row in answer.get("data") or ():
                    found.setdefault(str(row["id"]), {}).update(row)
        return found

    def deleted(self, module: str, since: datetime) -> Iterator[Rows]:
        """Yield the deletions since a time, into the recycle bin and for ever; losers of merges are among them."""
        headers = {"If-Modified-Since": written_moment(since)}
        more: dict[str, str] = {"page": "1"}
        while more:
            answer = self._api.get(f"{module}/deleted", {"type": "all", "per_page": str(LIST_ROWS), **more}, headers)
            floor = since.replace(microsecond=0)
            yield [
                row for row in answer.get("data") or () if (at := read_time(row.get("deleted_time"))) and at >= floor
            ]
            more = _next_page(answer.get("info") or {}, more)

    def count(self, module: str) -> int | None:
        """Return the number of records; None where some are hidden from the count."""
        if module in HIDDEN:
            return None
        answer = self._api.get(f"{module}/actions/count")
        return int(answer.get("count") or 0)

    def _known(self, module: str, names: Sequence[str]) -> list[str]:
        """Return the names that are fields of a module and not always read."""
        present = self.fields(module)
        return [name for name in dict.fromkeys(names) if name in present and name not in (*SYSTEM, "id")]

    def _query(
        self, module: str, names: Sequence[str], window: SyncWindow | None, last: str
    ) -> Iterator[tuple[Rows, str]]:
        """Yield the rows of queries in order of id; each begins after the last id, so that nothing can shift."""
        changed = ""
        if window is not None:
            start, end = written_moment(window.start), written_moment(window.end)
            changed = f"({MODIFIED} between '{start}' and '{end}') and "
        limit, cost = FIRST_QUERY
        while True:
            rows, last = self._queried(module, names, changed, last, limit, cost)
            if rows or last:
                yield rows, last
            if not last:
                return
            limit, cost = NEXT_QUERY

    def _queried(
        self, module: str, names: Sequence[str], changed: str, last: str, limit: int, cost: int
    ) -> tuple[Rows, str]:
        """Return the rows after an id, and the last id if more follow.

        A column that Zoho does not query, such as one of a type that it does not support, is read by id from then on.
        """
        refused = self._refused.setdefault(module, set())
        while True:
            wanted = [name for name in self._known(module, names) if name not in refused]
            first, *others = _groups([*SYSTEM, *wanted], self._columns - 1)
            try:
                answer = self._select(module, first, f"{changed}id > {last or 0}", limit, cost)
                rows: Rows = answer.get("data") or []
                full = len(rows) >= limit or bool((answer.get("info") or {}).get("more_records"))
                reached = str(rows[-1]["id"]) if rows and full else ""
                for group in others if rows else ():
                    ids = f"id >= {rows[0]['id']} and id <= {rows[-1]['id']}"
                    where = f"{changed}({ids})" if changed else ids
                    further = self._select(module, group, where, limit, cost).get("data") or ()
                    rows = self._completed(module, rows, {str(row["id"]): row for row in further}, group)
                if refused and rows:
                    unread = [name for name in self._known(module, names) if name in refused]
                    rows = self._completed(module, rows, {}, unread)
                return rows, reached
            except CrmRefusedError as error:
                if error.about not in wanted:
                    raise
                refused.add(error.about)

    def _completed(self, module: str, rows: Rows, further: Mapping[str, Row], names: Sequence[str]) -> Rows:
        """Return rows with further fields, read by id where they were not found; a record that is gone is left out."""
        missing = [str(row["id"]) for row in rows if str(row["id"]) not in further]
        found = {**further, **(self.by_ids(module, missing, names) if missing else {})}
        return [{**row, **found[str(row["id"])]} for row in rows if str(row["id"]) in found]

    def _select(self, module: str, columns: Sequence[str], where: str, limit: int, cost: int) -> Row:
        query = f"select id, {', '.join(columns)} from {module} where {where} order by id asc limit {limit}"
        return self._api.send("POST", "coql", body={"select_query": query}, credits_used=cost)[1]

    def _list(
        self, module: str, names: Sequence[str], since: datetime | None, hidden: Mapping[str, str], token: str
    ) -> Iterator[tuple[Rows, str]]:
        """Yield the rows of a list with the token of the page after them."""
        headers = {"If-Modified-Since": written_moment(since)} if since else {}
        first, *others = _groups([*SYSTEM, *self._known(module, names)], FIELDS)
        params = {"fields": ",".join(first), "per_page": str(LIST_ROWS), "sort_by": "id", "sort_order": "asc"}
        resumed = bool(token)
        while True:
            more = {"page_token": token} if token else {}
            try:
                answer = self._api.get(module, {**params, **hidden, **more}, headers)
            except CrmRefusedError as error:
                if resumed and error.status == 400:
                    raise StaleCursorError(f"the page of a list of {module} expired: {error.code}") from None
                raise
            resumed = False
            rows: Rows = answer.get("data") or []
            if rows and others:
                rows = self._completed(module, rows, {}, [name for group in others for name in group])
            info = answer.get("info") or {}
            token = str(info.get("next_page_token") or "") if info.get("more_records") else ""
            if rows or token:
                yield rows, token
            if not token:
                return


def _groups(names: Sequence[str], size: int) -> list[list[str]]:
    return [list(names[start : start + size]) for start in range(0, len(names), size)]


def _next_page(info: Mapping[str, Any], now: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of the next page; empty after the last."""
    if not info.get("more_records"):
        return {}
    if token := info.get("next_page_token"):
        return {"page_token": str(token)}
    return {"page": str(int(now.get("page", "1")) + 1)}
