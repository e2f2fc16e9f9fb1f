"""Reading from the local Zoho peer: lists with page tokens, queries, deletions and timelines, with their limits."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from crm.connectors.zoho.zoho_account import ZohoAccount
from crm.connectors.zoho.zoho_values import SYSTEM, read_time
from crm.sandbox.peer_account import PeerRecord
from leadworth.crm_records import RecordState

USER_ZONE = timezone(timedelta(hours=2))
"""Zone of the API user: all times of answers have its offset."""
PAGE_ROWS, LONGEST_LIST, MOST_FIELDS, MOST_IDS = 200, 2_000, 50, 100
MOST_QUERY_ROWS = 2_000
CREDITS = ((200, 1), (1_000, 2), (2_000, 3))
"""Rows of a query up to which it costs a number of credits."""
REFERENCES = ("lookup", "ownerlookup")
QUERY = re.compile(
    r"select (?P<columns>[\w, ]+) from (?P<module>\w+) where (?P<where>.+?) order by id asc limit (?P<limit>\d+)"
)
WINDOW = re.compile(r"\(Modified_Time between '(?P<start>[^']+)' and '(?P<end>[^']+)'\)(?: and (?P<rest>.+))?")
ABOVE = re.compile(r"id > (?P<above>\d+)")
BETWEEN = re.compile(r"\(?id >= (?P<low>\d+) and id <= (?P<high>\d+)\)?")

Json = dict[str, Any]


class ZohoPeerError(Exception):
    """An answer of the peer with an error.

    Parameters
    ----------
    status, code
        HTTP status and Zoho's code.
    details
        Further data of the answer.
    """

    def __init__(self, status: int, code: str, **details: Any) -> None:
        super().__init__(code)
        self.status = status
        self.content = {"code": code, "details": details, "message": code.lower(), "status": "error"}


class ZohoPeerReads:
    """Reads the records of an account.

    Parameters
    ----------
    account
        The account.

    Attributes
    ----------
    kinds
        Module -> field -> type.
    unselectable
        Fields that queries refuse, for their type.
    token_seconds
        Lifetime of a page token.
    """

    def __init__(self, account: ZohoAccount) -> None:
        self.account = account
        self.kinds = _schema()
        self.unselectable = {"Interests"}
        self.token_seconds = 86_400.0

    def of(self, module: str) -> Mapping[str, str]:
        """Return the fields of a module with their types."""
        if module not in self.kinds:
            raise ZohoPeerError(400, "INVALID_MODULE")
        return self.kinds[module]

    def page(self, module: str, query: Mapping[str, str], since: str) -> Json | int:
        """Return a page of a list, or a status without a body."""
        kinds, names = self.of(module), [name for name in query.get("fields", "").split(",") if name]
        if not names:
            raise ZohoPeerError(400, "REQUIRED_PARAM_MISSING", param_name="fields")
        if len(names) > MOST_FIELDS:
            raise ZohoPeerError(400, "LIMIT_EXCEEDED", param_name="fields", limit=MOST_FIELDS)
        ids = [key for key in query.get("ids", "").split(",") if key]
        rows = int(query.get("per_page", PAGE_ROWS))
        if rows > PAGE_ROWS or len(ids) > MOST_IDS:
            raise ZohoPeerError(400, "INVALID_DATA", param_name="ids" if ids else "per_page")
        asked = {name: query.get(name, "") for name in ("converted", "approved", "sort_by")} | {"since": since}
        found = [record for record in self._shown(module, query) if not ids or record.record_id in ids]
        if since:
            changed = read_time(since)
            found = [record for record in found if changed is None or record.modified_at >= changed]
            if not found:
                return 304
        start, last = self._place(query, asked, rows)
        if query.get("sort_by") == "id":
            found = sorted(found, key=lambda record: int(record.record_id))
            found = [record for record in found if int(record.record_id) > last]
        else:
            found = sorted(found, key=lambda record: record.modified_at, reverse=True)[start:]
        if not found:
            return 204
        page, more = found[:rows], len(found) > rows
        info: Json = {"per_page": rows, "count": len(page), "page": 1, "more_records": more}
        if more:
            expires = self.account.clock.now().timestamp() + self.token_seconds
            place = {"start": start + rows, "last": int(page[-1].record_id), "asked": asked, "expires": expires}
            info["next_page_token"] = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
        return {"data": [self.row(kinds, record, names) for record in page], "info": info}

    def query(self, text: str) -> Json | int:
        """Return the rows of a query, or 204."""
        match = QUERY.fullmatch(text)
        if match is None:
            raise ZohoPeerError(400, "SYNTAX_ERROR")
        kinds, limit = self.of(match["module"]), int(match["limit"])
        columns = [name.strip() for name in match["columns"].split(",")]
        if len(columns) > MOST_FIELDS or limit > MOST_QUERY_ROWS:
            raise ZohoPeerError(400, "LIMIT_EXCEEDED", limit=MOST_FIELDS)
        if len(set(columns)) < len(columns):
            raise ZohoPeerError(400, "DUPLICATE_DATA")
        for name in columns:
            if name not in kinds or name in self.unselectable:
                raise ZohoPeerError(400, "INVALID_QUERY", column_name=name)
        found = [record for record in self._shown(match["module"], {}) if _matches(match["where"], record)]
        found.sort(key=lambda record: int(record.record_id))
        if not found:
            return 204
        data = [self.row(kinds, record, columns, named=False) for record in found[:limit]]
        return {"data": data, "info": {"count": len(data), "more_records": len(found) > limit}}

    def deleted(self, module: str, query: Mapping[str, str], since: str) -> Json | int:
        """Return a page of the deletions, newest first; losers of merges are among them."""
        self.of(module)
        changed = read_time(since)
        gone = [
            (record.state_at, record)
            for record in self.account.of(module).values()
            if record.state in (RecordState.DELETED, RecordState.MERGED)
            and record.state_at is not None
            and (changed is None or record.state_at >= changed)
        ]
        gone.sort(key=lambda pair: pair[0], reverse=True)
        rows, page = int(query.get("per_page", PAGE_ROWS)), int(query.get("page_token") or query.get("page", "1"))
        if "page_token" not in query and page * rows > LONGEST_LIST:
            raise ZohoPeerError(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
        part = gone[(page - 1) * rows : page * rows]
        if not part:
            return 204
        more = len(gone) > page * rows
        data = [
            {
                "id": record.record_id,
                "display_name": str(record.values.get("Last_Name") or ""),
                "type": "permanent" if record.record_id in self.account.erased else "recycle",
                "deleted_by": {"id": record.modified_by},
                "deleted_time": _shown_time(at),
            }
            for at, record in part
        ]
        info = {"per_page": rows, "count": len(part), "page": page, "more_records": more}
        return {"data": data, "info": info | ({"next_page_token": str(page + 1)} if more else {})}

    def timeline(self, module: str, key: str) -> Json | int:
        """Return the timeline of a record, newest first; the values at creation are not in it."""
        record = self.account.of(module).get(key)
        if record is None or record.state is not RecordState.LIVE:
            raise ZohoPeerError(400, "INVALID_DATA", param_name="id")
        before: dict[str, Any] = {}
        entries = []
        for change in record.history:
            if change.field in before:
                value = {"old": before[change.field], "new": change.value}
                entries.append(
                    {
                        "audited_time": _shown_time(change.valid_at),
                        "action": "updated",
                        "source": "crm_ui",
                        "done_by": {"id": change.changed_by},
                        "field_history": [{"api_name": change.field, "_value": value}],
                    }
                )
            before[change.field] = change.value
        return {"__timeline": entries[::-1], "info": {"more_records": False}} if entries else 204

    def row(self, kinds: Mapping[str, str], record: PeerRecord, names: Sequence[str], *, named: bool = True) -> Json:
        """Return a record as answers show it.

        Parameters
        ----------
        named
            With the names of lookups, as lists have them and queries do not.
        """
        values: Json = {
            **record.values,
            "Created_Time": record.created_at,
            "Modified_Time": record.modified_at,
            "Modified_By": record.modified_by,
        }
        shown = {name: _shown(values.get(name), kinds[name], named) for name in names if name in kinds and name != "id"}
        return {"id": record.record_id, **shown}

    def _shown(self, module: str, query: Mapping[str, str]) -> list[PeerRecord]:
        """Return the records that a list shows: by default neither converted leads nor unapproved records."""
        found = [record for record in self.account.visible(module) if record.state is RecordState.LIVE]
        wanted = {"true": (True,), "false": (False,), "both": (True, False)}
        converted, approved = wanted[query.get("converted", "false")], wanted[query.get("approved", "true")]
        return [
            record
            for record in found
            if (record.values.get("Converted__s") is True) in converted
            and (record.record_id not in self.account.unapproved) in approved
        ]

    def _place(self, query: Mapping[str, str], asked: Mapping[str, str], rows: int) -> tuple[int, int]:
        """Return the offset of a page, and the id after which it begins."""
        if (token := query.get("page_token")) is None:
            start = (int(query.get("page", "1")) - 1) * rows
            if start + rows > LONGEST_LIST:
                raise ZohoPeerError(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
            return start, 0
        place = json.loads(base64.urlsafe_b64decode(token))
        if place["asked"] != asked or place["expires"] < self.account.clock.now().timestamp():
            raise ZohoPeerError(400, "INVALID_DATA", param_name="page_token")
        return int(place["start"]), int(place["last"])


def query_credits(text: str) -> int:
    """Return the credits that a query costs."""
    match = QUERY.fullmatch(text)
    limit = int(match["limit"]) if match else 0
    return next((cost for most, cost in CREDITS if limit <= most), CREDITS[-1][1])


def _matches(where: str, record: PeerRecord) -> bool:
    """Return whether a record fulfils a condition."""
    key = int(record.record_id)
    if (window := WINDOW.fullmatch(where)) is not None:
        start, end = read_time(window["start"]), read_time(window["end"])
        assert start is not None
        assert end is not None
        inside = start <= record.modified_at.replace(microsecond=0) <= end
        return inside and (window["rest"] is None or _matches(window["rest"], record))
    if (above := ABOVE.fullmatch(where)) is not None:
        return key > int(above["above"])
    if (between := BETWEEN.fullmatch(where)) is not None:
        return int(between["low"]) <= key <= int(between["high"])
    raise ZohoPeerError(400, "SYNTAX_ERROR")


def _shown(value: Any, kind: str, named: bool) -> Any:
    if value is None:
        return None
    if kind in REFERENCES:
        return {"id": value, "name": f"Record {value}"} if named else {"id": value}
    if kind == "multiselectpicklist":
        return str(value).split(";")
    if kind == "datetime":
        return _shown_time(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    return value


def _shown_time(moment: datetime) -> str:
    return moment.astimezone(USER_ZONE).replace(microsecond=0).isoformat()


def _schema() -> dict[str, dict[str, str]]:
    """Return module -> field -> type."""
    read = tomllib.loads(Path(__file__).with_name("zoho_peer_schema.toml").read_text(encoding="utf-8"))
    common = {"id": "bigint", "Owner": "ownerlookup", "Modified_By": "ownerlookup"}
    common |= {name: "datetime" for name in SYSTEM if name.endswith("_Time")}
    return {
        module: common | {name: kind for kind, names in kinds.items() for name in names}
        for module, kinds in read.items()
    }
