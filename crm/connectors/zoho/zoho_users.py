"""Users of Zoho CRM: the owners of records, and our own user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crm.connector import SyncWindow
from crm.connectors.zoho.zoho_api import ZohoApi
from crm.connectors.zoho.zoho_values import read_time, value_of
from leadworth.crm_records import CrmRecord

USERS = "users"


def user_records(api: ZohoApi, fields: Sequence[str], window: SyncWindow | None = None) -> Iterator[list[CrmRecord]]:
    """Yield all users, also deactivated ones, or those that changed in a window: Zoho cannot filter them."""
    page, more = 1, True
    while more:
        answer = api.get(USERS, {"type": "AllUsers", "page": str(page), "per_page": "200"})
        records = [_user(item, fields) for item in answer.get(USERS) or ()]
        yield [record for record in records if _is_in(record, window)]
        page, more = page + 1, bool((answer.get("info") or {}).get("more_records"))


def current_user(api: ZohoApi) -> str:
    """Return the id of our user; empty where Zoho does not say."""
    users = api.get(USERS, {"type": "CurrentUser"}).get(USERS) or [{}]
    return str(users[0].get("id") or "")


def _user(item: dict[str, Any], fields: Sequence[str]) -> CrmRecord:
    values = {name: value_of(item.get(name), "text") for name in fields}
    return CrmRecord(
        USERS, str(item["id"]), values, read_time(item.get("created_time")), read_time(item.get("Modified_Time"))
    )


def _is_in(record: CrmRecord, window: SyncWindow | None) -> bool:
    if window is None or record.modified_at is None:
        return True
    return window.start.replace(microsecond=0) <= record.modified_at < window.end
