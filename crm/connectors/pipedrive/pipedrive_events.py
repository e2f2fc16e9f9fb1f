"""Webhooks of Pipedrive, version 2: Basic authentication, and the records to read again."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from crm.connector import ForgedEventError
from crm.connectors.pipedrive.pipedrive_values import read_moment
from leadworth.crm_records import RecordEvent

ENTITIES = {
    "lead": "leads",
    "deal": "deals",
    "person": "persons",
    "organization": "organizations",
    "activity": "activities",
    "user": "users",
}
_ALWAYS_CHANGED = frozenset(("update_time", "custom_fields"))


def verify_caller(user: str, password: str, headers: Mapping[str, str]) -> None:
    """Check the user and password of a request: Pipedrive signs nothing.

    Raises
    ------
    ForgedEventError
        If they are not those of the settings, or the settings have none.
    """
    if not password:
        raise ForgedEventError("no password to check a webhook with", do="set webhook_password in [crm.pipedrive]")
    kind, _, written = headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(written.strip(), validate=True) if kind.casefold() == "basic" else b""
    except (binascii.Error, ValueError):
        given = b""
    if not hmac.compare_digest(given, f"{user}:{password}".encode()):
        raise ForgedEventError(
            "a webhook without the right user and password",
            do="give the webhook webhook_user and webhook_password of [crm.pipedrive]",
        )


def read_event(body: bytes, is_own: Callable[[Mapping[str, Any]], bool]) -> Iterator[RecordEvent]:
    """Yield the record to read again, with the survivor of a merge; nothing for our own scores.

    Repetitions of an event, and the two events of a record that is created and changed at once, have the same id.

    Parameters
    ----------
    is_own
        Returns whether the event is of a write of scores, by its document.

    Raises
    ------
    ForgedEventError
        If the body is not an event of version 2.

    Examples
    --------
    >>> meta = {"version": "2.0", "action": "delete", "entity": "deal", "entity_id": "7", "merged_to_id": "9"}
    >>> body = json.dumps({"meta": {**meta, "timestamp": "2026-11-28T02:00:00.123Z"}, "data": None}).encode()
    >>> [(event.object, event.record_id) for event in read_event(body, lambda _: False)]
    [('deals', '7'), ('deals', '9')]
    """
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    meta = document.get("meta") if isinstance(document, dict) else None
    if not isinstance(meta, dict) or not str(meta.get("version", "")).startswith("2"):
        raise ForgedEventError("a body that is not a webhook of version 2", do='create webhooks with version "2.0"')
    object_name = ENTITIES.get(str(meta.get("entity")))
    if object_name is None or is_own(document):
        return
    at = str(meta.get("timestamp", ""))
    for key in (meta.get("entity_id"), meta.get("merged_to_id")):
        if key not in (None, ""):
            yield RecordEvent(f"{object_name}:{key}:{at}", object_name, str(key), read_moment(at))


def changes_only(document: Mapping[str, Any], keys: Collection[str]) -> bool:
    """Return whether an event is a change of custom fields with some keys, and of nothing else.

    Examples
    --------
    >>> previous = {"update_time": "2026-11-28T02:00:00Z", "custom_fields": {"a1": 2}}
    >>> event = {"meta": {"action": "change"}, "previous": previous}
    >>> changes_only(event, {"a1"}), changes_only(event, {"b2"})
    (True, False)
    """
    previous = document.get("previous")
    if document["meta"].get("action") != "change" or not isinstance(previous, dict):
        return False
    custom = previous.get("custom_fields") or {}
    return bool(custom) and previous.keys() <= _ALWAYS_CHANGED and custom.keys() <= set(keys)
