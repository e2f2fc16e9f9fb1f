"""Notifications of Zoho: ordering them for some days, and reading them. A secret token is their only proof."""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.connector import ForgedEventError
from crm.connectors.zoho.settings import ZohoSection
from crm.connectors.zoho.zoho_api import ZohoApi, refusal
from crm.connectors.zoho.zoho_values import written_moment
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import RecordEvent

CHANNEL = "7053001"
"""Number of our order; one account has one leadworth."""
OPERATIONS = ("create", "edit", "delete")
_OWN = {field.name for field in SCORE_FIELDS}


def order_notifications(
    api: ZohoApi, section: ZohoSection, modules: Collection[str], now: datetime | None = None
) -> None:
    """Order notifications of changes in modules for some days, or extend the order; nothing without an address.

    Zoho forgets an order that ran out, and then refuses to extend it.

    Raises
    ------
    CrmRefusedError
        If Zoho refuses.
    """
    token = section.event_token.get_secret_value()
    if not section.event_url or not token:
        return
    expiry = (now or datetime.now(UTC)) + timedelta(days=section.event_days)
    order = {
        "channel_id": CHANNEL,
        "events": [f"{module}.{operation}" for module in modules for operation in OPERATIONS],
        "channel_expiry": written_moment(expiry),
        "token": token,
        "notify_url": section.event_url,
        "return_affected_field_values": True,
    }
    body = {"watch": [order]}
    refused = _refusal(api, "PATCH", body)
    if refused is not None and refused.code == "NOT_SUBSCRIBED":
        refused = _refusal(api, "POST", body)
    if refused is not None:
        raise refused


def _refusal(api: ZohoApi, method: str, body: Mapping[str, Any]) -> CrmRefusedError | None:
    status, content = api.send(method, "actions/watch", body=body, own=(400,))
    [result] = content.get("watch") or [content]
    return None if result.get("status") == "success" else refusal(status, result)


def read_notification(secret: str, body: bytes, modules: Collection[str]) -> list[RecordEvent]:
    """Return the records that a notification names, without those of which only score fields changed.

    Parameters
    ----------
    secret
        Token of our order.
    modules
        Modules that are read.

    Raises
    ------
    ForgedEventError
        If the token is not ours, or the body is none of Zoho's.

    Examples
    --------
    >>> body = {"module": "Leads", "ids": ["5540"], "operation": "update", "token": "s", "affected_fields": []}
    >>> [event.record_id for event in read_notification("s", json.dumps(body).encode(), {"Leads"})]
    ['5540']
    """
    try:
        content = json.loads(body)
        token, module, ids = str(content["token"]), str(content["module"]), [str(key) for key in content["ids"]]
    except (ValueError, KeyError, TypeError):
        raise ForgedEventError("a notification that is not in Zoho's form") from None
    if not secret or not hmac.compare_digest(token.encode(), secret.encode()):
        raise ForgedEventError("a notification without our token", do="check event_token in [crm.zoho]")
    if module not in modules:
        return []
    operation, sent = str(content.get("operation", "")), content.get("server_time")
    changed = _affected(content.get("affected_fields"))
    at = datetime.fromtimestamp(sent / 1000, UTC) if isinstance(sent, int) else None
    return [
        RecordEvent(f"{module}:{key}:{operation}:{sent}", module, key, at)
        for key in dict.fromkeys(ids)
        if not (changed.get(key) and changed[key] <= _OWN)
    ]


def _affected(listed: object) -> dict[str, set[str]]:
    """Return id -> fields that changed; an id without fields may have changed in any."""
    found: dict[str, set[str]] = {}
    for item in listed if isinstance(listed, list) else ():
        for key, names in item.items() if isinstance(item, Mapping) else ():
            if isinstance(names, list):
                found.setdefault(str(key), set()).update(str(name) for name in names)
    return found
