"""Writing to the local Zoho peer: scores with a result per row, new fields, and orders of notifications."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from crm.connectors.zoho.zoho_account import API_USER_ID, OTHER_OWNER_ID, ZohoAccount
from crm.connectors.zoho.zoho_peer_reads import Json, ZohoPeerError, ZohoPeerReads
from crm.connectors.zoho.zoho_values import read_time
from leadworth.crm_records import RecordState

MOST_ROWS = 100
MOST_NEW_FIELDS = 5
LONGEST_ORDER = timedelta(days=7)
LONGEST_TOKEN = 50
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "double": (int, float),
    "currency": (int, float),
    "picklist": str,
    "text": str,
    "datetime": str,
}


class ZohoPeerWrites:
    """Writes to an account.

    Parameters
    ----------
    account
        The account.
    reads
        Its fields.

    Attributes
    ----------
    in_blueprint, locked
        Ids of records that a blueprint holds, or that are locked.
    failing
        Id -> number of times that a write of it fails for an internal error.
    options
        Module -> field -> choices.
    labels
        Field -> label, of fields made through the API.
    orders
        Channel -> order of notifications.
    requests
        Number of requests that wrote records.
    """

    def __init__(self, account: ZohoAccount, reads: ZohoPeerReads) -> None:
        self.account, self.reads = account, reads
        self.in_blueprint: set[str] = set()
        self.locked: set[str] = set()
        self.failing: dict[str, int] = {}
        self.options: dict[str, dict[str, list[str]]] = {}
        self.labels: dict[str, str] = {}
        self.orders: dict[str, Json] = {}
        self.requests = 0

    def update(self, module: str, body: Mapping[str, Any]) -> tuple[int, Json]:
        """Set fields of records and return a result for each: 200 if all succeeded, 207 if some, 400 if none."""
        self.reads.of(module)
        rows = body.get("data")
        if not isinstance(rows, list) or not rows:
            raise ZohoPeerError(400, "MANDATORY_NOT_FOUND", api_name="data")
        if len(rows) > MOST_ROWS:
            raise ZohoPeerError(400, "INVALID_DATA", api_name="data", maximum_length=MOST_ROWS)
        self.requests += 1
        runs = body.get("trigger") != []
        results = [self._row(module, row, runs) for row in rows]
        failed = sum(result["status"] == "error" for result in results)
        return (200 if not failed else 400 if failed == len(rows) else 207), {"data": results}

    def create_fields(self, module: str, body: Mapping[str, Any]) -> tuple[int, Json]:
        """Create fields; the API name is made from the label."""
        kinds = dict(self.reads.of(module))
        given = body.get("fields") or []
        if not given or len(given) > MOST_NEW_FIELDS:
            raise ZohoPeerError(400, "INVALID_DATA", api_name="fields", maximum_length=MOST_NEW_FIELDS)
        results = []
        for item in given:
            label = str(item["field_label"])
            name = "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in label)
            if name in kinds:
                results.append(_error("DUPLICATE_DATA", api_name="field_label"))
                continue
            self.reads.kinds[module][name] = str(item["data_type"])
            self.labels[name] = label
            if "pick_list_values" in item:
                choices = [str(choice["actual_value"]) for choice in item["pick_list_values"]]
                self.options.setdefault(module, {})[name] = choices
            results.append(_success(id=self.account.next_id()))
        failed = any(result["status"] == "error" for result in results)
        return 400 if failed else 200, {"fields": results}

    def order(self, method: str, body: Mapping[str, Any]) -> tuple[int, Json]:
        """Order notifications (POST) or extend the order (PATCH), which fails once it ran out."""
        [given] = body["watch"]
        now, channel = self.account.clock.now(), str(given["channel_id"])
        expiry = read_time(given.get("channel_expiry")) or now + timedelta(hours=1)
        known = self.orders.get(channel)
        if method == "PATCH" and (known is None or _expiry(known) <= now):
            return 400, {"watch": [_error("NOT_SUBSCRIBED", channel_id=channel)]}
        if expiry > now + LONGEST_ORDER + timedelta(minutes=1) or len(str(given.get("token", ""))) > LONGEST_TOKEN:
            return 400, {"watch": [_error("INVALID_DATA", api_name="channel_expiry")]}
        self.orders[channel] = {**given, "channel_expiry": expiry.isoformat()}
        return 200, {"watch": [_success(events=given["events"])]}

    def notification(self, module: str, operation: str, ids: list[str], fields: list[str]) -> Json | None:
        """Return the body of a notification of the order in force; None where there is none."""
        now = self.account.clock.now()
        for channel, order in self.orders.items():
            if _expiry(order) > now and f"{module}.{operation}" in order["events"]:
                return {
                    "server_time": int(now.timestamp() * 1000),
                    "module": module,
                    "resource_uri": f"https://www.zohoapis.eu/crm/v8/{module}",
                    "ids": ids,
                    "affected_fields": [{key: fields} for key in ids] if fields else [],
                    "operation": {"create": "insert", "edit": "update"}.get(operation, operation),
                    "channel_id": channel,
                    "token": order["token"],
                }
        return None

    def _row(self, module: str, row: Mapping[str, Any], runs: bool) -> Json:
        """Set the fields of one record; the workflow, unless it is off, gives the record to another owner."""
        key = str(row.get("id", ""))
        values = {name: value for name, value in row.items() if name != "id"}
        if code := self._refusal(key, module):
            return _error(code, id=key)
        if self.failing.get(key, 0) > 0:
            self.failing[key] -= 1
            return _error("INTERNAL_ERROR", id=key)
        if wrong := next((name for name, value in values.items() if not self._fits(module, name, value)), ""):
            return _error("INVALID_DATA", api_name=wrong)
        self.account.write(module, key, values, by=API_USER_ID)
        if runs:
            self.account.edit(module, key, {"Owner": OTHER_OWNER_ID}, by=OTHER_OWNER_ID)
        modified = self.account.of(module)[key].modified_at
        return _success(id=key, Modified_Time=modified.replace(microsecond=0).isoformat())

    def _refusal(self, key: str, module: str) -> str:
        """Return the code of a record that cannot be written; empty if it can."""
        record = self.account.of(module).get(key)
        if record is None or record.state is not RecordState.LIVE:
            return "INVALID_DATA"
        if record.values.get("Converted__s") is True:
            return "ID_ALREADY_CONVERTED"
        if key in self.in_blueprint:
            return "RECORD_IN_BLUEPRINT"
        return "RECORD_LOCKED" if key in self.locked else ""

    def _fits(self, module: str, name: str, value: Any) -> bool:
        """Return whether a field takes a value."""
        kind = self.reads.of(module).get(name)
        if kind is None or value is None:
            return kind is not None
        if kind in TYPES and not isinstance(value, TYPES[kind]):
            return False
        if name in self.options.get(module, {}):
            return str(value) in self.options[module][name]
        return kind != "datetime" or "." not in value


def _expiry(order: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(order["channel_expiry"]))


def _success(**details: Any) -> Json:
    return {"code": "SUCCESS", "details": details, "message": "done", "status": "success"}


def _error(code: str, **details: Any) -> Json:
    return {"code": code, "details": details, "message": code.lower(), "status": "error"}
