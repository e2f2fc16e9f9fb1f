"""Fields of deals and leads in the local Pipedrive peer, and the values that they take."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import count
from typing import Any

from crm.connectors.pipedrive.pipedrive_peer_limits import PipedrivePeerError

TYPES = frozenset(
    (
        *("varchar", "varchar_auto", "text", "double", "monetary", "enum", "set", "date", "daterange", "time", "phone"),
        *("user", "org", "people", "address"),
    )
)
_TIMES = {"add_time": "date", "update_time": "date"}
STANDARD: Mapping[str, Mapping[str, str]] = {
    "dealFields": {
        **_TIMES,
        **dict.fromkeys(("stage_change_time", "close_time", "won_time", "lost_time", "expected_close_date"), "date"),
        **dict.fromkeys(("title", "currency", "lost_reason", "origin"), "varchar"),
        **{"value": "monetary", "stage_id": "stage", "status": "status", "pipeline_id": "pipeline", "channel": "enum"},
        **{"probability": "int", "owner_id": "user", "person_id": "people", "org_id": "org", "source_lead_id": "lead"},
        "is_archived": "boolean",
    },
    "personFields": {
        **_TIMES,
        **dict.fromkeys(("name", "first_name", "last_name", "email"), "varchar"),
        **{"phone": "phone", "org_id": "org", "owner_id": "user", "marketing_status": "enum"},
    },
    "organizationFields": {**_TIMES, "name": "varchar", "website": "varchar", "address": "address", "owner_id": "user"},
}
"""List -> field -> type, of those that Pipedrive has by itself."""


class PeerFields:
    """Field lists of an account.

    Attributes
    ----------
    custom
        Key -> field of deals and leads that the account added.
    """

    def __init__(self) -> None:
        self.custom: dict[str, dict[str, Any]] = {}
        self._options, self._made = count(101), count(1)

    def listed(self, name: str, channels: Mapping[str, int]) -> list[dict[str, Any]]:
        """Return the fields of a list."""
        result = []
        for code, kind in STANDARD[name].items():
            named = {"field_name": code.replace("_", " ").capitalize(), "field_code": code, "field_type": kind}
            options = [{"id": key, "label": label} for label, key in channels.items()] if code == "channel" else None
            result.append({**named, "options": options, "is_custom_field": False})
        return [*result, *(self.custom.values() if name == "dealFields" else ())]

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a field of deals and return it; its key is that of the account."""
        name, kind = body.get("field_name"), body.get("field_type")
        if not name or kind not in TYPES or (kind in ("enum", "set")) != bool(body.get("options")):
            raise PipedrivePeerError(400, "Validation failed", code="ERR_SCHEMA_VALIDATION_FAILED")
        key = hashlib.sha1(f"{name}{next(self._made)}".encode(), usedforsecurity=False).hexdigest()
        options = [{"id": next(self._options), "label": item["label"]} for item in body.get("options") or ()] or None
        made = {"field_name": name, "field_code": key, "field_type": kind, "options": options, "is_custom_field": True}
        self.custom[key] = made
        return made

    def remove(self, label: str) -> None:
        """Delete a custom field, as an administrator does."""
        self.custom = {key: item for key, item in self.custom.items() if item["field_name"] != label}

    def require_valid(self, values: Mapping[str, Any]) -> None:
        """Raise where a value does not suit its field, or there is no such field."""
        for key, value in values.items():
            field = self.custom.get(key)
            if field is None or (value is not None and not _suits(field, value)):
                raise PipedrivePeerError(400, "Validation failed", code="ERR_SCHEMA_VALIDATION_FAILED", field_code=key)


def _suits(field: Mapping[str, Any], value: Any) -> bool:
    if field["field_type"] == "enum":
        return value in [option["id"] for option in field["options"]]
    if field["field_type"] == "double":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if field["field_type"] == "varchar":
        return isinstance(value, str) and len(value) <= 255
    return True
